//! The cell `rendered`, for those who check and mend it (W5).

use scylla::DeserializeRow;
use scylla::response::query_result::QueryRowsResult;
use scylla::value::CqlTimestamp;
use uuid::Uuid;

use crate::dial::ItemKey;
use crate::ports::renderings::{Renderings, StoredRendering};
use crate::ports::store::{DayRange, ReadError, WriteError};
use crate::value::{ItemId, ProjectId};

use super::columns::{Unreadable, cql_date, micros_of};
use super::connect::CqlStore;
use super::reader::{bounds, key_values};
use super::rendered_cell::{ReadRendered, RenderedCell, rendered_of};
use super::verdict::unreadable;

#[derive(DeserializeRow)]
#[scylla(flavor = "enforce_order")]
struct RenderedRow<'a> {
    created_at: CqlTimestamp,
    id: Uuid,
    rendered: Option<ReadRendered<'a>>,
    written: Option<i64>,
}

impl RenderedRow<'_> {
    fn rendering(self, project: ProjectId) -> Result<Option<StoredRendering>, ReadError> {
        let id = self.id;
        let Some((cell, written)) = self.rendered.zip(self.written) else { return Ok(None) };
        let rendered = rendered_of(&cell).map_err(|Unreadable(column)| {
            ReadError::Unreadable(format!("item {id}: unexpected value in {column}"))
        })?;
        let created_at = micros_of(self.created_at);
        let key = ItemKey { project, created_at, item: ItemId::new(id) };
        Ok(Some(StoredRendering { key, rendered, written }))
    }
}

impl Renderings for CqlStore {
    async fn projects(&self) -> Result<Vec<ProjectId>, ReadError> {
        let mut projects = Vec::new();
        let take = |page: QueryRowsResult| {
            for row in page.rows::<(Uuid,)>().map_err(unreadable)? {
                projects.push(ProjectId::new(row.map_err(unreadable)?.0));
            }
            Ok(())
        };
        self.link.each_page(&self.statements.renderings.list_projects, (), take).await?;
        Ok(projects)
    }

    async fn renderings(&self, range: &DayRange) -> Result<Vec<StoredRendering>, ReadError> {
        let mut found = Vec::new();
        let Some((from, to)) = bounds(range, None) else { return Ok(found) };
        let take = |page: QueryRowsResult| {
            for row in page.rows::<RenderedRow<'_>>().map_err(unreadable)? {
                found.extend(row.map_err(unreadable)?.rendering(range.project)?);
            }
            Ok(())
        };
        let values = (range.project.uuid(), cql_date(range.day), from, to);
        self.link.each_page(&self.statements.renderings.scan, values, take).await?;
        Ok(found)
    }

    async fn put_rendering(&self, rendering: &StoredRendering) -> Result<(), WriteError> {
        let (project, day, created_at, id) = key_values(&rendering.key);
        let cell = RenderedCell::of(&rendering.rendered);
        let values = (rendering.written, cell, project, day, created_at, id);
        self.link.write(&self.statements.renderings.put, values).await
    }
}
