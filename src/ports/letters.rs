//! The dead letters as operators work with them: read, and sent back. Rejects are put by the
//! worker ([`super::log::DeadLetters`]).

use std::fmt;
use std::future::Future;
use std::str::FromStr;
use std::sync::Arc;

use crate::value::Micros;

use super::log::{AppendError, Offset};
use super::store::ReadError;

/// Which letter: where the rejected record lies in the event log. `SOURCE/LOG_PARTITION/OFFSET`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LetterId {
    /// Name of the topic or file.
    pub source: Arc<str>,
    /// Log partition of it.
    pub partition: u16,
    /// Offset there.
    pub offset: Offset,
}

impl fmt::Display for LetterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.source, self.partition, self.offset)
    }
}

/// The text is no id of a letter.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("expects SOURCE/LOG_PARTITION/OFFSET, like ringfold.dials/3/1042")]
pub struct NoLetterId;

impl FromStr for LetterId {
    type Err = NoLetterId;

    /// Read from its end: the path of a file has slashes of its own.
    fn from_str(text: &str) -> Result<Self, NoLetterId> {
        let mut parts = text.rsplitn(3, '/');
        let offset = parts.next().and_then(|part| part.parse().ok()).ok_or(NoLetterId)?;
        let partition = parts.next().and_then(|part| part.parse().ok()).ok_or(NoLetterId)?;
        let source = parts.next().filter(|source| !source.is_empty()).ok_or(NoLetterId)?;
        Ok(Self { source: source.into(), partition, offset })
    }
}

/// A dead letter as it is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptLetter {
    /// Which one.
    pub id: LetterId,
    /// When the log took the record.
    pub record_time: Option<Micros>,
    /// Original key.
    pub key: Option<Vec<u8>>,
    /// Original headers.
    pub headers: Vec<(String, Option<Vec<u8>>)>,
    /// Original value, byte for byte.
    pub value: Option<Vec<u8>>,
    /// Stable label of the reason.
    pub reason: String,
    /// One sentence; no payload text.
    pub error: String,
    /// How often the record had been redriven before it was rejected.
    pub attempts: u32,
    /// When this letter was sent back last.
    pub redriven_at: Option<Micros>,
}

/// Reading dead letters once through, and sending them back.
pub trait Letters: Send + Sync {
    /// The next letters, each (source, log partition, offset) once; empty at the end. What is put
    /// meanwhile may be missing.
    fn page(&mut self) -> impl Future<Output = Result<Vec<KeptLetter>, ReadError>> + Send;

    /// Whether the event log still has the source, so that the letter can go back to it.
    fn takes(&self, source: &str) -> bool;

    /// Appends the original record to the source it came from, `deadletter.attempts` raised by
    /// one, and marks the letter as redriven at `at`. Both are durable when it returns; after an
    /// error either may be. A repeat appends the record again, which folds to the same rows.
    fn redrive(
        &self,
        letter: &KeptLetter,
        at: Micros,
    ) -> impl Future<Output = Result<(), AppendError>> + Send;
}

/// Header that counts redrives of a record; the worker reads it.
pub const ATTEMPTS: &str = "deadletter.attempts";
/// What the names of all headers begin with that ringfold adds to a rejected record.
pub const PREFIX: &str = "deadletter.";

impl KeptLetter {
    /// The headers of the record that goes back: the original ones in their order, and last how
    /// often it was redriven.
    pub fn redriven_headers(&self) -> Vec<(String, Option<Vec<u8>>)> {
        let original = self.headers.iter().filter(|(name, _)| !name.starts_with(PREFIX));
        let attempts = self.attempts.saturating_add(1).to_string().into_bytes();
        original.cloned().chain([(ATTEMPTS.to_owned(), Some(attempts))]).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;

    #[test]
    fn an_id_comes_back_from_its_text_also_with_slashes_in_its_source() {
        for source in ["ringfold.dials", "/var/log/pbx/a.ndjson"] {
            let id = LetterId { source: source.into(), partition: 3, offset: u64::MAX };
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        for text in ["", "3", "dials/3", "/3/4", "dials/x/4", "dials/3/-4", "dials/70000/4"] {
            assert_eq!(text.parse::<LetterId>(), Err(NoLetterId), "{text}");
        }
    }
}
