//! Dead letters in memory: one per (source, log partition, offset).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ports::log::{AppendError, DeadLetter, DeadLetters, Offset};

use super::shared::Shared;

type Place = (Arc<str>, u16, Offset);

#[derive(Debug, Default)]
struct Inner {
    letters: BTreeMap<Place, DeadLetter>,
    down: bool,
}

/// Keeps rejects; clones share them.
#[derive(Clone, Debug)]
pub struct MemoryDeadLetters(Shared<Inner>);

impl Default for MemoryDeadLetters {
    fn default() -> Self {
        Self(Shared::new(Inner::default()))
    }
}

impl MemoryDeadLetters {
    /// Takes nothing from now on.
    pub fn stop(&self) {
        self.0.with(|inner| inner.down = true);
    }

    /// Takes letters again.
    pub fn resume(&self) {
        self.0.with(|inner| inner.down = false);
    }

    /// All letters, in the order of source, log partition and offset.
    pub fn letters(&self) -> Vec<DeadLetter> {
        self.0.with(|inner| inner.letters.values().cloned().collect())
    }
}

impl DeadLetters for MemoryDeadLetters {
    async fn put(&self, letter: &DeadLetter) -> Result<(), AppendError> {
        self.0.with(|inner| {
            if inner.down {
                return Err(AppendError::Unavailable("scripted".to_owned()));
            }
            let place = (Arc::clone(&letter.source), letter.partition.number, letter.offset);
            inner.letters.insert(place, letter.clone());
            Ok(())
        })
    }
}
