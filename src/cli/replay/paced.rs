//! A log that is read no faster than it may be, and whose position is kept.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::position::Handle;
use crate::ports::log::{Commit, EventLog, LogEnd, LogError, Polled, RecordBatch};

/// What a record is taken to weigh where a poll is to bring no more than a tenth of a second.
const RECORD_BYTES: usize = 256;

/// When the next records of a stretch may be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    per_second: Option<NonZeroU32>,
    due: Instant,
}

impl Pace {
    pub(super) fn new(per_second: Option<u32>) -> Self {
        Self { per_second: per_second.and_then(NonZeroU32::new), due: Instant::now() }
    }

    fn room(&self, room: usize) -> usize {
        let Some(per_second) = self.per_second else { return room };
        let records = usize::try_from(per_second.get().div_ceil(10)).unwrap_or(usize::MAX);
        room.min(records.saturating_mul(RECORD_BYTES))
    }

    fn spend(&mut self, records: usize) {
        let Some(per_second) = self.per_second else { return };
        let records = u32::try_from(records).unwrap_or(u32::MAX);
        self.due =
            self.due.max(Instant::now()) + Duration::from_secs(1) * records / per_second.get();
    }
}

/// The log within its pace.
pub(super) struct Paced<L> {
    log: L,
    pace: Pace,
    position: Handle,
}

impl<L> Paced<L> {
    pub(super) fn new(log: L, pace: Pace, position: Handle) -> Self {
        Self { log, pace, position }
    }
}

impl<L: EventLog> EventLog for Paced<L> {
    fn sources(&self) -> Vec<Arc<str>> {
        self.log.sources()
    }

    async fn next(&mut self, batch: &mut RecordBatch, room: usize) -> Result<Polled, LogError> {
        if room > 0 && self.pace.per_second.is_some() {
            // Dropped while it waits it has taken nothing.
            sleep_until(self.pace.due).await;
        }
        let polled = self.log.next(batch, self.pace.room(room)).await?;
        if matches!(polled, Polled::Records) {
            self.pace.spend(batch.len());
            self.position.read(batch.len());
        }
        Ok(polled)
    }

    fn commit(&mut self, commits: &[Commit]) {
        self.position.move_to(commits);
        self.log.commit(commits);
    }

    async fn hand_back(&mut self, commits: &[Commit]) {
        self.log.hand_back(commits).await;
    }

    fn ends(&self) -> Vec<LogEnd> {
        self.log.ends()
    }

    async fn close(self, commits: &[Commit]) -> Result<(), LogError> {
        self.position.close(commits);
        self.log.close(commits).await
    }
}
