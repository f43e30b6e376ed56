//! The driver: performs the machine's effects through ports and reports the results back.
//!
//! The select is biased; an arm can starve only those below it: stop, tick, results, rebalances and
//! records (the log hands over rebalances before records), quiet.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

use crate::dial::limits::Limits;
use crate::dial::row::Row;
use crate::ports::changes::Changes;
use crate::ports::log::{
    AppendError, DeadLetters, EventLog, LogError, LogPartition, Polled, RecordBatch,
};
use crate::ports::registry::Registry;
use crate::ports::store::{DialStore, Directory, ReadError, WriteError};
use crate::ports::world::{Entropy, WallClock};
use crate::tariff::Book;

use super::effect::{Effect, LoadId, Ticket, UnitId};
use super::floor::StoreContent;
use super::machine::{Backlog, Context, Machine, Settings};
use super::patience::{Patience, content};
use super::report;
use super::vitals::Vitals;
use super::watchdog::Watchdog;

/// Bytes of one poll at most: results are looked at in between.
const POLL_BYTES: usize = 1 << 20;
const TICK: Duration = Duration::from_millis(100);
/// A log that had a backlog and is silent for this long has none.
const QUIET: Duration = Duration::from_millis(5);

/// Why the worker ended. The caller ends the process; a restart replays.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The log cannot go on.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Log and store answer, and a log partition stands.
    #[error("wedged: records of {partition:?} wait for {limit:?}, although the store answers")]
    Wedged {
        /// Which one.
        partition: LogPartition,
        /// How long it may stand.
        limit: Duration,
    },
    /// A task panicked: what it was to write is never acknowledged.
    #[error("a task of the worker ended without a result: {0}")]
    Task(String),
}

/// What the worker works with.
#[derive(Debug)]
pub struct Worker<L, S, D, C> {
    /// Where events come from.
    pub log: L,
    /// Where rows, references and gateway starts go.
    pub store: S,
    /// Where rejects go.
    pub dead_letters: D,
    /// Who is told of changes.
    pub changes: C,
    /// Time and chance.
    pub world: World,
    /// Prices, as they are now.
    pub book: Arc<ArcSwap<Book>>,
    /// How long items may stay open.
    pub limits: Limits,
    /// How the machine works.
    pub settings: Settings,
    /// No completion for this long although the store answers = wedged.
    pub watchdog: Duration,
    /// Signs of life, for probes.
    pub vitals: Arc<Vitals>,
}

/// Time and chance.
#[derive(Clone)]
pub struct World {
    /// The wall clock.
    pub clock: Arc<dyn WallClock>,
    /// For jitter.
    pub entropy: Arc<dyn Entropy>,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("World")
    }
}

impl World {
    pub(super) fn jitter(&self) -> u16 {
        let mut bytes = [0; 2];
        self.entropy.fill(&mut bytes);
        u16::from_le_bytes(bytes)
    }
}

/// A result of something that was awaited beside the loop.
enum Done {
    Loaded(LoadId, Result<Vec<Option<Row>>, ReadError>),
    Written(UnitId, Result<(), WriteError>),
    Completed(Ticket),
}

impl<L, S, D, C> Worker<L, S, D, C>
where
    L: EventLog,
    S: DialStore + Directory + Registry + Clone + Send + Sync + 'static,
    D: DeadLetters + Clone + Send + Sync + 'static,
    C: Changes,
{
    /// Works until `stop` (then drains and leaves the log cleanly), or until a finite log ends.
    pub async fn run(self, stop: CancellationToken) -> Result<(), WorkerError> {
        let machine = Machine::new(
            self.settings.clone(),
            self.store.atomicity(),
            StoreContent::Some,
            self.log.sources(),
        );
        let driver = Driver {
            machine,
            tasks: JoinSet::new(),
            backlog: Backlog::None,
            watchdog: Watchdog::new(self.watchdog),
            began: Instant::now(),
            polled: 0,
            worker: self,
        };
        driver.run(stop).await
    }
}

struct Driver<L, S, D, C> {
    worker: Worker<L, S, D, C>,
    machine: Machine,
    tasks: JoinSet<Done>,
    backlog: Backlog,
    watchdog: Watchdog,
    began: Instant,
    /// Records read from the log since the start.
    polled: usize,
}

/// Where the driver stands between taking and leaving.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Taking,
    /// No records are taken; rebalances still arrive.
    Draining,
    /// The same of a finite log that has ended: it would say so again at once, for ever.
    Ended,
}

impl<L, S, D, C> Driver<L, S, D, C>
where
    L: EventLog,
    S: DialStore + Directory + Registry + Clone + Send + Sync + 'static,
    D: DeadLetters + Clone + Send + Sync + 'static,
    C: Changes,
{
    async fn run(mut self, stop: CancellationToken) -> Result<(), WorkerError> {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut stage = Stage::Taking;
        let mut polled_last = RecordBatch::default();
        loop {
            self.perform().await;
            if stage != Stage::Taking && self.machine.is_drained() && self.tasks.is_empty() {
                break;
            }
            let room = if stage == Stage::Taking { self.machine.room().min(POLL_BYTES) } else { 0 };
            let is_behind = self.backlog == Backlog::More;
            tokio::select! {
                biased;
                () = stop.cancelled(), if stage == Stage::Taking => {
                    stage = Stage::Draining;
                    self.input(Machine::on_stop);
                }
                _ = tick.tick() => self.tick()?,
                Some(done) = self.tasks.join_next(), if !self.tasks.is_empty() => {
                    self.on_done(result(done)?);
                }
                polled = self.worker.log.next(&mut polled_last, room), if stage != Stage::Ended => {
                    if self.on_polled(polled?, &mut polled_last, room).await {
                        stage = Stage::Ended;
                        self.input(Machine::on_stop);
                    }
                }
                () = sleep(QUIET), if is_behind && room > 0 => {
                    self.backlog = Backlog::None;
                    self.input(Machine::on_idle);
                }
            }
        }
        self.leave().await
    }

    /// Handles what the log brought; says whether a finite log has ended.
    async fn on_polled(&mut self, polled: Polled, batch: &mut RecordBatch, room: usize) -> bool {
        match polled {
            Polled::Records => {
                let is_full = batch.bytes() >= room.div_euclid(2);
                self.backlog = if is_full { Backlog::More } else { Backlog::None };
                self.polled = self.polled.saturating_add(batch.len());
                let room = batch.room_alike();
                let batch = Arc::new(std::mem::replace(batch, room));
                let backlog = self.backlog;
                self.input(|machine, context| machine.on_polled(&batch, backlog, context));
            }
            Polled::Assigned(assignments) => {
                report::rebalance(
                    "assigned",
                    &assignments.iter().map(|a| a.partition).collect::<Vec<_>>(),
                );
                let content = content(&self.worker.store).await;
                self.machine.on_assigned(&assignments, content);
                self.worker.vitals.assigned();
            }
            Polled::Revoked(partitions) => {
                report::rebalance("revoked", &partitions);
                self.input(|machine, context| machine.on_revoked(&partitions, context));
            }
            Polled::Lost(partitions) => {
                report::rebalance("lost", &partitions);
                self.machine.on_lost(&partitions);
            }
            Polled::Ended => return true,
        }
        false
    }

    /// One input, judged by the prices and the time of now.
    fn input(&mut self, input: impl FnOnce(&mut Machine, &Context<'_>)) {
        let book = self.worker.book.load();
        let now = self.worker.world.clock.now();
        let (limits, elapsed) = (&self.worker.limits, self.began.elapsed());
        input(&mut self.machine, &Context { book: &book, limits, now, elapsed });
    }

    fn tick(&mut self) -> Result<(), WorkerError> {
        self.input(Machine::on_tick);
        let now = self.worker.world.clock.now();
        self.worker.vitals.tick(now, self.machine.positions().count());
        let counts = self.machine.take_counts();
        report::counts(&counts);
        report::positions(&self.machine, &self.worker.log.ends(), &self.worker.vitals, now);
        self.watch()
    }

    fn watch(&mut self) -> Result<(), WorkerError> {
        if self.worker.vitals.is_excused() {
            self.watchdog.excuse();
            return Ok(());
        }
        match self.watchdog.look(self.machine.positions(), self.began.elapsed()) {
            Some(partition) => Err(WorkerError::Wedged { partition, limit: self.worker.watchdog }),
            None => Ok(()),
        }
    }

    fn on_done(&mut self, done: Done) {
        let now = self.worker.world.clock.now();
        let jitter = self.worker.world.jitter();
        match done {
            Done::Loaded(id, Ok(rows)) => {
                self.input(|machine, context| machine.on_loaded(id, rows, context));
            }
            Done::Loaded(id, Err(error)) => {
                self.worker.vitals.stall(now, error.to_string());
                self.machine.on_load_failed(id, &error, jitter, self.began.elapsed());
            }
            Done::Written(id, Ok(())) => {
                self.worker.vitals.flow(now);
                self.input(|machine, context| machine.on_written(id, context));
            }
            Done::Written(id, Err(error)) => {
                self.worker.vitals.stall(now, error.to_string());
                self.input(|machine, context| machine.on_write_failed(id, &error, jitter, context));
            }
            Done::Completed(ticket) => self.machine.on_completed(ticket, self.began.elapsed()),
        }
    }

    async fn perform(&mut self) {
        for effect in self.machine.take_effects() {
            match effect {
                Effect::Commit(commits) => self.worker.log.commit(&commits),
                Effect::HandBack(commits) => self.worker.log.hand_back(&commits).await,
                Effect::Publish(notices) => self.worker.changes.publish(&notices),
                Effect::Load(..)
                | Effect::Write(..)
                | Effect::DeadLetter(..)
                | Effect::Reference(..)
                | Effect::GatewayStart(..) => self.spawn(effect),
            }
        }
    }

    fn spawn(&mut self, effect: Effect) {
        let store = self.worker.store.clone();
        let patience =
            Patience { world: self.worker.world.clone(), vitals: Arc::clone(&self.worker.vitals) };
        match effect {
            Effect::Load(id, keys) => {
                self.tasks.spawn(async move { Done::Loaded(id, store.load(&keys).await) });
            }
            Effect::Write(id, unit) => {
                self.tasks.spawn(async move {
                    let started = Instant::now();
                    let result = store.write(&unit).await;
                    let error_type = result.as_ref().err().map_or("", WriteError::kind);
                    report::write(&unit, started.elapsed(), error_type);
                    Done::Written(id, result)
                });
            }
            Effect::DeadLetter(ticket, letter) => {
                let dead_letters = self.worker.dead_letters.clone();
                self.tasks.spawn(async move {
                    let put = async || dead_letters.put(&letter).await;
                    let text = |error: &AppendError| error.to_string();
                    patience.until_done("dead letter", put, text).await;
                    Done::Completed(ticket)
                });
            }
            Effect::Reference(ticket, reference) => {
                self.tasks.spawn(async move {
                    let put = async || store.put_reference(&reference).await;
                    let text = |error: &WriteError| error.to_string();
                    patience.until_done("reference", put, text).await;
                    Done::Completed(ticket)
                });
            }
            Effect::GatewayStart(ticket, start) => {
                self.tasks.spawn(async move {
                    let put = async || store.put_gateway_start(&start).await;
                    let text = |error: &WriteError| error.to_string();
                    patience.until_done("gateway start", put, text).await;
                    Done::Completed(ticket)
                });
            }
            Effect::Commit(_) | Effect::HandBack(_) | Effect::Publish(_) => {}
        }
    }

    /// Everything is drained: commit for good and leave.
    async fn leave(mut self) -> Result<(), WorkerError> {
        self.input(Machine::on_tick);
        self.perform().await;
        while let Some(done) = self.tasks.join_next().await {
            self.on_done(result(done)?);
            self.perform().await;
        }
        report::counts(&self.machine.take_counts());
        let frontiers = self.machine.frontiers();
        self.worker.log.close(&frontiers).await?;
        tracing::info!(records = self.polled, "left the log; nothing of it is read again");
        Ok(())
    }
}

/// What a task answered; one that panicked takes the worker with it.
fn result(done: Result<Done, JoinError>) -> Result<Done, WorkerError> {
    done.map_err(|error| WorkerError::Task(error.to_string()))
}
