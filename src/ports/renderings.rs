//! The renderings that rows keep for other programs, for those who check and mend them. Readers of
//! items never look at them.

use std::future::Future;

use crate::dial::ItemKey;
use crate::item::Rendered;
use crate::value::ProjectId;

use super::store::{DayRange, ReadError, WriteError};

/// A rendering as it lies in a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredRendering {
    /// The row.
    pub key: ItemKey,
    /// What it says.
    pub rendered: Rendered,
    /// Its write timestamp in µs.
    pub written: i64,
}

/// Kept renderings.
pub trait Renderings: Send + Sync {
    /// All projects that ever had an item, in any order. Walks the directory: for commands.
    fn projects(&self) -> impl Future<Output = Result<Vec<ProjectId>, ReadError>> + Send;

    /// The renderings of a stretch of a project-day, in any order; rows without one are missing.
    fn renderings(
        &self,
        range: &DayRange,
    ) -> impl Future<Output = Result<Vec<StoredRendering>, ReadError>> + Send;

    /// Replaces a rendering unless a newer one is there; durable when it returns. A repeat is free.
    fn put_rendering(
        &self,
        rendering: &StoredRendering,
    ) -> impl Future<Output = Result<(), WriteError>> + Send;
}
