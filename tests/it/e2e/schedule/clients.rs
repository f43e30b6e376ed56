//! People and programs at the API while everything breaks: they edit, delete, read, list and count,
//! and remember what they were told. What contradicts it is kept as a violation.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread::JoinHandle;
use std::time::Duration;

use arc_swap::ArcSwap;
use reqwest::blocking;
use serde_json::{Value, json};

use super::plan::Dice;

const ITEMS: &str = "/api/incoming-call-log-item";
/// Longer than the deadline of a request, which is 10 s.
const TIMEOUT: Duration = Duration::from_secs(12);
/// What edits write begins so, and nothing else does.
pub const EDIT: &str = "edit ";

/// What was told of one item.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The last edit that was acknowledged.
    pub acknowledged: Option<String>,
    /// Edits whose outcome nobody told: each may show, once.
    pub unknown: Vec<String>,
    pub deletion: Deletion,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Deletion {
    #[default]
    None,
    Unknown,
    Acknowledged,
}

impl Known {
    /// Judges what a reader sees: the text of an edit, `None` = no edit.
    pub fn see(&mut self, text: Option<&str>) -> Result<(), String> {
        let Some(text) = text else {
            let lost = self.acknowledged.as_ref();
            return lost.map_or(Ok(()), |lost| Err(format!("{lost} is lost")));
        };
        if self.acknowledged.as_deref() == Some(text) {
            return Ok(());
        }
        match self.unknown.iter().position(|unknown| unknown == text) {
            Some(place) => {
                self.acknowledged = Some(self.unknown.remove(place));
                Ok(())
            }
            None => Err(format!("{text} is seen, {:?} was told", self.acknowledged)),
        }
    }
}

/// What a client has done and heard.
#[derive(Debug, Default)]
pub struct History {
    pub items: BTreeMap<String, Known>,
    pub violations: Vec<String>,
    pub edits: u64,
    pub deletions: u64,
    pub reads: u64,
    pub counts: u64,
    /// Requests without an outcome.
    pub failures: u64,
}

/// A client of one project: nobody else edits there.
pub struct Client {
    key: String,
    name: u64,
    dice: Dice,
    ports: Arc<ArcSwap<Vec<u16>>>,
    http: blocking::Client,
    told: History,
}

/// A running client.
pub struct Running {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<History>,
}

impl Running {
    /// Lets it finish what it does.
    pub fn finish(self) -> History {
        self.stop.store(true, SeqCst);
        self.thread.join().unwrap()
    }
}

/// The outcome of a request.
enum Answer {
    Done(Value),
    Missing,
    /// Nobody knows.
    None,
}

impl Client {
    pub fn new(name: u64, key: String, ports: &Arc<ArcSwap<Vec<u16>>>) -> Self {
        let http = blocking::Client::builder().timeout(TIMEOUT).build().unwrap();
        let (ports, told) = (Arc::clone(ports), History::default());
        Self { key, name, dice: Dice::new(name), ports, http, told }
    }

    /// Begins.
    pub fn start(mut self) -> Running {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        #[expect(clippy::disallowed_methods, reason = "a test without a supervisor")]
        let thread = std::thread::spawn(move || {
            while !stopped.load(SeqCst) {
                self.act();
            }
            self.told
        });
        Running { stop, thread }
    }

    fn act(&mut self) {
        match self.dice.below(20) {
            0..4 => self.list(),
            4..11 => self.edit(),
            11..16 => self.read(),
            16 => self.delete(),
            _ => self.compare(),
        }
        // As people do, and so that the workers get their share of the machine.
        #[allow(clippy::disallowed_methods, reason = "a client thinks")]
        std::thread::sleep(Duration::from_millis(30));
    }

    fn send(&mut self, path: &str, body: &Value) -> Answer {
        let ports = self.ports.load();
        if ports.is_empty() {
            return Answer::None;
        }
        let port = ports[self.dice.index(ports.len())];
        let request = self.http.post(format!("http://127.0.0.1:{port}{ITEMS}{path}"));
        let request =
            request.header("ApiKey", &self.key).header("content-type", "application/json");
        let answer = request.body(body.to_string()).send();
        let answer = answer.and_then(|answer| Ok((answer.status().as_u16(), answer.text()?)));
        match answer {
            Ok((200, text)) => Answer::Done(serde_json::from_str(&text).unwrap_or_default()),
            Ok((404, _)) => Answer::Missing,
            // Neither done nor known: the store, or the process, is not there.
            Ok((503, _)) | Err(_) => {
                self.told.failures += 1;
                Answer::None
            }
            Ok((status, text)) => {
                self.told.violations.push(format!("{path} {body}: {status} {text}"));
                Answer::None
            }
        }
    }

    fn some_item(&mut self) -> Option<String> {
        let count = self.told.items.len();
        let place = if count == 0 { return None } else { self.dice.index(count) };
        self.told.items.keys().nth(place).cloned()
    }

    /// Some of the newest items: each is known from now on, and must be what is known of it.
    fn list(&mut self) {
        let skip = self.dice.below(60);
        let select = json!({"_id": true, "status": true, "statusMessage": true});
        let path = format!("/get-list?limit=10&skip={skip}");
        let Answer::Done(page) = self.send(&path, &json!({"select": select})) else { return };
        self.told.reads += 1;
        for item in page["data"].as_array().into_iter().flatten() {
            let id = item["_id"].as_str().unwrap_or_default().to_owned();
            self.see(&id, Some(item));
        }
    }

    fn edit(&mut self) {
        let Some(id) = self.some_item() else { return };
        if self.told.items[&id].deletion != Deletion::None {
            return;
        }
        self.told.edits += 1;
        let text = format!("{EDIT}{}.{}", self.name, self.told.edits);
        let data = json!({"data": {"status": text, "statusMessage": text}});
        let answer = self.send(&format!("/{id}/update-item"), &data);
        let known = self.told.items.get_mut(&id).unwrap();
        match answer {
            Answer::Done(_) => known.acknowledged = Some(text),
            Answer::None => known.unknown.push(text),
            Answer::Missing => {
                self.told.violations.push(format!("{id} is missing, and nobody deleted it"));
            }
        }
    }

    fn delete(&mut self) {
        let Some(id) = self.some_item() else { return };
        let answer = self.send(&format!("/{id}/delete-item"), &json!({}));
        let known = self.told.items.get_mut(&id).unwrap();
        match (answer, known.deletion) {
            (Answer::Done(_), Deletion::Acknowledged) => {
                self.told.violations.push(format!("{id} was deleted a second time"));
            }
            (Answer::Done(_), _) => {
                known.deletion = Deletion::Acknowledged;
                self.told.deletions += 1;
            }
            (Answer::None, Deletion::None) => known.deletion = Deletion::Unknown,
            (Answer::Missing, Deletion::None) => {
                self.told.violations.push(format!("{id} is missing, and nobody deleted it"));
            }
            (Answer::Missing, _) => known.deletion = Deletion::Acknowledged,
            (Answer::None, _) => {}
        }
    }

    fn read(&mut self) {
        let Some(id) = self.some_item() else { return };
        let body = json!({"select": {"status": true, "statusMessage": true}});
        match self.send(&format!("/{id}/get-item"), &body) {
            Answer::Done(item) => {
                self.told.reads += 1;
                self.see(&id, Some(&item));
            }
            Answer::Missing => self.see(&id, None),
            Answer::None => {}
        }
    }

    /// An item, or that there is none.
    fn see(&mut self, id: &str, item: Option<&Value>) {
        let known = self.told.items.entry(id.to_owned()).or_default();
        let verdict = match (item, known.deletion) {
            (None, Deletion::None) => Err("it is missing, and nobody deleted it".to_owned()),
            (None, _) => {
                known.deletion = Deletion::Acknowledged;
                Ok(())
            }
            (Some(_), Deletion::Acknowledged) => Err("it is seen after its deletion".to_owned()),
            (Some(item), _) => edit_of(item).and_then(|text| known.see(text)),
        };
        if let Err(what) = verdict {
            self.told.violations.push(format!("{id}: {what}"));
        }
    }

    /// A count between two equal counts is the length of the list: items only come, and nobody else
    /// deletes here.
    fn compare(&mut self) {
        let Some(id) = self.some_item() else { return };
        let select = json!({"select": {"incomingCallLogId": true, "createdAt": true}});
        let Answer::Done(item) = self.send(&format!("/{id}/get-item"), &select) else { return };
        let query = if self.dice.below(2) == 0 {
            json!({"incomingCallLogId": item["incomingCallLogId"]})
        } else {
            let kind = ["LessThan", "GreaterThanOrEqual"][self.dice.index(2)];
            json!({"createdAt": {"_type": kind, "value": item["createdAt"]}})
        };
        let Some(before) = self.count(&query) else { return };
        let Some(list) = self.full_list(&query) else { return };
        if self.count(&query) == Some(before) {
            self.told.counts += 1;
            if list != before {
                let what = format!("{before} counted, {list} listed: {query}");
                self.told.violations.push(what);
            }
        }
    }

    fn count(&mut self, query: &Value) -> Option<u64> {
        match self.send("/count", &json!({"query": query})) {
            Answer::Done(answer) => answer["count"].as_u64(),
            Answer::Missing | Answer::None => None,
        }
    }

    /// Length of the whole list, page by page; `None` where it is longer than a client cares for.
    fn full_list(&mut self, query: &Value) -> Option<u64> {
        let mut length = 0;
        for page in 0..5 {
            let path = format!("/get-list?limit=100&skip={}", page * 100);
            let Answer::Done(answer) = self.send(&path, &json!({"query": query})) else {
                return None;
            };
            let items = answer["data"].as_array()?.len() as u64;
            length += items;
            if items < 100 {
                return Some(length);
            }
        }
        None
    }
}

/// The text of the edit that an item shows; both columns were written at once.
pub fn edit_of(item: &Value) -> Result<Option<&str>, String> {
    let (status, message) = (&item["status"], &item["statusMessage"]);
    let text = message.as_str().filter(|text| text.starts_with(EDIT));
    let is_edited = status.as_str().is_some_and(|status| status.starts_with(EDIT));
    if is_edited != text.is_some() || (is_edited && status != message) {
        return Err(format!("half an edit: {status} and {message}"));
    }
    Ok(text)
}
