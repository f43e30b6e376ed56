//! The event log: where events come from, where intake puts them, where rejects go.

use std::future::Future;
use std::sync::Arc;

use crate::value::Micros;

pub use super::records::{Record, RecordBatch};

/// One part of the event log, in which order holds. `source` numbers the topics (or files) of a
/// log from 0, in the order of [`EventLog::sources`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LogPartition {
    /// Which topic or file.
    pub source: u16,
    /// Which log partition of it.
    pub number: u16,
}

/// The offset of a record: rises within a log partition, with gaps.
pub type Offset = u64;

/// What [`EventLog::next`] brought.
#[derive(Debug)]
pub enum Polled {
    /// Records were appended to the batch.
    Records,
    /// These log partitions are this process's from now on.
    Assigned(Vec<Assignment>),
    /// These go to another owner: finish what is in flight, then [`EventLog::hand_back`].
    Revoked(Vec<LogPartition>),
    /// These were lost: somebody may own them already. Nothing of them may be committed.
    Lost(Vec<LogPartition>),
    /// A finite log (a file that is not followed, standard input) has no more.
    Ended,
}

/// A log partition given to this process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assignment {
    /// Which one.
    pub partition: LogPartition,
    /// Grows with every assignment of this process; answers of older tenures are dropped.
    pub tenure: u64,
    /// The offset to be read first.
    pub start: Offset,
    /// What the committed offset's metadata said; `None` without any.
    pub committed: Option<CommitMetadata>,
    /// Number of log partitions that the source has now.
    pub parts: u16,
}

/// What is kept with a committed offset (`floor=<ms>;parts=<n>`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CommitMetadata {
    /// The greatest id time accepted below the offset.
    pub floor: Micros,
    /// Number of log partitions then; 0 = the floor is not known.
    pub parts: u16,
}

/// "These are done": everything below `next` of the log partition is durable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Commit {
    /// Which log partition.
    pub partition: LogPartition,
    /// The next offset to read.
    pub next: Offset,
    /// Kept with it.
    pub metadata: CommitMetadata,
}

/// What the log can say about how far it goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LogEnd {
    /// Which log partition.
    pub partition: LogPartition,
    /// Offset that the next record will get.
    pub end: Offset,
}

/// Why the log cannot go on. The caller stops; a restart replays.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LogError {
    /// The client cannot recover (fenced, fatal).
    #[error("the event log cannot go on: {0}")]
    Fatal(String),
    /// Credentials or rights are refused.
    #[error("the event log refused us: {0}")]
    Refused(String),
    /// The local disk failed.
    #[error("the local log failed: {0}")]
    Disk(String),
}

/// Where events come from.
///
/// Order holds within a log partition. Delivery is at least once: after a restart reading goes on
/// at the last committed offset, or from the earliest record without one; never with a gap.
pub trait EventLog: Send {
    /// Names of the sources (topics, files), indexed by [`LogPartition::source`].
    fn sources(&self) -> Vec<Arc<str>>;

    /// Waits for records, a rebalance or the end. Appends at most about `room` bytes of records to
    /// `batch`; with `room` 0 no records are taken, but rebalances still arrive and membership is
    /// kept. Safe to drop while it waits: nothing is lost.
    fn next(
        &mut self,
        batch: &mut RecordBatch,
        room: usize,
    ) -> impl Future<Output = Result<Polled, LogError>> + Send;

    /// Hands over frontiers. Returns at once; durable within about a second, or at `hand_back` or
    /// `close`. A refused commit is counted by the adapter and carried by the next one.
    fn commit(&mut self, commits: &[Commit]);

    /// Ends the ownership of revoked log partitions: commits their frontiers for good and lets the
    /// rebalance go on.
    fn hand_back(&mut self, commits: &[Commit]) -> impl Future<Output = ()> + Send;

    /// Ends of the log partitions held, as far as they are known; for lag.
    fn ends(&self) -> Vec<LogEnd>;

    /// Commits for good and leaves. Ends within a bounded time even if the log is not reachable.
    fn close(self, commits: &[Commit]) -> impl Future<Output = Result<(), LogError>> + Send;
}

/// A record to append.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewRecord {
    /// The record key: it decides the log partition.
    pub key: Vec<u8>,
    /// Names and values.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The value, byte for byte.
    pub value: Vec<u8>,
}

/// Why records were not appended.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AppendError {
    /// Not now: log not reachable, disk full. Some may have been appended; a repeat is harmless.
    #[error("the event log does not take records now: {0}")]
    Unavailable(String),
    /// Too large for the log.
    #[error("the event log refuses the record: {0}")]
    TooLarge(String),
}

/// Where events are put.
pub trait EventSink: Send + Sync {
    /// Appends all; durable when it returns. Order of records with one key is kept.
    fn append(
        &self,
        records: Vec<NewRecord>,
    ) -> impl Future<Output = Result<(), AppendError>> + Send;
}

/// A record that can never be folded, with its reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeadLetter {
    /// Name of the topic or file.
    pub source: Arc<str>,
    /// Where it was.
    pub partition: LogPartition,
    /// Where it was.
    pub offset: Offset,
    /// When the log took it.
    pub record_time: Option<Micros>,
    /// Original key.
    pub key: Option<Vec<u8>>,
    /// Original headers.
    pub headers: Vec<(String, Option<Vec<u8>>)>,
    /// Original value, byte for byte.
    pub value: Option<Vec<u8>>,
    /// Stable label of the reason.
    pub reason: &'static str,
    /// One sentence; no payload text.
    pub error: String,
    /// How often it was redriven before.
    pub attempts: u32,
}

/// Where rejects go.
pub trait DeadLetters: Send + Sync {
    /// Keeps it; durable when it returns. A repeat of one (source, log partition, offset) is
    /// harmless: readers show one.
    fn put(&self, letter: &DeadLetter) -> impl Future<Output = Result<(), AppendError>> + Send;
}
