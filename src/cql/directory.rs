//! The directory of project-days: which days of a project ever had an item. No marks or seals yet.

use scylla::response::PagingState;
use scylla::response::query_result::QueryRowsResult;
use scylla::value::CqlDate;

use crate::ports::store::{Directory, ReadError};
use crate::value::{Day, ProjectId};

use super::columns::{cql_date, day_of};
use super::connect::CqlStore;
use super::verdict::unreadable;

impl Directory for CqlStore {
    async fn days(&self, project: ProjectId, from: Day, to: Day) -> Result<Vec<Day>, ReadError> {
        let mut days = Vec::new();
        let take = |page: QueryRowsResult| {
            for row in page.rows::<(CqlDate,)>().map_err(unreadable)? {
                days.push(day_of(row.map_err(unreadable)?.0));
            }
            Ok(())
        };
        let values = (project.uuid(), cql_date(from), cql_date(to));
        self.link.each_page(&self.statements.reads.list_days, values, take).await?;
        Ok(days)
    }

    async fn is_empty(&self) -> Result<bool, ReadError> {
        let mut from = PagingState::start();
        // A page may be empty while there are more.
        loop {
            let (page, next) = self.link.page(&self.statements.reads.any_day, (), from).await?;
            if page.rows_num() > 0 {
                return Ok(false);
            }
            match next {
                Some(state) => from = state,
                None => return Ok(true),
            }
        }
    }
}
