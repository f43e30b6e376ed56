//! Dead letters in memory: one per (source, log partition, offset).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ports::letters::{KeptLetter, LetterId};
use crate::ports::log::{AppendError, DeadLetter, DeadLetters, Offset};
use crate::value::Micros;

use super::shared::Shared;

type Place = (Arc<str>, u16, Offset);

#[derive(Debug, Default)]
struct Inner {
    letters: BTreeMap<Place, DeadLetter>,
    marks: BTreeMap<LetterId, Micros>,
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

    /// Whether the letter of this place is kept.
    pub fn holds(&self, source: &str, number: u16, offset: Offset) -> bool {
        let place = (Arc::from(source), number, offset);
        self.0.with(|inner| inner.letters.contains_key(&place))
    }

    /// All letters, in the order of source, log partition and offset.
    pub fn letters(&self) -> Vec<DeadLetter> {
        self.0.with(|inner| inner.letters.values().cloned().collect())
    }
}

impl MemoryDeadLetters {
    /// The letters as operators see them, in the same order.
    pub(super) fn kept(&self) -> Vec<KeptLetter> {
        self.0.with(|inner| {
            let marked = |letter: &DeadLetter| {
                let letter = kept(letter);
                KeptLetter { redriven_at: inner.marks.get(&letter.id).copied(), ..letter }
            };
            inner.letters.values().map(marked).collect()
        })
    }

    /// Notes that a letter was sent back.
    pub(super) fn mark(&self, id: &LetterId, at: Micros) {
        self.0.with(|inner| inner.marks.insert(id.clone(), at));
    }
}

fn kept(letter: &DeadLetter) -> KeptLetter {
    let (source, partition) = (Arc::clone(&letter.source), letter.partition.number);
    KeptLetter {
        id: LetterId { source, partition, offset: letter.offset },
        record_time: letter.record_time,
        key: letter.key.clone(),
        headers: letter.headers.clone(),
        value: letter.value.clone(),
        reason: letter.reason.to_owned(),
        error: letter.error.clone(),
        attempts: letter.attempts,
        redriven_at: None,
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
