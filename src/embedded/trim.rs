//! Retention of the local log: old records that every reader is done with.

use std::time::Duration;

use fjall::Slice;

use crate::value::Micros;

use super::database::{Space, Spaces};
use super::layout::{key, record};
use super::log::LOCAL_SOURCE;
use super::stage::Stage;
use super::writer::Fault;

/// Records taken in one batch.
const STEP: usize = 2_000;
/// How often the log is looked at.
const EVERY: Duration = Duration::from_mins(10);

/// When to trim, and how far.
pub(super) struct Trim {
    keep: Option<Duration>,
    next: Micros,
}

impl Trim {
    pub(super) fn new(keep: Option<Duration>) -> Self {
        Self { keep, next: Micros::MIN }
    }

    /// The record time below which records may go, if it is time to look.
    pub(super) fn due(&mut self, now: Micros) -> Option<Micros> {
        let keep = self.keep?;
        (now >= self.next).then(|| now.minus(keep))
    }

    /// Removes a step of records: older than `before`, below the cursor of their log partition, and
    /// never the newest one of it, from which a restart learns offset and time. Gives their number.
    pub(super) fn stage(
        &mut self,
        stage: &mut Stage<'_>,
        spaces: &Spaces,
        before: Micros,
    ) -> Result<usize, Fault> {
        let mut taken = 0;
        for partition in 0..spaces.log_partitions {
            taken += trim_partition(stage, spaces, partition, before, STEP - taken)?;
        }
        if taken < STEP {
            self.next = self.keep.map_or(self.next, |keep| before.plus(keep).plus(EVERY));
        }
        Ok(taken)
    }
}

fn trim_partition(
    stage: &mut Stage<'_>,
    spaces: &Spaces,
    partition: u16,
    before: Micros,
    room: usize,
) -> Result<usize, Fault> {
    let unreadable = |error: &dyn std::fmt::Display| Fault::NotApplied(error.to_string());
    let place = Slice::from(key::cursor(LOCAL_SOURCE, partition));
    let Some(cursor) = stage.get(Space::Cursor, &place)? else { return Ok(0) };
    let done = record::decode_cursor(LOCAL_SOURCE, partition, &cursor)
        .map_err(|error| unreadable(&error))?
        .next;
    let log = spaces.get(Space::Log);
    let newest = log.prefix(partition.to_be_bytes()).next_back();
    let newest = newest.map(fjall::Guard::key).transpose().map_err(|error| unreadable(&error))?;
    let newest = newest.and_then(|key| key::read_offset(&key)).unwrap_or(0);
    let end = key::record(partition, done.min(newest));
    let mut taken = 0;
    for guard in log.range(key::record(partition, 0)..end).take(room) {
        let (key, value) = guard.into_inner().map_err(|error| unreadable(&error))?;
        if record::record_time(&value).map_err(|error| unreadable(&error))? >= before {
            break;
        }
        stage.remove(Space::Log, key);
        taken += 1;
    }
    Ok(taken)
}
