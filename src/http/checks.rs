//! From a request to one that may be answered: the checks, in the order of the profile.
//! What is asked of the resource is read afterwards (`args`).

use axum::body::HttpBody;
use axum::http::header;
use bytes::Bytes;
use serde_json::{Map, Value as Json};
use std::sync::Arc;
use tokio::time::Instant;

use crate::access::{ApiKeyRecord, KeyReach, Operation, decide};
use crate::ports::log::EventSink;
use crate::ports::registry::Registry;
use crate::ports::store::{DialStore, Directory, ItemReader};
use crate::query::{check_changes, check_new};
use crate::value::{ItemId, Micros, ProjectId};

use super::app::{App, Call};
use super::args::{UrlPaging, body_object, item_id};
use super::auth::Principal;
use super::columns::check_columns;
use super::error::{Instead, Refused};
use super::limits::{self, BODY_MAX};
use super::routes::Route;

/// One step on the way of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Check {
    /// The body is there in time, is not too large, and is a JSON object.
    Body,
    /// An API key that is sent is a good one.
    SentKey,
    /// There is an API key.
    Key,
    /// It may ask so often.
    Rate,
    /// It may do this.
    Permission,
    /// It may read every column that the request names.
    Columns,
    /// The request speaks of one project.
    OneProject,
    /// The id of the path is one.
    Id,
    /// What can be said of the arguments before anything is decided.
    Shape,
}

/// A request that may be answered.
#[derive(Debug)]
pub(super) struct Admitted {
    /// The project of the API key.
    pub(super) project: ProjectId,
    /// The API key.
    pub(super) key: Arc<ApiKeyRecord>,
    /// The item of the path.
    pub(super) item: Option<ItemId>,
    pub(super) body: Map<String, Json>,
    pub(super) url_query: Option<String>,
    pub(super) now: Micros,
    pub(super) began: Instant,
}

impl Admitted {
    /// The item of the path; whoever asks for it has a route with an id.
    pub(super) fn item(&self) -> Result<ItemId, Refused> {
        self.item.ok_or(Refused::Internal)
    }
}

/// A request between two checks.
struct Asking<B> {
    route: Route,
    id: Option<String>,
    call: Call<B>,
    now: Micros,
    caller: Option<(Principal, ProjectId)>,
    item: Option<ItemId>,
    body: Map<String, Json>,
}

impl<S, K> App<S, K>
where
    S: DialStore + ItemReader + Directory + Registry,
    K: EventSink,
{
    /// Makes every check of the profile.
    pub(super) async fn admitted<B>(
        &self,
        route: Route,
        id: Option<String>,
        call: Call<B>,
    ) -> Result<Admitted, Refused>
    where
        B: HttpBody<Data = Bytes> + Unpin,
    {
        let now = self.api.clock.now();
        let (caller, item, body) = (None, None, Map::new());
        let mut asking = Asking { route, id, call, now, caller, item, body };
        for check in self.api.profile.checks() {
            self.check(*check, &mut asking).await?;
        }
        let Some((principal, project)) = asking.caller else {
            return Err(missing_key(route, &asking.call));
        };
        Ok(Admitted {
            project,
            key: Arc::clone(&principal.key),
            item: asking.item,
            body: asking.body,
            url_query: asking.call.head.uri.query().map(ToOwned::to_owned),
            now,
            began: asking.call.began,
        })
    }

    async fn check<B>(&self, check: Check, asking: &mut Asking<B>) -> Result<(), Refused>
    where
        B: HttpBody<Data = Bytes> + Unpin,
    {
        match check {
            Check::Body => asking.body = self.body(asking).await?,
            Check::SentKey => asking.caller = self.caller(asking).await?,
            Check::Key => {
                if asking.caller.is_none() {
                    asking.caller = self.caller(asking).await?;
                }
                if asking.caller.is_none() {
                    return Err(missing_key(asking.route, &asking.call));
                }
            }
            Check::Rate => {
                if let Some((principal, _)) = &asking.caller {
                    self.auth.take(principal, self.api.live.get().rates)?;
                }
            }
            Check::Permission => {
                if let Some((principal, _)) = &asking.caller {
                    let (operation, rules) =
                        (asking.route.operation(), self.api.profile.grant_rules());
                    decide(&principal.key, operation, rules).map_err(Refused::Permission)?;
                }
            }
            Check::Columns => {
                if let Some((principal, _)) = &asking.caller
                    && asking.route.operation() == Operation::Read
                {
                    check_columns(self.api.profile, &principal.key, &asking.body)?;
                }
            }
            Check::OneProject => {
                let operation = asking.route.operation();
                self.api.profile.check_one_project(operation, &asking.call.head.headers)?;
            }
            Check::Id => asking.item = asking.id.as_deref().map(item_id).transpose()?,
            Check::Shape => self.check_shape(asking)?,
        }
        Ok(())
    }

    /// What the API key of the request stands for, if one was sent.
    async fn caller<B>(
        &self,
        asking: &Asking<B>,
    ) -> Result<Option<(Principal, ProjectId)>, Refused> {
        let call = &asking.call;
        let caller = (asking.now, call.peer);
        let principal = self.auth.principal(&self.api.store, &call.head.headers, caller).await?;
        let Some(principal) = principal else { return Ok(None) };
        // A gateway key posts events, nothing else: here it is no key.
        let KeyReach::Project(project) = principal.key.reach else {
            return Err(Refused::InvalidKey);
        };
        Ok(Some((principal, project)))
    }

    async fn body<B>(&self, asking: &mut Asking<B>) -> Result<Map<String, Json>, Refused>
    where
        B: HttpBody<Data = Bytes> + Unpin,
    {
        // Whatever comes with a delete says nothing.
        if asking.route == Route::Delete {
            return Ok(Map::new());
        }
        let call = &mut asking.call;
        let until = call.began + self.api.settings.read_timeout;
        let body = limits::body(&call.head.headers, &mut call.body, (BODY_MAX, until)).await?;
        body_object(self.api.profile, &call.head.headers, &body)
    }

    fn check_shape<B>(&self, asking: &Asking<B>) -> Result<(), Refused> {
        let profile = self.api.profile;
        let data = asking.body.get("data");
        match asking.route {
            Route::List => {
                let url = UrlPaging::read(asking.call.head.uri.query());
                profile.paging(&url, &asking.body)?;
            }
            Route::Create => {
                let own = asking.caller.as_ref().map(|(_, project)| *project);
                check_new(profile.dialect(), data, own)?;
            }
            Route::Update => check_changes(profile.dialect(), data)?,
            Route::Count
            | Route::Get
            | Route::Call
            | Route::Delete
            | Route::Intake
            | Route::Describe
            | Route::Probe(_) => {}
        }
        Ok(())
    }
}

/// The refusal of a request without an API key.
pub(super) fn missing_key<B>(route: Route, call: &Call<B>) -> Refused {
    let sent = call.head.headers.get(header::AUTHORIZATION);
    let is_bearer = sent.is_some_and(|sent| {
        sent.as_bytes().get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer "))
    });
    let instead = if is_bearer { Instead::Bearer } else { Instead::Nothing };
    Refused::MissingKey { operation: route.operation(), instead }
}
