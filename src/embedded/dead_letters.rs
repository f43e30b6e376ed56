//! Rejects, kept beside the rows: one per (source, log partition, offset).

use crate::ports::log::{AppendError, DeadLetter, DeadLetters};

use super::database::Space;
use super::handle::Embedded;
use super::layout::dead_letter;
use super::layout::key;
use super::writer::{Unit, Work};

impl DeadLetters for Embedded {
    async fn put(&self, letter: &DeadLetter) -> Result<(), AppendError> {
        let place = key::dead_letter(&letter.source, letter.partition.number, letter.offset);
        let value = dead_letter::encode(letter);
        let puts = vec![(Space::DeadLetter, place.into(), value.into())];
        let unit = Unit { puts, ..Unit::default() };
        self.work(Work::Unit(unit)).await.map_err(AppendError::from)
    }
}
