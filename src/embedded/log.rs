//! The durable local log: the writer's end of it, and the reader as an [`EventLog`].
//! Assignment is the whole log, at once and for good: there is one process.

use std::sync::Arc;

use fjall::Slice;
use tokio::sync::watch;

use crate::ports::log::{
    Assignment, Commit, CommitMetadata, EventLog, LogEnd, LogError, LogPartition, NewRecord,
    Polled, RecordBatch,
};
use crate::ports::store::Cursor;
use crate::value::Micros;

use super::database::{Space, Spaces};
use super::handle::Embedded;
use super::layout::codec::DecodeError;
use super::layout::{key, record};
use super::stage::Stage;
use super::writer::{Fault, Progress, Work};

/// Name of the local log as a source: of its cursors and dead letters.
pub const LOCAL_SOURCE: &str = "local";

/// Largest record that is taken, key and headers included.
const RECORD_BYTES_MAX: usize = 2 << 20;
/// Records taken in one poll: bounds how long reading holds the runtime.
const POLL_RECORDS_MAX: usize = 4_096;

/// Where the writer goes on in each log partition.
pub(super) struct LogTail(Vec<Tail>);

#[derive(Clone, Copy)]
struct Tail {
    next: u64,
    last_time: Micros,
}

impl LogTail {
    /// Finds the newest record of each log partition.
    pub(super) fn find(spaces: &Spaces) -> Result<Self, String> {
        let mut tails = Vec::new();
        for partition in 0..spaces.log_partitions {
            let newest = spaces.get(Space::Log).prefix(partition.to_be_bytes()).next_back();
            let Some(guard) = newest else {
                tails.push(Tail { next: 0, last_time: Micros::MIN });
                continue;
            };
            let (key, value) = guard.into_inner().map_err(|error| error.to_string())?;
            let offset = key::read_offset(&key).ok_or("a key of the log is damaged")?;
            let last_time = record::record_time(&value).map_err(|error| error.to_string())?;
            tails.push(Tail { next: offset + 1, last_time });
        }
        Ok(Self(tails))
    }

    /// Offsets that the next records will get.
    pub(super) fn ends(&self) -> Vec<u64> {
        self.0.iter().map(|tail| tail.next).collect()
    }

    /// Stages all records, or none. Record time rises along each log partition.
    pub(super) fn append(
        &mut self,
        stage: &mut Stage<'_>,
        records: &[NewRecord],
        now: Micros,
    ) -> Result<(), Fault> {
        if let Some(bytes) = records.iter().map(size).find(|bytes| *bytes > RECORD_BYTES_MAX) {
            return Err(Fault::Invalid(format!("{bytes} bytes, at most {RECORD_BYTES_MAX}")));
        }
        let parts = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        for new in records {
            let number = partition_of(&new.key, parts);
            let Some(tail) = self.0.get_mut(usize::from(number)) else { continue };
            let time = now.max(Micros::new(tail.last_time.get().saturating_add(1)));
            let place = key::record(number, tail.next);
            stage.put(Space::Log, place.into(), record::encode(new, time).into())?;
            *tail = Tail { next: tail.next + 1, last_time: time };
        }
        Ok(())
    }
}

fn size(record: &NewRecord) -> usize {
    let headers: usize = record.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    record.key.len() + record.value.len() + headers
}

/// The log partition of a record key: as Kafka's Java client places it among `parts`.
fn partition_of(key: &[u8], parts: u32) -> u16 {
    let positive = murmur2(key) & 0x7FFF_FFFF;
    u16::try_from(positive % parts.max(1)).unwrap_or(0)
}

/// Austin Appleby's `MurmurHash2` with the seed of Kafka's `Utils.murmur2`.
fn murmur2(bytes: &[u8]) -> u32 {
    const M: u32 = 0x5BD1_E995;
    let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let mut hash = 0x9747_B28C ^ len;
    let mut words = bytes.chunks_exact(4);
    for word in &mut words {
        let word: [u8; 4] = word.try_into().unwrap_or_default();
        let mut k = u32::from_le_bytes(word).wrapping_mul(M);
        k ^= k >> 24;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        for (at, byte) in rest.iter().enumerate() {
            hash ^= u32::from(*byte) << (8 * at);
        }
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ (hash >> 15)
}

/// Reads the local log from its cursors on.
pub struct LocalLog {
    store: Embedded,
    progress: watch::Receiver<Progress>,
    /// The next offset to read, per log partition; `None` before the assignment.
    positions: Option<Vec<u64>>,
    /// The log partition that is read first by the next poll.
    turn: u16,
}

impl std::fmt::Debug for LocalLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalLog").field("positions", &self.positions).finish_non_exhaustive()
    }
}

impl LocalLog {
    pub(super) fn new(store: Embedded) -> Self {
        let progress = store.progress();
        Self { store, progress, positions: None, turn: 0 }
    }

    fn assign(&mut self) -> Result<Vec<Assignment>, LogError> {
        let spaces = self.store.spaces();
        let parts = spaces.log_partitions;
        let mut positions = Vec::new();
        let mut assignments = Vec::new();
        for number in 0..parts {
            let cursor = read_cursor(spaces, number)?;
            let from = key::record(number, cursor.as_ref().map_or(0, |cursor| cursor.next));
            let to = key::record(number, u64::MAX);
            let first = match spaces.get(Space::Log).range(from..=to).next() {
                Some(guard) => key::read_offset(&guard.key().map_err(|error| disk(&error))?),
                None => None,
            };
            let start = cursor.as_ref().map_or(first.unwrap_or(0), |cursor| cursor.next);
            let partition = LogPartition { source: 0, number };
            let committed =
                cursor.map(|cursor| CommitMetadata { floor: cursor.floor, parts: cursor.parts });
            positions.push(start);
            assignments.push(Assignment { partition, tenure: 1, start, committed, parts });
        }
        self.positions = Some(positions);
        Ok(assignments)
    }

    /// What there is without waiting.
    pub(super) fn take(
        &mut self,
        batch: &mut RecordBatch,
        room: usize,
    ) -> Result<Option<Polled>, LogError> {
        if self.positions.is_none() {
            return self.assign().map(|assigned| Some(Polled::Assigned(assigned)));
        }
        if let Some(reason) = &self.progress.borrow_and_update().broken {
            return Err(disk(reason));
        }
        let before = batch.len();
        if room > 0 {
            self.take_records(batch, room)?;
        }
        Ok((batch.len() > before).then_some(Polled::Records))
    }

    /// Waits until it makes sense to look again.
    pub(super) async fn ready(&mut self) -> Result<(), LogError> {
        self.progress.changed().await.map_err(|_| disk(&"its writer has ended"))
    }

    /// Takes records log partition by log partition, each turn beginning with another.
    fn take_records(&mut self, batch: &mut RecordBatch, room: usize) -> Result<(), LogError> {
        let Some(positions) = &mut self.positions else { return Ok(()) };
        let spaces = self.store.spaces();
        let ends = self.progress.borrow().ends.clone();
        let parts = spaces.log_partitions;
        let full = batch.bytes().saturating_add(room);
        let most = batch.len().saturating_add(POLL_RECORDS_MAX);
        for step in 0..parts {
            let number = (self.turn + step) % parts;
            let at = usize::from(number);
            let (Some(position), Some(end)) = (positions.get_mut(at), ends.get(at)) else {
                continue;
            };
            let range = key::record(number, *position)..key::record(number, *end);
            if range.is_empty() {
                continue;
            }
            for guard in spaces.get(Space::Log).range(range) {
                if batch.bytes() >= full || batch.len() >= most {
                    break;
                }
                let (key, value) = guard.into_inner().map_err(|error| disk(&error))?;
                let offset = key::read_offset(&key).ok_or_else(|| disk(&DecodeError::Short))?;
                let partition = LogPartition { source: 0, number };
                record::push(&value, partition, offset, batch).map_err(|error| disk(&error))?;
                *position = offset + 1;
            }
        }
        self.turn = (self.turn + 1) % parts;
        Ok(())
    }

    fn cursors(commits: &[Commit]) -> Vec<Cursor> {
        let cursor = |commit: &Commit| Cursor {
            source: LOCAL_SOURCE.into(),
            number: commit.partition.number,
            next: commit.next,
            floor: commit.metadata.floor,
            parts: commit.metadata.parts,
        };
        commits.iter().map(cursor).collect()
    }
}

pub(super) fn disk(error: &dyn std::fmt::Display) -> LogError {
    LogError::Disk(error.to_string())
}

fn read_cursor(spaces: &Spaces, number: u16) -> Result<Option<Cursor>, LogError> {
    let place = Slice::from(key::cursor(LOCAL_SOURCE, number));
    let value = spaces.get(Space::Cursor).get(&place).map_err(|error| disk(&error))?;
    let read = value.map(|value| record::decode_cursor(LOCAL_SOURCE, number, &value));
    read.transpose().map_err(|error| disk(&error))
}

impl EventLog for LocalLog {
    fn sources(&self) -> Vec<Arc<str>> {
        vec![LOCAL_SOURCE.into()]
    }

    async fn next(&mut self, batch: &mut RecordBatch, room: usize) -> Result<Polled, LogError> {
        loop {
            if let Some(polled) = self.take(batch, room)? {
                return Ok(polled);
            }
            // Nothing was taken: a future that is dropped here loses nothing.
            self.ready().await?;
        }
    }

    /// Cursors that came with rows are there already; these follow without a sync of their own.
    fn commit(&mut self, commits: &[Commit]) {
        self.store.send_unanswered(Work::Cursors(Self::cursors(commits)));
    }

    async fn hand_back(&mut self, commits: &[Commit]) {
        let cursors = Self::cursors(commits);
        if let Err(fault) = self.store.work(Work::Cursors(cursors)).await {
            tracing::warn!(?fault, "the last cursors of the local log were not written");
        }
    }

    fn ends(&self) -> Vec<LogEnd> {
        let progress = self.progress.borrow();
        let numbered = (0_u16..).zip(&progress.ends);
        let end = |(number, end): (u16, &u64)| LogEnd {
            partition: LogPartition { source: 0, number },
            end: *end,
        };
        numbered.map(end).collect()
    }

    async fn close(self, commits: &[Commit]) -> Result<(), LogError> {
        let cursors = Self::cursors(commits);
        let written = self.store.work(Work::Cursors(cursors)).await;
        written.map_err(|fault| LogError::Disk(format!("{fault:?}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_kafkas_java_client() {
        // Vectors of org.apache.kafka.common.utils.UtilsTest#testMurmur2.
        for (key, hash) in [
            ("21", -973_932_308_i32),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            ("abc", 479_470_107),
        ] {
            assert_eq!(murmur2(key.as_bytes()).cast_signed(), hash, "{key}");
        }
    }
}
