//! Dead letters read and sent back: into the local log, the mark with the record in one atomic
//! batch.

use std::ops::Bound;

use fjall::Slice;

use crate::ports::letters::{KeptLetter, LetterId, Letters};
use crate::ports::log::{AppendError, NewRecord};
use crate::ports::store::ReadError;
use crate::value::Micros;

use super::database::Space;
use super::handle::{Embedded, unavailable, unreadable};
use super::layout::{dead_letter, key};
use super::writer::{Unit, Work};

/// Letters of one page, and bytes of values after which it ends earlier.
const PAGE_LETTERS_MAX: usize = 256;
const PAGE_BYTES_MAX: usize = 4 << 20;

/// Reads the letters in the order of source, log partition and offset.
#[derive(Debug)]
pub struct LocalLetters {
    store: Embedded,
    after: Option<LetterId>,
}

impl Embedded {
    /// The dead letters, from the first.
    pub fn letters(&self) -> LocalLetters {
        LocalLetters { store: self.clone(), after: None }
    }
}

fn place(id: &LetterId) -> Slice {
    Slice::from(key::dead_letter(&id.source, id.partition, id.offset))
}

fn mark(id: &LetterId) -> Slice {
    Slice::from(key::redriven(&id.source, id.partition, id.offset))
}

impl LocalLetters {
    fn mark_of(&self, id: &LetterId) -> Result<Option<Micros>, ReadError> {
        let value = self.store.spaces().get(Space::Meta).get(mark(id));
        let value = value.map_err(|error| unavailable(&error))?;
        let at = value.map(|value| dead_letter::decode_mark(&value)).transpose();
        at.map_err(|error| unreadable(&error))
    }
}

impl Letters for LocalLetters {
    async fn page(&mut self) -> Result<Vec<KeptLetter>, ReadError> {
        let from = self.after.as_ref().map_or(Bound::Unbounded, |id| Bound::Excluded(place(id)));
        let kept = self.store.spaces().get(Space::DeadLetter);
        let (mut page, mut bytes) = (Vec::new(), 0);
        for guard in kept.range::<Slice, _>((from, Bound::Unbounded)) {
            let value = guard.value().map_err(|error| unavailable(&error))?;
            let letter = dead_letter::decode(&value).map_err(|error| unreadable(&error))?;
            bytes += value.len();
            page.push(KeptLetter { redriven_at: self.mark_of(&letter.id)?, ..letter });
            if page.len() >= PAGE_LETTERS_MAX || bytes >= PAGE_BYTES_MAX {
                break;
            }
        }
        self.after = page.last().map(|letter| letter.id.clone()).or(self.after.take());
        Ok(page)
    }

    /// All of them: what came from a followed file goes back into the local log as well.
    fn takes(&self, _source: &str) -> bool {
        true
    }

    async fn redrive(&self, letter: &KeptLetter, at: Micros) -> Result<(), AppendError> {
        let headers = letter.redriven_headers().into_iter();
        let record = NewRecord {
            key: letter.key.clone().unwrap_or_default(),
            // The local log keeps no header without a value, so none can have come from it.
            headers: headers.map(|(name, value)| (name, value.unwrap_or_default())).collect(),
            value: letter.value.clone().unwrap_or_default(),
        };
        let puts = vec![(Space::Meta, mark(&letter.id), dead_letter::encode_mark(at).into())];
        let unit = Unit { puts, ..Unit::default() };
        self.store.work(Work::Redrive(record, unit)).await.map_err(AppendError::from)
    }
}
