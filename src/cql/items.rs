//! Writes rows: fold writes in unlogged batches of one row partition, edits, deletions, erasures,
//! provisional ends. It reads only to load, and repeats nothing.

use futures::future::join_all;
use futures::stream::{self, StreamExt};
use scylla::SerializeRow;
use scylla::serialize::SerializationError;
use scylla::serialize::row::{RowSerializationContext, SerializeRow};
use scylla::serialize::writers::RowWriter;
use scylla::statement::batch::{Batch, BatchStatement, BatchType};
use scylla::statement::prepared::PreparedStatement;
use scylla::value::{CqlDate, CqlTimestamp, MaybeUnset};
use uuid::Uuid;

use crate::dial::row::{DayBatch, DirectoryRow, EditWrite, FoldWrite, Locator, ProvisionalEnd};
use crate::dial::{Edits, ItemKey, Row};
use crate::ports::store::{Atomicity, Cursor, DialStore, ReadError, WriteError, WriteUnit};
use crate::value::{Day, ProjectId};

use super::columns::{FoldRow, PersonalCell, bytes_of, cql_date, cql_time};
use super::connect::CqlStore;
use super::edit_cells::{Cell, EditCells};
use super::reader::{CALL, ITEM};
use super::rendered_cell::RatingCell;

/// Rows of one request at most; more are no cheaper.
const BATCH_ROWS: usize = 100;
/// Bytes of one request, about.
const BATCH_BYTES: usize = 32 * 1024;
/// Small writes of one unit that are in flight together.
const TOGETHER: usize = 32;

impl DialStore for CqlStore {
    fn atomicity(&self) -> Atomicity {
        Atomicity::PerDay
    }

    async fn load(&self, keys: &[ItemKey]) -> Result<Vec<Option<Row>>, ReadError> {
        self.load_rows(keys).await
    }

    async fn write(&self, unit: &WriteUnit) -> Result<(), WriteError> {
        let outcomes = join_all(unit.batches.iter().map(|batch| self.write_day(batch))).await;
        whole(outcomes)
    }

    async fn edit(&self, edit: &EditWrite) -> Result<(), WriteError> {
        if let Some(create) = &edit.create {
            self.announce(create.key.project, create.key.day()).await?;
            let locators = Locator::all_of(&create.key, &create.state);
            self.put_locators(create.key.project, &locators).await?;
        }
        let mut batch = Batch::new(BatchType::Unlogged);
        batch.set_is_idempotent(true);
        let parts = EditPart::all(edit);
        for part in &parts {
            batch.append_statement(part.statement(self).clone());
        }
        if parts.is_empty() {
            return Ok(());
        }
        self.link.write_batch(&batch, parts).await
    }

    async fn cursors(&self, _source: &str) -> Result<Vec<Cursor>, ReadError> {
        Ok(Vec::new())
    }
}

impl CqlStore {
    async fn write_day(&self, batch: &DayBatch) -> Result<(), WriteError> {
        if batch.directory == DirectoryRow::Missing {
            self.announce(batch.project, batch.day).await?;
        }
        self.put_locators(batch.project, &batch.locators).await?;
        let requests = join_all(requests(&batch.rows).map(|rows| self.write_rows(rows))).await;
        whole(requests)
    }

    /// M0: the day is in the directory before its first row.
    async fn announce(&self, project: ProjectId, day: Day) -> Result<(), WriteError> {
        let values = (project.uuid(), cql_date(day), day.start().get());
        self.link.write(&self.statements.writes.put_day, values).await
    }

    async fn put_locators(
        &self,
        project: ProjectId,
        locators: &[Locator],
    ) -> Result<(), WriteError> {
        let outcomes: Vec<_> = stream::iter(locators.to_vec())
            .map(|locator| {
                let row = LocatorRow::of(project, locator);
                self.link.write(&self.statements.writes.put_locator, row)
            })
            .buffer_unordered(TOGETHER)
            .collect()
            .await;
        whole(outcomes)
    }

    async fn write_rows(&self, rows: &[FoldWrite]) -> Result<(), WriteError> {
        let statement = &self.statements.writes.put_item;
        if let [row] = rows {
            return self.link.write(statement, FoldRow::of(row)).await;
        }
        let statements = vec![BatchStatement::from(statement.clone()); rows.len()];
        let mut batch = Batch::new_with_statements(BatchType::Unlogged, statements);
        batch.set_is_idempotent(true);
        let values: Vec<FoldRow<'_>> = rows.iter().map(FoldRow::of).collect();
        self.link.write_batch(&batch, values).await
    }
}

/// Cuts the rows of a project-day into requests: up to 100 rows or about 32 KiB each.
fn requests(rows: &[FoldWrite]) -> impl Iterator<Item = &[FoldWrite]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut bytes = 0_usize;
        let fits = |row: &&FoldWrite| {
            bytes = bytes.saturating_add(bytes_of(row));
            bytes <= BATCH_BYTES
        };
        let taken = rest.iter().take(BATCH_ROWS).take_while(fits).count().max(1);
        let (request, others) = rest.split_at_checked(taken)?;
        rest = others;
        Some(request)
    })
}

/// What is true of the whole after its parts: the gravest error, and "not applied" only if that
/// holds of every part.
fn whole(outcomes: Vec<Result<(), WriteError>>) -> Result<(), WriteError> {
    let parts = outcomes.len();
    let mut errors: Vec<WriteError> = outcomes.into_iter().filter_map(Result::err).collect();
    let failed = errors.len();
    errors.sort_by_key(|error| match error {
        WriteError::Refused(_) => 0,
        WriteError::Invalid(_) => 1,
        WriteError::Overloaded(_) => 2,
        WriteError::Unknown(_) => 3,
        WriteError::NotApplied(_) => 4,
    });
    match errors.into_iter().next() {
        None => Ok(()),
        Some(WriteError::NotApplied(text)) if failed < parts => Err(WriteError::Unknown(text)),
        Some(error) => Err(error),
    }
}

/// Binds W2.
#[derive(SerializeRow)]
#[scylla(flavor = "enforce_order")]
struct LocatorRow {
    project_id: Uuid,
    kind: i8,
    id: Uuid,
    slice: CqlTimestamp,
    created_at: MaybeUnset<CqlTimestamp>,
    #[scylla(rename = "[timestamp]")]
    written: i64,
}

impl LocatorRow {
    fn of(project: ProjectId, locator: Locator) -> Self {
        let (kind, id, slice, created_at) = match locator {
            Locator::Item { item, created_at } => {
                let at = MaybeUnset::Set(cql_time(created_at));
                (ITEM, item.uuid(), created_at.slice(), at)
            }
            Locator::Call { call, slice } => (CALL, call.uuid(), slice, MaybeUnset::Unset),
        };
        let (project_id, written) = (project.uuid(), slice.get());
        Self { project_id, kind, id, slice: cql_time(slice), created_at, written }
    }
}

/// One statement of an edit's batch.
enum EditPart<'a> {
    Create(Box<FoldRow<'a>>),
    Edit(Box<EditRow<'a>>),
    Empty(EmptyRow<'a>),
    Provisional(ProvisionalRow),
}

impl<'a> EditPart<'a> {
    fn all(edit: &'a EditWrite) -> Vec<Self> {
        let mut parts = Vec::new();
        if let Some(create) = &edit.create {
            parts.push(Self::Create(Box::new(FoldRow::of(create))));
        }
        if edit.edits.at.is_some() || edit.edits != Edits::default() {
            parts.push(Self::Edit(Box::new(EditRow::of(edit))));
        }
        if edit.deletion.is_some() || edit.erasure.is_some() {
            parts.push(Self::Empty(EmptyRow::of(edit)));
        }
        if let Some(end) = edit.provisional {
            parts.push(Self::Provisional(ProvisionalRow::of(edit, end)));
        }
        parts
    }

    fn statement<'s>(&self, store: &'s CqlStore) -> &'s PreparedStatement {
        match self {
            Self::Create(_) => &store.statements.writes.put_item,
            Self::Edit(_) => &store.statements.writes.edit_item,
            Self::Empty(_) => &store.statements.writes.empty_item,
            Self::Provisional(_) => &store.statements.writes.put_provisional,
        }
    }
}

impl SerializeRow for EditPart<'_> {
    fn serialize(
        &self,
        ctx: &RowSerializationContext<'_>,
        writer: &mut RowWriter<'_>,
    ) -> Result<(), SerializationError> {
        match self {
            Self::Create(row) => row.serialize(ctx, writer),
            Self::Edit(row) => row.serialize(ctx, writer),
            Self::Empty(row) => row.serialize(ctx, writer),
            Self::Provisional(row) => row.serialize(ctx, writer),
        }
    }

    fn is_empty(&self) -> bool {
        false
    }
}

/// Binds the key of W3, W4 and W6.
#[derive(SerializeRow)]
#[scylla(flavor = "enforce_order")]
struct KeyRow {
    project_id: Uuid,
    day: CqlDate,
    created_at: CqlTimestamp,
    id: Uuid,
}

impl KeyRow {
    fn of(key: &ItemKey) -> Self {
        let ItemKey { project, created_at, item } = *key;
        Self {
            project_id: project.uuid(),
            day: cql_date(created_at.day()),
            created_at: cql_time(created_at),
            id: item.uuid(),
        }
    }
}

/// Binds W3.
#[derive(SerializeRow)]
#[scylla(flavor = "enforce_order")]
struct EditRow<'a> {
    #[scylla(rename = "[timestamp]")]
    wall: i64,
    edit_status: Cell,
    #[scylla(rename = "edit_message")]
    edit_status_message: Cell,
    edit_dial_s: Cell,
    edit_cost: Cell,
    edit_started_at: Cell,
    edit_ended_at: Cell,
    edit_answered: Cell,
    edit_at: MaybeUnset<CqlTimestamp>,
    edit_by: MaybeUnset<&'a str>,
    edits: MaybeUnset<i32>,
    #[scylla(flatten)]
    key: KeyRow,
}

impl<'a> EditRow<'a> {
    fn of(edit: &'a EditWrite) -> Self {
        let Edits { at, by, count, .. } = &edit.edits;
        let cells = EditCells::of(&edit.edits);
        let count = i32::try_from(*count).unwrap_or(i32::MAX);
        Self {
            wall: edit.wall,
            edit_status: cells.status,
            edit_status_message: cells.status_message,
            edit_dial_s: cells.dial_s,
            edit_cost: cells.cost,
            edit_started_at: cells.started_at,
            edit_ended_at: cells.ended_at,
            edit_answered: cells.answered,
            edit_at: MaybeUnset::from_option(at.map(cql_time)),
            edit_by: MaybeUnset::from_option(at.and(by.as_deref())),
            edits: MaybeUnset::from_option(at.map(|_| count)),
            key: KeyRow::of(&edit.key),
        }
    }
}

/// Binds W4. What is personal is overwritten with values, never with nulls: a tombstone is
/// forgotten in time, and a replay would bring the old cell back.
#[derive(SerializeRow)]
#[scylla(flavor = "enforce_order")]
struct EmptyRow<'a> {
    #[scylla(rename = "[timestamp]")]
    wall: i64,
    deleted_at: MaybeUnset<CqlTimestamp>,
    deleted_by: MaybeUnset<&'a str>,
    erased_at: MaybeUnset<CqlTimestamp>,
    personal: PersonalCell<'static>,
    kept_rating: MaybeUnset<RatingCell<'a>>,
    #[scylla(flatten)]
    key: KeyRow,
}

impl<'a> EmptyRow<'a> {
    fn of(edit: &'a EditWrite) -> Self {
        let (deletion, erasure) = (edit.deletion.as_ref(), edit.erasure.as_ref());
        Self {
            wall: edit.wall,
            deleted_at: MaybeUnset::from_option(deletion.map(|deletion| cql_time(deletion.at))),
            deleted_by: MaybeUnset::from_option(deletion.map(|deletion| &*deletion.by)),
            erased_at: MaybeUnset::from_option(erasure.map(|erasure| cql_time(erasure.at))),
            personal: PersonalCell::default(),
            kept_rating: MaybeUnset::from_option(
                erasure.map(|erasure| RatingCell::of(&erasure.kept_rating)),
            ),
            key: KeyRow::of(&edit.key),
        }
    }
}

/// Binds W6.
#[derive(SerializeRow)]
#[scylla(flavor = "enforce_order")]
struct ProvisionalRow {
    #[scylla(rename = "[timestamp]")]
    wall: i64,
    provisional_at: CqlTimestamp,
    provisional_revision: i32,
    #[scylla(flatten)]
    key: KeyRow,
}

impl ProvisionalRow {
    fn of(edit: &EditWrite, end: ProvisionalEnd) -> Self {
        Self {
            wall: edit.wall,
            provisional_at: cql_time(end.at),
            provisional_revision: i32::try_from(end.revision).unwrap_or(i32::MAX),
            key: KeyRow::of(&edit.key),
        }
    }
}
