//! The fold once more, written from the event contract alone: it shares no code with the product.
//! Events in, items as the resource shows them out. Of prices it knows what carriers tell in
//! dollars and euro, and the sample tariff's plan for twilio; it edits and deletes nothing.

use std::collections::BTreeMap;

use chrono::DateTime;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::words::{end_code, end_reason, says_answered, unanswered};

const CARRIED: i64 = 2;

/// Micro-USD per started minute of the sample plan, by prefix.
const RATES: [(&str, i64); 3] = [("+447", 45_000), ("+44", 21_000), ("+1", 13_000)];

/// The best fact of a register: what ranks it, when it happened, what it says.
#[derive(Clone, Debug)]
struct Fact {
    rank: (bool, i64, i64, String),
    at: Option<i64>,
    said: Vec<String>,
}

/// Keeps the better of two.
fn join(slot: &mut Option<Fact>, new: Fact) {
    if slot.as_ref().is_none_or(|held| new.rank > held.rank) {
        *slot = Some(new);
    }
}

/// A fact of which the earlier one wins (`sign` −1) or the later one.
fn fact(at: Option<i64>, provenance: i64, sign: i64, said: Vec<String>) -> Fact {
    let rank = (at.is_some(), provenance, sign * at.unwrap_or(0), said.join("\u{1f}"));
    Fact { rank, at, said }
}

#[derive(Clone, Debug, Default)]
struct Dial {
    created_ms: i64,
    started: Option<Fact>,
    ringing: Option<Fact>,
    answered: Option<Fact>,
    detected: Option<Fact>,
    ended: Option<Fact>,
    cost: Option<Fact>,
}

/// Everything folded so far, by project and item id.
#[derive(Debug, Default)]
pub struct Oracle {
    dials: BTreeMap<(String, String), Dial>,
}

/// A record that can never be read.
#[derive(Debug)]
pub struct Unreadable;

fn text(data: &Value, name: &str) -> String {
    match &data[name] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

fn ms(text: &str) -> Option<i64> {
    Some(DateTime::parse_from_rfc3339(text).ok()?.timestamp_millis())
}

impl Oracle {
    /// One record: the type, the time and the data of its event.
    pub fn read(&mut self, r#type: &str, time: &str, data: &[u8]) -> Result<(), Unreadable> {
        let kind = r#type.strip_prefix("ringfold.dial.").and_then(|kind| kind.strip_suffix(".v1"));
        let kind = kind.ok_or(Unreadable)?;
        if !["started", "ringing", "answered", "ended", "cost"].contains(&kind) {
            return Err(Unreadable);
        }
        let data: Value = serde_json::from_slice(data).map_err(|_| Unreadable)?;
        let start = ms(&text(&data, "startedAt")).ok_or(Unreadable)?;
        let id = item_id(&text(&data, "projectId"), &text(&data, "dialId"), start)?;
        let dial = self.dials.entry((text(&data, "projectId"), id)).or_default();
        dial.created_ms = start;
        dial.inject(kind, ms(time).ok_or(Unreadable)?, &data);
        Ok(())
    }

    /// The items as an export of everything shows them, long after all limits.
    pub fn items(&self) -> BTreeMap<String, Value> {
        let shown = self.dials.iter().map(|((project, id), dial)| dial.shown(project, id));
        shown.map(|item| (item["_id"].as_str().unwrap().to_owned(), item)).collect()
    }

    /// All projects that were named.
    pub fn projects(&self) -> Vec<String> {
        let mut projects: Vec<_> = self.dials.keys().map(|(project, _)| project.clone()).collect();
        projects.dedup();
        projects
    }
}

/// `events.md`'s derivation of an item's id, bit by bit.
fn item_id(project: &str, dial: &str, start_ms: i64) -> Result<String, Unreadable> {
    let project = Uuid::parse_str(project).map_err(|_| Unreadable)?;
    let mut hash = Sha256::new();
    hash.update(b"ringfold/dial/v1");
    hash.update(project.as_bytes());
    hash.update(dial.as_bytes());
    let digest = hash.finalize();
    let mut octets = [0; 16];
    octets[..6].copy_from_slice(&start_ms.to_be_bytes()[2..]);
    octets[6..].copy_from_slice(&digest[..10]);
    octets[6] = 0x80 | (octets[6] & 0x0f);
    octets[8] = 0x80 | (octets[8] & 0x3f);
    Ok(Uuid::from_bytes(octets).to_string())
}

impl Dial {
    fn inject(&mut self, kind: &str, time: i64, data: &Value) {
        let told = if text(data, "provenance") == "sync" { 3 } else { 4 };
        let own = |name: &str| Some(ms(&text(data, name)).unwrap_or(time));
        let start = ms(&text(data, "startedAt"));
        let is_start = kind == "started";
        let provenance = if is_start { told } else { CARRIED };
        join(&mut self.started, fact(start, provenance, -1, attributes(data)));
        let by = text(data, "answeredBy");
        match kind {
            "ringing" => join(&mut self.ringing, fact(own("ringingAt"), told, -1, vec![])),
            "answered" => {
                join(&mut self.answered, fact(own("answeredAt"), told, -1, vec![]));
                if !by.is_empty() {
                    join(&mut self.detected, fact(Some(time), told, 1, vec![by]));
                }
            }
            "ended" => self.end((own("endedAt"), told), &by, data),
            "cost" => self.price((time, told), data),
            _ => {}
        }
    }

    fn end(&mut self, (at, told): (Option<i64>, i64), by: &str, data: &Value) {
        let said = [
            text(data, "reason"),
            text(&data["gateway"], "kind"),
            text(data, "vendorStatus"),
            text(data, "sipCode"),
            text(data, "q850Cause"),
            text(data, "hangupSide"),
            text(data, "vendorReason"),
        ];
        if let Some(at) = ms(&text(data, "ringingAt")) {
            join(&mut self.ringing, fact(Some(at), CARRIED, -1, vec![]));
        }
        let answered = ms(&text(data, "answeredAt"));
        if answered.is_some() || says_answered(&said) {
            join(&mut self.answered, fact(answered, CARRIED, -1, vec![]));
        }
        if !by.is_empty() {
            join(&mut self.detected, fact(at, CARRIED, 1, vec![by.to_owned()]));
        }
        join(&mut self.ended, fact(at, told, 1, said.to_vec()));
    }

    /// Of prices the newest counts, whoever tells it.
    fn price(&mut self, (time, told): (i64, i64), data: &Value) {
        let amount = text(data, "amount");
        let (whole, part) = amount.split_once('.').unwrap_or((&amount, ""));
        let micro: i64 = format!("{whole}{part:0<6}").parse().unwrap();
        let said = vec![format!("{micro:020}"), text(data, "currency")];
        let rank = (true, time, told, said.join("\u{1f}"));
        join(&mut self.cost, Fact { rank, at: Some(time), said });
    }

    fn shown(&self, project: &str, id: &str) -> Value {
        let said = |place: usize| -> Value {
            let text = self.started.as_ref().map_or("", |started| started.said[place].as_str());
            if text.is_empty() { Value::Null } else { text.into() }
        };
        let at = |fact: &Option<Fact>| fact.as_ref().and_then(|fact| fact.at);
        let (start, end) = (at(&self.started), at(&self.ended));
        let facts = [&self.started, &self.ringing, &self.answered, &self.detected, &self.ended];
        let newest = facts.into_iter().chain([&self.cost]).filter_map(at).max();
        let (status, message) = self.status();
        json!({
            "_id": id,
            "createdAt": shown_time(self.created_ms),
            "updatedAt": shown_time(newest.unwrap_or(0).max(self.created_ms)),
            "projectId": project,
            "incomingCallLogId": said(0),
            "incomingCallPolicyEscalationRuleId": said(1),
            "userId": said(2),
            "userPhoneNumber": said(3),
            "status": status,
            "statusMessage": message,
            "dialDurationInSeconds": start.zip(end).map(|(start, end)| (end - start).max(0) / 1_000),
            "callCostInUSDCents": self.cents(),
            "startedAt": start.map(shown_time),
            "endedAt": end.map(shown_time),
            "isAnswered": self.answered.is_some(),
        })
    }

    fn status(&self) -> (&'static str, String) {
        let is_machine = self.detected.as_ref().is_some_and(|fact| fact.said[0] == "machine");
        let Some(ended) = &self.ended else {
            return if self.answered.is_some() {
                (
                    "Completed",
                    "No end was reported; shown as completed, length and cost unknown.".into(),
                )
            } else {
                ("NoAnswer", "No end was reported; shown as not answered.".into())
            };
        };
        let reason = end_reason(&ended.said);
        let (status, sentence) = if self.answered.is_some() {
            let sentence = match reason {
                "time_limit" => "Answered; the call reached its time limit.",
                "network_error" | "unknown" => "Answered; the connection was lost.",
                _ if is_machine => "A machine or voicemail answered; the call has ended.",
                _ => "Answered; the call has ended.",
            };
            ("Completed", sentence)
        } else {
            unanswered(reason)
        };
        let code = end_code(&ended.said);
        (status, if code.is_empty() { sentence.into() } else { format!("{sentence} [{code}]") })
    }

    fn cents(&self) -> Value {
        let carrier = self.cost.as_ref().map(|cost| {
            let micro: i64 = cost.said[0].parse().unwrap();
            // The sample's rate; its prices of whole minutes come out exact.
            if cost.said[1] == "EUR" { micro * 10_850 / 10_000 } else { micro }
        });
        let Some(micro) = carrier.or_else(|| self.estimate()) else { return Value::Null };
        let cents = format!("{}.{:04}", micro / 10_000, micro % 10_000);
        serde_json::from_str(cents.trim_end_matches('0').trim_end_matches('.')).unwrap()
    }

    fn estimate(&self) -> Option<i64> {
        let (started, ended) = (self.started.as_ref()?, self.ended.as_ref()?);
        if !started.said[4].starts_with("twilio/") {
            return None;
        }
        let (_, rate) = RATES.iter().find(|(prefix, _)| started.said[3].starts_with(prefix))?;
        let talk = match &self.answered {
            Some(answered) => (ended.at? - answered.at?).max(0),
            None => 0,
        };
        Some(talk.unsigned_abs().div_ceil(60_000).cast_signed() * rate)
    }
}

fn attributes(data: &Value) -> Vec<String> {
    let gateway = &data["gateway"];
    let gateway = match (text(gateway, "kind"), text(gateway, "instance")) {
        (kind, instance) if kind.is_empty() && instance.is_empty() => String::new(),
        (kind, instance) => format!("{kind}/{instance}"),
    };
    vec![
        text(data, "incomingCallLogId"),
        text(data, "incomingCallPolicyEscalationRuleId"),
        text(data, "userId"),
        text(data, "userPhoneNumber"),
        gateway,
        text(data, "ringTimeoutInSeconds"),
    ]
}

fn shown_time(ms: i64) -> String {
    let time = DateTime::from_timestamp_millis(ms).unwrap();
    time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// The columns of an item that the independent fold knows, in the order of their names.
pub fn canonical(item: &Value) -> String {
    let sorted: BTreeMap<_, _> =
        item.as_object().map_or_else(Map::new, Clone::clone).into_iter().collect();
    serde_json::to_string(&sorted).unwrap()
}
