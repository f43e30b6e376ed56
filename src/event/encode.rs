//! Events to records and lines: what demo, import, redrive and the simulator publish.
//! Decoding what is encoded here gives the event back.

use serde_json::{Map, Value, json};

use crate::dial::event::{Gateway, GatewayStarted, HangupSide, Started};
use crate::dial::fact::Provenance;
use crate::dial::identity::identify;
use crate::dial::{DialEvent, Said};
use crate::relation::Reference;
use crate::value::{DialId, Micros, Phone};

use super::amount;
use super::decoded::Event;

/// A record in binary mode.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EncodedRecord {
    /// The record key: it decides the log partition.
    pub key: Vec<u8>,
    /// Names and values.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The data.
    pub value: Vec<u8>,
}

/// Writes an event as a record. `time` is when it is told; an event whose own time that is (a
/// price, a detection, a reference, a gateway's start) is written with its own.
pub fn encode(event: &Event, id: &str, source: &str, time: Micros) -> EncodedRecord {
    let header = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
    let key = event.record_key();
    EncodedRecord {
        headers: vec![
            header("content-type", "application/json"),
            header("ce_specversion", "1.0"),
            header("ce_id", id),
            header("ce_source", source),
            header("ce_type", &event.kind().type_text()),
            header("ce_time", &told_at(event, time).to_string()),
            header("ce_partitionkey", &key),
        ],
        key: key.into_bytes(),
        value: value(event),
    }
}

/// Writes an event as one line: a structured `CloudEvent` without its line break.
pub fn encode_line(event: &Event, id: &str, source: &str, time: Micros) -> String {
    json!({
        "specversion": "1.0",
        "id": id,
        "source": source,
        "type": event.kind().type_text(),
        "time": told_at(event, time).to_string(),
        "datacontenttype": "application/json",
        "partitionkey": event.record_key(),
        "data": data(event),
    })
    .to_string()
}

/// The data alone.
pub(super) fn value(event: &Event) -> Vec<u8> {
    Value::Object(data(event)).to_string().into_bytes()
}

/// The attribute `time`.
fn told_at(event: &Event, time: Micros) -> Micros {
    match event {
        Event::Dial(event) => match &event.said {
            Said::Cost { at, .. }
            | Said::Answered { detected: Some((at, _)), .. }
            | Said::Ended { detected: Some((at, _)), .. } => *at,
            Said::Started | Said::Ringing { .. } | Said::Answered { .. } | Said::Ended { .. } => {
                time
            }
        },
        Event::Gateway(started) => started.at,
        Event::Reference(reference) => reference.at,
    }
}

fn data(event: &Event) -> Map<String, Value> {
    match event {
        Event::Dial(event) => dial(event),
        Event::Gateway(started) => gateway_started(started),
        Event::Reference(reference) => self::reference(reference),
    }
}

/// Names in the order of the contract; what is absent is left out.
#[derive(Default)]
struct Data(Map<String, Value>);

impl Data {
    fn put(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.into());
        }
    }
}

fn text<T: ToString>(value: Option<T>) -> Option<String> {
    value.map(|value| value.to_string())
}

fn dial(event: &DialEvent) -> Map<String, Value> {
    let mut data = Data::default();
    let project = event.key.project;
    let derived = identify(project, None, event.dial.as_ref(), event.started_at);
    let is_given = derived.map(|key| key.item) != Ok(event.key.item);
    data.put("projectId", Some(project.to_string()));
    data.put("incomingCallLogId", Some(event.call.to_string()));
    data.put("dialId", event.dial.as_ref().map(DialId::as_str));
    data.put("incomingCallLogItemId", is_given.then(|| event.key.item.to_string()));
    data.put("startedAt", text(event.started_at));
    attributes(&mut data, &event.attributes);
    let word = match event.provenance {
        Provenance::Sync => Some("sync"),
        Provenance::Live | Provenance::Carried | Provenance::Api | Provenance::Import => None,
    };
    data.put("provenance", word);
    said(&mut data, &event.said);
    data.0
}

fn attributes(data: &mut Data, attributes: &Started) {
    data.put("incomingCallPolicyEscalationRuleId", text(attributes.rule));
    data.put("userId", text(attributes.user));
    data.put("userPhoneNumber", attributes.phone.as_ref().map(Phone::reveal));
    data.put("gateway", attributes.gateway.as_ref().map(gateway));
    data.put("ringTimeoutInSeconds", attributes.ring_timeout_s);
}

fn gateway(gateway: &Gateway) -> Value {
    let mut data = Data::default();
    data.put("kind", gateway.kind());
    data.put("instance", gateway.as_str().split_once('/').map(|(_, instance)| instance));
    Value::Object(data.0)
}

fn said(data: &mut Data, said: &Said) {
    match said {
        Said::Started => {}
        Said::Ringing { at } => data.put("ringingAt", text(Some(at))),
        Said::Answered { at, detected } => {
            data.put("answeredAt", text(Some(at)));
            data.put("answeredBy", detected.map(|(_, by)| by.word()));
        }
        Said::Ended { at, said, ringing_at, answered_at, detected } => {
            data.put("endedAt", text(Some(at)));
            data.put("reason", said.reason.as_deref());
            data.put("vendorStatus", said.status.as_deref());
            data.put("sipCode", said.sip);
            data.put("q850Cause", said.q850);
            data.put("hangupSide", said.side.map(HangupSide::word));
            data.put("vendorReason", said.vendor_reason.as_deref());
            data.put("ringingAt", text(*ringing_at));
            data.put("answeredAt", text(*answered_at));
            data.put("answeredBy", detected.map(|(_, by)| by.word()));
        }
        Said::Cost { price, .. } => {
            data.put("amount", amount::text(price.micro));
            data.put("currency", Some(price.currency.as_str()));
        }
    }
}

fn gateway_started(started: &GatewayStarted) -> Map<String, Value> {
    let mut data = Data::default();
    data.put("gateway", Some(gateway(&started.gateway)));
    let live: Vec<Value> = started.live.iter().map(|dial| dial.as_str().into()).collect();
    data.put("liveDialIds", Some(live));
    data.put("projectId", text(started.project));
    data.0
}

fn reference(reference: &Reference) -> Map<String, Value> {
    let mut data = Data::default();
    data.put("projectId", Some(reference.project.to_string()));
    data.put(reference.kind.id_name(), Some(reference.id.hyphenated().to_string()));
    let body = reference.body.as_deref().and_then(|body| serde_json::from_str(body).ok());
    let body: Map<String, Value> = body.unwrap_or_default();
    for (name, value) in body {
        data.put(&name, Some(value));
    }
    data.0
}
