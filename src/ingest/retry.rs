//! What to do after a write did not succeed. Jitter is handed in.

use std::time::Duration;

use crate::ports::store::WriteError;

const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(2);

/// What follows from a failed write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The same write again after this long.
    Again(Duration),
    /// The store refuses the content: write it in two halves, or, of a single row, give it up.
    Split,
}

/// Decides by the error. There is no last attempt: an outage is felt as back-pressure.
pub fn verdict(error: &WriteError, attempt: u32, jitter: u16) -> Verdict {
    match error {
        WriteError::Invalid(_) => Verdict::Split,
        WriteError::NotApplied(_)
        | WriteError::Unknown(_)
        | WriteError::Overloaded(_)
        | WriteError::Refused(_) => Verdict::Again(backoff(attempt, jitter)),
    }
}

/// Full jitter between nothing and 50 ms · 2^attempt, at most 2 s. `jitter` is uniform.
/// Source: M. Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).
pub fn backoff(attempt: u32, jitter: u16) -> Duration {
    let ceiling = FIRST.saturating_mul(1_u32.checked_shl(attempt.min(16)).unwrap_or(u32::MAX));
    let share = u32::from(jitter);
    let micros = ceiling.min(LONGEST).as_micros();
    let part = micros.saturating_mul(u128::from(share)).div_euclid(u128::from(u16::MAX));
    Duration::from_micros(u64::try_from(part).unwrap_or(u64::MAX)).max(Duration::from_millis(1))
}
