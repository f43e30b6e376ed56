//! How long an item may stay open, and how final it is. It writes nothing down (the janitor does).

use std::time::Duration;

use crate::item::Finality;
use crate::value::Micros;

use super::facts::Facts;
use super::identity::ItemKey;
use super::row::ProvisionalEnd;
use super::times;
use super::version::State;

/// Added to a ring timeout that was told: 5 s by which carriers overrun it, 60 s of grace.
const RING_GRACE: Duration = Duration::from_secs(65);

/// How long an item may stay open without an end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Not answered, ring timeout not told: since the start.
    pub ringing: Duration,
    /// Answered: since the answer.
    pub connected: Duration,
}

impl Default for Limits {
    /// 2 minutes and 4 h 5 min: carriers cut calls at 4 hours.
    fn default() -> Self {
        Self { ringing: Duration::from_mins(2), connected: Duration::from_mins(4 * 60 + 5) }
    }
}

/// From when on an item without an end is shown as closed; `None` if it has ended.
pub fn limit_at(key: &ItemKey, facts: &Facts, limits: &Limits) -> Option<Micros> {
    if facts.ended.is_some() {
        return None;
    }
    let started_at = times::started_at(facts).unwrap_or(key.created_at);
    if facts.answered.is_some() {
        return Some(times::answered_at(facts).unwrap_or(started_at).plus(limits.connected));
    }
    let told = facts.started.as_ref().and_then(|fact| fact.said.ring_timeout_s);
    let rings = told.map_or(limits.ringing, |seconds| {
        Duration::from_secs(u64::from(seconds)).saturating_add(RING_GRACE)
    });
    Some(started_at.plus(rings))
}

/// How final an item is at `now`. A provisional end that was written down holds for the very
/// revision it was computed from.
pub fn finality(
    key: &ItemKey,
    state: &State,
    written: Option<ProvisionalEnd>,
    (limits, now): (&Limits, Micros),
) -> Finality {
    // Revision 0: the API made the item and no event ever spoke of it.
    if state.revision == 0 {
        return Finality::Final;
    }
    match limit_at(key, &state.facts, limits) {
        None => Finality::Final,
        Some(_) if written.is_some_and(|end| end.revision == state.revision) => {
            Finality::Provisional
        }
        Some(limit) if now >= limit => Finality::Provisional,
        Some(_) => Finality::Open,
    }
}
