//! Kept renderings of the in-memory store.

use std::collections::BTreeSet;

use crate::dial::ItemKey;
use crate::ports::renderings::{Renderings, StoredRendering};
use crate::ports::store::{DayRange, ReadError, WriteError};
use crate::value::ProjectId;

use super::store::MemoryStore;
use super::tables::place;

impl Renderings for MemoryStore {
    async fn projects(&self) -> Result<Vec<ProjectId>, ReadError> {
        let projects: BTreeSet<ProjectId> =
            self.read(|tables| tables.days.iter().map(|(project, _)| *project).collect()).await?;
        Ok(projects.into_iter().collect())
    }

    async fn renderings(&self, range: &DayRange) -> Result<Vec<StoredRendering>, ReadError> {
        self.read(|tables| {
            let rows = tables.rows.iter().filter(|(place, _)| {
                let (project, day, created_at, _) = place;
                let is_within = range.from <= created_at.0 && created_at.0 < range.to;
                (*project, *day) == (range.project, range.day) && is_within
            });
            let found = rows.filter_map(|(&(project, _, created_at, item), row)| {
                let (rendered, written) = row.rendered()?;
                let key = ItemKey { project, created_at: created_at.0, item };
                Some(StoredRendering { key, rendered: rendered.clone(), written })
            });
            found.collect()
        })
        .await
    }

    async fn put_rendering(&self, rendering: &StoredRendering) -> Result<(), WriteError> {
        let StoredRendering { key, rendered, written } = rendering.clone();
        self.change(move |tables| {
            tables.rows.entry(place(&key)).or_default().put_rendered(rendered, written);
        })
        .await
    }
}
