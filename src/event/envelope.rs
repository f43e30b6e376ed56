//! The attributes around the data, from record headers or from a `CloudEvent` in JSON.
//! It does not read the data.

use std::borrow::Cow;

use super::json::{Slot, Wire, wire};
use super::judge::is_printable;
use super::kind::Kind;
use super::nested::all_differ;
use super::reject::{Reason, Reject};
use super::trace::TraceContext;

wire! {
    /// The attributes that are read, and where the data of a structured event lies. `kind` is of
    /// the plain form.
    Attributes, read on their own: ["data"],
    specversion: "specversion",
    id: "id",
    source: "source",
    type_: "type",
    time: "time",
    content_type: "datacontenttype",
    recorded_time: "recordedtime",
    sequence: "sequence",
    partition_key: "partitionkey",
    subject: "subject",
    data_schema: "dataschema",
    trace_parent: "traceparent",
    trace_state: "tracestate",
    data: "data",
    data_base64: "data_base64",
    kind: "kind",
}

/// Longest `id`, in characters.
const ID_MAX: usize = 255;

impl Attributes<'_> {
    /// The kind that the attributes name, if they are those of a `CloudEvent` 1.0.
    pub(super) fn kind(&self) -> Result<Kind, Reject> {
        if self.specversion.text() != Some("1.0") {
            return Err(bad("specversion", "1.0"));
        }
        attribute(&self.id, ID_MAX).ok_or(bad("id", "text of 1 to 255 characters"))?;
        attribute(&self.source, usize::MAX).ok_or(bad("source", "a URI reference"))?;
        let type_ = attribute(&self.type_, usize::MAX)
            .ok_or(bad("type", "a kind such as ringfold.dial.started.v1"))?;
        Kind::parse(type_)
    }

    /// The kind that a line in the plain form names.
    pub(super) fn plain_kind(&self) -> Result<Kind, Reject> {
        let kind = attribute(&self.kind, usize::MAX)
            .ok_or(bad("kind", "there, or specversion 1.0 with the attributes of a CloudEvent"))?;
        Kind::parse(kind)
    }

    /// The gateway's count; anything but a decimal is absent.
    pub(super) fn sequence(&self) -> Option<u64> {
        let digits = self.sequence.text().filter(|t| t.bytes().all(|b| b.is_ascii_digit()));
        digits.and_then(|digits| digits.parse().ok())
    }

    pub(super) fn trace(&self) -> Option<TraceContext> {
        self.trace_parent.text().and_then(TraceContext::parse)
    }
}

/// A fault of the envelope.
pub(super) const fn bad(field: &'static str, expected: &'static str) -> Reject {
    Reject::expecting(Reason::BadEnvelope, field, expected)
}

fn attribute<'s>(slot: &'s Slot<'_>, most: usize) -> Option<&'s str> {
    let fits = |text: &str| text.len() <= most || text.chars().count() <= most;
    slot.text().filter(|text| !text.is_empty() && fits(text) && is_printable(text))
}

/// Everything that record headers say.
#[derive(Debug, Default)]
pub(super) struct Headers<'a> {
    pub(super) attributes: Attributes<'a>,
    /// `content-type`, if it is text.
    pub(super) content_type: Option<&'a str>,
    /// Names and values, in bytes.
    pub(super) bytes: usize,
    /// A content type that is no text, or one too many: no envelope in any form.
    pub(super) content_fault: Option<Reject>,
    /// The same of an attribute header: no envelope in binary mode, ignored beside a whole event.
    attribute_fault: Option<Reject>,
    attempts: u32,
    trace: Option<TraceContext>,
}

impl<'a> Headers<'a> {
    pub(super) fn scan(headers: impl Iterator<Item = (&'a str, Option<&'a [u8]>)>) -> Self {
        let mut scan = Self::default();
        let mut others: Vec<&str> = Vec::new();
        let mut content_types = 0_u32;
        for (name, value) in headers {
            let length = name.len().saturating_add(value.map_or(0, <[u8]>::len));
            scan.bytes = scan.bytes.saturating_add(length);
            if let Some(attribute) = name.strip_prefix("ce_") {
                if !scan.fill(attribute, value) {
                    others.push(attribute);
                }
            } else if name.eq_ignore_ascii_case("content-type") {
                content_types = content_types.saturating_add(1);
                scan.take_content_type(value, content_types);
            } else if name == "traceparent" {
                scan.trace = text(value).and_then(TraceContext::parse);
            } else if name == "deadletter.attempts" {
                scan.attempts = text(value).and_then(|n| n.parse().ok()).unwrap_or(0);
            }
        }
        if !all_differ(&mut others) {
            scan.attribute_fault = Some(TWICE);
        }
        scan
    }

    /// How often the record was redriven.
    pub(super) const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The trace context: the plain header before the attribute.
    pub(super) fn trace(&self, attributes: &Attributes<'_>) -> Option<TraceContext> {
        self.trace.or_else(|| attributes.trace())
    }

    /// What is wrong with them in binary mode.
    pub(super) fn fault(&self) -> Option<Reject> {
        self.content_fault.or(self.attribute_fault)
    }

    fn take_content_type(&mut self, value: Option<&'a [u8]>, count: u32) {
        if count > 1 {
            self.content_fault = Some(bad("content-type", "there once"));
            return;
        }
        self.content_type = text(value);
        if self.content_type.is_none() && value.is_some() {
            self.content_fault = Some(bad("content-type", "text in UTF-8"));
        }
    }

    /// Whether the name is one of an attribute that is read; its value then fills the slot.
    fn fill(&mut self, attribute: &str, value: Option<&'a [u8]>) -> bool {
        let Some(slot) = header_slot(&mut self.attributes, attribute) else {
            return false;
        };
        let filled = match value {
            None => Some(Slot::Null),
            Some(_) => text(value).map(|text| Slot::Text(Cow::Borrowed(text))),
        };
        match filled {
            _ if *slot != Slot::Unseen => self.attribute_fault = Some(TWICE),
            Some(filled) => *slot = filled,
            None => self.attribute_fault = Some(NO_TEXT),
        }
        true
    }
}

/// An attribute header that comes twice.
pub(super) const TWICE: Reject = bad("every attribute header", "there once");
/// An attribute header that is no text.
pub(super) const NO_TEXT: Reject = bad("every attribute header", "text in UTF-8");

/// The slot of an attribute that binary mode carries as a header.
pub(super) fn header_slot<'s, 'a>(
    attributes: &'s mut Attributes<'a>,
    name: &str,
) -> Option<&'s mut Slot<'a>> {
    let is_header = !matches!(name, "data" | "data_base64" | "datacontenttype" | "kind");
    attributes.slot(name).filter(|_| is_header)
}

fn text(value: Option<&[u8]>) -> Option<&str> {
    value.and_then(|bytes| std::str::from_utf8(bytes).ok())
}
