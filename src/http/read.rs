//! Reads of the resource: from a request to the operations of `items`, in the order of checks of
//! the profile `documented`: API key, rate, permission, id, body, arguments.

use axum::body::HttpBody;
use axum::http::HeaderMap;
use bytes::Bytes;
use serde_json::{Map, Value as Json};
use std::net::IpAddr;

use crate::access::{KeyReach, Operation, decide};
use crate::ports::log::EventSink;
use crate::ports::registry::Registry;
use crate::ports::store::{DialStore, Directory, ItemReader};
use crate::query::{Allowance, PAGE_ROWS, Reading};
use crate::tariff::Book;
use crate::value::{Micros, ProjectId};

use super::app::{App, Call};
use super::args::{ListArguments, body_object, count_filter, get_selection, item_id};
use super::error::Refused;
use super::items::{Scope, count_items, get_item, list_items};
use super::limits::{self, BODY_MAX};

impl<S, K> App<S, K>
where
    S: DialStore + ItemReader + Directory + Registry,
    K: EventSink,
{
    pub(super) async fn list<B>(&self, call: Call<B>) -> Result<Vec<u8>, Refused>
    where
        B: HttpBody<Data = Bytes> + Unpin,
    {
        let now = self.api.clock.now();
        let project = self.reader(&call.head.headers, (now, call.peer)).await?;
        let url_query = call.head.uri.query().map(ToOwned::to_owned);
        let body = self.body(call).await?;
        let arguments = ListArguments::read(self.profile, url_query.as_deref(), &body)?;
        let book = self.api.book.load_full();
        list_items(&self.scope(project, &book, now), &arguments).await
    }

    pub(super) async fn count<B>(&self, call: Call<B>) -> Result<Vec<u8>, Refused>
    where
        B: HttpBody<Data = Bytes> + Unpin,
    {
        let now = self.api.clock.now();
        let project = self.reader(&call.head.headers, (now, call.peer)).await?;
        let filter = count_filter(self.profile, &self.body(call).await?)?;
        let book = self.api.book.load_full();
        count_items(&self.scope(project, &book, now), &filter).await
    }

    pub(super) async fn get<B>(&self, call: Call<B>, id: &str) -> Result<Vec<u8>, Refused>
    where
        B: HttpBody<Data = Bytes> + Unpin,
    {
        let now = self.api.clock.now();
        let project = self.reader(&call.head.headers, (now, call.peer)).await?;
        let item = item_id(id)?;
        let selection = get_selection(self.profile, &self.body(call).await?)?;
        let book = self.api.book.load_full();
        get_item(&self.scope(project, &book, now), item, selection).await
    }

    /// The project of the API key, if it may read.
    async fn reader(
        &self,
        headers: &HeaderMap,
        caller: (Micros, IpAddr),
    ) -> Result<ProjectId, Refused> {
        let principal = self.auth.principal(&self.api.store, headers, caller).await?;
        // A gateway key posts events, nothing else: here it is no key.
        let KeyReach::Project(project) = principal.key.reach else {
            return Err(Refused::InvalidKey);
        };
        self.auth.take(&principal, self.rate)?;
        let rules = self.profile.grant_rules();
        decide(&principal.key, Operation::Read, rules).map_err(Refused::Permission)?;
        Ok(project)
    }

    async fn body<B>(&self, call: Call<B>) -> Result<Map<String, Json>, Refused>
    where
        B: HttpBody<Data = Bytes> + Unpin,
    {
        let until = call.began + self.api.settings.read_timeout;
        let body = limits::body(&call.head.headers, call.body, (BODY_MAX, until)).await?;
        body_object(&call.head.headers, &body)
    }

    fn scope<'a>(&'a self, project: ProjectId, book: &'a Book, now: Micros) -> Scope<'a, S> {
        let allowance = Allowance {
            items_max: self.api.settings.max_items_read,
            time_max: self.api.settings.deadline,
        };
        let reading = Reading {
            store: &self.api.store,
            book,
            limits: &self.api.limits,
            now,
            allowance,
            page_rows: PAGE_ROWS,
        };
        Scope { reading, project, profile: self.profile }
    }
}
