//! What the planted changes do at the ports of a process.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::dial::event::Ended;
use crate::dial::row::{DayBatch, DirectoryRow, EditWrite, FoldWrite};
use crate::dial::{Facts, ItemKey, Row, State};
use crate::event::{Event, RawRecord, decode};
use crate::ports::log::{Assignment, Commit, Record, RecordBatch};
use crate::ports::store::{WriteError, WriteUnit};
use crate::ports::world::WallClock as _;
use crate::value::{ItemId, Micros};

use super::super::hub::Late;
use super::super::plan::DECODE;
use super::super::plant::Plant;
use super::super::produced::{Dial, dial_of};
use super::super::trace::Actor;
use super::Side;

/// What planted changes remember.
#[derive(Debug, Default)]
pub(in crate::simulator) struct Planted {
    /// The last fact of each register that came, whatever its rank.
    arrived: BTreeMap<Dial, Facts>,
    /// Rows as they were seen first.
    first: BTreeMap<ItemKey, Row>,
}

impl Side {
    pub(super) fn is(&self, plant: Plant) -> bool {
        self.hub.plan.is_planted(plant)
    }

    /// A unit on its way out; `again` says of each row whether it was sent before.
    pub(super) fn tamper_unit(&self, unit: &mut WriteUnit, again: &[bool]) {
        let rows = unit.batches.iter_mut().flat_map(|batch| &mut batch.rows);
        for (write, is_again) in rows.zip(again) {
            self.tamper_row(write, *is_again);
        }
        for batch in &mut unit.batches {
            if self.is(Plant::LocatorAfterRow) || self.is(Plant::DirectoryForgotten) {
                self.send_after(batch);
            }
            if self.is(Plant::RowOfNobody)
                && let Some(write) = batch.rows.first().cloned()
            {
                let mut bytes = *write.key.item.bytes();
                bytes[15] ^= 0x55;
                let item = ItemId::new(uuid::Uuid::from_bytes(bytes));
                batch.rows.push(FoldWrite { key: ItemKey { item, ..write.key }, ..write });
            }
        }
    }

    fn tamper_row(&self, write: &mut FoldWrite, is_again: bool) {
        let state = &mut write.state;
        if self.is(Plant::VersionWithoutRevision) {
            state.revision = 1;
        }
        if self.is(Plant::RetryWithNewTimestamp) && is_again {
            state.revision += 1;
        }
        if self.is(Plant::ReasonMappedAtDecode)
            && let Some(ended) = &mut state.facts.ended
        {
            ended.said = Ended { reason: Some("failed".into()), ..Ended::default() };
        }
        if self.is(Plant::JoinByArrival) {
            let dial = dial_of(&write.key);
            let arrived = self.hub.state.with(|s| s.planted.arrived.get(&dial).cloned());
            if let Some(arrived) = arrived {
                lay_over(&mut state.facts, arrived);
            }
        }
    }

    /// What must be there before the rows goes out behind them.
    fn send_after(&self, batch: &mut DayBatch) {
        let mut after = DayBatch { rows: Vec::new(), ..batch.clone() };
        if self.is(Plant::LocatorAfterRow) {
            batch.locators.clear();
            after.directory = DirectoryRow::Known;
        } else {
            batch.directory = DirectoryRow::Known;
            after.locators.clear();
        }
        // Its sender may have died by then.
        if self.hub.draw(|luck| luck.percent(70)) {
            let unit = WriteUnit { batches: vec![after], cursors: Vec::new() };
            self.hub.keep_back(Late::Write(unit), Duration::from_secs(3));
        }
    }

    pub(super) fn tamper_told(&self, told: Result<(), WriteError>) -> Result<(), WriteError> {
        match told {
            Err(WriteError::Unknown(_)) if self.is(Plant::LostWriteAcknowledged) => Ok(()),
            told => told,
        }
    }

    pub(super) fn tamper_edit(&self, edit: &mut EditWrite) {
        if self.is(Plant::NullInsteadOfUnset) && edit.create.is_none() && edit.deletion.is_none() {
            edit.edits.status_message.get_or_insert(None);
            edit.edits.dial_duration_s.get_or_insert(None);
        }
        if self.is(Plant::EditByClockAlone) {
            let skew = if self.actor == Actor::Api(0) { 0 } else { 500_000_000 };
            edit.wall = self.hub.plan.start.get()
                + skew
                + i64::try_from(self.hub.began.elapsed().as_micros()).unwrap_or(0);
        }
        if self.is(Plant::RevisionRaisedByEdits)
            && edit.create.is_none()
            && let Some(row) = self.hub.store.row(&edit.key)
        {
            let state = State { revision: row.state.revision + 1, ..row.state };
            let rendered = self.hub.store.rendered(&row.key);
            edit.create = rendered.map(|rendered| FoldWrite { key: row.key, state, rendered });
        }
    }

    /// The deletion with its emptied attributes as nulls: they are gone after a while, and what an
    /// older write had there is seen again.
    pub(super) fn tamper_deletion(&self, edit: &EditWrite) {
        if !self.is(Plant::PersonsKeptOnDeletion) || edit.deletion.is_none() {
            return;
        }
        let Some(row) = self.hub.store.row(&edit.key) else { return };
        let Some(rendered) = self.hub.store.rendered(&row.key) else { return };
        // A cell above every edit: what the purged null no longer covers.
        let wall =
            u32::try_from((edit.wall - edit.key.created_at.get()) / 2 + 1).unwrap_or(u32::MAX);
        let state = State { revision: wall, ..row.state };
        let create = Some(FoldWrite { key: edit.key, state, rendered });
        let purged = EditWrite { create, deletion: None, ..edit.clone() };
        self.hub.keep_back(Late::Edit(Box::new(purged)), Duration::from_secs(2));
    }

    pub(super) fn tamper_loaded(&self, rows: &mut [Option<Row>]) {
        for row in rows.iter_mut() {
            if self.is(Plant::RevisionNotLoaded)
                && let Some(row) = row
            {
                row.state.revision = row.state.revision.saturating_sub(1);
            }
            let has_sent = |row: &Row| {
                let dial = dial_of(&row.key);
                self.hub.state.with(|s| s.accounts.has_sent(self.life, dial))
            };
            if self.is(Plant::EvictionWithoutFloor) && row.as_ref().is_some_and(has_sent) {
                *row = None;
            }
        }
    }

    pub(super) fn tamper_read(&self, row: Option<Row>) -> Option<Row> {
        let row = row?;
        if self.is(Plant::StaleRead) && self.hub.draw(|luck| luck.percent(50)) {
            return self.hub.state.with(|s| {
                Some(s.planted.first.entry(row.key).or_insert_with(|| row.clone()).clone())
            });
        }
        Some(row)
    }

    pub(super) fn tamper_commits(&self, commits: &[Commit]) -> Vec<Commit> {
        let mut commits = commits.to_vec();
        for commit in &mut commits {
            if self.is(Plant::CommitAheadOfFrontier) {
                commit.next += 1;
            }
            if self.is(Plant::FloorNotCommitted) {
                commit.metadata.floor = Micros::MIN;
            }
        }
        commits
    }

    pub(super) fn tamper_assignments(&self, assignments: &mut [Assignment]) {
        for assignment in assignments {
            if self.is(Plant::TenureNotChecked) {
                assignment.tenure = 1;
            }
            if self.is(Plant::FloorWithoutMargin) {
                assignment.committed = None;
            }
        }
    }

    /// What was polled, as the process sees it.
    pub(super) fn tamper_batch(&self, batch: &mut RecordBatch) {
        if self.is(Plant::JoinByArrival) {
            for record in batch.iter() {
                self.note_arrival(record);
            }
        }
        if self.is(Plant::RejectByWallClock) {
            // A clock that is ten minutes ahead.
            let wall = self.hub.clock.now().plus(Duration::from_mins(10));
            let mut judged = RecordBatch::default();
            for record in batch.iter() {
                let (partition, offset) = (record.partition(), record.offset());
                judged.push(partition, offset, Some(wall), record.key(), record.value());
                for (name, value) in record.headers() {
                    judged.push_header(name, value);
                }
            }
            *batch = judged;
        }
    }

    fn note_arrival(&self, record: Record<'_>) {
        let raw = RawRecord {
            value: record.value(),
            record_time: record.record_time(),
            headers: record.headers(),
        };
        let Ok(Event::Dial(event)) = decode(raw, &DECODE).map(|decoded| decoded.event) else {
            return;
        };
        let mut alone = State::default();
        alone.inject(&event);
        self.hub.state.with(|s| {
            let arrived = s.planted.arrived.entry(dial_of(&event.key)).or_default();
            lay_over(arrived, alone.facts);
        });
    }
}

/// Whatever the upper facts tell replaces the lower ones.
fn lay_over(lower: &mut Facts, upper: Facts) {
    fn lay<T>(lower: &mut Option<T>, upper: Option<T>) {
        if upper.is_some() {
            *lower = upper;
        }
    }
    lay(&mut lower.dial, upper.dial);
    lay(&mut lower.started, upper.started);
    lay(&mut lower.ringing, upper.ringing);
    lay(&mut lower.answered, upper.answered);
    lay(&mut lower.detected, upper.detected);
    lay(&mut lower.ended, upper.ended);
    lay(&mut lower.cost, upper.cost);
}
