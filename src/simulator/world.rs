//! One world from its seed to its end: processes of the real ingest over memory, faults, a calm
//! after them, and the checks at rest. One runtime with one thread and paused time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::ports::log::{LogPartition, Offset};
use crate::ports::registry::Registry as _;
use crate::tariff::Book;

use super::answers;
use super::checks;
use super::clients::Client;
use super::gateways;
use super::group::Group;
use super::hub::Hub;
use super::invariant::{Invariant, Violation};
use super::people::People;
use super::plan::Plan;
use super::plant::Plant;
use super::point::api_settings;
use super::rest;
use super::servers::Servers;
use super::trace::{Actor, Keep};

const STEP: Duration = Duration::from_millis(200);
/// After the last fault everything completes within this time.
const DRAINED_WITHIN: Duration = Duration::from_secs(90);
/// What the API repeats is repeated by then.
const SETTLED_WITHIN: Duration = Duration::from_secs(8);
/// A clean stop takes no longer without faults.
const STOPPED_WITHIN: Duration = Duration::from_secs(15);
/// How long a process that has nothing to read is watched.
const WATCHED_FOR: Duration = Duration::from_secs(2);

/// What became of a world.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// Its seed.
    pub seed: u64,
    /// Hash of its trace.
    pub hash: u64,
    /// Lines of its trace.
    pub steps: u64,
    /// The first broken promise.
    pub violation: Option<Violation>,
    /// How often each fault struck and each rare thing happened.
    pub marks: BTreeMap<&'static str, u64>,
    /// The lines of the trace that were kept.
    pub lines: Vec<String>,
}

/// Why a world could not be simulated.
#[derive(Debug, thiserror::Error)]
#[error("the runtime of a world does not start: {0}")]
pub struct NoRuntime(#[from] std::io::Error);

/// Simulates one world.
pub fn simulate(seed: u64, plant: Option<Plant>, keep: Keep) -> Result<Outcome, NoRuntime> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    Ok(runtime.block_on(async move {
        let hub = Hub::new(Plan::draw(seed, plant), keep);
        World::new(&hub).run().await;
        hub.state.with(|state| Outcome {
            seed,
            hash: state.trace.hash(),
            steps: state.trace.steps(),
            violation: state.violation.take(),
            marks: std::mem::take(&mut state.marks),
            lines: state.trace.lines(),
        })
    }))
}

struct World {
    hub: Hub,
    people: Arc<People>,
    book: Arc<ArcSwap<Book>>,
    group: Group,
    servers: Servers,
    /// Gateways and clients: they end by themselves.
    guests: JoinSet<()>,
    network: JoinSet<()>,
}

impl World {
    fn new(hub: &Hub) -> Self {
        let book = Arc::new(ArcSwap::from_pointee(answers::book(hub)));
        Self {
            hub: hub.clone(),
            people: Arc::new(People::of(&hub.plan)),
            servers: Servers::new(hub, &book, api_settings(&hub.plan.points)),
            book: Arc::clone(&book),
            group: Group::new(hub, &book),
            guests: JoinSet::new(),
            network: JoinSet::new(),
        }
    }

    async fn run(mut self) {
        let over = self.hub.over.clone();
        tokio::select! {
            biased;
            () = over.cancelled() => {}
            () = self.live() => {}
        }
    }

    async fn live(&mut self) {
        let sent = gateways::script(&self.hub, &self.people);
        self.guests.spawn(gateways::send_all(self.hub.clone(), sent));
        self.network.spawn(carry(self.hub.clone()));
        let calm_at = Instant::now() + self.hub.plan.span;
        for project in &self.people.projects {
            // Nothing goes wrong with the keys: their record is put past all faults.
            self.hub.store.put_key(&project.key_record(self.hub.plan.start)).await.ok();
        }
        for number in 0..self.hub.plan.clients {
            let client = Client::new(&self.hub, &self.people, &self.servers, number);
            self.guests.spawn(client.run(calm_at));
        }
        while Instant::now() < calm_at {
            self.group.step();
            self.group.strike();
            self.servers.strike();
            sleep(STEP).await;
        }
        self.hub.calm();
        self.group.heal();
        self.servers.heal();
        // Writes of unknown outcome are repeated behind their requests.
        sleep(SETTLED_WITHIN).await;
        self.drain().await;
        rest::check(&self.hub);
        answers::check(&self.hub, &self.people, &self.book).await;
        self.stop().await;
    }

    /// Until everything is done, or the bound is over.
    async fn drain(&mut self) {
        let until = Instant::now() + DRAINED_WITHIN;
        loop {
            self.group.step();
            while self.guests.try_join_next().is_some() {}
            let drained = self.hub.is_drained().and_then(|()| self.group.has_read_everything());
            if drained.is_ok() && self.guests.is_empty() {
                return;
            }
            if Instant::now() > until {
                let left = self.guests.len();
                let verdict =
                    drained.map_err(|text| format!("not done {DRAINED_WITHIN:?} on: {text}"));
                let verdict = verdict.and(Err(format!("{left} guests are not done")));
                self.hub.expect(Invariant::Liveness, verdict);
            }
            sleep(STEP).await;
        }
    }

    /// I8: everybody stops, and one that starts again reads nothing.
    async fn stop(&mut self) {
        // What was read last is committed by the stop alone.
        let read = self.group.stop();
        self.await_stop().await;
        for (partition, read_to) in read {
            let start = self.hub.broker.committed(partition).map_or(0, |commit| commit.next);
            self.hub.expect(Invariant::I8, checks::nothing_again(partition, start, read_to));
        }
        let before = self.hub.state.with(|state| state.accounts.delivered());
        self.group.start_alone();
        sleep(WATCHED_FOR).await;
        let after = self.hub.state.with(|state| state.accounts.delivered());
        let partition = LogPartition { source: 0, number: 0 };
        let (before, after) = (Offset::try_from(before), Offset::try_from(after));
        let verdict = checks::nothing_again(partition, before.unwrap_or(0), after.unwrap_or(0));
        self.hub.expect(Invariant::I8, verdict);
        self.group.stop();
        self.await_stop().await;
    }

    async fn await_stop(&mut self) {
        let until = Instant::now() + STOPPED_WITHIN;
        while !self.group.is_stopped() {
            if Instant::now() > until {
                let text = format!("a clean stop takes more than {STOPPED_WITHIN:?}");
                self.hub.expect(Invariant::I8, Err(text));
            }
            sleep(STEP).await;
        }
    }
}

/// The network: what it kept back arrives.
async fn carry(hub: Hub) {
    loop {
        sleep(Duration::from_millis(100)).await;
        let now = Instant::now();
        let due = hub.state.with(|state| {
            let mut rest = state.late.split_off(&(now, 0));
            std::mem::swap(&mut rest, &mut state.late);
            rest
        });
        for late in due.into_values() {
            hub.mark("a write arrived late");
            hub.apply(Actor::Network, &late);
        }
    }
}
