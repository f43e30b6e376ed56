//! What all parts of one world share: its adapters in memory, its trace, its luck, and the first
//! promise that was broken.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::dial;
use crate::dial::row::EditWrite;
use crate::memory::{MemoryBroker, MemoryDeadLetters, MemoryStore, Shared};
use crate::ports::log::{LogPartition, Offset};
use crate::ports::store::{Atomicity, WriteUnit};

use super::checks::{self, Verdict};
use super::clock::SimClock;
use super::fault::Fault;
use super::faulty::Planted;
use super::history::History;
use super::invariant::{Invariant, Violation};
use super::lives::Accounts;
use super::plan::Plan;
use super::produced::{Dial, Produced, ProducedLog, Says};
use super::random::Random;
use super::trace::{Actor, Keep, Trace};

/// The one topic.
pub(super) const TOPIC: &str = "dials";
const LUCK: u64 = 0;

/// Shared by all parts; clones are the same.
#[derive(Clone)]
pub(super) struct Hub(Arc<Inner>);

/// See [`Hub`].
pub(super) struct Inner {
    pub(super) plan: Plan,
    pub(super) began: Instant,
    pub(super) clock: SimClock,
    pub(super) broker: MemoryBroker,
    pub(super) store: MemoryStore,
    pub(super) letters: MemoryDeadLetters,
    /// Canceled with the first broken promise.
    pub(super) over: CancellationToken,
    pub(super) state: Shared<State>,
}

/// What changes.
pub(super) struct State {
    pub(super) trace: Trace,
    luck: Random,
    /// No fault strikes any more.
    is_calm: bool,
    pub(super) marks: BTreeMap<&'static str, u64>,
    pub(super) violation: Option<Violation>,
    pub(super) accounts: Accounts,
    pub(super) produced: ProducedLog,
    /// Below it every record was seen to be durable.
    durable: BTreeMap<LogPartition, Offset>,
    /// Writes that the network keeps back, by the time they arrive.
    pub(super) late: BTreeMap<(Instant, u64), Late>,
    /// What clients made, as it was first written.
    pub(super) created: BTreeMap<Dial, dial::State>,
    pub(super) history: History,
    pub(super) planted: Planted,
    /// Faults that last: until when.
    lasting: BTreeMap<Fault, Instant>,
}

/// A write that its sender knows nothing of.
#[derive(Clone)]
pub(super) enum Late {
    Write(WriteUnit),
    Edit(Box<EditWrite>),
}

impl std::ops::Deref for Hub {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Hub {
    /// Inside a runtime whose time is paused.
    pub(super) fn new(plan: Plan, keep: Keep) -> Self {
        let began = Instant::now();
        let clock = SimClock::right(began, plan.start);
        let broker = MemoryBroker::new(&[(TOPIC, plan.parts)], Arc::new(clock.clone()));
        let state = State {
            trace: Trace::new(keep),
            luck: plan.random(LUCK, 0),
            is_calm: false,
            marks: BTreeMap::new(),
            violation: None,
            accounts: Accounts::default(),
            produced: ProducedLog::default(),
            durable: BTreeMap::new(),
            late: BTreeMap::new(),
            created: BTreeMap::new(),
            history: History::default(),
            planted: Planted::default(),
            lasting: BTreeMap::new(),
        };
        Self(Arc::new(Inner {
            plan,
            began,
            clock,
            broker,
            store: MemoryStore::new(Atomicity::PerDay),
            letters: MemoryDeadLetters::default(),
            over: CancellationToken::new(),
            state: Shared::new(state),
        }))
    }

    /// Notes an effect.
    pub(super) fn trace(&self, actor: Actor, effect: fmt::Arguments<'_>) {
        let at = self.began.elapsed();
        self.state.with(|state| state.trace.note(at, actor, effect));
    }

    /// Counts something that has to happen in some worlds.
    pub(super) fn mark(&self, name: &'static str) {
        self.state.with(|state| *state.marks.entry(name).or_default() += 1);
    }

    /// Draws from the luck of the world.
    pub(super) fn draw<T>(&self, draw: impl FnOnce(&mut Random) -> T) -> T {
        self.state.with(|state| draw(&mut state.luck))
    }

    /// A time from nothing to `most` milliseconds.
    pub(super) fn some_ms(&self, most: u64) -> Duration {
        Duration::from_millis(self.draw(|luck| luck.between(0, most)))
    }

    /// Whether a fault strikes here and now.
    pub(super) fn strikes(&self, fault: Fault) -> bool {
        let rate = u64::from(self.plan.rates.of(fault));
        let strikes =
            self.state.with(|state| rate > 0 && !state.is_calm && state.luck.below(1_000) < rate);
        if strikes {
            self.mark(fault.label());
        }
        strikes
    }

    /// A fault lasts for a while.
    pub(super) fn last(&self, fault: Fault, span: Duration) {
        let until = Instant::now() + span;
        self.mark(fault.label());
        self.state.with(|state| state.lasting.insert(fault, until));
    }

    /// Whether a fault lasts.
    pub(super) fn lasts(&self, fault: Fault) -> bool {
        self.state.with(|state| {
            !state.is_calm && state.lasting.get(&fault).is_some_and(|until| *until > Instant::now())
        })
    }

    /// From now on nothing goes wrong.
    pub(super) fn calm(&self) {
        self.state.with(|state| state.is_calm = true);
        self.trace(Actor::World, format_args!("no more faults"));
    }

    pub(super) fn is_calm(&self) -> bool {
        self.state.with(|state| state.is_calm)
    }

    /// Notes a broken promise; the first ends the world.
    pub(super) fn expect(&self, invariant: Invariant, verdict: Verdict) {
        let Err(text) = verdict else { return };
        self.state.with(|state| {
            let step = state.trace.steps();
            state.violation.get_or_insert(Violation { invariant, step, text });
        });
        self.over.cancel();
    }

    /// The network keeps a write back.
    pub(super) fn keep_back(&self, late: Late, span: Duration) {
        let due = Instant::now() + span;
        self.state.with(|state| {
            let number = state.trace.steps();
            state.late.insert((due, number), late);
        });
    }

    /// Takes in what the log has got since.
    pub(super) fn look_at_log(&self, partition: LogPartition) {
        let from = self.state.with(|state| state.produced.end(partition));
        let new = self.broker.records(partition, from);
        if !new.is_empty() {
            self.state.with(|state| state.produced.extend(partition, &new));
        }
    }

    /// Up to where every record is durable, and what is wrong with the one that stands there.
    /// Looks no further than `to`.
    pub(super) fn durable(&self, partition: LogPartition, to: Offset) -> (Offset, Verdict) {
        self.look_at_log(partition);
        self.state.with(|state| {
            let from = state.durable.get(&partition).copied().unwrap_or(0);
            let (mut next, mut verdict) = (from, Ok(()));
            for record in state.produced.between(partition, from, to) {
                verdict = self.is_durable(partition, record, &state.produced);
                if verdict.is_err() {
                    break;
                }
                next = record.offset + 1;
            }
            state.durable.insert(partition, next);
            (next, verdict)
        })
    }

    fn is_durable(
        &self,
        partition: LogPartition,
        record: &Produced,
        produced: &ProducedLog,
    ) -> Verdict {
        let row = match &record.says {
            Says::Dial(dial) if produced.is_torn(&dial.0.key) => return Ok(()),
            Says::Dial(dial) => self.store.row(&dial.0.key),
            Says::Other | Says::Reject(_) => None,
        };
        let is_letter = matches!(record.says, Says::Reject(_))
            && self.letters.holds(TOPIC, partition.number, record.offset);
        checks::no_loss((partition, record), row.as_ref(), is_letter)
    }

    /// Whether every record of the log is durable, and no write is kept back.
    pub(super) fn is_drained(&self) -> Verdict {
        for partition in self.broker.partitions() {
            self.durable(partition, Offset::MAX).1?;
        }
        let kept_back = self.state.with(|state| state.late.len());
        if kept_back > 0 { Err(format!("{kept_back} writes are kept back")) } else { Ok(()) }
    }
}
