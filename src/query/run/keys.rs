//! Lists and counts that the keys of rows decide: rows are counted day by day, and the page is read
//! from the one or two days it lies in. No item is looked at but those of the page.

use std::collections::BTreeMap;

use futures::{StreamExt as _, TryStreamExt as _, stream};

use crate::dial::ItemKey;
use crate::item::Item;
use crate::ports::store::{DayRange, Directory, ItemReader, ReadError};
use crate::value::{Micros, ProjectId};

use super::super::allowance::Spent;
use super::super::filter::Filter;
use super::super::order::InTime;
use super::super::plan::Span;
use super::super::tally::Window;
use super::pass::days;
use super::{DAYS_AHEAD, Page, Reading, RunError, render};

/// How many rows of a span the filter keeps.
pub(super) async fn count<S: ItemReader + Directory>(
    reading: &Reading<'_, S>,
    project: ProjectId,
    (filter, span): (&Filter, Span),
) -> Result<u64, RunError> {
    let counted = counted(reading, project, (filter, span)).await?;
    Ok(counted.iter().fold(0, |total: u64, (_, count)| total.saturating_add(*count)))
}

/// A page of them, in the order of time.
pub(super) async fn list<S: ItemReader + Directory>(
    reading: &Reading<'_, S>,
    project: ProjectId,
    (filter, span): (&Filter, Span),
    (order, window): (InTime, Window),
) -> Result<Page, RunError> {
    let mut counted = counted(reading, project, (filter, span)).await?;
    if order == InTime::OldestFirst {
        counted.reverse();
    }
    let mut total = 0_u64;
    let mut parts = Vec::new();
    for (range, count) in counted {
        let inside = Window {
            skip: window.skip.saturating_sub(total),
            limit: window.end().saturating_sub(total.max(window.skip)),
        };
        total = total.saturating_add(count);
        if inside.skip < count && inside.limit > 0 {
            parts.push(Part { range, count, inside });
        }
    }
    let parts = stream::iter(parts)
        .map(|part| items_of(reading, filter, order, part))
        .buffered(DAYS_AHEAD)
        .try_collect::<Vec<_>>()
        .await?;
    let items = parts.into_iter().flatten().collect();
    Ok(Page { total, items, spent: Spent::default() })
}

/// What of the page lies in one day.
struct Part {
    range: DayRange,
    /// Rows of the range that the filter keeps.
    count: u64,
    /// The places among them, in the order of the page.
    inside: Window,
}

/// The days of the span with the rows that the filter keeps, newest first.
async fn counted<S: ItemReader + Directory>(
    reading: &Reading<'_, S>,
    project: ProjectId,
    (filter, span): (&Filter, Span),
) -> Result<Vec<(DayRange, u64)>, ReadError> {
    let ranges = days(reading.store, project, span).await?;
    let count = async |range| {
        let mut count = 0_u64;
        each_key(reading, &range, filter, |_| {
            count = count.saturating_add(1);
            Go::On
        })
        .await?;
        Ok((range, count))
    };
    stream::iter(ranges).map(count).buffered(DAYS_AHEAD).try_collect().await
}

/// Whether more keys are wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Go {
    On,
    NoFurther,
}

/// Hands on the keys of a range that the filter keeps, as rows are stored.
async fn each_key<S: ItemReader>(
    reading: &Reading<'_, S>,
    range: &DayRange,
    filter: &Filter,
    mut each: impl FnMut(ItemKey) -> Go,
) -> Result<(), ReadError> {
    let mut after = None;
    loop {
        let page = reading.store.keys(range, after, reading.page_rows).await?;
        for key in page.keys.into_iter().filter(|key| filter.keeps_key(key)) {
            if each(key) == Go::NoFurther {
                return Ok(());
            }
        }
        if page.next.is_none() {
            return Ok(());
        }
        after = page.next;
        // A store in memory never waits: let others run.
        tokio::task::yield_now().await;
    }
}

/// The items of a part, in the order of the page.
async fn items_of<S: ItemReader>(
    reading: &Reading<'_, S>,
    filter: &Filter,
    order: InTime,
    part: Part,
) -> Result<Vec<Item>, ReadError> {
    let Part { range, count, inside } = part;
    let mut places =
        Places { count, inside, order, passed: 0, instant: Vec::new(), found: Vec::new() };
    each_key(reading, &range, filter, |key| places.push(key)).await?;
    let keys = places.finish();
    let mut items = read_again(reading, &range, &keys).await?;
    // What was deleted meanwhile is gone.
    Ok(keys.iter().filter_map(|key| items.remove(key)).collect())
}

/// The items of keys that lie beside each other.
async fn read_again<S: ItemReader>(
    reading: &Reading<'_, S>,
    range: &DayRange,
    keys: &[ItemKey],
) -> Result<BTreeMap<ItemKey, Item>, ReadError> {
    let mut items = BTreeMap::new();
    let instants = || keys.iter().map(|key| key.created_at);
    let (Some(from), Some(last)) = (instants().min(), instants().max()) else { return Ok(items) };
    let to = Micros::new(last.get().saturating_add(1));
    let range = DayRange { from, to, ..*range };
    let wanted: std::collections::BTreeSet<&ItemKey> = keys.iter().collect();
    let mut after = None;
    loop {
        let size = keys.len().min(reading.page_rows);
        let page = reading.store.day(&range, after, size).await?;
        let shown = page.rows.iter().filter(|row| row.deletion.is_none());
        let shown = shown.filter(|row| wanted.contains(&row.key));
        items.extend(shown.map(|row| (row.key, render(reading, row))));
        if page.next.is_none() || items.len() == keys.len() {
            return Ok(items);
        }
        after = page.next;
    }
}

/// Finds the keys of a window among those of a range as they come, newest first. Holds those of the
/// window and of one instant.
struct Places {
    count: u64,
    inside: Window,
    order: InTime,
    /// Keys before those of the instant.
    passed: u64,
    /// The keys of the instant that is going on.
    instant: Vec<ItemKey>,
    found: Vec<ItemKey>,
}

impl Places {
    fn push(&mut self, key: ItemKey) -> Go {
        if self.instant.last().is_some_and(|last| last.created_at != key.created_at) {
            self.close();
        }
        let is_behind = match self.order {
            InTime::NewestFirst => self.passed >= self.inside.end(),
            InTime::OldestFirst => self.count.saturating_sub(self.passed) <= self.inside.skip,
        };
        if is_behind {
            return Go::NoFurther;
        }
        self.instant.push(key);
        Go::On
    }

    /// Gives the keys of an instant their places.
    fn close(&mut self) {
        let before = self.passed;
        self.passed = before.saturating_add(u64::try_from(self.instant.len()).unwrap_or(u64::MAX));
        let first = match self.order {
            InTime::NewestFirst => before,
            InTime::OldestFirst => self.count.saturating_sub(self.passed),
        };
        let inside = self.inside;
        let places = (first..).zip(self.instant.drain(..));
        self.found.extend(places.filter(|(place, _)| inside.holds(*place)).map(|(_, key)| key));
    }

    /// The keys in the order of the page.
    fn finish(mut self) -> Vec<ItemKey> {
        self.close();
        if self.order == InTime::OldestFirst {
            self.found.sort_unstable_by_key(|key| (key.created_at, key.item));
        }
        // Rows that came since they were counted have no place.
        self.found.truncate(usize::try_from(self.inside.limit).unwrap_or(usize::MAX));
        self.found
    }
}
