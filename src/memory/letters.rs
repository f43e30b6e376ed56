//! Dead letters in memory, read and sent back to a broker in memory.

use crate::ports::letters::{KeptLetter, LetterId, Letters};
use crate::ports::log::{AppendError, EventSink, NewRecord};
use crate::ports::store::ReadError;
use crate::value::Micros;

use super::dead_letters::MemoryDeadLetters;
use super::log::MemoryBroker;

/// Letters of one page: few, so that tests see several.
const PAGE_LETTERS_MAX: usize = 4;

/// Reads the letters in the order of source, log partition and offset.
#[derive(Debug)]
pub struct MemoryLetters {
    letters: MemoryDeadLetters,
    broker: MemoryBroker,
    after: Option<LetterId>,
}

impl MemoryDeadLetters {
    /// The letters, from the first; redriven to topics of this broker.
    pub fn reader(&self, broker: &MemoryBroker) -> MemoryLetters {
        MemoryLetters { letters: self.clone(), broker: broker.clone(), after: None }
    }
}

impl Letters for MemoryLetters {
    async fn page(&mut self) -> Result<Vec<KeptLetter>, ReadError> {
        let all = self.letters.kept().into_iter();
        let behind = all.filter(|letter| self.after.as_ref().is_none_or(|at| letter.id > *at));
        let page: Vec<KeptLetter> = behind.take(PAGE_LETTERS_MAX).collect();
        self.after = page.last().map(|letter| letter.id.clone()).or(self.after.take());
        Ok(page)
    }

    fn takes(&self, source: &str) -> bool {
        self.broker.source(source).is_some()
    }

    async fn redrive(&self, letter: &KeptLetter, at: Micros) -> Result<(), AppendError> {
        let source = self.broker.source(&letter.id.source);
        let source = source.ok_or_else(|| AppendError::Unavailable("no such topic".to_owned()))?;
        let headers = letter.redriven_headers().into_iter();
        let record = NewRecord {
            key: letter.key.clone().unwrap_or_default(),
            headers: headers.map(|(name, value)| (name, value.unwrap_or_default())).collect(),
            value: letter.value.clone().unwrap_or_default(),
        };
        self.broker.sink(source).append(vec![record]).await?;
        self.letters.mark(&letter.id, at);
        Ok(())
    }
}
