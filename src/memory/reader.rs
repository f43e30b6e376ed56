//! Rows and directory of the in-memory store, for those who read.

use std::cmp::Reverse;
use std::ops::Bound;

use uuid::Uuid;

use crate::dial::ItemKey;
use crate::dial::row::Row;
use crate::ports::store::{
    DayRange, Directory, ItemReader, KeyPage, PageCursor, ReadError, RowPage,
};
use crate::value::{CallId, Day, ItemId, Micros, ProjectId};

use super::cells::MemoryRow;
use super::store::MemoryStore;
use super::tables::{RowPlace, Tables};

impl ItemReader for MemoryStore {
    async fn get(&self, key: &ItemKey) -> Result<Option<Row>, ReadError> {
        self.read(|tables| tables.get(key)).await
    }

    async fn locate(&self, project: ProjectId, item: ItemId) -> Result<Option<Micros>, ReadError> {
        self.read(|tables| tables.locate(project, item)).await
    }

    async fn slices(&self, project: ProjectId, call: CallId) -> Result<Vec<Micros>, ReadError> {
        let of_call = (project, call, Micros::MIN)..=(project, call, Micros::MAX);
        self.read(|tables| tables.calls.range(of_call).map(|(_, _, slice)| *slice).collect()).await
    }

    async fn day(
        &self,
        range: &DayRange,
        after: Option<PageCursor>,
        size: usize,
    ) -> Result<RowPage, ReadError> {
        self.read(|tables| page(tables, range, after, size)).await
    }

    async fn keys(
        &self,
        range: &DayRange,
        after: Option<PageCursor>,
        size: usize,
    ) -> Result<KeyPage, ReadError> {
        let RowPage { rows, next } = self.day(range, after, size).await?;
        let shown = rows.into_iter().filter(|row| row.deletion.is_none());
        Ok(KeyPage { keys: shown.map(|row| row.key).collect(), next })
    }
}

fn page(tables: &Tables, range: &DayRange, after: Option<PageCursor>, size: usize) -> RowPage {
    let place_of = |created_at: Micros, item| {
        (range.project, range.day, Reverse(created_at), ItemId::new(item))
    };
    let newest = place_of(Micros::new(range.to.get().saturating_sub(1)), Uuid::nil());
    let oldest = place_of(range.from, Uuid::max());
    let behind = after.map(|after| place_of(after.created_at, after.item.uuid()));
    let first = match behind {
        Some(behind) if behind >= newest => Bound::Excluded(behind),
        _ => Bound::Included(newest),
    };
    if range.from >= range.to || behind.is_some_and(|behind| behind > oldest) {
        return RowPage::default();
    }
    let mut wanted = tables.rows.range((first, Bound::Included(oldest)));
    let read = |(&(project, _, created_at, item), row): (&RowPlace, &MemoryRow)| {
        row.read(ItemKey { project, created_at: created_at.0, item })
    };
    let rows: Vec<Row> = wanted.by_ref().take(size).map(read).collect();
    let last = rows.last().map(|row| row.key).filter(|_| wanted.next().is_some());
    let next = last.map(|key| PageCursor { created_at: key.created_at, item: key.item });
    RowPage { rows, next }
}

impl Directory for MemoryStore {
    async fn days(&self, project: ProjectId, from: Day, to: Day) -> Result<Vec<Day>, ReadError> {
        if from > to {
            return Ok(Vec::new());
        }
        self.read(|tables| {
            let (from, to) = ((project, from), (project, to));
            tables.days.range(from..=to).rev().map(|(_, day)| *day).collect()
        })
        .await
    }

    async fn is_empty(&self) -> Result<bool, ReadError> {
        self.read(|tables| tables.days.is_empty()).await
    }
}
