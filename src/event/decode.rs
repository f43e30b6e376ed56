//! Records and lines to events. It reads no file and no log, and asks no clock.

use std::time::Duration;

use crate::value::Micros;

use super::decoded::{Decoded, Event, Meta};
use super::envelope::{Attributes, Headers, bad};
use super::json::{self, Nothing, Slot};
use super::judge::Stamp;
use super::kind::Kind;
use super::media::Media;
use super::reference_v1::Presence;
use super::reject::{Reason, Reject};
use super::{dial_v1, gateway_v1, reference_v1};

/// Largest data of an event, in bytes.
pub const DATA_BYTES_MAX: usize = 64 * 1024;
/// Largest record (headers and value) or line, in bytes.
pub const RECORD_BYTES_MAX: usize = 1024 * 1024;

/// Limits that decide rejects.
#[derive(Clone, Copy, Debug)]
pub struct DecodeLimits {
    /// `ingest.future.limit`: how far a time may be ahead of the record's.
    pub future: Duration,
}

/// One record as the log hands it over.
#[derive(Clone, Debug)]
pub struct RawRecord<'a, H> {
    /// The value; `None` = a record without one.
    pub value: Option<&'a [u8]>,
    /// When the log took it; `None` where the log keeps no such time.
    pub record_time: Option<Micros>,
    /// Names and values of the headers, in order, repeats included.
    pub headers: H,
}

/// Reads a record of the log: binary or structured, as its content type says.
pub fn decode<'a, H>(record: RawRecord<'a, H>, limits: &DecodeLimits) -> Result<Decoded, Reject>
where
    H: Iterator<Item = (&'a str, Option<&'a [u8]>)>,
{
    let value = record.value.unwrap_or_default();
    let headers = Headers::scan(record.headers);
    if value.len().saturating_add(headers.bytes) > RECORD_BYTES_MAX {
        return Err(Reject::too_large());
    }
    let media = Media::of(headers.content_type);
    if media != Media::Event && value.len() > DATA_BYTES_MAX {
        return Err(Reject::too_large());
    }
    if value.is_empty() {
        return Err(Reject::new(Reason::NoValue));
    }
    match media {
        Media::Json => {
            let body = Body { data: Some(utf8(value)?), fault: headers.fault() };
            let event = body.event(&headers.attributes, record.record_time, limits)?;
            Ok(decoded(event, &headers, &headers.attributes))
        }
        Media::Event => {
            let attributes: Attributes<'_> = json::read(utf8(value)?, 1)?;
            let body = structured(&attributes, headers.content_fault)?;
            let event = body.event(&attributes, record.record_time, limits)?;
            Ok(decoded(event, &headers, &attributes))
        }
        Media::Batch | Media::Foreign => {
            Err(bad("content-type", "application/json or application/cloudevents+json"))
        }
    }
}

/// Reads one line of a file: a structured event, or the plain form.
pub fn decode_line(line: &[u8], limits: &DecodeLimits) -> Result<Decoded, Reject> {
    if line.len() > RECORD_BYTES_MAX {
        return Err(Reject::too_large());
    }
    let text = utf8(line)?;
    let attributes: Attributes<'_> = json::read(text, 1)?;
    let headers = Headers::default();
    if !attributes.specversion.is_absent() {
        let event = structured(&attributes, None)?.event(&attributes, None, limits)?;
        return Ok(decoded(event, &headers, &attributes));
    }
    if line.len() > DATA_BYTES_MAX {
        return Err(Reject::too_large());
    }
    let stamp = stamp(&attributes, None, limits);
    let event = read_data(Some(text), attributes.plain_kind(), &stamp)?;
    Ok(Decoded { event, meta: Meta::default() })
}

pub(super) fn utf8(bytes: &[u8]) -> Result<&str, Reject> {
    simdutf8::basic::from_utf8(bytes).map_err(|_| Reject::new(Reason::NotJson))
}

pub(super) fn decoded(event: Event, headers: &Headers<'_>, attributes: &Attributes<'_>) -> Decoded {
    let meta = Meta {
        attempts: headers.attempts(),
        sequence: attributes.sequence(),
        trace: headers.trace(attributes),
    };
    Decoded { event, meta }
}

/// The data, and a fault of the envelope that is known already.
pub(super) struct Body<'a> {
    pub(super) data: Option<&'a str>,
    pub(super) fault: Option<Reject>,
}

impl Body<'_> {
    pub(super) fn event(
        &self,
        attributes: &Attributes<'_>,
        record_time: Option<Micros>,
        limits: &DecodeLimits,
    ) -> Result<Event, Reject> {
        let kind = match self.fault {
            Some(fault) => Err(fault),
            None => attributes.kind(),
        };
        read_data(self.data, kind, &stamp(attributes, record_time, limits))
    }
}

/// Finds the data of a structured event.
pub(super) fn structured<'a>(
    attributes: &Attributes<'a>,
    fault: Option<Reject>,
) -> Result<Body<'a>, Reject> {
    let fault = fault.or_else(|| foreign_data(attributes));
    match &attributes.data {
        Slot::Nested(text) if text.len() > DATA_BYTES_MAX => Err(Reject::too_large()),
        Slot::Nested(text) => Ok(Body { data: Some(text), fault }),
        Slot::Unseen | Slot::Null => Ok(Body { data: None, fault }),
        Slot::Text(_) | Slot::Number(_) | Slot::Bool(_) => {
            Err(fault.unwrap_or(Reject::of_field(Reason::NotJson, "data")))
        }
    }
}

/// Data that is not JSON data.
fn foreign_data(attributes: &Attributes<'_>) -> Option<Reject> {
    let is_json = match &attributes.content_type {
        Slot::Unseen | Slot::Null => true,
        Slot::Text(text) => Media::of(Some(text)) == Media::Json,
        Slot::Number(_) | Slot::Bool(_) | Slot::Nested(_) => false,
    };
    if !is_json {
        return Some(bad("datacontenttype", "application/json"));
    }
    let is_base64 = !attributes.data_base64.is_absent();
    is_base64.then_some(bad("data", "a JSON object, not data_base64"))
}

fn stamp<'a>(
    attributes: &Attributes<'a>,
    record_time: Option<Micros>,
    limits: &DecodeLimits,
) -> Stamp<'a> {
    Stamp {
        time: attributes.time.clone(),
        recorded: attributes.recorded_time.clone(),
        record_time,
        future: limits.future,
    }
}

/// Reads the data by its kind. Data that breaks the rules of JSON outranks a fault of the envelope.
fn read_data(
    data: Option<&str>,
    kind: Result<Kind, Reject>,
    stamp: &Stamp<'_>,
) -> Result<Event, Reject> {
    let Some(text) = data else {
        return Err(kind.err().unwrap_or(Reject::of_field(Reason::MissingField, "data")));
    };
    match kind {
        Err(fault) => {
            json::read::<Nothing>(text, 1)?;
            Err(fault)
        }
        Ok(Kind::Dial(kind)) => dial_v1::read(text, kind, stamp).map(Event::Dial),
        Ok(Kind::GatewayStarted) => gateway_v1::read(text, stamp).map(Event::Gateway),
        Ok(Kind::Upserted(kind)) => {
            reference_v1::read(text, (kind, Presence::Upserted), stamp).map(Event::Reference)
        }
        Ok(Kind::Deleted(kind)) => {
            reference_v1::read(text, (kind, Presence::Deleted), stamp).map(Event::Reference)
        }
    }
}
