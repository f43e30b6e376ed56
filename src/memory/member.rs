//! One member of the in-memory broker, as an [`EventLog`].

use std::sync::Arc;

use crate::ports::log::{Commit, EventLog, LogEnd, LogError, LogPartition, Polled, RecordBatch};

use super::log::{Kept, MemberId, MemoryBroker, State};

/// Reads what it was given. Dropped without [`EventLog::close`] it has crashed: commits that were
/// not yet durable are gone.
#[derive(Debug)]
pub struct MemoryLog {
    broker: MemoryBroker,
    id: MemberId,
}

impl From<&MemoryLog> for MemberId {
    fn from(member: &MemoryLog) -> Self {
        member.id
    }
}

impl Drop for MemoryLog {
    fn drop(&mut self) {
        self.broker.act(|state| state.leave(self.id));
    }
}

impl MemoryLog {
    pub(super) fn new(broker: MemoryBroker, id: MemberId) -> Self {
        Self { broker, id }
    }

    /// What there is without waiting.
    fn take(&self, batch: &mut RecordBatch, room: usize) -> Option<Polled> {
        let now = self.broker.clock.now();
        self.broker.state.with(|state| {
            state.settle(now);
            if let Some(event) = take_mail(state, self.id) {
                return Some(event);
            }
            let before = batch.len();
            if room > 0 {
                take_records(state, self.id, batch, room);
            }
            if batch.len() > before {
                return Some(Polled::Records);
            }
            (state.is_finite && has_all(state, self.id)).then_some(Polled::Ended)
        })
    }
}

/// The next rebalance; from then on the member reads accordingly.
fn take_mail(state: &mut State, id: MemberId) -> Option<Polled> {
    let member = state.members.get_mut(&id)?;
    let event = member.mail.pop_front()?;
    match &event {
        Polled::Assigned(assignments) => {
            member.held.extend(assignments.iter().map(|a| (a.partition, a.start)));
        }
        Polled::Revoked(partitions) | Polled::Lost(partitions) => {
            member.held.retain(|partition, _| !partitions.contains(partition));
        }
        Polled::Records | Polled::Ended => {}
    }
    Some(event)
}

fn take_records(state: &mut State, id: MemberId, batch: &mut RecordBatch, room: usize) {
    let Some(member) = state.members.get(&id) else { return };
    let full = batch.bytes().saturating_add(room);
    let mut positions = member.held.clone();
    for (partition, position) in &mut positions {
        let Some(part) = state.part(*partition) else { continue };
        let first = part.records.partition_point(|kept| kept.offset < *position);
        for kept in part.records.iter().skip(first) {
            if batch.bytes() >= full {
                break;
            }
            push(batch, *partition, kept);
            *position = kept.offset + 1;
        }
    }
    if let Some(member) = state.members.get_mut(&id) {
        member.held = positions;
    }
}

fn push(batch: &mut RecordBatch, partition: LogPartition, kept: &Kept) {
    let record = &kept.record;
    batch.push(partition, kept.offset, Some(kept.time), Some(&record.key), Some(&record.value));
    for (name, value) in &record.headers {
        batch.push_header(name, Some(value));
    }
}

fn has_all(state: &State, id: MemberId) -> bool {
    let Some(member) = state.members.get(&id) else { return true };
    member.held.iter().all(|(partition, position)| {
        let last = state.part(*partition).and_then(|part| part.records.last());
        last.is_none_or(|kept| kept.offset < *position)
    })
}

impl EventLog for MemoryLog {
    fn sources(&self) -> Vec<Arc<str>> {
        let names = |state: &mut State| state.topics.iter().map(|t| Arc::clone(&t.name)).collect();
        self.broker.state.with(names)
    }

    async fn next(&mut self, batch: &mut RecordBatch, room: usize) -> Result<Polled, LogError> {
        loop {
            // Hears of every change from here on, also of one before it is waited for.
            let changed = self.broker.changed().notified();
            if let Some(polled) = self.take(batch, room) {
                return Ok(polled);
            }
            changed.await;
        }
    }

    fn commit(&mut self, commits: &[Commit]) {
        let now = self.broker.clock.now();
        self.broker.act(|state| state.ask(self.id, commits, now));
    }

    async fn hand_back(&mut self, commits: &[Commit]) {
        self.broker.act(|state| {
            state.land_all(self.id, commits);
            state.release(self.id);
        });
    }

    fn ends(&self) -> Vec<LogEnd> {
        self.broker.state.with(|state| {
            let Some(member) = state.members.get(&self.id) else { return Vec::new() };
            let end = |partition: &LogPartition| {
                state.part(*partition).map(|part| LogEnd { partition: *partition, end: part.end })
            };
            member.held.keys().filter_map(end).collect()
        })
    }

    async fn close(self, commits: &[Commit]) -> Result<(), LogError> {
        self.broker.act(|state| state.land_all(self.id, commits));
        Ok(())
    }
}
