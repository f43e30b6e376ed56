//! One request → one answer: the order of checks, the bounds around them, and the headers of every
//! answer. It knows no sockets (`serve`) and no operations (`items`, `intake`).

use std::net::IpAddr;

use axum::body::{Body, HttpBody};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use bytes::Bytes;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::access::Operation;
use crate::ports::log::EventSink;
use crate::ports::registry::Registry;
use crate::ports::store::{DialStore, Directory, ItemReader};
use crate::telemetry::metrics::{Counter, Histogram, count, observe};

use super::api::Api;
use super::auth::Auth;
use super::cors::{Origins, allow_methods, allow_origin};
use super::error::{NO_CONTENT, NOTHING_CHANGED, Refused, cut};
use super::limits;
use super::openapi::openapi;
use super::request_id::{X_REQUEST_ID, request_id, request_span};
use super::routes::{Matched, Route, matched};
use super::settle::Unsettled;
use super::writer::JsonWriter;

/// The public side as a function of requests.
#[derive(Debug)]
pub struct App<S, K> {
    pub(super) api: Api<S, K>,
    pub(super) auth: Auth,
    pub(super) unsettled: Unsettled,
    in_flight: Semaphore,
}

/// A request on its way through the checks.
#[derive(Debug)]
pub(super) struct Call<B> {
    pub(super) head: Parts,
    pub(super) body: B,
    pub(super) peer: IpAddr,
    pub(super) began: Instant,
}

/// What comes of a request that is not refused.
struct Reply {
    status: StatusCode,
    body: Vec<u8>,
    allow: Option<String>,
}

impl From<Vec<u8>> for Reply {
    fn from(body: Vec<u8>) -> Self {
        Self { status: StatusCode::OK, body, allow: None }
    }
}

impl<S, K> App<S, K>
where
    S: DialStore + ItemReader + Directory + Registry,
    K: EventSink,
{
    /// Over the parts that are handed in.
    pub fn new(api: Api<S, K>) -> Self {
        let in_flight = Semaphore::new(api.settings.max_in_flight.min(Semaphore::MAX_PERMITS));
        let (auth, unsettled) = (Auth::new(), Unsettled::default());
        Self { api, auth, unsettled, in_flight }
    }

    /// Answers a request of a peer. Never fails: what goes wrong is an answer too.
    pub async fn answer<B>(&self, peer: IpAddr, request: Request<B>) -> Response<Body>
    where
        B: HttpBody<Data = Bytes> + Unpin,
    {
        let began = Instant::now();
        let (head, body) = request.into_parts();
        let id = request_id(&head.headers, &*self.api.clock, &*self.api.entropy);
        let span = request_span(&id, &head.headers);
        let (method, headers) = (head.method.clone(), head.headers.clone());
        let call = Call { head, body, peer, began };
        let (route, outcome) = self.outcome(call).instrument(span).await;
        let mut answer = match outcome {
            Ok(reply) => reply.into_answer(),
            Err(refused) => self.refusal(&refused),
        };
        let answered = answer.headers_mut();
        answered.insert(X_REQUEST_ID, id);
        let live = self.api.live.get();
        allow_origin(self.api.profile.origins(&live.origins), &headers, answered);
        if method == Method::OPTIONS {
            allow_methods(&headers, answered);
        }
        observe(
            Histogram::HttpServerRequestDurationSeconds {
                method: label(&method),
                route,
                status: answer.status().as_u16(),
            },
            began.elapsed().as_secs_f64(),
        );
        if method == Method::HEAD { without_body(answer) } else { answer }
    }

    /// The label of the route and what came of it.
    async fn outcome<B>(&self, call: Call<B>) -> (&'static str, Result<Reply, Refused>)
    where
        B: HttpBody<Data = Bytes> + Unpin,
    {
        const NO_ROUTE: &str = "";
        let head = &call.head;
        if let Err(refused) = limits::check_head(&head.uri, &head.headers) {
            return (NO_ROUTE, Err(refused));
        }
        let is_asking = head.method == Method::OPTIONS;
        match matched(&head.method, head.uri.path()) {
            Matched::Found(Route::Probe(probe), _) => {
                let (status, body) = probe.answer(&self.api.health);
                let reply = Reply { status, body, allow: None };
                (Route::Probe(probe).label(), Ok(reply))
            }
            Matched::Found(route, id) => (route.label(), self.bounded(route, id, call).await),
            Matched::OtherMethod(mut methods) => {
                methods.dedup();
                methods.push("OPTIONS");
                let allow = methods.join(", ");
                if is_asking {
                    return (NO_ROUTE, Ok(self.options(Some(allow))));
                }
                let (method, _, target) = asked_for(head);
                (NO_ROUTE, Err(Refused::MethodNotAllowed { method, allow, target }))
            }
            Matched::Unknown if is_asking && self.is_open_to_all() => {
                (NO_ROUTE, Ok(self.options(None)))
            }
            Matched::Unknown => (NO_ROUTE, Err(no_route(head))),
            Matched::BadPath => (NO_ROUTE, Err(Refused::BadPath)),
        }
    }

    /// Whether the scripts of every origin may call.
    fn is_open_to_all(&self) -> bool {
        self.api.profile.origins(&self.api.live.get().origins) == Origins::All
    }

    /// The answer to OPTIONS; where every script may call, the headers say so and nothing else.
    fn options(&self, allow: Option<String>) -> Reply {
        let allow = allow.filter(|_| !self.is_open_to_all());
        Reply { status: NO_CONTENT, body: Vec::new(), allow }
    }

    /// An operation within the bounds of requests in progress and of time.
    async fn bounded<B>(
        &self,
        route: Route,
        id: Option<String>,
        call: Call<B>,
    ) -> Result<Reply, Refused>
    where
        B: HttpBody<Data = Bytes> + Unpin,
    {
        let busy = Refused::Unavailable("Too many requests are in progress. Try again.");
        let _permit = self.in_flight.try_acquire().map_err(|_| busy)?;
        let deadline = call.began + self.api.settings.deadline;
        let work = self.operation(route, id, call);
        // A write says itself what is true when its time is up; before it nothing was changed.
        let late = Refused::Unavailable(match route.operation() {
            Operation::Read => "The answer took too long. Try again.",
            Operation::Create | Operation::Update | Operation::Delete => NOTHING_CHANGED,
        });
        let body = tokio::time::timeout_at(deadline, work).await.unwrap_or(Err(late))?;
        Ok(body.into())
    }

    async fn operation<B>(
        &self,
        route: Route,
        id: Option<String>,
        call: Call<B>,
    ) -> Result<Vec<u8>, Refused>
    where
        B: HttpBody<Data = Bytes> + Unpin,
    {
        match route {
            Route::List => self.list(call).await,
            Route::Count => self.count(call).await,
            Route::Get => self.get(call, id).await,
            Route::Create => self.create(call).await,
            Route::Update => self.update(call, id).await,
            Route::Delete => self.delete(call, id).await,
            Route::Call => self.call(call, id).await,
            Route::Intake => self.intake(call).await,
            Route::Describe => Ok(openapi(self.api.profile).to_string().into_bytes()),
            Route::Probe(probe) => Ok(probe.answer(&self.api.health).1),
        }
    }

    fn refusal(&self, refused: &Refused) -> Response<Body> {
        if let Some(reason) = refused.counted_as() {
            count(Counter::HttpRefused { reason }, 1);
        }
        let mut writer = JsonWriter::default();
        let status = self.api.profile.write_refusal(&mut writer, refused);
        let allow = if let Refused::MethodNotAllowed { allow, .. } = refused {
            // Where the path is as good as unknown nothing is told of it.
            Some(allow.clone()).filter(|_| status == refused.status())
        } else {
            None
        };
        let mut answer = Reply { status, body: writer.into_bytes(), allow }.into_answer();
        let headers = answer.headers_mut();
        if let Some(wait) = refused.retry_after_s() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait));
        }
        if refused.ends_connection() {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        answer
    }
}

impl Reply {
    fn into_answer(self) -> Response<Body> {
        const FIXED: [(HeaderName, &str); 2] =
            [(header::X_CONTENT_TYPE_OPTIONS, "nosniff"), (header::CACHE_CONTROL, "no-store")];
        let mut answer = Response::new(Body::empty());
        *answer.status_mut() = self.status;
        let headers = answer.headers_mut();
        for (name, value) in FIXED {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if let Some(allow) = self.allow.and_then(|allow| HeaderValue::try_from(allow).ok()) {
            headers.insert(header::ALLOW, allow);
        }
        if self.status != NO_CONTENT {
            let json = HeaderValue::from_static("application/json; charset=utf-8");
            headers.insert(header::CONTENT_TYPE, json);
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(self.body.len()));
            *answer.body_mut() = Body::from(self.body);
        }
        answer
    }
}

/// Method, path and path with query, as sent and cut.
fn asked_for(head: &Parts) -> (String, String, String) {
    let target = head.uri.path_and_query().map_or("", |target| target.as_str());
    (cut(head.method.as_str()), cut(head.uri.path()), cut(target))
}

pub(super) fn no_route(head: &Parts) -> Refused {
    let (method, path, target) = asked_for(head);
    Refused::NoRoute { method, path, target }
}

fn without_body(answer: Response<Body>) -> Response<Body> {
    let (parts, _) = answer.into_parts();
    Response::from_parts(parts, Body::empty())
}

/// Methods are an open set, labels are not.
fn label(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("_OTHER")
}
