//! Batches become writes; their answers complete records.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::dial::identity::names_slice;
use crate::dial::render::{View, latest_fact, rendered};
use crate::dial::row::{DirectoryRow, Locator};
use crate::dial::{DayBatch, FoldWrite};
use crate::ports::log::LogPartition;
use crate::ports::store::{Atomicity, Cursor, WriteUnit};
use crate::value::{Day, ItemId, Micros, ProjectId};

use super::super::batch::{Due, Pending, RowRef};
use super::super::cache::Entry;
use super::super::counts::add;
use super::super::effect::{Effect, Ticket, UnitId};
use super::{Backlog, Context, Machine, Part, Phase};

/// A bounded set of what is known to exist; forgetting costs a repeated write, nothing else.
#[derive(Debug)]
pub(super) struct Known<K>(BTreeSet<K>);

const KNOWN_MAX: usize = 200_000;

impl<K> Default for Known<K> {
    fn default() -> Self {
        Self(BTreeSet::new())
    }
}

impl<K: Ord> Known<K> {
    pub(super) fn has(&self, key: &K) -> bool {
        self.0.contains(key)
    }

    pub(super) fn insert(&mut self, key: K) {
        if self.0.len() >= KNOWN_MAX {
            self.0.clear();
        }
        self.0.insert(key);
    }
}

/// A write that is in flight or waits to be repeated.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) write: Arc<WriteUnit>,
    /// For each row of each batch, in order: where it came from.
    pub(super) rows: Vec<Vec<RowRef>>,
    /// For each batch: its records, with the index of their row.
    pub(super) tickets: Vec<Vec<(Ticket, usize)>>,
    /// When the oldest event in it happened.
    pub(super) oldest_event: Option<Micros>,
    pub(super) attempts: u32,
    /// Set while it waits to be repeated.
    pub(super) due: Option<Duration>,
}

impl Machine {
    /// Writes what is due, as far as writes may be in flight.
    pub(super) fn write_due(&mut self, context: &Context<'_>) {
        match self.atomicity {
            Atomicity::PerDay => {
                while self.units.len() < self.settings.units_in_flight {
                    let Some((id, pending)) = self.take_due(context.elapsed) else { break };
                    self.issue(vec![(id, pending)], context);
                }
            }
            Atomicity::WholeUnit => self.write_whole(context),
        }
    }

    fn take_due(&mut self, elapsed: Duration) -> Option<((ProjectId, Day), Pending)> {
        let is_idle = self.backlog == Backlog::None || self.phase == Phase::Stopping;
        let is_leaving = self.parts.values().any(|part| part.leaving.is_some());
        if is_idle || is_leaving || self.budget.is_pressed() {
            return self.batches.take(Due::Now);
        }
        let old = elapsed.saturating_sub(self.settings.batch_age);
        self.batches.take(Due::Full).or_else(|| self.batches.take(Due::OlderThan(old)))
    }

    /// One unit at a time, with everything that waits and the cursors that become true with it.
    fn write_whole(&mut self, context: &Context<'_>) {
        if !self.units.is_empty() {
            return;
        }
        let mut taken = Vec::new();
        let mut rows = 0_usize;
        while rows < self.settings.unit_rows {
            let Some((id, pending)) = self.take_due(context.elapsed) else { break };
            rows = rows.saturating_add(pending.rows.len());
            taken.push((id, pending));
        }
        if !taken.is_empty() {
            self.issue(taken, context);
        }
    }

    /// Builds a unit of these batches and asks for its write.
    fn issue(&mut self, taken: Vec<((ProjectId, Day), Pending)>, context: &Context<'_>) {
        let id = self.next_unit;
        self.next_unit = id.saturating_add(1);
        let mut unit = Unit {
            write: Arc::default(),
            rows: Vec::new(),
            tickets: Vec::new(),
            oldest_event: None,
            attempts: 0,
            due: None,
        };
        let mut batches = Vec::with_capacity(taken.len());
        for (day, pending) in taken {
            unit.oldest_event = min_time(unit.oldest_event, pending.oldest_event);
            batches.push(self.build(day, pending, &mut unit, context));
        }
        let cursors = match self.atomicity {
            Atomicity::PerDay => Vec::new(),
            Atomicity::WholeUnit => {
                for (ticket, _) in unit.tickets.iter().flatten() {
                    if let Some(part) = self.parts.get_mut(&ticket.partition)
                        && part.tenure == ticket.tenure
                    {
                        part.ledger.put_into_unit(ticket.slot, id);
                    }
                }
                self.cursors_with(id)
            }
        };
        unit.write = Arc::new(WriteUnit { batches, cursors });
        self.effects.push(Effect::Write(id, Arc::clone(&unit.write)));
        self.units.insert(id, unit);
    }

    /// The batch of one project-day, as the cache knows its dials now.
    fn build(
        &mut self,
        (project, day): (ProjectId, Day),
        pending: Pending,
        unit: &mut Unit,
        context: &Context<'_>,
    ) -> DayBatch {
        let directory = if self.known_days.has(&(project, day)) {
            DirectoryRow::Known
        } else {
            DirectoryRow::Missing
        };
        let mut batch =
            DayBatch { project, day, directory, locators: Vec::new(), rows: Vec::new() };
        let mut rows = Vec::with_capacity(pending.rows.len());
        // Where each waiting row went; `None` = it is written no more, or by a later batch.
        let mut places = Vec::with_capacity(pending.rows.len());
        let mut items = BTreeSet::new();
        for row in &pending.rows {
            // One dial fed by two log partitions: its second state waits for the next batch.
            let is_first = self.item_of(row).is_some_and(|item| items.insert(item));
            let write = if is_first { self.take_row(row, &mut batch, context) } else { None };
            if let Some(entry) = self.entry(row).filter(|_| !is_first) {
                entry.pending_row = None;
            }
            places.push(write.is_some().then_some(batch.rows.len()));
            if let Some(write) = write {
                batch.rows.push(write);
                rows.push(*row);
            }
        }
        let mut tickets = Vec::with_capacity(pending.tickets.len());
        for (ticket, index) in pending.tickets {
            match places.get(index).copied().flatten() {
                Some(place) => tickets.push((ticket, place)),
                None => self.put_back(ticket, pending.rows.get(index), (project, day), context),
            }
        }
        unit.rows.push(rows);
        unit.tickets.push(tickets);
        batch
    }

    /// A record whose row was not written with its batch waits for the next one.
    fn put_back(
        &mut self,
        ticket: Ticket,
        row: Option<&RowRef>,
        day: (ProjectId, Day),
        context: &Context<'_>,
    ) {
        let Some(row) = row else { return };
        let Some(entry) = entry(&mut self.parts, row) else { return };
        let index = match entry.pending_row {
            Some(index) => index,
            None => self.batches.put_row(day, *row, self.settings.batch_rows, context.elapsed),
        };
        entry.pending_row = Some(index);
        self.batches.put_ticket(day, ticket, index, context.now);
    }

    fn item_of(&mut self, row: &RowRef) -> Option<ItemId> {
        self.entry(row).map(|entry| entry.key.item)
    }

    fn entry(&mut self, row: &RowRef) -> Option<&mut Entry> {
        entry(&mut self.parts, row)
    }

    /// The state of one row as it goes out, and the locators that must be there before it.
    fn take_row(
        &mut self,
        row: &RowRef,
        batch: &mut DayBatch,
        context: &Context<'_>,
    ) -> Option<FoldWrite> {
        let entry = entry(&mut self.parts, row)?;
        entry.pending_row = None;
        entry.in_flight = entry.in_flight.saturating_add(1);
        let key = entry.key;
        let state = entry.state.clone();
        if entry.needs_locator {
            batch.locators.push(Locator::Item { item: key.item, created_at: key.created_at });
        }
        let call = state.facts.started.as_ref().and_then(|started| started.said.call);
        let slice = key.created_at.slice();
        if let Some(call) = call.filter(|call| !names_slice(*call, slice)) {
            let is_known = self
                .parts
                .get(&row.partition)
                .is_some_and(|part| part.locators.has(&(key.project, call, slice)));
            let locator = Locator::Call { call, slice };
            if !is_known && !batch.locators.contains(&locator) {
                batch.locators.push(locator);
            }
        }
        // A fold write is rendered as of its newest fact: the same state gives the same bytes on
        // any worker at any time.
        let now = latest_fact(&key, &state.facts);
        let view = View { book: context.book, limits: context.limits, now };
        let rendered = rendered(&key, &state, &view);
        for flag in rendered.flags.words() {
            add(&mut self.counts.flagged, flag, 1);
        }
        Some(FoldWrite { key, state, rendered })
    }

    fn cursors_with(&self, unit: UnitId) -> Vec<Cursor> {
        let source = |number: u16| {
            self.sources.get(usize::from(number)).map_or_else(|| "".into(), Arc::clone)
        };
        self.parts
            .iter()
            .map(|(partition, part)| (partition, part, part.ledger.frontier_with(unit)))
            .filter(|(_, part, frontier)| frontier.next > part.committed)
            .map(|(partition, part, frontier)| Cursor {
                source: source(partition.source),
                number: partition.number,
                next: frontier.next,
                floor: frontier.floor,
                parts: part.parts,
            })
            .collect()
    }

    /// Repeats the writes whose wait is over.
    pub(super) fn repeat_writes(&mut self, elapsed: Duration) {
        for (id, unit) in &mut self.units {
            if unit.due.is_some_and(|due| due <= elapsed) {
                unit.due = None;
                self.effects.push(Effect::Write(*id, Arc::clone(&unit.write)));
            }
        }
    }

    /// Cursors that became true without a row (rejects, duplicates), where the store keeps them.
    pub(super) fn write_bare_cursors(&mut self) {
        if !self.units.is_empty() {
            return;
        }
        let id = self.next_unit;
        let cursors = self.cursors_with(id);
        if cursors.is_empty() {
            return;
        }
        self.next_unit = id.saturating_add(1);
        let write = Arc::new(WriteUnit { batches: Vec::new(), cursors });
        self.effects.push(Effect::Write(id, Arc::clone(&write)));
        let unit = Unit {
            write,
            rows: Vec::new(),
            tickets: Vec::new(),
            attempts: 0,
            due: None,
            oldest_event: None,
        };
        self.units.insert(id, unit);
    }
}

/// The cache entry of a row, unless its tenure is over or it was evicted.
fn entry<'a>(parts: &'a mut BTreeMap<LogPartition, Part>, row: &RowRef) -> Option<&'a mut Entry> {
    let part = parts.get_mut(&row.partition).filter(|part| part.tenure == row.tenure)?;
    part.cache.at(row.place)
}

fn min_time(a: Option<Micros>, b: Option<Micros>) -> Option<Micros> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
