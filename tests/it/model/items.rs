//! Items of the plain model: facts by register, edits above them, and what is shown of both.

use std::collections::BTreeMap;

use super::plain::Cell;

/// What is said of a dial, by whom, and when; unknown times are `None`.
#[derive(Clone, Debug)]
struct Fact {
    at: Option<i64>,
    rank: i64,
    said: String,
}

#[derive(Clone, Copy)]
enum Prefers {
    Earlier,
    Later,
    /// The time counts before who says it.
    Newest,
}

pub const API: i64 = 1;
const CARRIED: i64 = 2;
pub const SYNC: i64 = 3;
pub const LIVE: i64 = 4;

/// One event of a dial.
#[derive(Clone, Debug)]
pub struct Told {
    pub kind: &'static str,
    pub at: i64,
    pub started_at: Option<i64>,
    pub rank: i64,
    /// Call, rule, user, phone number, gateway, ring timeout; empty = not told.
    pub attributes: [String; 6],
    pub reason: &'static str,
    pub answered_at: Option<i64>,
    pub ringing_at: Option<i64>,
    pub answered_by: &'static str,
    pub micro: i64,
}

#[derive(Clone, Debug)]
pub struct Item {
    pub id: String,
    pub project: String,
    /// Milliseconds, as all times here.
    pub created_at: i64,
    registers: BTreeMap<&'static str, Fact>,
    /// Whether an event ever spoke of it.
    is_told: bool,
    pub edits: BTreeMap<&'static str, Cell>,
    edited_at: Option<i64>,
    pub is_deleted: bool,
    /// Whether the API made it.
    pub is_made: bool,
}

impl Item {
    pub fn new(id: &str, project: &str, created_at: i64) -> Self {
        Self {
            id: id.to_owned(),
            project: project.to_owned(),
            created_at,
            registers: BTreeMap::new(),
            is_told: false,
            edits: BTreeMap::new(),
            edited_at: None,
            is_deleted: false,
            is_made: false,
        }
    }

    /// Made by the API, with the parents and the number it was given.
    pub fn made(mut self, attributes: &[String; 6]) -> Self {
        let fact = Fact { at: None, rank: API, said: attributes.join("\u{1f}") };
        self.registers.insert("started", fact);
        self.edited_at = Some(self.created_at);
        self.is_made = true;
        self
    }

    pub fn edit(&mut self, changes: BTreeMap<&'static str, Cell>, now: i64) {
        self.edits.extend(changes);
        self.edited_at = self.edited_at.max(Some(now));
    }

    pub fn tell(&mut self, told: &Told) {
        self.is_told = true;
        let Told { at, rank, .. } = *told;
        let said = told.attributes.join("\u{1f}");
        let start_rank = if told.kind == "started" { rank } else { CARRIED };
        let start = Fact { at: told.started_at, rank: start_rank, said };
        self.join("started", start, Prefers::Earlier);
        let bare = |at, rank| Fact { at, rank, said: String::new() };
        let by = |rank| Fact { at: Some(at), rank, said: told.answered_by.to_owned() };
        let by_known = !told.answered_by.is_empty();
        match told.kind {
            "ringing" => self.join("ringing", bare(Some(at), rank), Prefers::Earlier),
            "answered" => {
                self.join("answered", bare(Some(at), rank), Prefers::Earlier);
                if by_known {
                    self.join("detected", by(rank), Prefers::Later);
                }
            }
            "ended" => {
                if told.ringing_at.is_some() {
                    self.join("ringing", bare(told.ringing_at, CARRIED), Prefers::Earlier);
                }
                if told.answered_at.is_some() || ["completed", "time_limit"].contains(&told.reason)
                {
                    self.join("answered", bare(told.answered_at, CARRIED), Prefers::Earlier);
                }
                if by_known {
                    self.join("detected", by(CARRIED), Prefers::Later);
                }
                let said = told.reason.to_owned();
                self.join("ended", Fact { at: Some(at), rank, said }, Prefers::Later);
            }
            "cost" => {
                let said = format!("{:020}", told.micro);
                self.join("cost", Fact { at: Some(at), rank, said }, Prefers::Newest);
            }
            _ => {}
        }
    }

    fn join(&mut self, register: &'static str, new: Fact, prefers: Prefers) {
        let key = |fact: &Fact| {
            let (is_known, at) = (fact.at.is_some(), fact.at.unwrap_or(0));
            let (first, second) = match prefers {
                Prefers::Earlier => (fact.rank, -at),
                Prefers::Later => (fact.rank, at),
                Prefers::Newest => (at, fact.rank),
            };
            (is_known, first, second, fact.said.clone())
        };
        match self.registers.get(register) {
            Some(held) if key(held) >= key(&new) => {}
            _ => {
                self.registers.insert(register, new);
            }
        }
    }

    fn known(&self, register: &str) -> Option<i64> {
        self.registers.get(register).and_then(|fact| fact.at)
    }

    fn attribute(&self, place: usize) -> Option<String> {
        let said = &self.registers.get("started")?.said;
        said.split('\u{1f}').nth(place).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// What a reader sees of it.
    pub fn shown(&self, now: i64) -> BTreeMap<&'static str, Cell> {
        let text = |place| Cell::maybe(self.attribute(place).map(Cell::text));
        let date = |at: Option<i64>| Cell::maybe(at.map(Cell::date));
        let (status, message) = self.wording(now);
        let newest = self.registers.values().filter_map(|fact| fact.at).max();
        let updated_at = newest.max(self.edited_at).max(Some(self.created_at));
        let price = self.registers.get("cost").map(|fact| Cell::Number(fact.said.parse().unwrap()));
        let mut shown = BTreeMap::from([
            ("_id", Cell::text(&self.id)),
            ("createdAt", Cell::date(self.created_at)),
            ("updatedAt", date(updated_at)),
            ("projectId", Cell::text(&self.project)),
            ("incomingCallLogId", text(0)),
            ("incomingCallPolicyEscalationRuleId", text(1)),
            ("userId", text(2)),
            ("userPhoneNumber", text(3)),
            ("status", Cell::text(status)),
            ("statusMessage", Cell::maybe(self.is_told.then(|| Cell::text(message)))),
            ("callCostInUSDCents", Cell::maybe(price)),
            ("startedAt", date(self.known("started"))),
            ("endedAt", date(self.known("ended"))),
            ("isAnswered", Cell::Bool(self.registers.contains_key("answered"))),
        ]);
        shown.extend(self.edits.iter().map(|(column, cell)| (*column, cell.clone())));
        let duration = whole_seconds(&shown["startedAt"], &shown["endedAt"]);
        shown.entry("dialDurationInSeconds").or_insert(duration);
        shown
    }

    fn wording(&self, now: i64) -> (&'static str, String) {
        let is_answered = self.registers.contains_key("answered");
        let is_machine = self.registers.get("detected").is_some_and(|fact| fact.said == "machine");
        let plain = |status, text: &str| (status, text.to_owned());
        if let Some(ended) = self.registers.get("ended") {
            return end_wording(&ended.said, is_answered, is_machine && is_answered);
        }
        match (is_answered, now >= self.limit()) {
            (true, true) => {
                let text = "No end was reported; shown as completed, length and cost unknown.";
                plain("Completed", text)
            }
            (false, true) => plain("NoAnswer", "No end was reported; shown as not answered."),
            (true, false) if is_machine => plain("Connected", "A machine or voicemail answered."),
            (true, false) => plain("Connected", "The call is connected."),
            (false, false) if self.registers.contains_key("ringing") => {
                plain("Ringing", "The phone is ringing.")
            }
            (false, false) => plain("Initiated", "Dialing."),
        }
    }

    /// From when on an item without an end is shown as closed.
    fn limit(&self) -> i64 {
        let started_at = self.known("started").unwrap_or(self.created_at);
        if self.registers.contains_key("answered") {
            return self.known("answered").unwrap_or(started_at) + (4 * 60 + 5) * 60_000;
        }
        let told = self.attribute(5).map(|seconds| seconds.parse::<i64>().unwrap() + 65);
        started_at + told.unwrap_or(120) * 1_000
    }
}

fn end_wording(reason: &str, is_answered: bool, is_machine: bool) -> (&'static str, String) {
    const UNANSWERED: [(&str, &str, &str); 9] = [
        ("busy", "Busy", "The line was busy."),
        ("no_answer", "NoAnswer", "Nobody answered."),
        ("unreachable", "NoAnswer", "The phone could not be reached."),
        ("answered_elsewhere", "NoAnswer", "Another responder answered first."),
        ("caller_hung_up", "CallerHungUp", "The caller hung up before an answer."),
        ("cleared", "CallerHungUp", "The call was ended before an answer."),
        ("rejected", "Failed", "The call was rejected."),
        ("invalid_number", "Failed", "The number could not be dialed."),
        ("network_error", "Failed", "The network could not complete the call."),
    ];
    const ANSWERED: [&str; 2] = ["completed", "time_limit"];
    let is_known = |word| UNANSWERED.iter().any(|row| row.0 == word) || ANSWERED.contains(&word);
    let (status, text) = match UNANSWERED.iter().find(|row| row.0 == reason) {
        _ if is_answered && reason == "time_limit" => {
            ("Completed", "Answered; the call reached its time limit.")
        }
        _ if is_answered && (reason == "network_error" || !is_known(reason)) => {
            ("Completed", "Answered; the connection was lost.")
        }
        _ if is_machine => ("Completed", "A machine or voicemail answered; the call has ended."),
        _ if is_answered => ("Completed", "Answered; the call has ended."),
        Some((_, status, text)) => (*status, *text),
        None => ("Failed", "The call failed without a known reason."),
    };
    let is_code = !reason.is_empty() && reason != "unknown" && !is_known(reason);
    (status, if is_code { format!("{text} [{reason}]") } else { text.to_owned() })
}

fn whole_seconds(started: &Cell, ended: &Cell) -> Cell {
    let (Cell::Text(started), Cell::Text(ended)) = (started, ended) else { return Cell::Null };
    let ms = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis();
    Cell::whole((ms(ended) - ms(started)).max(0) / 1_000)
}
