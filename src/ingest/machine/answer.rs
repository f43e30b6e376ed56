//! Answers of the store: acknowledged units complete records, others are repeated or split.

use std::sync::Arc;
use std::time::Duration;

use crate::dial::DayBatch;
use crate::dial::row::Locator;
use crate::ports::changes::{Change, ChangeNotice};
use crate::ports::store::{Cursor, WriteError, WriteUnit};

use super::super::batch::RowRef;
use super::super::cache::Standing;
use super::super::counts::add;
use super::super::effect::{Effect, Ticket, UnitId};
use super::super::retry::{self, Verdict};
use super::write::Unit;
use super::{Context, Machine};

impl Machine {
    /// The store has acknowledged a unit: its records are complete.
    pub fn on_written(&mut self, id: UnitId, context: &Context<'_>) {
        let Some(unit) = self.units.remove(&id) else { return };
        let mut notices = Vec::new();
        let age = unit.oldest_event.map(|oldest| context.now.since(oldest));
        self.counts.oldest_readable = self.counts.oldest_readable.max(age);
        for (batch, rows) in unit.write.batches.iter().zip(&unit.rows) {
            self.note_written(batch, rows);
            notices.extend(batch.rows.iter().map(|write| ChangeNotice {
                key: write.key,
                change: Change::Facts { revision: write.state.revision },
            }));
        }
        self.counts.units_written = self.counts.units_written.saturating_add(1);
        for (ticket, _) in unit.tickets.into_iter().flatten() {
            self.complete(ticket);
        }
        self.note_cursors(&unit.write.cursors);
        if !notices.is_empty() {
            self.effects.push(Effect::Publish(notices));
        }
        self.write_due(context);
        self.hand_back_if_drained(context.elapsed);
    }

    fn note_written(&mut self, batch: &DayBatch, rows: &[RowRef]) {
        self.known_days.insert((batch.project, batch.day));
        let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        self.counts.rows_written = self.counts.rows_written.saturating_add(count);
        for row in rows {
            let Some(part) = self.parts.get_mut(&row.partition) else { continue };
            if part.tenure != row.tenure {
                continue;
            }
            for locator in &batch.locators {
                if let Locator::Call { call, slice } = locator {
                    part.locators.insert((batch.project, *call, *slice));
                }
            }
            if let Some(entry) = part.cache.at(row.place) {
                entry.in_flight = entry.in_flight.saturating_sub(1);
                entry.needs_locator = false;
                if matches!(entry.standing, Standing::Loaded) {
                    entry.standing = Standing::Own;
                }
            }
        }
        for locator in &batch.locators {
            let kind = match locator {
                Locator::Item { .. } => "item",
                Locator::Call { .. } => "call",
            };
            add(&mut self.counts.locators, kind, 1);
        }
    }

    fn note_cursors(&mut self, cursors: &[Cursor]) {
        for cursor in cursors {
            let found = self.parts.iter_mut().find(|(partition, _)| {
                partition.number == cursor.number
                    && self.sources.get(usize::from(partition.source)) == Some(&cursor.source)
            });
            if let Some((_, part)) = found {
                part.committed = part.committed.max(cursor.next);
            }
        }
    }

    /// The store did not acknowledge a unit.
    pub fn on_write_failed(
        &mut self,
        id: UnitId,
        error: &WriteError,
        jitter: u16,
        context: &Context<'_>,
    ) {
        if matches!(error, WriteError::Unknown(_) | WriteError::Overloaded(_)) {
            self.counts.writes_unknown = self.counts.writes_unknown.saturating_add(1);
        }
        let Some(unit) = self.units.get_mut(&id) else { return };
        let wait = match retry::verdict(error, unit.attempts, jitter) {
            Verdict::Again(wait) => wait,
            Verdict::Split if self.split(id, error, context) => return,
            Verdict::Split => retry::backoff(u32::MAX, jitter).max(Duration::from_millis(100)),
        };
        if let Some(unit) = self.units.get_mut(&id) {
            unit.attempts = unit.attempts.saturating_add(1);
            unit.due = Some(context.elapsed.saturating_add(wait));
        }
    }

    /// The store refuses the content of a unit: its halves are written apart, down to one row; a
    /// row that is refused alone, in a day that took others, is given up into the dead letters.
    /// Says whether anything could be done.
    fn split(&mut self, id: UnitId, error: &WriteError, context: &Context<'_>) -> bool {
        let Some(unit) = self.units.get(&id) else { return false };
        let rows: usize = unit.rows.iter().map(Vec::len).sum();
        if rows > 1 {
            let Some(unit) = self.units.remove(&id) else { return false };
            self.issue_halves(&unit, rows.div_euclid(2));
            return true;
        }
        let takes_others = unit
            .write
            .batches
            .first()
            .is_some_and(|batch| self.known_days.has(&(batch.project, batch.day)));
        if !takes_others {
            return false;
        }
        let Some(unit) = self.units.remove(&id) else { return false };
        for (ticket, _) in unit.tickets.into_iter().flatten() {
            self.give_up(ticket, error);
        }
        self.write_due(context);
        true
    }

    /// The first `rows` rows in one unit, the others in another. Cursors are left to later units.
    fn issue_halves(&mut self, unit: &Unit, rows: usize) {
        let mut halves = [Half::default(), Half::default()];
        let [first, second] = &mut halves;
        for ((batch, refs), tickets) in unit.write.batches.iter().zip(&unit.rows).zip(&unit.tickets)
        {
            let cut = rows.saturating_sub(first.rows);
            first.take(batch, refs, tickets, 0..cut.min(refs.len()));
            second.take(batch, refs, tickets, cut.min(refs.len())..refs.len());
        }
        for half in halves {
            let id = self.next_unit;
            self.next_unit = id.saturating_add(1);
            let write = Arc::new(WriteUnit { batches: half.batches, cursors: Vec::new() });
            self.effects.push(Effect::Write(id, Arc::clone(&write)));
            let unit = Unit {
                write,
                rows: half.refs,
                tickets: half.tickets,
                attempts: 0,
                due: None,
                oldest_event: None,
            };
            self.units.insert(id, unit);
        }
    }

    fn give_up(&mut self, ticket: Ticket, error: &WriteError) {
        let Some(part) = self.parts.get(&ticket.partition) else { return };
        let Some((batch, index)) = part.ledger.origin(ticket.slot) else { return };
        let batch = Arc::clone(batch);
        let Some(record) = batch.get(*index) else { return };
        let letter = self.dead_letter(record, "store_refused", error.to_string());
        add(&mut self.counts.rejected, "store_refused", 1);
        self.effects.push(Effect::DeadLetter(ticket, Box::new(letter)));
    }
}

/// One half of a unit that is written in two.
#[derive(Default)]
struct Half {
    batches: Vec<DayBatch>,
    refs: Vec<Vec<RowRef>>,
    tickets: Vec<Vec<(Ticket, usize)>>,
    rows: usize,
}

impl Half {
    fn take(
        &mut self,
        batch: &DayBatch,
        refs: &[RowRef],
        tickets: &[(Ticket, usize)],
        range: std::ops::Range<usize>,
    ) {
        let Some(rows) = batch.rows.get(range.clone()).filter(|rows| !rows.is_empty()) else {
            return;
        };
        self.rows = self.rows.saturating_add(rows.len());
        self.batches.push(DayBatch { rows: rows.to_vec(), ..batch.clone() });
        self.refs.push(refs.get(range.clone()).unwrap_or_default().to_vec());
        let within = tickets.iter().filter(|(_, index)| range.contains(index));
        self.tickets.push(
            within.map(|(ticket, index)| (*ticket, index.saturating_sub(range.start))).collect(),
        );
    }
}
