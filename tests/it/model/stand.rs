//! What a history is played on: the real API over a store, and the real worker that folds what is
//! posted. One for all histories; each has a project, an API key and a clock of its own.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;
use ringfold::access::{IssuedKey, KeyReach};
use ringfold::dial::Limits;
use ringfold::embedded::{Embedded, EmbeddedSettings, LOCAL_SOURCE, LocalSink};
use ringfold::event::DecodeLimits;
use ringfold::http::profile::Documented;
use ringfold::http::{Api, ApiSettings, App, Health, Live};
use ringfold::ingest::machine::Settings;
use ringfold::ingest::vitals::Vitals;
use ringfold::ingest::worker::World as Chance;
use ringfold::ingest::{Worker, WorkerError};
use ringfold::memory::{HandClock, MemoryChanges, SeededEntropy};
use ringfold::ports::log::{DeadLetters, EventLog, EventSink};
use ringfold::ports::registry::Registry;
use ringfold::ports::store::{DialStore, Directory, ItemReader};
use ringfold::ports::world::Entropy as _;
use ringfold::tariff::{Book, Tariff};
use ringfold::value::{Micros, ProjectId};
use serde_json::Value as Json;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::http::setup::record_of;

/// 2026-05-15T02:05:20Z
pub const NOW_MS: i64 = 1_778_810_720_000;
const DECODE: DecodeLimits = DecodeLimits { future: Duration::from_mins(5) };

/// The adapters of a stand.
pub trait Parts: Send + Sync {
    type Store: DialStore + ItemReader + Directory + Registry + Clone + Send + Sync + 'static;
    type Sink: EventSink + Clone + Send + Sync + 'static;

    fn store(&self) -> &Self::Store;
    fn sink(&self) -> &Self::Sink;
    /// Waits until everything that was posted before is folded.
    fn folded(&self) -> impl Future<Output = ()> + Send;
}

/// Everything that histories share.
pub struct Stand<P> {
    parts: P,
    runtime: Handle,
    stop: CancellationToken,
    worker: JoinHandle<Result<(), WorkerError>>,
}

pub fn clock() -> Arc<HandClock> {
    Arc::new(HandClock::at(Micros::from_ms(NOW_MS)))
}

impl<P: Parts> Stand<P> {
    /// Starts the worker that folds `log` into the store, on the runtime that this is called on.
    pub fn start<L, D>(parts: P, log: L, dead_letters: D) -> Self
    where
        L: EventLog + 'static,
        D: DeadLetters + Clone + Send + Sync + 'static,
    {
        let worker = Worker {
            log,
            store: parts.store().clone(),
            dead_letters,
            changes: MemoryChanges::default(),
            world: Chance { clock: clock(), entropy: Arc::new(SeededEntropy::new(5)) },
            book: Arc::new(ArcSwap::from_pointee(Book::new(Tariff::default()))),
            limits: Limits::default(),
            settings: settings(),
            watchdog: Duration::from_mins(2),
            vitals: Arc::new(Vitals::default()),
        };
        let (stop, runtime) = (CancellationToken::new(), Handle::current());
        let worker = runtime.spawn(worker.run(stop.clone()));
        Self { parts, runtime, stop, worker }
    }

    /// From a thread that is none of the runtime's.
    pub fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// The worker drains and leaves.
    pub async fn stop(self) {
        self.stop.cancel();
        self.worker.await.unwrap().unwrap();
    }

    /// The API for one project.
    pub async fn serve(&self, project: Uuid, entropy: SeededEntropy) -> Served<'_, P> {
        let mut bytes = [0; 48];
        entropy.fill(&mut bytes);
        let issued = IssuedKey::make(&bytes);
        let reach = KeyReach::Project(ProjectId::new(project));
        let record = record_of(&issued, reach, &["ProjectAdmin"]);
        self.parts.store().put_key(&record).await.unwrap();
        let clock = clock();
        let settings = ApiSettings { deadline: Duration::from_mins(1), ..ApiSettings::default() };
        let api = Api {
            store: self.parts.store().clone(),
            sink: Some(self.parts.sink().clone()),
            changes: Arc::new(MemoryChanges::default()),
            book: Arc::new(ArcSwap::from_pointee(Book::new(Tariff::default()))),
            limits: Limits::default(),
            decode: DECODE,
            clock: Arc::<HandClock>::clone(&clock),
            entropy: Arc::new(entropy),
            health: Health::new(&[]),
            profile: &Documented,
            live: Live::new(&settings),
            settings,
        };
        Served { app: App::new(api), parts: &self.parts, clock, key: issued.reveal().to_owned() }
    }
}

/// Small numbers, so that batches, evictions and loads happen in short histories.
fn settings() -> Settings {
    Settings {
        decode: DECODE,
        floor_margin: Duration::from_mins(5),
        cache_dials: 40,
        budget_bytes: 1 << 20,
        batch_rows: 16,
        batch_age: Duration::from_millis(5),
        units_in_flight: 8,
        unit_rows: 64,
        hand_back_within: Duration::from_secs(5),
    }
}

/// The API as one history sees it.
pub struct Served<'a, P: Parts> {
    app: App<P::Store, P::Sink>,
    parts: &'a P,
    clock: Arc<HandClock>,
    key: String,
}

impl<P: Parts> Served<'_, P> {
    pub fn set_clock(&self, ms: i64) {
        self.clock.set(Micros::from_ms(ms));
    }

    pub async fn ask(&self, method: &str, path: &str, body: &Json) -> (u16, String) {
        self.send(method, path, ("application/json", body)).await
    }

    pub async fn post_events(&self, events: &Json) -> (u16, String) {
        self.send("POST", "/events", ("application/cloudevents-batch+json", events)).await
    }

    async fn send(&self, method: &str, path: &str, (kind, body): (&str, &Json)) -> (u16, String) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("ApiKey", &self.key)
            .header("content-type", kind)
            .body(Body::from(body.to_string()))
            .unwrap();
        let answer = self.app.answer(IpAddr::V4(Ipv4Addr::LOCALHOST), request).await;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (parts.status.as_u16(), String::from_utf8(body.to_vec()).unwrap())
    }

    pub async fn folded(&self) {
        let waited = tokio::time::timeout(Duration::from_mins(1), self.parts.folded());
        waited.await.expect("the fold stands");
    }
}

/// The local store and its own log.
pub struct Local {
    store: Embedded,
    sink: LocalSink,
    /// What is folded of each log partition.
    cursors: watch::Receiver<BTreeMap<u16, u64>>,
    _dir: tempfile::TempDir,
}

/// Looks at the cursors for everybody who waits for them, until nobody is left.
async fn look_at_cursors(store: Embedded, seen: watch::Sender<BTreeMap<u16, u64>>) {
    while !seen.is_closed() {
        let cursors = store.cursors(LOCAL_SOURCE).await.unwrap();
        seen.send_replace(cursors.into_iter().map(|at| (at.number, at.next)).collect());
        tokio::time::sleep(Duration::from_millis(4)).await;
    }
}

/// A stand over the embedded store.
pub fn embedded() -> Stand<Local> {
    let dir = tempfile::tempdir().unwrap();
    let settings =
        EmbeddedSettings { disk_reserve_bytes: 0, ..EmbeddedSettings::in_dir(dir.path()) };
    let store = Embedded::open(&settings, clock()).unwrap();
    let (sink, log, dead_letters) = (store.sink(), store.log(), store.clone());
    let (seen, cursors) = watch::channel(BTreeMap::new());
    let looking = Handle::current().spawn(look_at_cursors(store.clone(), seen));
    drop(looking);
    Stand::start(Local { store, sink, cursors, _dir: dir }, log, dead_letters)
}

impl Parts for Local {
    type Store = Embedded;
    type Sink = LocalSink;

    fn store(&self) -> &Embedded {
        &self.store
    }

    fn sink(&self) -> &LocalSink {
        &self.sink
    }

    async fn folded(&self) {
        let ends = self.store.log().ends();
        let is_folded = |cursors: &BTreeMap<u16, u64>| {
            let next = |number| cursors.get(&number).copied().unwrap_or(0);
            ends.iter().all(|end| next(end.partition.number) >= end.end)
        };
        self.cursors.clone().wait_for(is_folded).await.unwrap();
    }
}
