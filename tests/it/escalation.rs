//! The sample escalation: its events, folded and rendered by the sample tariff, give the expected
//! items field by field; in log order, backwards, and delivered twice.

use std::collections::BTreeMap;
use std::time::Duration;

use ringfold::dial::{DialEvent, ItemKey, Limits, Row, State, View, fold, item};
use ringfold::event::{DecodeLimits, Event, decode_line};
use ringfold::item::Item;
use ringfold::value::Micros;
use serde_json::{Number, Value, json};

use crate::support::prices::sample;

const EVENTS: &str = include_str!("../data/events/escalation.ndjson");
const EXPECTED: &str = include_str!("../data/events/escalation.expected.json");

fn expected() -> Value {
    serde_json::from_str(EXPECTED).unwrap()
}

fn instant(value: &Value) -> Micros {
    let text = value.as_str().unwrap();
    Micros::new(chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_micros())
}

/// Events of dials, and the lines that hold none: (line, reason).
fn read() -> (Vec<DialEvent>, Vec<Value>) {
    let limits = DecodeLimits { future: Duration::from_mins(5) };
    let mut events = Vec::new();
    let mut dead_letters = Vec::new();
    for (line, text) in (1..).zip(EVENTS.lines()) {
        match decode_line(text.as_bytes(), &limits) {
            Ok(decoded) => match decoded.event {
                Event::Dial(event) => events.push(event),
                Event::Gateway(_) | Event::Reference(_) => panic!("line {line} is of no dial"),
            },
            Err(reject) => dead_letters.push(json!({ "line": line, "reason": reject.reason() })),
        }
    }
    (events, dead_letters)
}

fn text(value: &impl ToString) -> Value {
    Value::String(value.to_string())
}

fn opt<T>(value: Option<T>, form: impl Fn(T) -> Value) -> Value {
    value.map_or(Value::Null, form)
}

/// The item in the form of the expectation: the `documented` profile, and what is kept beside it.
fn form(item: &Item) -> Value {
    let kept = &item.kept;
    let shown = &kept.rendered;
    let cents = |cost: ringfold::value::MicroUsd| {
        Value::Number(cost.cents().to_string().parse::<Number>().unwrap())
    };
    let seconds = |ms: i64| {
        let text = format!("{}.{:03}", ms / 1_000, ms % 1_000);
        Value::String(text.trim_end_matches('0').trim_end_matches('.').to_owned())
    };
    json!({
        "item": {
            "_id": text(&item.id),
            "createdAt": text(&item.created_at),
            "updatedAt": text(&item.updated_at),
            "projectId": text(&item.project),
            "incomingCallLogId": opt(item.call, |id| text(&id)),
            "incomingCallPolicyEscalationRuleId": opt(item.rule, |id| text(&id)),
            "userId": opt(item.user, |id| text(&id)),
            "userPhoneNumber": opt(item.phone.as_ref(), |phone| text(&phone.reveal())),
            "status": &*item.status,
            "statusMessage": item.status_message.as_deref(),
            "dialDurationInSeconds": item.dial_duration_s,
            "callCostInUSDCents": opt(item.cost, cents),
            "startedAt": opt(item.started_at, |at| text(&at)),
            "endedAt": opt(item.ended_at, |at| text(&at)),
            "isAnswered": item.is_answered,
        },
        "kept": {
            "dialId": kept.dial.as_ref().map(ringfold::value::DialId::as_str),
            "answeredAt": opt(kept.answered_at, |at| text(&at)),
            "answeredBy": kept.answered_by,
            "ringInMilliseconds": shown.ring_ms,
            "talkInMilliseconds": shown.talk_ms,
            "finality": shown.finality.word(),
            "endReason": kept.end_reason.map(ringfold::item::EndReason::word),
            "endCode": kept.end_code.as_deref(),
            "costSource": shown.cost_source.map(ringfold::item::CostSource::word),
            "costInMicroUsd": shown.cost.map(ringfold::value::MicroUsd::get),
            "estimateInMicroUsd": shown.rating.estimate.map(ringfold::value::MicroUsd::get),
            "billedSeconds": opt(shown.rating.billed_ms, seconds),
            "tariff": shown.rating.tariff.as_deref(),
            "matchedPrefix": shown.rating.prefix.as_deref(),
            "unratedReason": shown.rating.unrated.map(ringfold::tariff::Unrated::label),
            "flags": shown.flags.words().collect::<Vec<_>>(),
            "revision": kept.revision,
            "version": kept.write_version,
        },
    })
}

fn items(states: BTreeMap<ItemKey, State>) -> Vec<Value> {
    let limits = Limits::default();
    let view = View { book: sample(), limits: &limits, now: instant(&expected()["now"]) };
    let rows = states.into_iter().map(|(key, state)| Row::of(key, state));
    rows.map(|row| form(&item(&row, &view))).collect()
}

/// Compares item by item, so that a failure names one.
fn compare(found: &[Value], wanted: &[Value]) {
    for (found, wanted) in found.iter().zip(wanted) {
        assert_eq!(found, wanted);
    }
    assert_eq!(found.len(), wanted.len());
}

fn without_revision(items: &[Value]) -> Vec<Value> {
    let mut items = items.to_vec();
    for item in &mut items {
        item["kept"]["revision"] = Value::Null;
        item["kept"]["version"] = Value::Null;
    }
    items
}

#[test]
fn the_sample_escalation_gives_the_expected_items() {
    let expected = expected();
    let (events, dead_letters) = read();
    assert_eq!(Value::Array(dead_letters), expected["deadLetters"]);
    assert_eq!(json!(EVENTS.lines().count()), expected["lines"]);
    assert_eq!(json!(events.len()), expected["events"]);

    let mut states: BTreeMap<ItemKey, State> = BTreeMap::new();
    let mut unchanged = 0;
    for event in &events {
        let injected = states.entry(event.key).or_default().inject(event);
        unchanged += usize::from(!injected.is_change());
    }
    assert_eq!(json!(unchanged), expected["unchanged"]);
    assert_eq!(states, fold(&events));
    compare(&items(states), expected["items"].as_array().unwrap());
}

#[test]
fn the_sample_read_backwards_or_twice_gives_the_same_items() {
    let wanted = without_revision(expected()["items"].as_array().unwrap());
    let (events, _) = read();
    compare(&without_revision(&items(fold(events.iter().rev()))), &wanted);
    let twice = fold(events.iter().chain(&events));
    compare(&items(twice), expected()["items"].as_array().unwrap());
}
