//! Rows for those who read. A page is read in stretches, with a chance for others in between.

use crate::dial::ItemKey;
use crate::dial::row::Row;
use crate::ports::store::{DayRange, ItemReader, KeyPage, PageCursor, ReadError, RowPage};
use crate::value::{CallId, ItemId, Micros, ProjectId};

use super::database::Space;
use super::handle::{Embedded, unavailable, unreadable};
use super::items;
use super::layout::codec::DecodeError;
use super::layout::{key, row};

/// Rows read at a stretch: some hundred microseconds.
const STRETCH: usize = 256;

impl ItemReader for Embedded {
    async fn get(&self, key: &ItemKey) -> Result<Option<Row>, ReadError> {
        items::read_row(self.spaces(), key)
    }

    async fn locate(&self, project: ProjectId, item: ItemId) -> Result<Option<Micros>, ReadError> {
        items::locate(self.spaces(), project, item)
    }

    async fn slices(&self, project: ProjectId, call: CallId) -> Result<Vec<Micros>, ReadError> {
        let mut slices = Vec::new();
        let locators = self.spaces().get(Space::Locator);
        for guard in locators.prefix(key::call_locators(project, call)) {
            let place = guard.key().map_err(|error| unavailable(&error))?;
            slices.push(key::read_slice(&place).ok_or_else(|| unreadable(&"a locator key"))?);
        }
        Ok(slices)
    }

    async fn day(
        &self,
        range: &DayRange,
        after: Option<PageCursor>,
        size: usize,
    ) -> Result<RowPage, ReadError> {
        let mut rows = Vec::new();
        let next = self.stretch(range, after, size, |key, value| {
            rows.push(row::read(key, value)?);
            Ok(())
        });
        Ok(RowPage { next: next.await?, rows })
    }

    async fn keys(
        &self,
        range: &DayRange,
        after: Option<PageCursor>,
        size: usize,
    ) -> Result<KeyPage, ReadError> {
        let mut keys = Vec::new();
        let next = self.stretch(range, after, size, |key, value| {
            if !row::is_deleted(value)? {
                keys.push(key);
            }
            Ok(())
        });
        Ok(KeyPage { next: next.await?, keys })
    }
}

impl Embedded {
    /// Hands on the rows of a page; gives the place of its last one if more are behind it.
    async fn stretch(
        &self,
        range: &DayRange,
        after: Option<PageCursor>,
        size: usize,
        mut take: impl FnMut(ItemKey, &[u8]) -> Result<(), DecodeError>,
    ) -> Result<Option<PageCursor>, ReadError> {
        let Some((first, last)) = key::day_bounds(range, after) else { return Ok(None) };
        let place_of = |key: ItemKey| PageCursor { created_at: key.created_at, item: key.item };
        let (mut taken, mut last_taken) = (0_usize, None);
        for guard in self.spaces().get(Space::Item).range(first..=last) {
            let (place, value) = guard.into_inner().map_err(|error| unavailable(&error))?;
            let found = key::read_item(&place).ok_or_else(|| unreadable(&"an item key"))?;
            if Some(place_of(found)) == after {
                continue;
            }
            if taken == size {
                return Ok(last_taken);
            }
            take(found, &value).map_err(|error| unreadable(&error))?;
            (taken, last_taken) = (taken.saturating_add(1), Some(place_of(found)));
            if taken.is_multiple_of(STRETCH) {
                tokio::task::yield_now().await;
            }
        }
        Ok(None)
    }
}
