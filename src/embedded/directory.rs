//! The directory of project-days.

use crate::ports::store::{Directory, ReadError};
use crate::value::{Day, ProjectId};

use super::database::Space;
use super::handle::{Embedded, unavailable, unreadable};
use super::layout::key;

impl Directory for Embedded {
    async fn days(&self, project: ProjectId, from: Day, to: Day) -> Result<Vec<Day>, ReadError> {
        if from > to {
            return Ok(Vec::new());
        }
        // Newer days have smaller keys.
        let range = key::project_day(project, to)..=key::project_day(project, from);
        let mut days = Vec::new();
        for guard in self.spaces().get(Space::ProjectDay).range(range) {
            let place = guard.key().map_err(|error| unavailable(&error))?;
            days.push(key::read_day(&place).ok_or_else(|| unreadable(&"a directory key"))?);
        }
        Ok(days)
    }

    async fn is_empty(&self) -> Result<bool, ReadError> {
        let empty = self.spaces().get(Space::ProjectDay).is_empty();
        empty.map_err(|error| unavailable(&error))
    }
}
