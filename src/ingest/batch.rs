//! Rows waiting to be written, grouped by project-day. It knows which rows, not their content:
//! the state is taken from the cache when the batch is written, so a dial is written once however
//! many of its events the batch holds.

use std::collections::VecDeque;
use std::time::Duration;

use hashbrown::HashMap;

use crate::ports::log::LogPartition;
use crate::value::{Day, Micros, ProjectId};

use super::cache::Place;
use super::effect::Ticket;

/// One row in a batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RowRef {
    /// Whose cache holds it.
    pub partition: LogPartition,
    /// The tenure it was put there in.
    pub tenure: u64,
    /// Where.
    pub place: Place,
}

/// What waits for one project-day.
#[derive(Debug, Default)]
pub struct Pending {
    /// Rows to write.
    pub rows: Vec<RowRef>,
    /// Records that become durable with them, each with the index of its row.
    pub tickets: Vec<(Ticket, usize)>,
    /// Occurrence of the oldest event in it: for the age of what becomes readable.
    pub oldest_event: Option<Micros>,
}

#[derive(Debug)]
struct Group {
    pending: Pending,
    /// When its first row came.
    since: Duration,
    /// Tells the queue's entry for this group from one for a former group of the same day.
    serial: u64,
}

/// Names a group in the queue.
#[derive(Clone, Copy, Debug)]
struct Queued {
    project: ProjectId,
    day: Day,
    serial: u64,
}

/// All project-days with rows waiting; the oldest first.
#[derive(Debug, Default)]
pub struct Batches {
    groups: HashMap<(ProjectId, Day), Group, foldhash::fast::FixedState>,
    queue: VecDeque<Queued>,
    full: VecDeque<Queued>,
    rows: usize,
    next_serial: u64,
}

/// When a batch is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Due {
    /// It has all the rows that one batch may have.
    Full,
    /// Its first row has waited since before this instant.
    OlderThan(Duration),
    /// At once: nothing else is waiting to be read, or memory is short.
    Now,
}

impl Batches {
    /// Rows waiting.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The group of a project-day, begun at `elapsed` if there is none.
    fn group(&mut self, project: ProjectId, day: Day, elapsed: Duration) -> &mut Group {
        let serial = self.next_serial;
        self.groups.entry((project, day)).or_insert_with(|| {
            self.next_serial = serial.wrapping_add(1);
            self.queue.push_back(Queued { project, day, serial });
            Group { pending: Pending::default(), since: elapsed, serial }
        })
    }

    /// Puts a row into the project-day's batch and says at which index. `rows_max` rows make the
    /// batch full.
    pub fn put_row(
        &mut self,
        (project, day): (ProjectId, Day),
        row: RowRef,
        rows_max: usize,
        elapsed: Duration,
    ) -> usize {
        let group = self.group(project, day, elapsed);
        let index = group.pending.rows.len();
        group.pending.rows.push(row);
        let serial = group.serial;
        let is_full = group.pending.rows.len() == rows_max;
        self.rows = self.rows.saturating_add(1);
        if is_full {
            self.full.push_back(Queued { project, day, serial });
        }
        index
    }

    /// Puts a record that becomes durable with a row already in the batch.
    pub fn put_ticket(
        &mut self,
        id: (ProjectId, Day),
        ticket: Ticket,
        row_index: usize,
        occurred_at: Micros,
    ) {
        if let Some(group) = self.groups.get_mut(&id) {
            group.pending.tickets.push((ticket, row_index));
            let oldest = group.pending.oldest_event.map_or(occurred_at, |old| old.min(occurred_at));
            group.pending.oldest_event = Some(oldest);
        }
    }

    /// Takes the oldest batch that is due.
    pub fn take(&mut self, due: Due) -> Option<((ProjectId, Day), Pending)> {
        loop {
            let queued = match due {
                Due::Full => self.full.pop_front()?,
                Due::OlderThan(instant) => {
                    self.drop_stale();
                    let front = *self.queue.front()?;
                    let group = self.groups.get(&(front.project, front.day))?;
                    if group.since >= instant {
                        return None;
                    }
                    self.queue.pop_front()?
                }
                Due::Now => self.queue.pop_front()?,
            };
            let id = (queued.project, queued.day);
            if self.groups.get(&id).is_some_and(|group| group.serial == queued.serial) {
                let pending = self.groups.remove(&id)?.pending;
                self.rows = self.rows.saturating_sub(pending.rows.len());
                return Some((id, pending));
            }
        }
    }

    /// Queue entries of batches that were taken since.
    fn drop_stale(&mut self) {
        while let Some(front) = self.queue.front() {
            let group = self.groups.get(&(front.project, front.day));
            if group.is_some_and(|group| group.serial == front.serial) {
                return;
            }
            self.queue.pop_front();
        }
    }
}
