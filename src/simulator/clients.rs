//! Programs that use the API of one world: they make, change, delete, get, list and count items of
//! their project, ask for those of others, and compare what they see with what they were told.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::dial::ItemKey;
use crate::dial::identity::{is_api_made, time_of_id};
use crate::value::{CallId, ItemId};

use super::checks;
use super::gateways;
use super::history::{Edited, Told, read_is_current};
use super::hub::Hub;
use super::invariant::Invariant;
use super::people::{People, Project, word_of};
use super::random::Random;
use super::servers::Servers;
use super::trace::Actor;

const CLIENTS: u64 = 14;
pub(super) const RESOURCE: &str = "/api/incoming-call-log-item";
const NOTHING_CHANGED: &str = "Nothing was changed";

/// One program.
pub(super) struct Client {
    hub: Hub,
    people: Arc<People>,
    servers: Servers,
    actor: Actor,
    project: u8,
    random: Random,
}

/// What was answered, and when.
struct Answered {
    status: u16,
    body: String,
    began: Duration,
    ended: Duration,
}

impl Client {
    pub(super) fn new(hub: &Hub, people: &Arc<People>, servers: &Servers, number: u8) -> Self {
        Self {
            hub: hub.clone(),
            people: Arc::clone(people),
            servers: servers.clone(),
            actor: Actor::Client(number),
            project: number % hub.plan.projects,
            random: hub.plan.random(CLIENTS, u64::from(number)),
        }
    }

    /// Asks until this instant.
    pub(super) async fn run(mut self, until: Instant) {
        while Instant::now() < until {
            sleep(Duration::from_millis(self.random.between(100, 1_800))).await;
            match self.random.below(20) {
                0..6 => self.get().await,
                6..11 => self.update().await,
                11..13 => self.create().await,
                13..14 => self.delete().await,
                14..17 => self.list().await,
                17..19 => self.ask_foreign().await,
                _ => self.count().await,
            }
        }
    }

    fn own(&self) -> &Project {
        self.people.at(self.project)
    }

    /// Asks one of the servers. I12 holds for every answer.
    async fn ask(&mut self, method: &str, path: &str, body: &Json) -> Option<Answered> {
        let server = self.servers.pick(&mut self.random)?;
        let began = self.hub.began.elapsed();
        let key = self.own().key.reveal().to_owned();
        let answer = server.ask(&key, (method, path), body.to_string()).await;
        let ended = self.hub.began.elapsed();
        let status = answer.as_ref().map_or(0, |(status, _)| *status);
        self.hub.trace(self.actor, format_args!("{method} {path}: {status}"));
        let (status, body) = answer?;
        let foreign = self.people.foreign(self.own().id);
        self.hub.expect(Invariant::I12, checks::nothing_foreign(&body, foreign));
        Some(Answered { status, body, began, ended })
    }

    /// An item of a project; any for `None`.
    fn some_item(&mut self, of: impl Fn(u8) -> bool) -> Option<ItemId> {
        let items = self.hub.state.with(|state| {
            let items = state.history.items.iter().filter(|(project, _)| of(*project));
            items.map(|(_, item)| *item).collect::<Vec<_>>()
        });
        self.random.pick(&items).copied()
    }

    fn own_item(&mut self) -> Option<ItemId> {
        let own = self.project;
        self.some_item(move |project| project == own)
    }

    async fn get(&mut self) {
        let Some(item) = self.own_item() else { return };
        let body = json!({"select": {"statusMessage": true, "dialDurationInSeconds": true}});
        let path = format!("{RESOURCE}/{item}/get-item");
        let Some(answered) = self.ask("POST", &path, &body).await else { return };
        self.note_existence(item, &answered);
        if answered.status == 200
            && let Ok(shown) = serde_json::from_str::<Json>(&answered.body)
        {
            self.note_columns(item, &shown, &answered);
        }
    }

    /// Whether it may be there, or not, as the answer says.
    fn note_existence(&self, item: ItemId, answered: &Answered) {
        let seen = match answered.status {
            200 => "there",
            404 => "gone",
            _ => return,
        };
        let verdict = self.hub.state.with(|state| {
            let writes = state.history.of(item, Edited::Existence);
            // Events make items too, and nobody is told when.
            let is_made = writes.iter().any(|write| write.value == "there");
            read_is_current(writes, (seen, seen == "gone" || !is_made), answered.times())
        });
        self.hub.expect(Invariant::I6, verdict.map_err(|text| format!("{item}: {text}")));
    }

    fn note_columns(&self, item: ItemId, shown: &Json, answered: &Answered) {
        let columns =
            [(Edited::Message, "statusMessage"), (Edited::Duration, "dialDurationInSeconds")];
        for (column, name) in columns {
            let Some(seen) = shown.get(name) else { continue };
            let text = seen.to_string();
            let is_own = match column {
                Edited::Message if seen.is_null() => is_api_made(item),
                // Others see an item before its maker is told of it.
                Edited::Message if text == made(self.project) => is_api_made(item),
                Edited::Message => !text.contains(word_of(self.project).as_str()),
                Edited::Duration | Edited::Existence => true,
            };
            let verdict = self.hub.state.with(|state| {
                let writes = state.history.of(item, column);
                read_is_current(writes, (&text, is_own), answered.times())
            });
            let verdict = verdict.map_err(|text| format!("{name} of {item}: {text}"));
            self.hub.expect(Invariant::I6, verdict);
        }
    }

    /// Values that no other write has.
    fn value(&mut self, column: Edited) -> Json {
        let number = self.hub.state.with(|state| {
            state.history.values += 1;
            state.history.values
        });
        match column {
            _ if self.random.percent(12) => Json::Null,
            Edited::Duration => json!(100_000 + number),
            Edited::Message | Edited::Existence => {
                json!(format!("{}{number}", word_of(self.project)))
            }
        }
    }

    fn begins(&self, item: ItemId, column: Edited, value: &Json) -> (Edited, usize) {
        let began = self.hub.began.elapsed();
        let value = (value.to_string(), began);
        (column, self.hub.state.with(|state| state.history.begins(item, column, value)))
    }

    fn told(&self, item: ItemId, write: (Edited, usize), told: Told) {
        self.hub.state.with(|state| state.history.told(item, write, told));
    }

    async fn update(&mut self) {
        let Some(item) = self.own_item() else { return };
        let mut data = serde_json::Map::new();
        let mut writes = Vec::new();
        let which = self.random.below(3);
        if which != 1 {
            let value = self.value(Edited::Message);
            writes.push(self.begins(item, Edited::Message, &value));
            data.insert("statusMessage".to_owned(), value);
        }
        if which != 0 {
            let value = self.value(Edited::Duration);
            writes.push(self.begins(item, Edited::Duration, &value));
            data.insert("dialDurationInSeconds".to_owned(), value);
        }
        let path = format!("{RESOURCE}/{item}");
        let answered = self.ask("PUT", &path, &json!({"data": data})).await;
        let told = outcome(answered.as_ref());
        for write in writes {
            self.told(item, write, told);
        }
    }

    async fn delete(&mut self) {
        let Some(item) = self.own_item() else { return };
        let write = self.begins_existence(item, "gone");
        let path = format!("{RESOURCE}/{item}");
        let answered = self.ask("DELETE", &path, &json!({})).await;
        self.told(item, write, outcome(answered.as_ref()));
    }

    fn begins_existence(&self, item: ItemId, value: &str) -> (Edited, usize) {
        let value = (value.to_owned(), self.hub.began.elapsed());
        let begins =
            |state: &mut super::hub::State| state.history.begins(item, Edited::Existence, value);
        (Edited::Existence, self.hub.state.with(begins))
    }

    async fn create(&mut self) {
        let call = Uuid::from_bytes(self.random.uuid_v4()).to_string();
        let began = self.hub.began.elapsed();
        let message = made(self.project);
        let body = format!(
            "{{\"data\": {{\"incomingCallLogId\": \"{call}\", \"status\": \"Connected\", \
             \"isAnswered\": true, \"statusMessage\": {message}}}}}"
        );
        let Ok(body) = serde_json::from_str(&body) else { return };
        let Some(answered) = self.ask("POST", RESOURCE, &body).await else { return };
        let made: Option<Json> = serde_json::from_str(&answered.body).ok();
        let id = made.as_ref().and_then(|made| made.get("_id")?.as_str()?.parse().ok());
        let Some(item) = id.map(ItemId::new).filter(|_| answered.status == 200) else { return };
        let (project, done) = (self.project, Told::Done(answered.ended));
        self.hub.state.with(|state| {
            let history = &mut state.history;
            let there = history.begins(item, Edited::Existence, ("there".to_owned(), began));
            history.told(item, (Edited::Existence, there), done);
            let said = history.begins(item, Edited::Message, (message, began));
            history.told(item, (Edited::Message, said), done);
            history.items.push((project, item));
        });
        let (Some(created_at), Ok(call)) = (time_of_id(item.uuid()), call.parse()) else { return };
        if self.random.percent(40) {
            let key = ItemKey { project: self.own().id, created_at, item };
            gateways::tell_of(&self.hub, key, CallId::new(call)).await;
        }
    }

    async fn list(&mut self) {
        let select = json!({"statusMessage": true, "dialDurationInSeconds": true});
        let path = format!("{RESOURCE}/get-list?limit=100");
        let answered = self.ask("POST", &path, &json!({"select": select})).await;
        let Some(answered) = answered.filter(|answered| answered.status == 200) else { return };
        let Ok(page) = serde_json::from_str::<Json>(&answered.body) else { return };
        let data = page.get("data").and_then(Json::as_array);
        for shown in data.map_or(&[][..], Vec::as_slice) {
            let id = shown.get("_id").and_then(Json::as_str).and_then(|id| id.parse().ok());
            let Some(item) = id.map(ItemId::new) else { continue };
            self.note_existence(item, &answered);
            self.note_columns(item, shown, &answered);
        }
    }

    async fn count(&mut self) {
        let path = format!("{RESOURCE}/count");
        self.ask("POST", &path, &json!({"query": {"isAnswered": true}})).await;
    }

    /// An item of another project is as good as none.
    async fn ask_foreign(&mut self) {
        let own = self.project;
        let Some(item) = self.some_item(move |project| project != own) else { return };
        let (method, path, body) = match self.random.below(3) {
            0 => ("PUT", format!("{RESOURCE}/{item}"), json!({"data": {"statusMessage": "mine"}})),
            1 => ("DELETE", format!("{RESOURCE}/{item}"), json!({})),
            _ => ("POST", format!("{RESOURCE}/{item}/get-item"), json!({})),
        };
        let Some(answered) = self.ask(method, &path, &body).await else { return };
        if answered.status == 200 {
            let text = format!("{method} of the foreign {item} gives {}", answered.body);
            self.hub.expect(Invariant::I12, Err(text));
        }
    }
}

impl Answered {
    const fn times(&self) -> (Duration, Duration) {
        (self.began, self.ended)
    }
}

/// The message of every item that a client of a project makes, as JSON.
fn made(project: u8) -> String {
    format!("\"{}made\"", word_of(project))
}

/// What a client knows of its write.
fn outcome(answered: Option<&Answered>) -> Told {
    match answered {
        Some(answered) if answered.status == 200 => Told::Done(answered.ended),
        // There was nothing to write to.
        Some(answered) if answered.status < 500 => Told::Nothing,
        Some(answered) if answered.body.contains(NOTHING_CHANGED) => Told::Nothing,
        Some(_) | None => Told::Unknown,
    }
}
