//! What goes wrong with the in-memory store, as a test writes it down beforehand.

use std::collections::VecDeque;
use std::time::Duration;

use crate::ports::store::ReadError;

use super::shared::Shared;

/// What happens to one write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WriteFault {
    /// It is not applied, and its writer is told so.
    NotApplied,
    /// It is applied, but the answer is lost: outcome unknown.
    AnswerLost,
    /// It is not applied, and the answer is lost: outcome unknown.
    RequestLost,
    /// The outcome is unknown; it is applied when `MemoryStore::surface` is called.
    Late,
    /// The store is overloaded; not applied, but the writer cannot know.
    Overloaded,
    /// Refused by configuration.
    Refused,
    /// Its content is refused.
    Invalid,
    /// It is applied and acknowledged after this time.
    Slow(Duration),
    /// A bug: the writer's task panics.
    Panic,
}

/// What happens to one read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReadFault {
    /// The store does not answer.
    Unavailable,
    /// Refused by configuration.
    Refused,
    /// The answer comes after this time.
    Slow(Duration),
}

#[derive(Debug, Default)]
struct Script {
    writes: VecDeque<Option<WriteFault>>,
    every_write: Option<WriteFault>,
    reads: VecDeque<ReadFault>,
    every_read: Option<ReadFault>,
}

/// The script of faults; clones share it.
#[derive(Clone, Debug)]
pub struct Faults(Shared<Script>);

impl Faults {
    pub(super) fn new() -> Self {
        Self(Shared::new(Script::default()))
    }

    /// The next write without a fate gets this one.
    pub fn next_write(&self, fault: WriteFault) {
        self.0.with(|script| script.writes.push_back(Some(fault)));
    }

    /// So many writes go well before the next fate.
    pub fn spare_writes(&self, count: usize) {
        self.0.with(|script| script.writes.extend(std::iter::repeat_n(None, count)));
    }

    /// Every write that the script does not name gets this fate, until `None` ends it.
    pub fn every_write(&self, fault: Option<WriteFault>) {
        self.0.with(|script| script.every_write = fault);
    }

    /// The next read without a fate gets this one.
    pub fn next_read(&self, fault: ReadFault) {
        self.0.with(|script| script.reads.push_back(fault));
    }

    /// Every read that the script does not name gets this fate, until `None` ends it.
    pub fn every_read(&self, fault: Option<ReadFault>) {
        self.0.with(|script| script.every_read = fault);
    }

    pub(super) fn take_write(&self) -> Option<WriteFault> {
        self.0.with(|script| script.writes.pop_front().unwrap_or(script.every_write))
    }

    /// Lets a read pass, later, or not at all.
    pub(super) async fn pass_read(&self) -> Result<(), ReadError> {
        match self.0.with(|script| script.reads.pop_front().or(script.every_read)) {
            None => Ok(()),
            Some(ReadFault::Slow(time)) => {
                tokio::time::sleep(time).await;
                Ok(())
            }
            Some(ReadFault::Unavailable) => Err(ReadError::Unavailable("scripted".to_owned())),
            Some(ReadFault::Refused) => Err(ReadError::Refused("scripted".to_owned())),
        }
    }
}
