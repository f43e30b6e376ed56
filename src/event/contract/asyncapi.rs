//! The `AsyncAPI` document: topics, keys, headers and who sends what. Payloads are the JSON Schemas
//! beside it.

use serde_json::{Map, Value, json};

use super::super::kind::Kind;
use super::super::reject::Reason;
use super::yaml;

/// Names of the topics to describe (`kafka.topics.*`).
#[derive(Clone, Copy, Debug)]
pub struct Topics<'a> {
    /// Dial events and gateway starts.
    pub dials: &'a str,
    /// References.
    pub references: &'a str,
    /// Dead letters.
    pub dead_letters: &'a str,
}

impl Default for Topics<'_> {
    fn default() -> Self {
        Self {
            dials: "ringfold.dials",
            references: "ringfold.references",
            dead_letters: "ringfold.dead-letters",
        }
    }
}

/// The document as YAML.
pub fn asyncapi(topics: &Topics<'_>) -> String {
    let about = "Events that ringfold reads and dead letters that it writes. Producers: acks=all, \
        idempotence, the murmur2 partitioner, and the record key that each message names. \
        Delivery is at least once, in any order; the type is [prefix.]kind.v1 with any prefix.";
    let document = json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "ringfold events",
            "version": "1.0.0",
            "description": about,
            "license": { "name": "Apache-2.0" },
        },
        "defaultContentType": "application/json",
        "channels": {
            "dials": events("Dial events and gateway starts.", topics.dials, is_of_dials),
            "references": events("References.", topics.references, is_of_references),
            "deadLetters": {
                "address": topics.dead_letters,
                "description": "Records that can never be read, byte for byte, under their key.",
                "messages": {
                    "deadLetter": { "$ref": "#/components/messages/deadLetter" },
                    "redriven": { "$ref": "#/components/messages/redriven" },
                },
                "bindings": {
                    "kafka": { "topic": topics.dead_letters, "bindingVersion": "0.5.0" }
                },
            },
        },
        "operations": {
            "receiveDialEvents": operation("receive", "dials"),
            "receiveReferences": operation("receive", "references"),
            "sendDeadLetters": operation("send", "deadLetters"),
        },
        "components": {
            "messages": messages(),
            "messageTraits": { "binaryMode": binary_mode() },
        },
    });
    yaml::text(&document)
}

const fn is_of_dials(kind: Kind) -> bool {
    matches!(kind, Kind::Dial(_) | Kind::GatewayStarted)
}

const fn is_of_references(kind: Kind) -> bool {
    !is_of_dials(kind)
}

/// `dial.started` → `dialStarted`.
fn camel(word: &str) -> String {
    let mut name = String::new();
    let mut is_first = true;
    for part in word.split(['.', '-']) {
        let (head, rest) = part.split_at_checked(1).unwrap_or((part, ""));
        let head = if is_first { head.to_owned() } else { head.to_ascii_uppercase() };
        name.push_str(&head);
        name.push_str(rest);
        is_first = false;
    }
    name
}

fn events(description: &str, topic: &str, is_of: fn(Kind) -> bool) -> Value {
    let messages: Map<String, Value> = Kind::ALL
        .into_iter()
        .filter(|kind| is_of(*kind))
        .map(|kind| {
            let name = camel(kind.word());
            let reference = json!({ "$ref": format!("#/components/messages/{name}") });
            (name, reference)
        })
        .collect();
    let topic_settings = json!({
        "cleanup.policy": ["delete"],
        "retention.ms": 1_209_600_000_i64,
        "max.message.bytes": 1_048_576,
    });
    json!({
        "address": topic,
        "description": description,
        "messages": messages,
        "bindings": {
            "kafka": {
                "topic": topic,
                "partitions": 12,
                "topicConfiguration": topic_settings,
                "bindingVersion": "0.5.0",
            },
        },
    })
}

fn operation(action: &str, channel: &str) -> Value {
    json!({ "action": action, "channel": { "$ref": format!("#/channels/{channel}") } })
}

fn messages() -> Map<String, Value> {
    let mut messages: Map<String, Value> =
        Kind::ALL.into_iter().map(|kind| (camel(kind.word()), message(kind))).collect();
    messages.insert("deadLetter".to_owned(), dead_letter());
    messages.insert("redriven".to_owned(), redriven());
    messages
}

fn message(kind: Kind) -> Value {
    let key = match kind {
        Kind::Dial(_) => "incomingCallLogId in lower case, late prices too",
        Kind::GatewayStarted => "{kind}/{instance}",
        Kind::Upserted(_) | Kind::Deleted(_) => "the reference's own id in lower case",
    };
    json!({
        "name": kind.type_text(),
        "title": kind.word(),
        "contentType": "application/json",
        "traits": [{ "$ref": "#/components/messageTraits/binaryMode" }],
        "payload": { "$ref": format!("events/{}.v1.schema.json", kind.word()) },
        "bindings": {
            "kafka": { "key": { "type": "string", "description": key }, "bindingVersion": "0.5.0" },
        },
    })
}

fn text(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

/// Headers of the binary mode of CloudEvents.
fn binary_mode() -> Value {
    let time = "When it happened, RFC 3339; required unless the kind's own time field is there.";
    let sequence = "Events of this dial, counted from 1, padded with zeros to 20 digits.";
    json!({
        "headers": {
            "type": "object",
            "required": ["ce_specversion", "ce_id", "ce_source", "ce_type"],
            "properties": {
                "content-type": text("application/json, or application/cloudevents+json: then \
                    the value is the whole event and ce_ headers are ignored."),
                "ce_specversion": { "type": "string", "const": "1.0" },
                "ce_id": text("1 to 255 characters, unique within the source."),
                "ce_source": text("/gateways/{kind}/{instance}/{boot}: one per process life."),
                "ce_type": text("[prefix.]kind.v1"),
                "ce_time": text(time),
                "ce_partitionkey": text("The record key."),
                "ce_subject": text("The dial id; not read."),
                "ce_dataschema": text("Never loaded."),
                "ce_sequence": {
                    "type": "string", "pattern": "^[0-9]{20}$", "description": sequence
                },
                "ce_recordedtime": text("When the gateway made the event, RFC 3339."),
                "traceparent": text("W3C trace context; ce_traceparent is read without it."),
                "tracestate": text("W3C trace context."),
            },
        },
    })
}

fn dead_letter() -> Value {
    let reasons: Vec<&str> = Reason::ALL.into_iter().map(Reason::label).collect();
    let reason = json!({ "type": "string", "enum": reasons, "description": "Stable label." });
    json!({
        "name": "deadLetter",
        "title": "dead letter",
        "summary": "The rejected record with its own key, headers and value, and why it lies here.",
        "headers": {
            "type": "object",
            "required": [
                "deadletter.topic", "deadletter.partition", "deadletter.offset",
                "deadletter.reason", "deadletter.error", "deadletter.attempts", "deadletter.worker",
            ],
            "properties": {
                "deadletter.topic": text("Where it came from."),
                "deadletter.partition": text("Its log partition there."),
                "deadletter.offset": text("Its offset there."),
                "deadletter.timestamp": text("Its record time, in ms since 1970."),
                "deadletter.reason": reason,
                "deadletter.error": text("One sentence without text of the record."),
                "deadletter.attempts": text("How often it was redriven before."),
                "deadletter.worker": text("Version of the program that rejected it."),
            },
        },
        "payload": { "description": "The record's value, byte for byte." },
    })
}

fn redriven() -> Value {
    json!({
        "name": "redriven",
        "title": "dead letter redriven",
        "summary": "The letter that the headers name was sent back to its topic. No value.",
        "headers": {
            "type": "object",
            "required": [
                "deadletter.topic", "deadletter.partition", "deadletter.offset",
                "deadletter.redriven",
            ],
            "properties": {
                "deadletter.topic": text("Topic of the letter."),
                "deadletter.partition": text("Its log partition there."),
                "deadletter.offset": text("Its offset there."),
                "deadletter.redriven": text("When it was sent back, in ms since 1970."),
            },
        },
        "payload": { "type": "null" },
    })
}
