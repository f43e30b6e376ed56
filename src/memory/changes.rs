//! Change notices in memory: kept in order, for tests and the simulator to look at.

use crate::ports::changes::{ChangeNotice, Changes};

use super::shared::Shared;

/// Keeps what was published; clones share it.
#[derive(Clone, Debug)]
pub struct MemoryChanges(Shared<Vec<ChangeNotice>>);

impl Default for MemoryChanges {
    fn default() -> Self {
        Self(Shared::new(Vec::new()))
    }
}

impl MemoryChanges {
    /// Everything published so far; forgets it.
    pub fn take(&self) -> Vec<ChangeNotice> {
        self.0.with(std::mem::take)
    }
}

impl Changes for MemoryChanges {
    fn publish(&self, notices: &[ChangeNotice]) {
        self.0.with(|kept| kept.extend_from_slice(notices));
    }
}
