//! One pass over the rows of a plan: pulls pages, filters them, counts what stays.
//! What is done with a match is its caller's.

use std::collections::BTreeSet;

use futures::stream::TryChunksError;
use futures::{StreamExt as _, TryStreamExt as _, stream};

use crate::dial::ItemKey;
use crate::dial::Row;
use crate::dial::identity::time_of_id;
use crate::item::Item;
use crate::ports::registry::Registry;
use crate::ports::store::{DayRange, Directory, ItemReader, ReadError};
use crate::value::{CallId, Day, ItemId, ProjectId};

use super::super::allowance::Spent;
use super::super::filter::Filter;
use super::super::joins::Joins;
use super::super::plan::{Access, Span, slices_of_call};
use super::super::tally::Tally;
use super::{DAYS_AHEAD, Reading, RunError, render};

/// Single rows asked for at once.
const POINTS_AHEAD: usize = 32;
/// References that a pass keeps from page to page.
const JOINS_MAX: usize = 10_000;

/// Where matches go.
pub(super) trait Take {
    /// One match.
    fn take(&mut self, found: Match);
}

/// Counts alone.
pub(super) struct Nowhere;

impl Take for Nowhere {
    fn take(&mut self, _: Match) {}
}

/// A row that matches: its place among all that do, and its item.
pub(super) struct Match {
    pub(super) place: u64,
    pub(super) key: ItemKey,
    pub(super) item: Item,
}

/// One pass over the rows of a plan: filters, counts, and what it costs.
pub(super) struct Pass<'a, S> {
    reading: &'a Reading<'a, S>,
    project: ProjectId,
    filter: &'a Filter,
    pub(super) tally: Tally,
    pub(super) spent: Spent,
    /// What relation filters have looked up so far.
    joins: Joins,
}

impl<'a, S: ItemReader + Directory + Registry> Pass<'a, S> {
    pub(super) fn new(reading: &'a Reading<'a, S>, project: ProjectId, filter: &'a Filter) -> Self {
        let (tally, spent, joins) = (Tally::default(), Spent::default(), Joins::default());
        Self { reading, project, filter, tally, spent, joins }
    }

    /// Hands on every match of the plan, newest first but for points.
    pub(super) async fn run(&mut self, access: Access, to: &mut impl Take) -> Result<(), RunError> {
        let (store, project) = (self.reading.store, self.project);
        match access {
            Access::Points(items) => self.points(items, to).await,
            Access::Calls(calls, span) => {
                let ranges = slices(store, project, &calls, span).await?;
                self.ranges(ranges, Some(&calls), to).await
            }
            Access::Days(span) => {
                let ranges = days(store, project, span).await?;
                self.ranges(ranges, None, to).await
            }
        }
    }

    async fn points(
        &mut self,
        items: BTreeSet<ItemId>,
        to: &mut impl Take,
    ) -> Result<(), RunError> {
        let (store, project) = (self.reading.store, self.project);
        let rows = stream::iter(items).map(|item| row_of(store, project, item));
        let rows = rows.buffered(POINTS_AHEAD).try_filter_map(|row| std::future::ready(Ok(row)));
        let mut chunks = std::pin::pin!(rows.try_chunks(POINTS_AHEAD));
        while let Some(rows) = chunks.next().await {
            let rows = rows.map_err(|TryChunksError(_, error)| error)?;
            self.page(&rows, None, to).await?;
        }
        Ok(())
    }

    /// Every row of the ranges; of calls only theirs.
    async fn ranges(
        &mut self,
        ranges: Vec<DayRange>,
        calls: Option<&BTreeSet<CallId>>,
        to: &mut impl Take,
    ) -> Result<(), RunError> {
        let (store, page_rows) = (self.reading.store, self.reading.page_rows);
        let first_pages = stream::iter(ranges)
            .map(async |range| Ok((range, store.day(&range, None, page_rows).await?)))
            .buffered(DAYS_AHEAD);
        let mut first_pages = std::pin::pin!(first_pages);
        let mut current: Option<Day> = None;
        while let Some((range, mut page)) = first_pages.try_next().await.map_err(RunError::Store)? {
            if current != Some(range.day) {
                current = Some(range.day);
                self.spent.day();
            }
            loop {
                self.page(&page.rows, calls, to).await?;
                let Some(cursor) = page.next else { break };
                // A store in memory never waits: let others run.
                tokio::task::yield_now().await;
                page = store.day(&range, Some(cursor), page_rows).await?;
            }
        }
        Ok(())
    }

    /// Filters a page of rows and hands on what stays. Rows of other calls than those that are
    /// asked for are not looked at.
    async fn page(
        &mut self,
        rows: &[Row],
        calls: Option<&BTreeSet<CallId>>,
        to: &mut impl Take,
    ) -> Result<(), RunError> {
        let is_of_calls = |row: &&Row| {
            calls.is_none_or(|calls| row.call().is_some_and(|call| calls.contains(&call)))
        };
        let mut kept = Vec::new();
        for row in rows.iter().filter(|row| row.deletion.is_none()).filter(is_of_calls) {
            self.spent.item(&self.reading.allowance)?;
            let item = render(self.reading, row);
            if self.filter.keeps(&item) {
                kept.push((row.key, item));
            }
        }
        self.look_up(&kept).await?;
        for (key, item) in kept {
            if self.filter.keeps_joined(&item, &self.joins) {
                to.take(Match { place: self.tally.next(), key, item });
            }
        }
        Ok(())
    }

    /// Looks up the references that relation filters ask for, once each while there is room.
    async fn look_up(&mut self, kept: &[(ItemKey, Item)]) -> Result<(), ReadError> {
        if self.joins.len() > JOINS_MAX {
            self.joins.clear();
        }
        for relation in &self.filter.relations {
            let kind = relation.kind;
            let asked = self.joins.missing(kind, kept.iter().map(|(_, item)| item));
            if !asked.is_empty() {
                let found = self.reading.store.references(kind, self.project, &asked).await?;
                self.joins.learn(kind, &asked, &found);
            }
        }
        Ok(())
    }
}

/// The project's days inside the span, newest first.
pub(super) async fn days<S: Directory>(
    store: &S,
    project: ProjectId,
    span: Span,
) -> Result<Vec<DayRange>, ReadError> {
    let Some((first, last)) = span.days() else { return Ok(Vec::new()) };
    let days = store.days(project, first, last).await?;
    let cut = |day: Day| span.in_day(day).map(|cut| range(project, day, cut));
    Ok(days.into_iter().filter_map(cut).collect())
}

/// The slices of the calls inside the span, newest first, each once.
async fn slices<S: ItemReader>(
    store: &S,
    project: ProjectId,
    calls: &BTreeSet<CallId>,
    span: Span,
) -> Result<Vec<DayRange>, ReadError> {
    let slices = stream::iter(calls.clone())
        .map(async |call| {
            let further = store.slices(project, call).await?;
            Ok::<_, ReadError>(slices_of_call(time_of_id(call.uuid()), &further))
        })
        .buffered(POINTS_AHEAD);
    let slices: Vec<Vec<Span>> = slices.try_collect().await?;
    let slices: BTreeSet<Span> = slices.into_iter().flatten().collect();
    let cut = |slice: Span| {
        let day = slice.from.day();
        slice.within(span).in_day(day).map(|cut| range(project, day, cut))
    };
    Ok(slices.into_iter().rev().filter_map(cut).collect())
}

const fn range(project: ProjectId, day: Day, span: Span) -> DayRange {
    DayRange { project, day, from: span.from, to: span.to }
}

/// The row of an item, found through its id alone.
pub(super) async fn row_of<S: ItemReader>(
    store: &S,
    project: ProjectId,
    item: ItemId,
) -> Result<Option<Row>, ReadError> {
    let created_at = match time_of_id(item.uuid()) {
        Some(at) => Some(at),
        None => store.locate(project, item).await?,
    };
    match created_at {
        Some(created_at) => store.get(&ItemKey { project, created_at, item }).await,
        None => Ok(None),
    }
}
