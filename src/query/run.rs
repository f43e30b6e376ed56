//! The driver: pulls rows through the ports, renders them, and feeds the pure parts.
//! It knows no JSON and no HTTP.

use futures::{StreamExt as _, TryStreamExt as _, stream};

use crate::dial::identity::time_of_id;
use crate::dial::limits::Limits;
use crate::dial::render::{self, View};
use crate::dial::{ItemKey, Row};
use crate::item::Item;
use crate::ports::store::{DayRange, Directory, ItemReader, ReadError};
use crate::tariff::Book;
use crate::value::{CallId, Day, ItemId, Micros, ProjectId};

use super::allowance::{Allowance, Spent, TooBroad};
use super::filter::Filter;
use super::order::Sort;
use super::plan::{Access, Span, plan, slices_of_call};
use super::tally::{Tally, Window};
use super::top_k::TopK;

/// Rows to ask for at once unless there is a reason: some 350 KiB.
pub const PAGE_ROWS: usize = 1_000;
/// Days whose first page is asked for ahead.
const DAYS_AHEAD: usize = 8;
/// Single rows asked for at once.
const POINTS_AHEAD: usize = 32;
/// Up to so many entries a sort keeps items; beyond it keeps their keys and reads the page again.
const ITEMS_KEPT_MAX: usize = 2_000;

/// Why a query has no answer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RunError {
    /// It would look at more items than it may: tell the caller how to narrow it.
    #[error(transparent)]
    TooBroad(#[from] TooBroad),
    /// It took longer than it may: may be repeated.
    #[error("the query took longer than {0:?}")]
    Deadline(std::time::Duration),
    /// The store did not answer: may be repeated.
    #[error(transparent)]
    Store(#[from] ReadError),
}

/// What reading needs besides the question.
#[derive(Debug)]
pub struct Reading<'a, S> {
    /// The rows.
    pub store: &'a S,
    /// The tariffs in force.
    pub book: &'a Book,
    /// How long items may stay open.
    pub limits: &'a Limits,
    /// The instant at which items are rendered.
    pub now: Micros,
    /// What the query may cost.
    pub allowance: Allowance,
    /// Rows asked for at once.
    pub page_rows: usize,
}

/// What is asked of a project's items.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Query {
    /// Which items.
    pub filter: Filter,
    /// In which order.
    pub sort: Sort,
    /// How many to pass over.
    pub skip: u64,
    /// How many to show.
    pub limit: u64,
}

/// A page of items.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    /// How many match in all.
    pub total: u64,
    /// Those of the page.
    pub items: Vec<Item>,
    /// What it cost.
    pub spent: Spent,
}

/// One item of the project; `None` if there is none, or it is deleted.
pub async fn get<S: ItemReader>(
    reading: &Reading<'_, S>,
    project: ProjectId,
    item: ItemId,
) -> Result<Option<Item>, RunError> {
    within_time(reading, async {
        let row = row_of(reading.store, project, item).await?;
        Ok(row.filter(|row| row.deletion.is_none()).map(|row| render(reading, &row)))
    })
    .await
}

/// How many items match.
pub async fn count<S: ItemReader + Directory>(
    reading: &Reading<'_, S>,
    project: ProjectId,
    filter: &Filter,
) -> Result<u64, RunError> {
    within_time(reading, async {
        let mut counted = Counted::new(reading, filter);
        each_row(reading, project, plan(filter), &mut counted, |counted, row| {
            counted.matching(row).map(|_| ())
        })
        .await?;
        Ok(counted.tally.total())
    })
    .await
}

/// A page of matching items and how many match in all, from one pass over the rows.
pub async fn list<S: ItemReader + Directory>(
    reading: &Reading<'_, S>,
    project: ProjectId,
    query: &Query,
) -> Result<Page, RunError> {
    within_time(reading, async {
        let access = plan(&query.filter);
        if query.sort.is_stored_order() && !matches!(access, Access::Points(_)) {
            list_in_stored_order(reading, project, query, access).await
        } else {
            list_sorted(reading, project, query, access).await
        }
    })
    .await
}

async fn within_time<S, T>(
    reading: &Reading<'_, S>,
    work: impl Future<Output = Result<T, RunError>>,
) -> Result<T, RunError> {
    let time_max = reading.allowance.time_max;
    tokio::time::timeout(time_max, work).await.unwrap_or(Err(RunError::Deadline(time_max)))
}

/// Rows come in the order that is asked for: only the page itself is held.
async fn list_in_stored_order<S: ItemReader + Directory>(
    reading: &Reading<'_, S>,
    project: ProjectId,
    query: &Query,
    access: Access,
) -> Result<Page, RunError> {
    let window = Window { skip: query.skip, limit: query.limit };
    let mut state = (Counted::new(reading, &query.filter), Vec::new());
    each_row(reading, project, access, &mut state, |(counted, items), row| {
        if let Some((place, item)) = counted.matching(row)?
            && window.holds(place)
        {
            items.push(item.unwrap_or_else(|| render(reading, row)));
        }
        Ok(())
    })
    .await?;
    let (counted, items) = state;
    Ok(Page { total: counted.tally.total(), items, spent: counted.spent })
}

/// Any other order: the best `skip + limit` are held, large numbers of them by their keys alone.
async fn list_sorted<S: ItemReader + Directory>(
    reading: &Reading<'_, S>,
    project: ProjectId,
    query: &Query,
    access: Access,
) -> Result<Page, RunError> {
    let window = Window { skip: query.skip, limit: query.limit };
    let size = usize::try_from(window.end()).unwrap_or(usize::MAX);
    let top = TopK::new(&query.sort, size);
    let mut state = (Counted::new(reading, &query.filter), top);
    each_row(reading, project, access, &mut state, |(counted, top), row| {
        if let Some((_, item)) = counted.matching(row)? {
            let item = match item {
                Some(item) => item,
                None => counted.looked_at(row)?,
            };
            let keeps_items = size <= ITEMS_KEPT_MAX;
            top.push(query.sort.rank(&item), || {
                if keeps_items { Held::Item(Box::new(item)) } else { Held::Key(row.key) }
            });
        }
        Ok(())
    })
    .await?;
    let (counted, top) = state;
    let skip = usize::try_from(window.skip).unwrap_or(usize::MAX);
    let items = held_items(reading, top.into_page(skip)).await?;
    Ok(Page { total: counted.tally.total(), items, spent: counted.spent })
}

/// An entry of a sort.
enum Held {
    Item(Box<Item>),
    Key(ItemKey),
}

/// Reads the page again where only keys were held. What was deleted meanwhile is gone.
async fn held_items<S: ItemReader>(
    reading: &Reading<'_, S>,
    held: Vec<Held>,
) -> Result<Vec<Item>, RunError> {
    let mut items = Vec::with_capacity(held.len());
    for held in held {
        match held {
            Held::Item(item) => items.push(*item),
            Held::Key(key) => {
                let row = reading.store.get(&key).await?;
                let row = row.filter(|row| row.deletion.is_none());
                items.extend(row.map(|row| render(reading, &row)));
            }
        }
    }
    Ok(items)
}

fn render<S>(reading: &Reading<'_, S>, row: &Row) -> Item {
    let view = View { book: reading.book, limits: reading.limits, now: reading.now };
    render::item(row, &view)
}

/// Counts the rows that match and what it costs to find out.
struct Counted<'a, S> {
    reading: &'a Reading<'a, S>,
    filter: &'a Filter,
    tally: Tally,
    spent: Spent,
}

impl<'a, S> Counted<'a, S> {
    fn new(reading: &'a Reading<'a, S>, filter: &'a Filter) -> Self {
        Self { reading, filter, tally: Tally::default(), spent: Spent::default() }
    }

    /// If the row matches: its place, and the item if it had to be rendered. Without a filter no
    /// item has to be looked at.
    fn matching(&mut self, row: &Row) -> Result<Option<(u64, Option<Item>)>, TooBroad> {
        if row.deletion.is_some() {
            return Ok(None);
        }
        if self.filter.is_empty() {
            return Ok(Some((self.tally.next(), None)));
        }
        let item = self.looked_at(row)?;
        Ok(self.filter.keeps(&item).then(|| (self.tally.next(), Some(item))))
    }

    fn looked_at(&mut self, row: &Row) -> Result<Item, TooBroad> {
        self.spent.item(&self.reading.allowance)?;
        Ok(render(self.reading, row))
    }
}

impl<S> HasSpent for Counted<'_, S> {
    fn spent(&mut self) -> &mut Spent {
        &mut self.spent
    }
}

impl<S, T> HasSpent for (Counted<'_, S>, T) {
    fn spent(&mut self) -> &mut Spent {
        &mut self.0.spent
    }
}

/// What a pass over rows reports the days to.
trait HasSpent {
    fn spent(&mut self) -> &mut Spent;
}

/// Hands every row of the plan to `each`, newest first but for points.
async fn each_row<S: ItemReader + Directory, T: HasSpent>(
    reading: &Reading<'_, S>,
    project: ProjectId,
    access: Access,
    state: &mut T,
    each: impl Fn(&mut T, &Row) -> Result<(), TooBroad>,
) -> Result<(), RunError> {
    let store = reading.store;
    let ranges = match access {
        Access::Points(items) => {
            let rows = stream::iter(items).map(|item| row_of(store, project, item));
            let mut rows = std::pin::pin!(rows.buffered(POINTS_AHEAD));
            while let Some(row) = rows.try_next().await? {
                if let Some(row) = row {
                    each(state, &row)?;
                }
            }
            return Ok(());
        }
        Access::Calls(calls, span) => slices(store, project, calls, span).await?,
        Access::Days(span) => days(store, project, span).await?,
    };
    each_row_of_ranges(reading, ranges, state, each).await
}

async fn each_row_of_ranges<S: ItemReader, T: HasSpent>(
    reading: &Reading<'_, S>,
    ranges: Vec<DayRange>,
    state: &mut T,
    each: impl Fn(&mut T, &Row) -> Result<(), TooBroad>,
) -> Result<(), RunError> {
    let (store, page_rows) = (reading.store, reading.page_rows);
    let first_pages = stream::iter(ranges)
        .map(async |range| Ok((range, store.day(&range, None, page_rows).await?)))
        .buffered(DAYS_AHEAD);
    let mut first_pages = std::pin::pin!(first_pages);
    let mut current: Option<Day> = None;
    while let Some((range, mut page)) = first_pages.try_next().await.map_err(RunError::Store)? {
        if current != Some(range.day) {
            current = Some(range.day);
            state.spent().day();
        }
        loop {
            for row in &page.rows {
                each(state, row)?;
            }
            let Some(cursor) = page.next else { break };
            // A store in memory never waits: let others run.
            tokio::task::yield_now().await;
            page = store.day(&range, Some(cursor), page_rows).await?;
        }
    }
    Ok(())
}

/// The project's days inside the span, newest first.
async fn days<S: Directory>(
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
    calls: impl IntoIterator<Item = CallId>,
    span: Span,
) -> Result<Vec<DayRange>, ReadError> {
    let mut slices = std::collections::BTreeSet::new();
    for call in calls {
        let further = store.slices(project, call).await?;
        slices.extend(slices_of_call(time_of_id(call.uuid()), &further));
    }
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
async fn row_of<S: ItemReader>(
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
