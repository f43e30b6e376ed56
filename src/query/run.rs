//! The driver: pulls rows through the ports, renders them, and feeds the pure parts.
//! It knows no JSON and no HTTP.

use crate::dial::limits::Limits;
use crate::dial::render::{self, View};
use crate::dial::{ItemKey, Row};
use crate::item::Item;
use crate::ports::registry::Registry;
use crate::ports::store::{Directory, ItemReader, ReadError};
use crate::relation::ReferenceKind;
use crate::tariff::Book;
use crate::value::{ItemId, Micros, ProjectId};

use super::allowance::{Allowance, Spent, TooBroad};
use super::filter::Filter;
use super::joins::Joins;
use super::order::{InTime, Sort};
use super::plan::{Access, plan};
use super::tally::Window;
use super::top_k::TopK;

mod keys;
mod pass;

use pass::{Match, Nowhere, Pass, Take, row_of};

/// Rows to ask for at once unless there is a reason: some 350 KiB.
pub const PAGE_ROWS: usize = 1_000;
/// Days that are read at once.
const DAYS_AHEAD: usize = 8;
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
pub async fn count<S: ItemReader + Directory + Registry>(
    reading: &Reading<'_, S>,
    project: ProjectId,
    filter: &Filter,
) -> Result<u64, RunError> {
    within_time(reading, async {
        match plan(filter) {
            Access::Days(span) if filter.is_of_keys() => {
                keys::count(reading, project, (filter, span)).await
            }
            access @ (Access::Points(_) | Access::Calls(..) | Access::Days(_)) => {
                let mut pass = Pass::new(reading, project, filter);
                pass.run(access, &mut Nowhere).await?;
                Ok(pass.tally.total())
            }
        }
    })
    .await
}

/// A page of matching items and how many match in all; from one pass over the rows where they
/// have to be looked at.
pub async fn list<S: ItemReader + Directory + Registry>(
    reading: &Reading<'_, S>,
    project: ProjectId,
    query: &Query,
) -> Result<Page, RunError> {
    within_time(reading, async {
        let filter = &query.filter;
        let window = Window { skip: query.skip, limit: query.limit };
        match (plan(filter), query.sort.in_time()) {
            (Access::Days(span), Some(order)) if filter.is_of_keys() => {
                keys::list(reading, project, (filter, span), (order, window)).await
            }
            (access @ (Access::Days(_) | Access::Calls(..)), Some(InTime::NewestFirst)) => {
                list_in_stored_order(reading, project, query, access).await
            }
            (access, _) => list_sorted(reading, project, query, access).await,
        }
    })
    .await
}

/// What is known of the references of some kinds that items of the project lead to.
pub async fn join<S: Registry>(
    reading: &Reading<'_, S>,
    project: ProjectId,
    items: &[Item],
    kinds: impl IntoIterator<Item = ReferenceKind>,
) -> Result<Joins, RunError> {
    within_time(reading, async {
        let mut joins = Joins::default();
        for kind in kinds {
            let asked = joins.missing(kind, items);
            let found = reading.store.references(kind, project, &asked).await?;
            joins.learn(kind, &asked, &found);
        }
        Ok(joins)
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
async fn list_in_stored_order<S: ItemReader + Directory + Registry>(
    reading: &Reading<'_, S>,
    project: ProjectId,
    query: &Query,
    access: Access,
) -> Result<Page, RunError> {
    let window = Window { skip: query.skip, limit: query.limit };
    let mut pass = Pass::new(reading, project, &query.filter);
    let mut shown = Shown { window, items: Vec::new() };
    pass.run(access, &mut shown).await?;
    Ok(Page { total: pass.tally.total(), items: shown.items, spent: pass.spent })
}

/// Keeps the items of the page.
struct Shown {
    window: Window,
    items: Vec<Item>,
}

impl Take for Shown {
    fn take(&mut self, found: Match) {
        if self.window.holds(found.place) {
            self.items.push(found.item);
        }
    }
}

/// Any other order: the best `skip + limit` are held, large numbers of them by their keys alone.
async fn list_sorted<S: ItemReader + Directory + Registry>(
    reading: &Reading<'_, S>,
    project: ProjectId,
    query: &Query,
    access: Access,
) -> Result<Page, RunError> {
    let window = Window { skip: query.skip, limit: query.limit };
    let size = usize::try_from(window.end()).unwrap_or(usize::MAX);
    let keeps = if size <= ITEMS_KEPT_MAX { Keeps::Items } else { Keeps::Keys };
    let top = TopK::new(&query.sort, size);
    let mut sorted = Sorted { sort: &query.sort, keeps, top };
    let mut pass = Pass::new(reading, project, &query.filter);
    pass.run(access, &mut sorted).await?;
    let skip = usize::try_from(window.skip).unwrap_or(usize::MAX);
    let items = held_items(reading, sorted.top.into_page(skip)).await?;
    Ok(Page { total: pass.tally.total(), items, spent: pass.spent })
}

/// Keeps the best by a sort.
struct Sorted<'a> {
    sort: &'a Sort,
    keeps: Keeps,
    top: TopK<'a, Held>,
}

/// What is kept of an entry.
#[derive(Clone, Copy)]
enum Keeps {
    Items,
    Keys,
}

impl Take for Sorted<'_> {
    fn take(&mut self, found: Match) {
        let Match { key, item, .. } = found;
        let keeps = self.keeps;
        self.top.push(self.sort.rank(&item), || match keeps {
            Keeps::Items => Held::Item(Box::new(item)),
            Keeps::Keys => Held::Key(key),
        });
    }
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
