//! What one query may cost. Its end is a named refusal, never a short answer.

use std::time::Duration;

/// The bounds of one query.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Allowance {
    /// Items that may be looked at one by one.
    pub items_max: u64,
    /// How long it may take.
    pub time_max: Duration,
}

/// The query would look at more items than it may. Nothing partial is answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "This query would read more than {items_max} items. Narrow it: filter on incomingCallLogId or \
     userId, or give createdAt a range of at most {days} days (InBetween)."
)]
pub struct TooBroad {
    /// What was allowed.
    pub items_max: u64,
    /// Days of this project that were read whole: so many would have fitted; at least 1.
    pub days: u64,
}

/// What a query has cost so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Spent {
    /// Items looked at.
    pub items: u64,
    /// Days begun.
    pub days: u64,
}

impl Spent {
    /// One more item is to be looked at.
    pub fn item(&mut self, allowance: &Allowance) -> Result<(), TooBroad> {
        if self.items >= allowance.items_max {
            // The day that was begun last did not fit any more.
            let days = self.days.saturating_sub(1).max(1);
            return Err(TooBroad { items_max: allowance.items_max, days });
        }
        self.items = self.items.saturating_add(1);
        Ok(())
    }

    /// One more day is begun.
    pub fn day(&mut self) {
        self.days = self.days.saturating_add(1);
    }
}
