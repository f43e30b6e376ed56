//! The cell `rendered`, for those who check and mend it.

use fjall::Slice;

use crate::ports::renderings::{Renderings, StoredRendering};
use crate::ports::store::{DayRange, ReadError, WriteError};
use crate::value::ProjectId;

use super::database::Space;
use super::handle::{Embedded, unavailable, unreadable};
use super::layout::{key, row};
use super::writer::{Unit, Work};

impl Renderings for Embedded {
    async fn projects(&self) -> Result<Vec<ProjectId>, ReadError> {
        let mut projects = Vec::new();
        for guard in self.spaces().get(Space::ProjectDay).iter() {
            let place = guard.key().map_err(|error| unavailable(&error))?;
            let project = key::read_day_project(&place);
            let project = project.ok_or_else(|| unreadable(&"a directory key"))?;
            if projects.last() != Some(&project) {
                projects.push(project);
            }
        }
        Ok(projects)
    }

    async fn renderings(&self, range: &DayRange) -> Result<Vec<StoredRendering>, ReadError> {
        let mut found = Vec::new();
        let Some((first, last)) = key::day_bounds(range, None) else { return Ok(found) };
        for guard in self.spaces().get(Space::Item).range(first..=last) {
            let (place, value) = guard.into_inner().map_err(|error| unavailable(&error))?;
            let key = key::read_item(&place).ok_or_else(|| unreadable(&"an item key"))?;
            found.extend(row::read_rendering(key, &value).map_err(|error| unreadable(&error))?);
        }
        Ok(found)
    }

    async fn put_rendering(&self, rendering: &StoredRendering) -> Result<(), WriteError> {
        let place = Slice::from(key::item(&rendering.key));
        let rows = vec![(place, vec![row::rendering_cell(rendering)])];
        Ok(self.work(Work::Unit(Unit { rows, ..Unit::default() })).await?)
    }
}
