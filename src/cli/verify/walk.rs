//! Walks stored rows with the renderings they keep, a page of a project-day at a time. It judges
//! nothing.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::super::exit::Failure;
use super::super::store::{AnyStore, read_failure};
use crate::dial::{ItemKey, Row};
use crate::ports::renderings::{Renderings, StoredRendering};
use crate::ports::store::{DayRange, Directory, ItemReader, PageCursor};
use crate::query::{PAGE_ROWS, Span};
use crate::value::{Day, Micros, ProjectId};

/// Which rows.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Scope {
    /// Of these projects; none = of all.
    pub(in crate::cli) projects: Vec<ProjectId>,
    /// Created at this time or later.
    pub(in crate::cli) from: Micros,
    /// Created before this time.
    pub(in crate::cli) to: Micros,
}

/// A row and the rendering it keeps.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) row: Row,
    pub(super) kept: Option<StoredRendering>,
}

/// Where the walk is.
pub(super) struct Walk<'s> {
    store: &'s AnyStore,
    span: Span,
    projects: VecDeque<ProjectId>,
    days: VecDeque<(ProjectId, Day)>,
    after: Option<PageCursor>,
}

impl<'s> Walk<'s> {
    pub(super) async fn begin(store: &'s AnyStore, scope: &Scope) -> Result<Self, Failure> {
        let mut projects = scope.projects.clone();
        if projects.is_empty() {
            projects = store.projects().await.map_err(read_failure)?;
        }
        projects.sort_unstable();
        projects.dedup();
        Ok(Self {
            store,
            span: Span { from: scope.from, to: scope.to },
            projects: projects.into(),
            days: VecDeque::new(),
            after: None,
        })
    }

    /// The next rows; `None` = that was all. Deleted ones are left out: nobody reads them.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Pair>>, Failure> {
        loop {
            let Some((project, day)) = self.days.front().copied() else {
                if !self.enter_project().await? {
                    return Ok(None);
                }
                continue;
            };
            let Some(Span { from, to }) = self.span.in_day(day) else {
                self.days.pop_front();
                continue;
            };
            let range = DayRange { project, day, from, to };
            let page = self.store.day(&range, self.after, PAGE_ROWS).await.map_err(read_failure)?;
            self.after = page.next;
            if self.after.is_none() {
                self.days.pop_front();
            }
            let rows: Vec<Row> =
                page.rows.into_iter().filter(|row| row.deletion.is_none()).collect();
            if !rows.is_empty() {
                return pairs(self.store, rows).await.map(Some);
            }
        }
    }

    /// Goes to the next project; `false` = there is none.
    async fn enter_project(&mut self) -> Result<bool, Failure> {
        let Some(project) = self.projects.pop_front() else { return Ok(false) };
        let Some((first, last)) = self.span.days() else { return Ok(false) };
        let days = self.store.days(project, first, last).await.map_err(read_failure)?;
        self.days = days.into_iter().map(|day| (project, day)).collect();
        Ok(true)
    }
}

/// Reads one row again, with its rendering.
pub(super) async fn again(store: &AnyStore, key: &ItemKey) -> Result<Option<Pair>, Failure> {
    let row = store.get(key).await.map_err(read_failure)?;
    let rows: Vec<Row> = row.into_iter().filter(|row| row.deletion.is_none()).collect();
    Ok(pairs(store, rows).await?.pop())
}

/// Rows of one project-day, newest first, with their renderings.
async fn pairs(store: &AnyStore, rows: Vec<Row>) -> Result<Vec<Pair>, Failure> {
    let (Some(newest), Some(oldest)) = (rows.first(), rows.last()) else { return Ok(Vec::new()) };
    let ItemKey { project, created_at, .. } = newest.key;
    let to = created_at.plus(Duration::from_millis(1));
    let range = DayRange { project, day: created_at.day(), from: oldest.key.created_at, to };
    let kept = store.renderings(&range).await.map_err(read_failure)?;
    let mut kept: BTreeMap<ItemKey, StoredRendering> =
        kept.into_iter().map(|rendering| (rendering.key, rendering)).collect();
    let paired = rows.into_iter().map(|row| Pair { kept: kept.remove(&row.key), row });
    Ok(paired.collect())
}
