//! Items, what is kept beside them, and facts, as JSON. It decides nothing about their values.

use std::str::FromStr;

use serde_json::{Map, Number, Value as Json, json};

use crate::dial::Facts;
use crate::dial::event::{AnsweredBy, Ended, Gateway, HangupSide, Price, Started};
use crate::dial::fact::{Fact, Provenance};
use crate::item::{Column, CostSource, EndReason, Item, Kept};
use crate::query::{Value, value_of};
use crate::tariff::{Seconds, Unrated};
use crate::value::{DialId, MicroUsd, Micros, Phone};

/// Every column of the resource but relations, in its fixed order.
pub(super) fn item(item: &Item) -> Json {
    let columns = Column::ALL.into_iter();
    let shown = columns
        .filter(|column| !column.is_relation())
        .filter(|column| !matches!(column, Column::DeletedAt | Column::Version));
    let fields = shown.map(|column| (column.name().to_owned(), plain(&value_of(item, column))));
    Json::Object(fields.collect())
}

pub(in crate::cli) fn plain(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Id(id) => Json::from(id.hyphenated().to_string()),
        Value::Date(at) => Json::from(at.to_string()),
        Value::Integer(number) => Json::from(*number),
        Value::Cents(cents) => exact(*cents),
        Value::Phone(phone) => Json::from(phone.reveal()),
        Value::Text(text) => Json::from(&**text),
        Value::Boolean(boolean) => Json::from(*boolean),
    }
}

/// Cents as a JSON number, digit for digit.
fn exact(cents: MicroUsd) -> Json {
    Number::from_str(&cents.cents().to_string()).map_or(Json::Null, Json::Number)
}

/// What is kept beside the columns.
pub(super) fn kept(kept: &Kept) -> Json {
    let rendered = &kept.rendered;
    let rating = &rendered.rating;
    let billed = rating.billed_ms.map(|ms| Seconds::from_micros(ms.saturating_mul(1_000)));
    json!({
        "dialId": kept.dial.as_ref().map(DialId::as_str),
        "answeredAt": time(kept.answered_at),
        "answeredBy": kept.answered_by,
        "ringInMilliseconds": rendered.ring_ms,
        "talkInMilliseconds": rendered.talk_ms,
        "finality": rendered.finality.word(),
        "endReason": kept.end_reason.map(EndReason::word),
        "endCode": kept.end_code.as_deref(),
        "costSource": rendered.cost_source.map(CostSource::word),
        "costInMicroUsd": rendered.cost.map(MicroUsd::get),
        "estimateInMicroUsd": rating.estimate.map(MicroUsd::get),
        "billedSeconds": billed.map(|billed| billed.to_string()),
        "tariff": rating.tariff.as_deref(),
        "matchedPrefix": rating.prefix.as_deref(),
        "unratedReason": rating.unrated.map(Unrated::label),
        "flags": rendered.flags.words().collect::<Vec<_>>(),
        "revision": kept.revision,
        "version": kept.write_version,
    })
}

/// The registers that are filled, with who said so and when.
pub(super) fn facts(facts: &Facts) -> Json {
    let mut registers = Map::new();
    let mut put = |name: &str, fact: Option<Json>| {
        if let Some(fact) = fact {
            registers.insert(name.to_owned(), fact);
        }
    };
    put("started", facts.started.as_ref().map(|fact| told(fact, started(&fact.said))));
    put("ringing", facts.ringing.as_ref().map(|fact| told(fact, Json::Null)));
    put("answered", facts.answered.as_ref().map(|fact| told(fact, Json::Null)));
    let detected = facts.detected.as_ref();
    put("detected", detected.map(|fact| told(fact, Json::from(AnsweredBy::word(fact.said)))));
    put("ended", facts.ended.as_ref().map(|fact| told(fact, ended(&fact.said))));
    put("cost", facts.cost.as_ref().map(|fact| told(fact, price(&fact.said))));
    Json::Object(registers)
}

fn told<S>(fact: &Fact<S>, said: Json) -> Json {
    let by = match fact.provenance {
        Provenance::Import => "import",
        Provenance::Api => "api",
        Provenance::Carried => "carried",
        Provenance::Sync => "sync",
        Provenance::Live => "live",
    };
    let mut told = Map::new();
    told.insert("at".to_owned(), Json::from(time(fact.at)));
    told.insert("provenance".to_owned(), Json::from(by));
    if !said.is_null() {
        told.insert("said".to_owned(), said);
    }
    Json::Object(told)
}

fn started(said: &Started) -> Json {
    json!({
        "incomingCallLogId": said.call.map(|id| id.to_string()),
        "incomingCallPolicyEscalationRuleId": said.rule.map(|id| id.to_string()),
        "userId": said.user.map(|id| id.to_string()),
        "userPhoneNumber": said.phone.as_ref().map(Phone::reveal),
        "gateway": said.gateway.as_ref().map(Gateway::as_str),
        "ringTimeoutInSeconds": said.ring_timeout_s,
    })
}

fn ended(said: &Ended) -> Json {
    json!({
        "reason": said.reason.as_deref(),
        "gatewayKind": said.kind.as_deref(),
        "vendorStatus": said.status.as_deref(),
        "sipCode": said.sip,
        "q850Cause": said.q850,
        "hangupSide": said.side.map(HangupSide::word),
        "vendorReason": said.vendor_reason.as_deref(),
    })
}

fn price(said: &Price) -> Json {
    json!({ "amountInMillionths": said.micro, "currency": said.currency.as_str() })
}

fn time(at: Option<Micros>) -> Option<String> {
    at.map(|at| at.to_string())
}
