//! Appends to the local log.

use crate::ports::log::{AppendError, EventSink, NewRecord};

use super::handle::Embedded;
use super::writer::Work;

/// The way into the local log.
#[derive(Clone, Debug)]
pub struct LocalSink {
    pub(super) store: Embedded,
}

impl EventSink for LocalSink {
    async fn append(&self, records: Vec<NewRecord>) -> Result<(), AppendError> {
        if records.is_empty() {
            return Ok(());
        }
        self.store.work(Work::Append(records)).await.map_err(AppendError::from)
    }
}
