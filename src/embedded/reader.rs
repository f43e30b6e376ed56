//! Rows for those who read. A page is read in stretches, with a chance for others in between.

use crate::dial::ItemKey;
use crate::dial::row::Row;
use crate::ports::store::{DayRange, ItemReader, PageCursor, ReadError, RowPage};
use crate::value::{CallId, ItemId, Micros, ProjectId};

use super::database::Space;
use super::handle::{Embedded, unavailable, unreadable};
use super::items;
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
        let mut page = RowPage::default();
        let Some((first, last)) = key::day_bounds(range, after) else { return Ok(page) };
        let skipped = after.map(|after| ItemKey {
            project: range.project,
            created_at: after.created_at,
            item: after.item,
        });
        let rows = self.spaces().get(Space::Item).range(first..=last);
        for guard in rows {
            let (place, value) = guard.into_inner().map_err(|error| unavailable(&error))?;
            let found = key::read_item(&place).ok_or_else(|| unreadable(&"an item key"))?;
            if Some(found) == skipped {
                continue;
            }
            if page.rows.len() == size {
                let last = page.rows.last().map(|row| row.key);
                page.next =
                    last.map(|key| PageCursor { created_at: key.created_at, item: key.item });
                break;
            }
            page.rows.push(row::read(found, &value).map_err(|error| unreadable(&error))?);
            if page.rows.len().is_multiple_of(STRETCH) {
                tokio::task::yield_now().await;
            }
        }
        Ok(page)
    }
}
