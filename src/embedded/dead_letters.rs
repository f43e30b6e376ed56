//! Rejects, kept beside the rows: one per (source, log partition, offset).

use fjall::Slice;

use crate::ports::log::{AppendError, DeadLetter, DeadLetters};
use crate::ports::store::ReadError;

use super::database::Space;
use super::handle::{Embedded, unavailable, unreadable};
use super::layout::dead_letter::{self, KeptLetter};
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

impl Embedded {
    /// At most `most` dead letters in the order of source, log partition and offset, behind
    /// `after`. Pages, for lists.
    pub fn dead_letters(
        &self,
        after: Option<&KeptLetter>,
        most: usize,
    ) -> Result<Vec<KeptLetter>, ReadError> {
        let from = after.map(|letter| {
            let place = key::dead_letter(&letter.source, letter.partition.number, letter.offset);
            Slice::from(place)
        });
        let letters = self.spaces().get(Space::DeadLetter);
        let behind = match &from {
            Some(from) => letters.range::<&[u8], _>((
                std::ops::Bound::Excluded(&**from),
                std::ops::Bound::Unbounded,
            )),
            None => letters.iter(),
        };
        let mut page = Vec::new();
        for guard in behind.take(most) {
            let value = guard.value().map_err(|error| unavailable(&error))?;
            page.push(dead_letter::decode(&value).map_err(|error| unreadable(&error))?);
        }
        Ok(page)
    }
}
