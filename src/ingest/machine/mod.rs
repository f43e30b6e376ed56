//! The ingest machine: every input is a method, every consequence an effect. It neither waits nor
//! reads a clock; the driver (`worker`) does.

mod answer;
mod fold;
mod load;
mod tenure;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::dial::limits::Limits;
use crate::event::DecodeLimits;
use crate::ports::log::{Commit, CommitMetadata, LogPartition};
use crate::ports::store::Atomicity;
use crate::tariff::Book;
use crate::value::{CallId, Day, Micros, ProjectId};

use super::batch::Batches;
use super::budget::Budget;
use super::cache::Cache;
use super::counts::Counts;
use super::effect::{Effect, LoadId, Ticket, UnitId};
use super::floor::{Floor, StoreContent};
use super::ledger::Ledger;

use load::Load;
use write::{Known, Unit};

/// How the machine works.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Limits of decoding.
    pub decode: DecodeLimits,
    /// Margin of the floor where no metadata was committed.
    pub floor_margin: Duration,
    /// Dials cached, over all log partitions.
    pub cache_dials: usize,
    /// Bytes of records in flight.
    pub budget_bytes: usize,
    /// Rows of one batch at most.
    pub batch_rows: usize,
    /// How long a row may wait for others while there is a backlog.
    pub batch_age: Duration,
    /// Writes in flight at most, where a unit is one project-day.
    pub units_in_flight: usize,
    /// Rows of one unit at most, where a unit is everything that waits.
    pub unit_rows: usize,
    /// How long a revoked log partition may take to drain before it is handed back as it is.
    pub hand_back_within: Duration,
}

/// What every input is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Prices, for the rendering in a row.
    pub book: &'a Book,
    /// How long items may stay open, for the same.
    pub limits: &'a Limits,
    /// The present, for ages that are shown.
    pub now: Micros,
    /// Time since the worker began, by a clock that nobody sets: for everything that waits. The
    /// wall clock may jump; a wait must not last longer for it.
    pub elapsed: Duration,
}

/// Whether the last poll left records unread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Backlog {
    /// There is more to read: rows may wait for others of their day.
    More,
    /// Everything was read: write at once.
    None,
}

/// Whether records are still taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    Running,
    Stopping,
}

/// One log partition held by this process.
#[derive(Debug)]
struct Part {
    tenure: u64,
    parts: u16,
    ledger: Ledger,
    floor: Floor,
    cache: Cache,
    /// The frontier handed over last.
    committed: u64,
    /// Set while it is being handed back: since when.
    leaving: Option<Duration>,
    /// Slices of calls whose locator is known to exist.
    locators: Known<(ProjectId, CallId, Micros)>,
}

/// The machine.
#[derive(Debug)]
pub struct Machine {
    settings: Settings,
    atomicity: Atomicity,
    store: StoreContent,
    sources: Vec<Arc<str>>,
    phase: Phase,
    backlog: Backlog,
    parts: BTreeMap<LogPartition, Part>,
    batches: Batches,
    budget: Budget,
    units: BTreeMap<UnitId, Unit>,
    loads: BTreeMap<LoadId, Load>,
    to_load: Vec<load::Missing>,
    known_days: Known<(ProjectId, Day)>,
    next_unit: UnitId,
    next_load: LoadId,
    counts: Counts,
    effects: Vec<Effect>,
}

impl Machine {
    /// A machine that holds no log partition yet.
    pub fn new(
        settings: Settings,
        atomicity: Atomicity,
        store: StoreContent,
        sources: Vec<Arc<str>>,
    ) -> Self {
        let budget = Budget::new(settings.budget_bytes);
        Self {
            settings,
            atomicity,
            store,
            sources,
            phase: Phase::Running,
            backlog: Backlog::None,
            parts: BTreeMap::new(),
            batches: Batches::default(),
            budget,
            units: BTreeMap::new(),
            loads: BTreeMap::new(),
            to_load: Vec::new(),
            known_days: Known::default(),
            next_unit: 1,
            next_load: 1,
            counts: Counts::default(),
            effects: Vec::new(),
        }
    }

    /// What is to be done now, in this order.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// What happened since the last call.
    pub fn take_counts(&mut self) -> Counts {
        std::mem::take(&mut self.counts)
    }

    /// Bytes that may be polled now; 0 = the gate is shut.
    pub fn room(&self) -> usize {
        match self.phase {
            Phase::Running => self.budget.room(),
            Phase::Stopping => 0,
        }
    }

    /// Bytes of records in flight.
    pub fn budget_used(&self) -> usize {
        self.budget.used()
    }

    /// Dials cached over all log partitions.
    pub fn cached_dials(&self) -> usize {
        self.parts.values().map(|part| part.cache.len()).fold(0, usize::saturating_add)
    }

    /// Dials cached that have no end yet.
    pub fn open_dials(&self) -> usize {
        self.parts.values().map(|part| part.cache.open()).fold(0, usize::saturating_add)
    }

    /// Whether nothing is waiting, in flight or being loaded.
    pub fn is_drained(&self) -> bool {
        self.parts.values().all(|part| part.ledger.is_empty()) && self.units.is_empty()
    }

    /// Whether any log partition is held.
    pub fn holds_partitions(&self) -> bool {
        !self.parts.is_empty()
    }

    /// Frontier, committed offset and record time of the oldest incomplete record of each log
    /// partition.
    pub fn positions(&self) -> impl Iterator<Item = Position> {
        self.parts.iter().map(|(partition, part)| Position {
            partition: *partition,
            frontier: part.ledger.frontier().next,
            committed: part.committed,
            oldest: part.ledger.oldest().and_then(|(batch, index)| batch.get(*index)).map(
                |record| Oldest {
                    record_time: record.record_time(),
                    event_time: fold::event_time(record, &self.settings.decode),
                },
            ),
        })
    }

    /// Frontiers of everything held: for the last commit of a clean stop.
    pub fn frontiers(&self) -> Vec<Commit> {
        self.parts.iter().map(|(partition, part)| commit_of(*partition, part)).collect()
    }

    /// A record is durable elsewhere: its dead letter, reference or gateway start is kept.
    pub fn on_completed(&mut self, ticket: Ticket, elapsed: Duration) {
        self.complete(ticket);
        self.hand_back_if_drained(elapsed);
    }

    fn complete(&mut self, ticket: Ticket) {
        let Some(part) = self.parts.get_mut(&ticket.partition) else { return };
        if part.tenure == ticket.tenure {
            self.budget.refund(part.ledger.complete(ticket.slot));
        }
    }
}

/// Where a log partition stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Position {
    /// Which one.
    pub partition: LogPartition,
    /// Everything below it is durable.
    pub frontier: u64,
    /// The frontier handed over last.
    pub committed: u64,
    /// The oldest incomplete record.
    pub oldest: Option<Oldest>,
}

/// Times of a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Oldest {
    /// When the log took it.
    pub record_time: Option<Micros>,
    /// When its event happened; `None` for a reject.
    pub event_time: Option<Micros>,
}

fn commit_of(partition: LogPartition, part: &Part) -> Commit {
    let frontier = part.ledger.frontier();
    // Nothing was read, and the former owner told no floor: so cannot this one.
    let parts = if part.floor.is_open() { 0 } else { part.parts };
    let metadata = CommitMetadata { floor: frontier.floor, parts };
    Commit { partition, next: frontier.next, metadata }
}
