//! Reads rows: by key, by locator, by stretches of a day. It renders and filters nothing.

use std::collections::BTreeMap;

use futures::stream::{self, StreamExt, TryStreamExt};
use scylla::DeserializeRow;
use scylla::response::PagingState;
use scylla::response::query_result::QueryRowsResult;
use scylla::statement::prepared::PreparedStatement;
use scylla::value::{CqlDate, CqlTimestamp};
use uuid::Uuid;

use crate::dial::identity::time_of_id;
use crate::dial::row::{Deletion, ProvisionalEnd};
use crate::dial::{Edits, ItemKey, Row};
use crate::ports::store::{DayRange, ItemReader, KeyPage, PageCursor, ReadError, RowPage};
use crate::value::{CallId, Day, ItemId, Micros, ProjectId};

use super::columns::{
    FactsCell, PersonalCell, Unreadable, cql_date, cql_time, micros_of, state_of,
};
use super::connect::CqlStore;
use super::edit_cells::EditTexts;
use super::rendered_cell::{RatingCell, rating_of};

/// Kind of locator: an item whose id carries no time.
pub(super) const ITEM: i8 = 0;
/// Kind of locator: a further slice of a call.
pub(super) const CALL: i8 = 1;
/// Rows that one request for given keys may name.
const KEYS_MOST: usize = 100;
/// Requests of one load that are in flight together.
const LOADS_TOGETHER: usize = 32;
/// Rows of the largest page asked of the store.
const PAGE_MOST: usize = 5_000;

/// Binds what names one row.
pub(super) type KeyValues = (Uuid, CqlDate, CqlTimestamp, Uuid);

pub(super) fn key_values(key: &ItemKey) -> KeyValues {
    (key.project.uuid(), cql_date(key.day()), cql_time(key.created_at), key.item.uuid())
}

#[derive(DeserializeRow)]
#[scylla(flavor = "enforce_order")]
struct RowCells<'a> {
    created_at: CqlTimestamp,
    id: Uuid,
    facts: Option<FactsCell<'a>>,
    personal: Option<PersonalCell<'a>>,
    edit_status: Option<&'a str>,
    #[scylla(rename = "edit_message")]
    edit_status_message: Option<&'a str>,
    edit_dial_s: Option<&'a str>,
    edit_cost: Option<&'a str>,
    edit_started_at: Option<&'a str>,
    edit_ended_at: Option<&'a str>,
    edit_answered: Option<&'a str>,
    edit_at: Option<CqlTimestamp>,
    edit_by: Option<&'a str>,
    edits: Option<i32>,
    deleted_at: Option<CqlTimestamp>,
    deleted_by: Option<&'a str>,
    erased_at: Option<CqlTimestamp>,
    kept_rating: Option<RatingCell<'a>>,
    provisional_at: Option<CqlTimestamp>,
    provisional_revision: Option<i32>,
    personal_written: Option<i64>,
    rendered_written: Option<i64>,
    edit_written: Option<i64>,
    provisional_written: Option<i64>,
}

impl RowCells<'_> {
    fn row(self, project: ProjectId) -> Result<Row, Unreadable> {
        let created_at = micros_of(self.created_at);
        let edits = self.edits()?;
        let deletion = self.deleted_at.map(|at| Deletion {
            at: micros_of(at),
            by: self.deleted_by.unwrap_or_default().into(),
        });
        let provisional = match (self.provisional_at, self.provisional_revision) {
            (Some(at), Some(revision)) => {
                let revision = u32::try_from(revision);
                let revision = revision.map_err(|_| Unreadable("provisional_revision"))?;
                Some(ProvisionalEnd { at: micros_of(at), revision })
            }
            _ => None,
        };
        let state = state_of(self.facts, self.personal)?;
        let newest_wall = self
            .personal_written
            .max(self.rendered_written)
            .max(self.edit_written)
            .max(self.provisional_written);
        Ok(Row {
            key: ItemKey { project, created_at, item: ItemId::new(self.id) },
            state,
            edits,
            deletion,
            erased_at: self.erased_at.map(micros_of),
            kept_rating: self.kept_rating.as_ref().map(rating_of).transpose()?,
            provisional,
            newest_wall,
        })
    }

    fn edits(&self) -> Result<Edits, Unreadable> {
        let texts = EditTexts {
            status: self.edit_status,
            status_message: self.edit_status_message,
            dial_s: self.edit_dial_s,
            cost: self.edit_cost,
            started_at: self.edit_started_at,
            ended_at: self.edit_ended_at,
            answered: self.edit_answered,
        };
        let count = u32::try_from(self.edits.unwrap_or(0)).map_err(|_| Unreadable("edits"))?;
        Ok(Edits {
            at: self.edit_at.map(micros_of),
            by: self.edit_by.map(Into::into),
            count,
            ..texts.edits()?
        })
    }
}

fn each_row(
    result: &QueryRowsResult,
    project: ProjectId,
    mut take: impl FnMut(Row),
) -> Result<(), ReadError> {
    let rows = result.rows::<RowCells<'_>>().map_err(super::verdict::unreadable)?;
    for cells in rows {
        let cells = cells.map_err(super::verdict::unreadable)?;
        let id = cells.id;
        let row = cells.row(project).map_err(|Unreadable(column)| {
            ReadError::Unreadable(format!("item {id}: unexpected value in {column}"))
        })?;
        take(row);
    }
    Ok(())
}

impl CqlStore {
    /// Rows of keys, in the order of the keys. Items whose id carries no time are located first.
    pub(super) async fn load_rows(&self, keys: &[ItemKey]) -> Result<Vec<Option<Row>>, ReadError> {
        let located = self.locate_all(keys).await?;
        let mut days: BTreeMap<(ProjectId, Day), Vec<ItemKey>> = BTreeMap::new();
        for key in located.iter().flatten() {
            days.entry((key.project, key.day())).or_default().push(*key);
        }
        let requests = days.into_iter().flat_map(|((project, day), mut keys)| {
            keys.sort_unstable();
            keys.dedup();
            let chunks: Vec<Vec<ItemKey>> = keys.chunks(KEYS_MOST).map(<[_]>::to_vec).collect();
            chunks.into_iter().map(move |chunk| (project, day, chunk))
        });
        let found: Vec<Vec<Row>> = stream::iter(requests)
            .map(|(project, day, keys)| self.load_day(project, day, keys))
            .buffer_unordered(LOADS_TOGETHER)
            .try_collect()
            .await?;
        let rows: BTreeMap<ItemKey, Row> =
            found.into_iter().flatten().map(|row| (row.key, row)).collect();
        Ok(located.iter().map(|key| key.and_then(|key| rows.get(&key).cloned())).collect())
    }

    /// Keys with the `created_at` their rows have; `None` = there can be no row.
    async fn locate_all(&self, keys: &[ItemKey]) -> Result<Vec<Option<ItemKey>>, ReadError> {
        stream::iter(keys.to_vec())
            .map(|key| self.locate_key(key))
            .buffered(LOADS_TOGETHER)
            .try_collect()
            .await
    }

    async fn locate_key(&self, key: ItemKey) -> Result<Option<ItemKey>, ReadError> {
        if time_of_id(key.item.uuid()).is_some() {
            return Ok(Some(key));
        }
        let located = self.locate(key.project, key.item).await?;
        Ok(located.map(|created_at| ItemKey { created_at, ..key }))
    }

    async fn load_day(
        &self,
        project: ProjectId,
        day: Day,
        keys: Vec<ItemKey>,
    ) -> Result<Vec<Row>, ReadError> {
        if let [key] = keys.as_slice() {
            return Ok(self.get(key).await?.into_iter().collect());
        }
        let names: Vec<(CqlTimestamp, Uuid)> =
            keys.iter().map(|key| (cql_time(key.created_at), key.item.uuid())).collect();
        let values = (project.uuid(), cql_date(day), names);
        let mut rows = Vec::with_capacity(keys.len());
        let take = |page: QueryRowsResult| each_row(&page, project, |row| rows.push(row));
        self.link.each_page(&self.statements.reads.get_items, values, take).await?;
        Ok(rows)
    }

    async fn locators(
        &self,
        project: ProjectId,
        kind: i8,
        id: Uuid,
    ) -> Result<Vec<(Micros, Option<Micros>)>, ReadError> {
        let mut locators = Vec::new();
        let take = |page: QueryRowsResult| {
            let rows = page.rows::<(CqlTimestamp, Option<CqlTimestamp>)>();
            for row in rows.map_err(super::verdict::unreadable)? {
                let (slice, created_at) = row.map_err(super::verdict::unreadable)?;
                locators.push((micros_of(slice), created_at.map(micros_of)));
            }
            Ok(())
        };
        let values = (project.uuid(), kind, id);
        self.link.each_page(&self.statements.reads.get_locators, values, take).await?;
        Ok(locators)
    }
}

impl ItemReader for CqlStore {
    async fn get(&self, key: &ItemKey) -> Result<Option<Row>, ReadError> {
        let mut found = None;
        let take = |page: QueryRowsResult| each_row(&page, key.project, |row| found = Some(row));
        self.link.each_page(&self.statements.reads.get_item, key_values(key), take).await?;
        Ok(found)
    }

    async fn locate(&self, project: ProjectId, item: ItemId) -> Result<Option<Micros>, ReadError> {
        // One row; of two that raced the earlier slice, everywhere.
        let locators = self.locators(project, ITEM, item.uuid()).await?;
        Ok(locators.into_iter().find_map(|(_, created_at)| created_at))
    }

    async fn slices(&self, project: ProjectId, call: CallId) -> Result<Vec<Micros>, ReadError> {
        let locators = self.locators(project, CALL, call.uuid()).await?;
        Ok(locators.into_iter().map(|(slice, _)| slice).collect())
    }

    async fn day(
        &self,
        range: &DayRange,
        after: Option<PageCursor>,
        size: usize,
    ) -> Result<RowPage, ReadError> {
        let scan = &self.statements.reads.scan_day;
        let page = self.gathered(scan, (range, after, size), |rows, page| {
            each_row(rows, range.project, |row| page.take(row.key, row))
        });
        let (rows, next) = page.await?;
        Ok(RowPage { rows: rows.into_iter().map(|(_, row)| row).collect(), next })
    }

    async fn keys(
        &self,
        range: &DayRange,
        after: Option<PageCursor>,
        size: usize,
    ) -> Result<KeyPage, ReadError> {
        let scan = &self.statements.reads.scan_keys;
        let page = self.gathered(scan, (range, after, size), |rows, page| {
            let rows = rows.rows::<(CqlTimestamp, Uuid, Option<CqlTimestamp>)>();
            for row in rows.map_err(super::verdict::unreadable)? {
                let (created_at, id, deleted_at) = row.map_err(super::verdict::unreadable)?;
                let (created_at, item) = (micros_of(created_at), ItemId::new(id));
                page.take(ItemKey { project: range.project, created_at, item }, deleted_at);
            }
            Ok(())
        });
        let (rows, next) = page.await?;
        let shown = rows.into_iter().filter(|(_, deleted_at)| deleted_at.is_none());
        Ok(KeyPage { keys: shown.map(|(key, _)| key).collect(), next })
    }
}

impl CqlStore {
    /// Reads a page of a range by a statement over it.
    async fn gathered<T>(
        &self,
        statement: &PreparedStatement,
        (range, after, size): (&DayRange, Option<PageCursor>, usize),
        mut take: impl FnMut(&QueryRowsResult, &mut Gathered<T>) -> Result<(), ReadError>,
    ) -> Result<(Vec<(ItemKey, T)>, Option<PageCursor>), ReadError> {
        let mut page = Gathered::new(after, size);
        let Some((from, to)) = bounds(range, after) else { return Ok((Vec::new(), None)) };
        let values = (range.project.uuid(), cql_date(range.day), from, to);
        let mut at = PagingState::start();
        loop {
            let mut statement = statement.clone();
            statement.set_page_size(page.request());
            let (rows, next) = self.link.page(&statement, &values, at).await?;
            take(&rows, &mut page)?;
            match next {
                Some(state) if !page.is_full() => at = state,
                _ => return Ok(page.finish()),
            }
        }
    }
}

/// First and last `created_at` to ask for, in whole milliseconds; `None` = nothing can be there.
pub(super) fn bounds(
    range: &DayRange,
    after: Option<PageCursor>,
) -> Option<(CqlTimestamp, CqlTimestamp)> {
    let first = range.from.max(range.day.start()).get();
    let last = range.to.min(range.day.end()).get().saturating_sub(1);
    let last = after.map_or(last, |cursor| last.min(cursor.created_at.get()));
    let from = -(-first).div_euclid(1_000);
    let to = last.div_euclid(1_000);
    (from <= to).then_some((CqlTimestamp(from), CqlTimestamp(to)))
}

/// A page while it is read. Both engines order UUIDs of one `created_at` by version before bytes;
/// a page is ordered by bytes, so rows of one `created_at` are taken together.
struct Gathered<T> {
    after: Option<PageCursor>,
    size: usize,
    rows: Vec<(ItemKey, T)>,
}

impl<T> Gathered<T> {
    const fn new(after: Option<PageCursor>, size: usize) -> Self {
        Self { after, size: if size == 0 { 1 } else { size }, rows: Vec::new() }
    }

    /// How many rows to ask for next: those missing, the cursor's own, and one that tells whether
    /// there are more.
    fn request(&self) -> i32 {
        let missing = self.size.saturating_sub(self.rows.len());
        let rows = missing.saturating_add(2).clamp(2, PAGE_MOST);
        i32::try_from(rows).unwrap_or(i32::MAX)
    }

    fn take(&mut self, key: ItemKey, row: T) {
        let is_behind = self.after.is_none_or(|cursor| {
            key.created_at < cursor.created_at
                || (key.created_at == cursor.created_at && key.item > cursor.item)
        });
        if is_behind {
            self.rows.push((key, row));
        }
    }

    /// Whether the page and the rows of its last `created_at` are complete.
    fn is_full(&self) -> bool {
        match (self.size.checked_sub(1).and_then(|last| self.rows.get(last)), self.rows.last()) {
            (Some((last, _)), Some((beyond, _))) => beyond.created_at < last.created_at,
            _ => false,
        }
    }

    fn finish(mut self) -> (Vec<(ItemKey, T)>, Option<PageCursor>) {
        self.rows.sort_by(|(a, _), (b, _)| {
            b.created_at.cmp(&a.created_at).then_with(|| a.item.cmp(&b.item))
        });
        let has_more = self.rows.len() > self.size;
        self.rows.truncate(self.size);
        let last = self.rows.last().filter(|_| has_more);
        let next = last.map(|(key, _)| PageCursor { created_at: key.created_at, item: key.item });
        (self.rows, next)
    }
}
