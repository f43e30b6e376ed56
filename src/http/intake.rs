//! Events over HTTP: all of a request are checked, then all are appended, then it is answered.
//! It folds nothing: what was appended is read from the log like everything else.

use axum::body::HttpBody;
use axum::http::{HeaderMap, header};
use bytes::Bytes;

use crate::access::{ApiKeyRecord, KeyReach, Operation, decide, may_post_for};
use crate::event::{Event, HttpEvent, HttpReject, decode_http};
use crate::ports::log::{AppendError, EventSink, NewRecord};
use crate::ports::registry::Registry;
use crate::ports::store::{DialStore, Directory, ItemReader};

use super::app::{App, Call, no_route};
use super::args::check_not_encoded;
use super::checks::missing_key;
use super::error::Refused;
use super::limits::{self, INTAKE_BODY_MAX};
use super::routes::Route;
use super::writer::JsonWriter;

/// Whatever was appended counts once, however often it is sent.
const SEND_AGAIN: &str = "The events were not taken, or not all of them. Send them again.";

impl<S, K> App<S, K>
where
    S: DialStore + ItemReader + Directory + Registry,
    K: EventSink,
{
    /// Takes the events of a request; durable when it answers.
    pub(super) async fn intake<B>(&self, call: Call<B>) -> Result<Vec<u8>, Refused>
    where
        B: HttpBody<Data = Bytes> + Unpin,
    {
        let Some(sink) = &self.api.sink else { return Err(no_route(&call.head)) };
        let now = self.api.clock.now();
        let caller = (now, call.peer);
        let principal = self.auth.principal(&self.api.store, &call.head.headers, caller).await?;
        let principal = principal.ok_or_else(|| missing_key(Route::Intake, &call))?;
        let Call { head, body, began, .. } = call;
        self.auth.take(&principal, self.api.live.get().rates)?;
        if let KeyReach::Project(_) = principal.key.reach {
            let rules = self.api.profile.grant_rules();
            decide(&principal.key, Operation::Create, rules).map_err(Refused::Permission)?;
        }
        check_not_encoded(&head.headers)?;
        let until = began + self.api.settings.read_timeout;
        let body = limits::body(&head.headers, body, (INTAKE_BODY_MAX, until)).await?;
        let events = decode_http(
            content_type(&head.headers),
            texts(&head.headers),
            &body,
            &self.api.decode,
            now,
        )
        .map_err(|reject| refused(&reject))?;
        let accepted = events.len();
        if accepted > self.api.settings.max_batch {
            return Err(Refused::TooManyEvents { max: self.api.settings.max_batch });
        }
        let records = records_for(&principal.key, events)?;
        sink.append(records).await.map_err(|error| not_appended(&error))?;
        let mut writer = JsonWriter::default();
        writer.raw("{\"accepted\":");
        writer.number(u64::try_from(accepted).unwrap_or(u64::MAX));
        writer.raw("}");
        Ok(writer.into_bytes())
    }
}

/// The records of all events; one event of a project that the key does not reach refuses all.
fn records_for(key: &ApiKeyRecord, events: Vec<HttpEvent>) -> Result<Vec<NewRecord>, Refused> {
    let mut records = Vec::with_capacity(events.len());
    for (index, event) in events.into_iter().enumerate() {
        match (event.decoded.event.project(), &event.decoded.event) {
            (Some(project), _) if may_post_for(key, project) => records.push(record(event)),
            // A gateway's start speaks for the projects of the key alone.
            (None, Event::Gateway(_)) => match &key.reach {
                KeyReach::Project(own) => records.push(record(event.for_project(*own))),
                KeyReach::Gateway(projects) if projects.is_empty() => records.push(record(event)),
                KeyReach::Gateway(projects) => {
                    records.extend(projects.iter().map(|one| record(event.for_project(*one))));
                }
            },
            // A project that the key does not reach.
            (Some(_), _) | (None, Event::Dial(_) | Event::Reference(_)) => {
                return Err(Refused::Reach { index });
            }
        }
    }
    Ok(records)
}

fn record(event: HttpEvent) -> NewRecord {
    let record = event.record;
    NewRecord { key: record.key, headers: record.headers, value: record.value }
}

fn content_type(headers: &HeaderMap) -> Option<&str> {
    // What is no text is no type that is taken.
    headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or("?"))
}

/// Headers that are text; an attribute that is none is missing.
fn texts(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers.iter().filter_map(|(name, value)| {
        std::str::from_utf8(value.as_bytes()).ok().map(|value| (name.as_str(), value))
    })
}

fn refused(reject: &HttpReject) -> Refused {
    if reject.reject.field() == Some("content-type") {
        return Refused::MediaType(
            "Send events as application/json with ce- headers, application/cloudevents+json or \
             application/cloudevents-batch+json.",
        );
    }
    Refused::Event {
        index: reject.index,
        reason: reject.reject.reason(),
        sentence: reject.reject.to_string(),
        field: reject.reject.field(),
    }
}

fn not_appended(error: &AppendError) -> Refused {
    tracing::warn!(%error, hint = "check disk space, or the brokers", "events were not taken");
    match error {
        AppendError::Unavailable(_) => Refused::Unavailable(SEND_AGAIN),
        AppendError::TooLarge(_) => Refused::EventTooLarge,
    }
}
