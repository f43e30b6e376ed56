//! The account of one log partition: what was delivered, what is durable, and up to where
//! everything is (the frontier). It works on what was delivered, so gaps in offsets are normal.
//! It does not commit (`commit` decides what is handed over).

use std::collections::VecDeque;
use std::sync::Arc;

use crate::ports::log::{Offset, RecordBatch};
use crate::value::Micros;

use super::effect::UnitId;

/// A place in the ledger; rises by one with each charge of a tenure.
pub type Slot = u64;

/// One delivered record that is not below the frontier yet.
#[derive(Debug)]
struct Charge {
    offset: Offset,
    bytes: usize,
    /// Its id's time, once it was accepted as an event of a dial.
    id_time: Option<Micros>,
    /// The batch it came in and its place there: a dead letter carries the original bytes.
    origin: (Arc<RecordBatch>, usize),
    progress: Progress,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Progress {
    Pending,
    InUnit(UnitId),
    Complete,
}

/// What passed below the frontier: to be refunded to the budget.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Refund {
    /// Records.
    pub records: usize,
    /// Their bytes.
    pub bytes: usize,
}

/// A frontier and the greatest id time accepted below it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Frontier {
    /// The next offset to read after a restart.
    pub next: Offset,
    /// Greatest id time of an accepted event below it.
    pub floor: Micros,
}

/// The account of one log partition.
#[derive(Debug)]
pub struct Ledger {
    charges: VecDeque<Charge>,
    first: Slot,
    frontier: Frontier,
}

impl Ledger {
    /// An empty account that begins at `start`, with the floor taken over.
    pub fn new(start: Offset, floor: Micros) -> Self {
        let frontier = Frontier { next: start, floor };
        Self { charges: VecDeque::new(), first: 0, frontier }
    }

    /// No record below the start has an id time above this: what the heir must be told, where the
    /// former owner told nothing.
    pub fn raise_floor(&mut self, floor: Micros) {
        self.frontier.floor = self.frontier.floor.max(floor);
    }

    /// Enters a delivered record. Offsets must rise.
    pub fn charge(
        &mut self,
        offset: Offset,
        bytes: usize,
        origin: (Arc<RecordBatch>, usize),
    ) -> Slot {
        let slot = self.end();
        self.charges.push_back(Charge {
            offset,
            bytes,
            id_time: None,
            origin,
            progress: Progress::Pending,
        });
        slot
    }

    /// Notes the id time of an accepted event.
    pub fn accept(&mut self, slot: Slot, id_time: Micros) {
        if let Some(charge) = self.at(slot) {
            charge.id_time = Some(id_time);
        }
    }

    /// Notes that the record becomes durable with this unit.
    pub fn put_into_unit(&mut self, slot: Slot, unit: UnitId) {
        if let Some(charge) = self.at(slot)
            && charge.progress != Progress::Complete
        {
            charge.progress = Progress::InUnit(unit);
        }
    }

    /// The record is durable (or unchanged, expired, dead-lettered). A repeat changes nothing.
    pub fn complete(&mut self, slot: Slot) -> Refund {
        if let Some(charge) = self.at(slot) {
            charge.progress = Progress::Complete;
        }
        let mut refund = Refund::default();
        while self.charges.front().is_some_and(|charge| charge.progress == Progress::Complete) {
            let Some(charge) = self.charges.pop_front() else { break };
            self.first = self.first.saturating_add(1);
            self.frontier = past(self.frontier, &charge);
            refund.records = refund.records.saturating_add(1);
            refund.bytes = refund.bytes.saturating_add(charge.bytes);
        }
        refund
    }

    /// *Invariant:* nothing at or above it is durable for certain, everything below it is
    /// (`ledger_and_budget::the_frontier_never_passes_an_incomplete_record`).
    pub fn frontier(&self) -> Frontier {
        self.frontier
    }

    /// The frontier that will hold once `unit` is durable.
    pub fn frontier_with(&self, unit: UnitId) -> Frontier {
        self.charges
            .iter()
            .take_while(|c| {
                matches!(c.progress, Progress::Complete) || c.progress == Progress::InUnit(unit)
            })
            .fold(self.frontier, past)
    }

    /// Records delivered and not below the frontier.
    pub fn len(&self) -> usize {
        self.charges.len()
    }

    /// Whether everything delivered is below the frontier.
    pub fn is_empty(&self) -> bool {
        self.charges.is_empty()
    }

    /// Everything still charged: what a forgotten log partition gives back to the budget.
    pub fn rest(&self) -> Refund {
        let bytes = self.charges.iter().map(|charge| charge.bytes).sum();
        Refund { records: self.charges.len(), bytes }
    }

    /// The batch and place a record came from, while it is charged.
    pub fn origin(&self, slot: Slot) -> Option<&(Arc<RecordBatch>, usize)> {
        self.charges.get(self.index(slot)?).map(|charge| &charge.origin)
    }

    /// The oldest record that is not complete.
    pub fn oldest(&self) -> Option<&(Arc<RecordBatch>, usize)> {
        self.charges.front().map(|charge| &charge.origin)
    }

    fn end(&self) -> Slot {
        self.first.saturating_add(u64::try_from(self.charges.len()).unwrap_or(u64::MAX))
    }

    fn index(&self, slot: Slot) -> Option<usize> {
        usize::try_from(slot.checked_sub(self.first)?).ok()
    }

    fn at(&mut self, slot: Slot) -> Option<&mut Charge> {
        let index = self.index(slot)?;
        self.charges.get_mut(index)
    }
}

fn past(frontier: Frontier, charge: &Charge) -> Frontier {
    Frontier {
        next: charge.offset.saturating_add(1),
        floor: charge.id_time.map_or(frontier.floor, |time| frontier.floor.max(time)),
    }
}
