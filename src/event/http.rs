//! Events posted over HTTP: binary, structured and batch, each with the record that keeps it.
//! It knows neither routes nor who may post.

use std::borrow::Cow;
use std::fmt;

use serde_json::value::RawValue;

use crate::value::{Micros, ProjectId};

use super::decode::{
    Body, DATA_BYTES_MAX, DecodeLimits, RECORD_BYTES_MAX, decoded, structured, utf8,
};
use super::decoded::{Decoded, Event};
use super::encode::{self, EncodedRecord};
use super::envelope::{Attributes, Headers, NO_TEXT, TWICE, bad, header_slot};
use super::json::{self, Slot};
use super::media::Media;
use super::nested::all_differ;
use super::reject::{Reason, Reject};

/// An accepted event and the record to append for it: read back, that record gives the event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HttpEvent {
    /// What it says.
    pub decoded: Decoded,
    /// What the log is to keep: the data byte for byte, in binary mode.
    pub record: EncodedRecord,
}

impl HttpEvent {
    /// The same start of a gateway for one project only: what a key that may speak for some
    /// projects makes of it, once for each. Any other event stays as it is.
    #[must_use]
    pub fn for_project(&self, project: ProjectId) -> Self {
        let mut event = self.clone();
        if let Event::Gateway(started) = &mut event.decoded.event {
            started.project = Some(project);
            event.record.value = encode::value(&event.decoded.event);
        }
        event
    }
}

/// The first event of a request that can never be read, counted from 0. None of them is accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub struct HttpReject {
    /// Which event of a batch; 0 outside of one.
    pub index: usize,
    /// Why.
    pub reject: Reject,
}

impl fmt::Display for HttpReject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "event {}: {}", self.index, self.reject)
    }
}

/// Reads a request's events; `now` stands in for the time at which the log takes them.
pub fn decode_http<'a>(
    content_type: Option<&str>,
    headers: impl Iterator<Item = (&'a str, &'a str)>,
    body: &'a [u8],
    limits: &DecodeLimits,
    now: Micros,
) -> Result<Vec<HttpEvent>, HttpReject> {
    let first = |reject| HttpReject { index: 0, reject };
    if body.len() > RECORD_BYTES_MAX {
        return Err(first(Reject::too_large()));
    }
    match Media::of(content_type) {
        Media::Json => binary(headers, body, limits, now).map(|event| vec![event]).map_err(first),
        Media::Event => utf8(body)
            .and_then(|text| one_structured(text, limits, now))
            .map(|event| vec![event])
            .map_err(first),
        Media::Batch => {
            let events: Vec<&RawValue> = utf8(body)
                .ok()
                .and_then(|text| serde_json::from_str(text).ok())
                .ok_or(first(Reject::new(Reason::NotJson)))?;
            let read = |(index, raw): (usize, &&'a RawValue)| {
                one_structured(raw.get(), limits, now)
                    .map_err(|reject| HttpReject { index, reject })
            };
            events.iter().enumerate().map(read).collect()
        }
        Media::Foreign => Err(first(bad(
            "content-type",
            "application/json, application/cloudevents+json or application/cloudevents-batch+json",
        ))),
    }
}

fn binary<'a>(
    headers: impl Iterator<Item = (&'a str, &'a str)>,
    body: &[u8],
    limits: &DecodeLimits,
    now: Micros,
) -> Result<HttpEvent, Reject> {
    if body.len() > DATA_BYTES_MAX {
        return Err(Reject::too_large());
    }
    if body.is_empty() {
        return Err(Reject::new(Reason::NoValue));
    }
    let (attributes, fault) = attributes_of(headers);
    accept(&attributes, &Body { data: Some(utf8(body)?), fault }, limits, now)
}

fn one_structured(text: &str, limits: &DecodeLimits, now: Micros) -> Result<HttpEvent, Reject> {
    let attributes: Attributes<'_> = json::read(text, 1)?;
    accept(&attributes, &structured(&attributes, None)?, limits, now)
}

fn accept(
    attributes: &Attributes<'_>,
    body: &Body<'_>,
    limits: &DecodeLimits,
    now: Micros,
) -> Result<HttpEvent, Reject> {
    let event = body.event(attributes, Some(now), limits)?;
    let record = EncodedRecord {
        key: event.record_key().into_bytes(),
        headers: record_headers(attributes),
        value: body.data.unwrap_or_default().as_bytes().to_vec(),
    };
    Ok(HttpEvent { decoded: decoded(event, &Headers::default(), attributes), record })
}

/// The attributes as record headers in binary mode.
fn record_headers(attributes: &Attributes<'_>) -> Vec<(String, Vec<u8>)> {
    let mut headers = vec![("content-type".to_owned(), b"application/json".to_vec())];
    for (name, slot) in [
        ("ce_specversion", &attributes.specversion),
        ("ce_id", &attributes.id),
        ("ce_source", &attributes.source),
        ("ce_type", &attributes.type_),
        ("ce_time", &attributes.time),
        ("ce_partitionkey", &attributes.partition_key),
        ("ce_subject", &attributes.subject),
        ("ce_dataschema", &attributes.data_schema),
        ("ce_sequence", &attributes.sequence),
        ("ce_recordedtime", &attributes.recorded_time),
        ("traceparent", &attributes.trace_parent),
        ("tracestate", &attributes.trace_state),
    ] {
        if let Some(text) = slot.text() {
            headers.push((name.to_owned(), text.as_bytes().to_vec()));
        }
    }
    headers
}

/// Headers of binary mode: `ce-` and the attribute, in any case.
fn attributes_of<'a>(
    headers: impl Iterator<Item = (&'a str, &'a str)>,
) -> (Attributes<'a>, Option<Reject>) {
    let mut attributes = Attributes::default();
    let mut others: Vec<String> = Vec::new();
    let mut fault = None;
    let (mut trace_parent, mut trace_state) = (None, None);
    for (name, value) in headers {
        let name = name.to_ascii_lowercase();
        match name.strip_prefix("ce-") {
            None if name == "traceparent" => trace_parent = Some(value),
            None if name == "tracestate" => trace_state = Some(value),
            None => {}
            Some(attribute) => match header_slot(&mut attributes, attribute) {
                None => others.push(attribute.to_owned()),
                Some(slot @ Slot::Unseen) => match header_text(value) {
                    Some(text) => *slot = Slot::Text(text),
                    None => fault = Some(NO_TEXT),
                },
                Some(_) => fault = Some(TWICE),
            },
        }
    }
    if !all_differ(&mut others) {
        fault = Some(TWICE);
    }
    let plain = |value: &'a str| Slot::Text(Cow::Borrowed(value));
    if let Some(value) = trace_parent {
        attributes.trace_parent = plain(value);
    }
    if let Some(value) = trace_state {
        attributes.trace_state = plain(value);
    }
    (attributes, fault)
}

/// A header's value as the HTTP binding writes it: perhaps quoted, then percent-encoded once.
fn header_text(value: &str) -> Option<Cow<'_, str>> {
    let quoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let plain: Cow<'_, str> = match quoted {
        None => Cow::Borrowed(value),
        Some(inner) => Cow::Owned(unquote(inner)),
    };
    if !plain.contains('%') {
        return Some(plain);
    }
    let mut bytes = Vec::with_capacity(plain.len());
    let mut rest = plain.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = (*first == b'%').then(|| after.split_first_chunk::<2>()).flatten();
        let decoded = escaped.and_then(|(hex, after)| Some((byte(*hex)?, after)));
        let (byte, after) = decoded.unwrap_or((*first, after));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

fn unquote(inner: &str) -> String {
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        let literal = if c == '\\' { chars.next() } else { Some(c) };
        text.extend(literal);
    }
    text
}

fn byte(hex: [u8; 2]) -> Option<u8> {
    if !hex.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    std::str::from_utf8(&hex).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_values_are_unquoted_and_decoded_once() {
        for (value, text) in [
            ("plain", "plain"),
            ("a%20b%C3%A4", "a bä"),
            ("\"a \\\"b\\\" %41\"", "a \"b\" A"),
            ("100%", "100%"),
            ("%zz%4", "%zz%4"),
            ("%2541", "%41"),
        ] {
            assert_eq!(header_text(value).as_deref(), Some(text), "{value}");
        }
        assert_eq!(header_text("%FF"), None);
    }
}
