//! An API over memory, with the items and API keys of the contract's worked examples.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use http_body_util::BodyExt as _;
use ringfold::access::{ApiKeyRecord, IssuedKey, KeyReach};
use ringfold::dial::{DialEvent, Limits, fold};
use ringfold::event::{DecodeLimits, Event, decode_line};
use ringfold::http::profile::{Documented, DropIn, Profile};
use ringfold::http::{Api, ApiSettings, App, Health, Live};
use ringfold::memory::{
    HandClock, MemoryBroker, MemoryChanges, MemorySink, MemoryStore, SeededEntropy,
};
use ringfold::ports::registry::Registry as _;
use ringfold::ports::store::Atomicity;
use ringfold::relation::Reference;
use ringfold::tariff::{Book, Tariff};
use ringfold::value::{Micros, ProjectId};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::support::rows::write_states;

/// The project of the examples.
pub const P: &str = "5c0f7b1e-3a52-4d8e-9b60-7d1f2a4c8e90";
/// Another one.
pub const Q: &str = "e8a1d6b3-05f4-4c79-8d2e-b7c93f60a514";
pub const C1: &str = "8b3e6d10-47aa-4f19-a2c5-0e9b7f61d3c4";
pub const C2: &str = "c27d05f8-6b91-4a3e-b8d4-91f0e2a7c635";
pub const A: &str = "019e258e-19ca-8040-8d5e-69122fbc8f20";
pub const B: &str = "019e258e-95d0-818c-92ad-a0a4d447f18e";
pub const C: &str = "019e286e-a380-8208-8827-548f7f292f47";
pub const D: &str = "019e2961-727c-80c6-9e5f-72b093eccfb3";
pub const R: &str = "/api/incoming-call-log-item";
/// 2026-05-15T02:05:20Z
pub const NOW: Micros = Micros::from_ms(1_778_810_720_000);

/// Items a to d of the examples as a gateway tells them, one line per event.
const EVENTS: &str = include_str!("../../data/http/examples.ndjson");
/// What is known of users, calls, rules and projects, one line per event.
const REFERENCES: &str = include_str!("../../data/http/references.ndjson");

pub fn project(text: &str) -> ProjectId {
    ProjectId::new(Uuid::parse_str(text).unwrap())
}

/// The API and what stands behind it.
pub struct Served {
    pub app: App<MemoryStore, MemorySink>,
    pub store: MemoryStore,
    pub clock: HandClock,
    pub broker: MemoryBroker,
    /// What followers were told.
    pub changes: MemoryChanges,
    /// `ProjectAdmin` of P.
    pub admin: String,
    /// `ReadProjectIncomingCallLogItem` of P.
    pub reader: String,
    /// `ProjectOwner` of Q.
    pub foreign: String,
    /// May post events of P.
    pub gateway: String,
}

/// What was answered.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answered {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Parts of the API over a fresh store.
pub fn api(settings: ApiSettings) -> Api<MemoryStore, MemorySink> {
    api_over(settings, &HandClock::at(NOW), &MemoryChanges::default()).0
}

fn api_over(
    settings: ApiSettings,
    clock: &HandClock,
    changes: &MemoryChanges,
) -> (Api<MemoryStore, MemorySink>, MemoryBroker) {
    let broker = MemoryBroker::new(&[("dials", 4)], Arc::new(clock.clone()));
    let api = Api {
        store: MemoryStore::new(Atomicity::PerDay),
        sink: Some(broker.sink(0)),
        changes: Arc::new(changes.clone()),
        book: Arc::new(ArcSwap::from_pointee(Book::new(Tariff::default()))),
        limits: Limits::default(),
        decode: DecodeLimits { future: Duration::from_mins(5) },
        clock: Arc::new(clock.clone()),
        entropy: Arc::new(SeededEntropy::new(7)),
        health: Health::new(&[]),
        profile: &Documented,
        live: Live::new(&settings),
        settings,
    };
    (api, broker)
}

/// The examples, served.
pub async fn served() -> Served {
    served_with(ApiSettings::default()).await
}

/// The examples, served with other settings.
pub async fn served_with(settings: ApiSettings) -> Served {
    served_as(&Documented, settings).await
}

/// The examples, served as upstream's server would.
pub async fn dropped_in() -> Served {
    served_as(&DropIn, ApiSettings::default()).await
}

/// The examples, served in a profile, with other settings.
pub async fn served_as(profile: &'static dyn Profile, settings: ApiSettings) -> Served {
    let clock = HandClock::at(NOW);
    let changes = MemoryChanges::default();
    let (mut api, broker) = api_over(settings, &clock, &changes);
    api.profile = profile;
    let store = api.store.clone();
    write_states(&store, fold(&examples())).await;
    for reference in references() {
        store.put_reference(&reference).await.unwrap();
    }
    let admin = issue(&store, 1, KeyReach::Project(project(P)), &["ProjectAdmin"]).await;
    let grants = ["ReadProjectIncomingCallLogItem"];
    let reader = issue(&store, 2, KeyReach::Project(project(P)), &grants).await;
    let foreign = issue(&store, 3, KeyReach::Project(project(Q)), &["ProjectOwner"]).await;
    let reach = KeyReach::Gateway(BTreeSet::from([project(P)]));
    let gateway = issue(&store, 4, reach, &[]).await;
    Served { app: App::new(api), store, clock, broker, changes, admin, reader, foreign, gateway }
}

/// Events of the examples.
fn examples() -> Vec<DialEvent> {
    let event = |event| match event {
        Event::Dial(event) => event,
        other @ (Event::Gateway(_) | Event::Reference(_)) => panic!("{other:?}"),
    };
    decoded(EVENTS).map(event).collect()
}

/// Who is known in P, and beside it the same user and call in Q.
fn references() -> impl Iterator<Item = Reference> {
    decoded(REFERENCES).map(|event| match event {
        Event::Reference(reference) => reference,
        other @ (Event::Gateway(_) | Event::Dial(_)) => panic!("{other:?}"),
    })
}

fn decoded(lines: &str) -> impl Iterator<Item = Event> {
    let limits = DecodeLimits { future: Duration::from_mins(5) };
    lines.lines().map(move |line| decode_line(line.as_bytes(), &limits).unwrap().event)
}

/// Puts an API key; gives its text.
pub async fn issue(store: &MemoryStore, seed: u8, reach: KeyReach, allow: &[&str]) -> String {
    let issued = IssuedKey::make(&[seed; 48]);
    store.put_key(&record_of(&issued, reach, allow)).await.unwrap();
    issued.reveal().to_owned()
}

/// The record of an API key.
pub fn record_of(issued: &IssuedKey, reach: KeyReach, allow: &[&str]) -> ApiKeyRecord {
    ApiKeyRecord {
        key_id: Arc::clone(issued.key_id()),
        reach,
        name: "test".into(),
        hash: issued.hash(),
        allow: allow.iter().map(|name| Arc::from(*name)).collect(),
        block: BTreeSet::new(),
        created_at: NOW,
        created_by: "test".into(),
        expires_at: None,
        revoked_at: None,
    }
}

impl Served {
    /// Sends a request with headers and a body.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answered {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let answer = self.app.answer(peer, request.body(body.into()).unwrap()).await;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        Answered { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// Sends JSON with an API key.
    pub async fn ask(&self, key: &str, method: &str, path: &str, body: &Json) -> Answered {
        let headers = [("ApiKey", key), ("Content-Type", "application/json")];
        self.send(method, path, &headers, body.to_string()).await
    }

    /// Status and body of a POST with the admin's key.
    pub async fn post(&self, path: &str, body: &Json) -> (u16, String) {
        let answered = self.ask(&self.admin, "POST", path, body).await;
        (answered.status, answered.body)
    }

    /// Names of the items of a list, in order.
    pub async fn listed(&self, body: &Json) -> String {
        let answered = self.ask(&self.admin, "POST", &format!("{R}/get-list"), body).await;
        let names = BTreeMap::from([(A, 'a'), (B, 'b'), (C, 'c'), (D, 'd')]);
        let json = answered.json();
        let data = json["data"].as_array().unwrap_or_else(|| panic!("{}", answered.body));
        data.iter().map(|item| names[item["_id"].as_str().unwrap()]).collect()
    }
}
