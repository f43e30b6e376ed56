//! The processes that serve: the real API as a service, without sockets, each with its own clock.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::http::Request;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::http::profile::Documented;
use crate::http::{Api, ApiSettings, App, Health, Live};
use crate::memory::{MemorySink, SeededEntropy, Shared};
use crate::tariff::Book;

use super::changes::Notices;
use super::clock::SimClock;
use super::fault::Fault;
use super::faulty::{FaultyStore, Side};
use super::gate::Gate;
use super::hub::Hub;
use super::plan::DECODE;
use super::random::Random;
use super::trace::Actor;

const SERVERS: u64 = 13;

/// One process from its start to its end.
pub(super) struct Server {
    app: App<FaultyStore, MemorySink>,
    gate: Gate,
    /// Canceled when it is killed.
    life: CancellationToken,
}

/// All that serve now; clones are the same.
#[derive(Clone)]
pub(super) struct Servers {
    hub: Hub,
    book: Arc<ArcSwap<Book>>,
    settings: ApiSettings,
    clocks: Arc<[SimClock]>,
    running: Shared<Vec<Arc<Server>>>,
    tasks: Shared<JoinSet<()>>,
    random: Shared<Random>,
}

impl Servers {
    pub(super) fn new(hub: &Hub, book: &Arc<ArcSwap<Book>>, settings: ApiSettings) -> Self {
        let mut random = hub.plan.random(SERVERS, 0);
        let count = random.between(1, 2);
        let servers = Self {
            hub: hub.clone(),
            book: Arc::clone(book),
            settings,
            clocks: (0..count).map(|_| hub.clock.drifting(0)).collect(),
            running: Shared::new(Vec::new()),
            tasks: Shared::new(JoinSet::new()),
            random: Shared::new(random),
        };
        let started = (0..).zip(servers.clocks.iter());
        let started = started.map(|(number, clock)| servers.start(number, clock)).collect();
        servers.running.with(|running| *running = started);
        servers
    }

    fn start(&self, number: u8, clock: &SimClock) -> Arc<Server> {
        let hub = &self.hub;
        let life = hub.state.with(|state| state.accounts.begin());
        let actor = Actor::Api(number);
        hub.trace(actor, format_args!("starts as life {life}"));
        let gate = Gate::open();
        let side = Side { hub: hub.clone(), actor, life, gate: gate.clone() };
        let api = Api {
            store: FaultyStore(side.clone()),
            sink: Some(hub.broker.sink(0)),
            changes: Arc::new(Notices(side)),
            book: Arc::clone(&self.book),
            limits: crate::dial::Limits::default(),
            decode: DECODE,
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(SeededEntropy::new(hub.plan.seed ^ (u64::from(life) << 32))),
            health: Health::new(&[]),
            profile: &Documented,
            live: Live::new(&self.settings),
            settings: self.settings.clone(),
        };
        let life = CancellationToken::new();
        let server = Arc::new(Server { app: App::new(api), gate, life: life.clone() });
        let settling = Arc::clone(&server);
        self.tasks.with(|tasks| {
            tasks.spawn(async move { settling.gate.around(settling.app.settle(life)).await })
        });
        server
    }

    /// One of them.
    pub(super) fn pick(&self, random: &mut Random) -> Option<Arc<Server>> {
        self.running.with(|running| random.pick(running).cloned())
    }

    /// What strikes them in this step.
    pub(super) fn strike(&self) {
        for fault in [Fault::ApiCrash, Fault::ApiFreeze, Fault::ClockJump] {
            let (comes, at, span, error_us) = self.random.with(|random| {
                let error_us = i64::try_from(random.below(1_200_000_000)).unwrap_or(0);
                let at = usize::try_from(random.below(2)).unwrap_or(0);
                (random.percent(8), at, random.between(1, 6_000), error_us - 600_000_000)
            });
            let server = self.running.with(|running| running.get(at).cloned());
            let (Some(server), Some(clock)) = (server, self.clocks.get(at)) else { continue };
            if !comes || !self.hub.strikes(fault) {
                continue;
            }
            let number = u8::try_from(at).unwrap_or(0);
            self.hub.trace(Actor::Api(number), format_args!("{}", fault.label()));
            if fault == Fault::ApiCrash {
                server.life.cancel();
                let started = self.start(number, clock);
                self.running.with(|running| {
                    if let Some(place) = running.get_mut(at) {
                        *place = started;
                    }
                });
            } else if fault == Fault::ApiFreeze {
                server.gate.close_until(Instant::now() + Duration::from_millis(span));
            } else {
                clock.jump(error_us);
            }
        }
    }

    /// Everything goes on.
    pub(super) fn heal(&self) {
        self.clocks.iter().for_each(|clock| clock.jump(0));
        self.running.with(|running| running.iter().for_each(|server| server.gate.reopen()));
    }
}

impl Server {
    /// The answer to a request; `None` if the process died over it.
    pub(super) async fn ask(
        &self,
        key: &str,
        (method, path): (&str, &str),
        body: String,
    ) -> Option<(u16, String)> {
        let request = Request::builder().method(method).uri(path);
        let request = request.header("ApiKey", key).header("Content-Type", "application/json");
        let request = request.body(Full::new(Bytes::from(body))).ok()?;
        let answered = self.gate.around(async {
            let answer = self.app.answer(IpAddr::V4(Ipv4Addr::LOCALHOST), request).await;
            let (head, body) = answer.into_parts();
            let body = body.collect().await.ok()?.to_bytes();
            Some((head.status.as_u16(), String::from_utf8_lossy(&body).into_owned()))
        });
        tokio::select! {
            biased;
            () = self.life.cancelled() => None,
            answered = answered => answered,
        }
    }
}
