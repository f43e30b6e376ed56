//! Spans between facts: ring time, talk time, dial duration. Spans that come out negative are 0
//! and flagged. It does not shift a time: clocks are taken as the gateways state them.

use crate::item::Flags;
use crate::value::Micros;

use super::facts::Facts;
use super::identity::ItemKey;

const MICROS_PER_MS: i64 = 1_000;
const MICROS_PER_SECOND: i64 = 1_000_000;

/// Ring and talk time of a dial, by its facts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spans {
    /// Milliseconds from the start to the answer, or to the end if nobody answered.
    pub ring_ms: Option<i64>,
    /// Microseconds from the answer to the end: what is billed.
    pub talk_micros: Option<i64>,
    /// `CLOCK_SUSPECT` if one came out negative.
    pub flags: Flags,
}

impl Spans {
    /// Talk time in milliseconds, rounded down.
    pub fn talk_ms(&self) -> Option<i64> {
        self.talk_micros.map(|micros| micros.div_euclid(MICROS_PER_MS))
    }
}

/// The known time of the start.
pub fn started_at(facts: &Facts) -> Option<Micros> {
    facts.started.as_ref().and_then(|fact| fact.at)
}

/// The known time of the answer.
pub fn answered_at(facts: &Facts) -> Option<Micros> {
    facts.answered.as_ref().and_then(|fact| fact.at)
}

/// The known time of the end.
pub fn ended_at(facts: &Facts) -> Option<Micros> {
    facts.ended.as_ref().and_then(|fact| fact.at)
}

/// Ring and talk time.
pub fn spans(facts: &Facts) -> Spans {
    let ring_until = if facts.answered.is_some() { answered_at(facts) } else { ended_at(facts) };
    let (ring, ring_flags) = span(started_at(facts), ring_until);
    let (talk_micros, talk_flags) = span(answered_at(facts), ended_at(facts));
    Spans {
        ring_ms: ring.map(|micros| micros.div_euclid(MICROS_PER_MS)),
        talk_micros,
        flags: ring_flags.with(talk_flags),
    }
}

/// Whole seconds between start and end as they are shown, and the flag if they are reversed.
pub fn dial_duration_s(started: Option<Micros>, ended: Option<Micros>) -> (Option<i64>, Flags) {
    let (duration, flags) = span(started, ended);
    (duration.map(|micros| micros.div_euclid(MICROS_PER_SECOND)), flags)
}

/// Time of the newest thing known: the greatest known time among facts and `created_at`. A fold
/// write is rendered as of this instant.
pub fn latest_fact(key: &ItemKey, facts: &Facts) -> Micros {
    [
        started_at(facts),
        facts.ringing.as_ref().and_then(|fact| fact.at),
        answered_at(facts),
        facts.detected.as_ref().and_then(|fact| fact.at),
        ended_at(facts),
        facts.cost.as_ref().and_then(|fact| fact.at),
    ]
    .into_iter()
    .flatten()
    .fold(key.created_at, Micros::max)
}

fn span(from: Option<Micros>, to: Option<Micros>) -> (Option<i64>, Flags) {
    match (from, to) {
        (Some(from), Some(to)) if to < from => (Some(0), Flags::CLOCK_SUSPECT),
        (Some(from), Some(to)) => (Some(to.since(from)), Flags::default()),
        _ => (None, Flags::default()),
    }
}
