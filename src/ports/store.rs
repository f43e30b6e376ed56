//! The store of rows: the worker and the API write, the query run and the API read.

use std::future::Future;
use std::sync::Arc;

use crate::dial::ItemKey;
use crate::dial::row::{DayBatch, EditWrite, Row};
use crate::value::{CallId, Day, ItemId, Micros, ProjectId};

/// What one write carries.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WriteUnit {
    /// Rows, one batch per project-day.
    pub batches: Vec<DayBatch>,
    /// Positions of the log that become true with the rows; only where the store keeps them.
    pub cursors: Vec<Cursor>,
}

/// A resume position kept beside the rows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cursor {
    /// Name of the topic or file.
    pub source: Arc<str>,
    /// Log partition of it.
    pub number: u16,
    /// The next offset to read.
    pub next: u64,
    /// The greatest id time accepted below it.
    pub floor: Micros,
    /// Number of log partitions then.
    pub parts: u16,
}

/// What a store makes atomic.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Atomicity {
    /// A project-day's batch. Units hold one batch and no cursors; several may be in flight.
    PerDay,
    /// The whole unit with its cursors. One unit is in flight at a time.
    WholeUnit,
}

/// Why a write did not succeed, and what is true then.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WriteError {
    /// Nothing of it was applied. Repeat it.
    #[error("the store did not take the write: {0}")]
    NotApplied(String),
    /// It may be applied, now or later. Repeat it: the same write again changes nothing more.
    #[error("the outcome of the write is unknown: {0}")]
    Unknown(String),
    /// The store is overloaded; the outcome is unknown. Repeat it with fewer in flight.
    #[error("the store is overloaded: {0}")]
    Overloaded(String),
    /// Credentials, rights or schema. Stall and say so; never skip.
    #[error("the store refused us: {0}")]
    Refused(String),
    /// The store refuses this very content: too large, or a bad row.
    #[error("the store refused the rows: {0}")]
    Invalid(String),
}

impl WriteError {
    /// Stable label for metrics.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::NotApplied(_) => "not_applied",
            Self::Unknown(_) => "unknown",
            Self::Overloaded(_) => "overloaded",
            Self::Refused(_) => "refused",
            Self::Invalid(_) => "invalid",
        }
    }
}

/// Why a read did not succeed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReadError {
    /// Not now: repeat it.
    #[error("the store does not answer: {0}")]
    Unavailable(String),
    /// Credentials, rights or schema.
    #[error("the store refused us: {0}")]
    Refused(String),
    /// A row or page holds what this program cannot read.
    #[error("the store holds something unreadable: {0}")]
    Unreadable(String),
}

/// Rows of dials, for those who change them.
pub trait DialStore: Send + Sync {
    /// What [`DialStore::write`] makes atomic.
    fn atomicity(&self) -> Atomicity;

    /// Reads the rows of these keys, in the order of the keys. Sees every acknowledged write.
    /// A key whose id carries no time is looked up through its locator first; the row then has the
    /// locator's `created_at`.
    fn load(
        &self,
        keys: &[ItemKey],
    ) -> impl Future<Output = Result<Vec<Option<Row>>, ReadError>> + Send;

    /// Writes the unit; durable when it returns. Directory rows and locators are there before the
    /// rows. Cells keep the greatest version, so repeats and stale writes change nothing.
    fn write(&self, unit: &WriteUnit) -> impl Future<Output = Result<(), WriteError>> + Send;

    /// Writes cells that no fold write touches; durable when it returns. A repeat is free.
    fn edit(&self, edit: &EditWrite) -> impl Future<Output = Result<(), WriteError>> + Send;

    /// The cursors kept with the rows of one source; empty where the store keeps none.
    fn cursors(&self, source: &str) -> impl Future<Output = Result<Vec<Cursor>, ReadError>> + Send;
}

/// A stretch of `created_at` inside one project-day: `from ≤ created_at < to`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DayRange {
    /// The project.
    pub project: ProjectId,
    /// The day.
    pub day: Day,
    /// First instant.
    pub from: Micros,
    /// First instant after it.
    pub to: Micros,
}

impl DayRange {
    /// The whole day.
    pub fn whole(project: ProjectId, day: Day) -> Self {
        Self { project, day, from: day.start(), to: day.end() }
    }
}

/// A page of rows: `created_at` descending, then id ascending.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RowPage {
    /// The rows; deleted ones are there, marked.
    pub rows: Vec<Row>,
    /// Where to go on; `None` = no more.
    pub next: Option<PageCursor>,
}

/// A page of keys in the order of [`RowPage`]: deleted rows are not there, so that it may be
/// shorter than asked for and not the last.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KeyPage {
    /// The keys.
    pub keys: Vec<ItemKey>,
    /// Where to go on; `None` = no more.
    pub next: Option<PageCursor>,
}

/// The last row of a page: the next page begins behind it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PageCursor {
    /// Its `created_at`.
    pub created_at: Micros,
    /// Its id.
    pub item: ItemId,
}

/// Rows, for those who read.
pub trait ItemReader: Send + Sync {
    /// One row, deleted or not; sees every acknowledged write.
    fn get(&self, key: &ItemKey) -> impl Future<Output = Result<Option<Row>, ReadError>> + Send;

    /// `created_at` of an item whose id carries no time.
    fn locate(
        &self,
        project: ProjectId,
        item: ItemId,
    ) -> impl Future<Output = Result<Option<Micros>, ReadError>> + Send;

    /// Starts of the further slices in which a call has items (not those its own id names).
    fn slices(
        &self,
        project: ProjectId,
        call: CallId,
    ) -> impl Future<Output = Result<Vec<Micros>, ReadError>> + Send;

    /// A page of at most `size` rows of a range, behind `after`.
    fn day(
        &self,
        range: &DayRange,
        after: Option<PageCursor>,
        size: usize,
    ) -> impl Future<Output = Result<RowPage, ReadError>> + Send;

    /// The keys of the page that [`ItemReader::day`] reads; no cell of a row is read but its
    /// deletion.
    fn keys(
        &self,
        range: &DayRange,
        after: Option<PageCursor>,
        size: usize,
    ) -> impl Future<Output = Result<KeyPage, ReadError>> + Send;
}

/// The directory of project-days.
pub trait Directory: Send + Sync {
    /// The project's days that ever had an item, newest first, between two days (both included).
    fn days(
        &self,
        project: ProjectId,
        from: Day,
        to: Day,
    ) -> impl Future<Output = Result<Vec<Day>, ReadError>> + Send;

    /// Whether no project has any day: then every dial is new.
    fn is_empty(&self) -> impl Future<Output = Result<bool, ReadError>> + Send;
}
