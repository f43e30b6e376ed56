//! The in-memory store of rows: the same last-write-wins as the real ones, with scripted faults.

use crate::dial::ItemKey;
use crate::dial::row::{EditWrite, Row};
use crate::item::Rendered;
use crate::ports::store::{Atomicity, Cursor, DialStore, ReadError, WriteError, WriteUnit};

use super::faults::{Faults, WriteFault};
use super::shared::Shared;
use super::tables::{Tables, place};

type Change = Box<dyn FnOnce(&mut Tables) + Send>;

struct Inner {
    tables: Tables,
    /// Writes that their writer gave up on and that may still come.
    late: Vec<Change>,
}

/// A store in memory; clones share it.
#[derive(Clone, Debug)]
pub struct MemoryStore {
    inner: Shared<Inner>,
    faults: Faults,
    atomicity: Atomicity,
}

impl MemoryStore {
    /// An empty store that makes this much atomic.
    pub fn new(atomicity: Atomicity) -> Self {
        let inner = Inner { tables: Tables::default(), late: Vec::new() };
        Self { inner: Shared::new(inner), faults: Faults::new(), atomicity }
    }

    /// The script of what goes wrong.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Applies every write that was [`WriteFault::Late`]; gives their number.
    pub fn surface(&self) -> usize {
        self.inner.with(|inner| {
            let late = std::mem::take(&mut inner.late);
            let count = late.len();
            for change in late {
                change(&mut inner.tables);
            }
            count
        })
    }

    /// Writes so far whose facts differ from others of the same row and version. Within one
    /// release there is never one.
    pub fn ties(&self) -> u64 {
        self.inner.with(|inner| inner.tables.ties)
    }

    /// Every row there is, past all scripts: for checks of invariants.
    pub fn rows(&self) -> Vec<Row> {
        self.inner.with(|inner| {
            let rows = inner.tables.rows.iter();
            rows.map(|(&(project, _, created_at, item), row)| {
                row.read(ItemKey { project, created_at: created_at.0, item })
            })
            .collect()
        })
    }

    /// One row, looked up as a load does, past all scripts: for checks of invariants.
    pub fn row(&self, key: &ItemKey) -> Option<Row> {
        self.inner.with(|inner| inner.tables.load(key))
    }

    /// Applies a write at once, past all scripts: one that a network kept back arrives.
    pub fn apply(&self, unit: &WriteUnit) {
        self.inner.with(|inner| inner.tables.write(unit));
    }

    /// The same of an edit.
    pub fn apply_edit(&self, edit: &EditWrite) {
        self.inner.with(|inner| inner.tables.edit(edit));
    }

    /// The rendering that a row keeps for other programs.
    pub fn rendered(&self, key: &ItemKey) -> Option<Rendered> {
        self.inner.with(|inner| Some(inner.tables.rows.get(&place(key))?.rendered()?.0.clone()))
    }

    /// Reads, unless the script says otherwise.
    pub(super) async fn read<R>(&self, take: impl FnOnce(&Tables) -> R) -> Result<R, ReadError> {
        self.faults.pass_read().await?;
        Ok(self.inner.with(|inner| take(&inner.tables)))
    }

    /// Writes, unless the script says otherwise.
    pub(super) async fn change(
        &self,
        change: impl FnOnce(&mut Tables) + Send + 'static,
    ) -> Result<(), WriteError> {
        let scripted = || "scripted".to_owned();
        match self.faults.take_write() {
            None => self.inner.with(|inner| change(&mut inner.tables)),
            Some(WriteFault::Slow(time)) => {
                tokio::time::sleep(time).await;
                self.inner.with(|inner| change(&mut inner.tables));
            }
            Some(WriteFault::AnswerLost) => {
                self.inner.with(|inner| change(&mut inner.tables));
                return Err(WriteError::Unknown(scripted()));
            }
            Some(WriteFault::Late) => {
                self.inner.with(|inner| inner.late.push(Box::new(change)));
                return Err(WriteError::Unknown(scripted()));
            }
            Some(WriteFault::RequestLost) => return Err(WriteError::Unknown(scripted())),
            Some(WriteFault::NotApplied) => return Err(WriteError::NotApplied(scripted())),
            Some(WriteFault::Overloaded) => return Err(WriteError::Overloaded(scripted())),
            Some(WriteFault::Refused) => return Err(WriteError::Refused(scripted())),
            #[expect(clippy::panic, reason = "the fault that is asked for")]
            Some(WriteFault::Panic) => panic!("scripted"),
            Some(WriteFault::Invalid) => return Err(WriteError::Invalid(scripted())),
        }
        Ok(())
    }
}

impl DialStore for MemoryStore {
    fn atomicity(&self) -> Atomicity {
        self.atomicity
    }

    async fn load(&self, keys: &[ItemKey]) -> Result<Vec<Option<Row>>, ReadError> {
        self.read(|tables| keys.iter().map(|key| tables.load(key)).collect()).await
    }

    async fn write(&self, unit: &WriteUnit) -> Result<(), WriteError> {
        let is_per_day = self.atomicity == Atomicity::PerDay;
        if is_per_day && (unit.batches.len() > 1 || !unit.cursors.is_empty()) {
            let reason = "a unit of this store is one project-day without cursors";
            return Err(WriteError::Invalid(reason.to_owned()));
        }
        let unit = unit.clone();
        self.change(move |tables| tables.write(&unit)).await
    }

    async fn edit(&self, edit: &EditWrite) -> Result<(), WriteError> {
        let edit = edit.clone();
        self.change(move |tables| tables.edit(&edit)).await
    }

    async fn cursors(&self, source: &str) -> Result<Vec<Cursor>, ReadError> {
        self.read(|tables| {
            let of_source = tables.cursors.values().filter(|cursor| &*cursor.source == source);
            of_source.cloned().collect()
        })
        .await
    }
}
