//! Seeded gateways: calls, escalations, dials and their events in the order a log would take them,
//! with disorder, duplicates and missing ends. It does not send them anywhere.
//!
//! Events are written straight to bytes into one reused buffer, since benchmarks are fed by this.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::value::Micros;

mod call;
mod outcome;
mod world;
mod write;

use super::random::Random;
use call::{Dial, Scheduled, What};
use world::World;
pub use write::Encoded;

/// Parts of a million.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Share(pub u32);

/// What traffic is asked for. The same plan gives the same bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TrafficPlan {
    /// The seed.
    pub seed: u64,
    /// Number of calls.
    pub calls: u64,
    /// Number of projects; some have many more calls than others.
    pub projects: u32,
    /// When the first call comes.
    pub start: Micros,
    /// Microseconds from one call to the next, on average.
    pub call_every_us: u64,
    /// Events that arrive up to ten minutes late.
    pub disorder: Share,
    /// Events that arrive twice.
    pub duplicates: Share,
    /// Dials whose end is never told.
    pub missing_ends: Share,
    /// Milliseconds from an end to the carrier's price, least and most.
    pub cost_after_ms: (u64, u64),
}

impl Default for TrafficPlan {
    /// A thousand calls in a thousand minutes, in order, once, complete.
    fn default() -> Self {
        Self {
            seed: 1,
            calls: 1_000,
            projects: 10,
            // 2026-03-01T00:00:00Z
            start: Micros::from_ms(1_772_323_200_000),
            call_every_us: 60_000_000,
            disorder: Share(0),
            duplicates: Share(0),
            missing_ends: Share(0),
            cost_after_ms: (20_000, 1_800_000),
        }
    }
}

/// Latest arrival of a disordered event, in milliseconds after it happened.
const DISORDER_MS: u64 = 600_000;
/// Latest arrival of a repeated event, in milliseconds after its first.
const REPEAT_MS: u64 = 60_000;

/// The events of a plan, in the order of their arrival.
#[derive(Debug)]
pub struct Traffic {
    plan: TrafficPlan,
    world: World,
    random: Random,
    calls_made: u64,
    next_call_ms: i64,
    /// What is to come, the earliest on top.
    due: BinaryHeap<Reverse<Scheduled>>,
    scheduled: u64,
    dials: Vec<Dial>,
    free: Vec<u32>,
    encoded: Encoded,
}

impl Traffic {
    /// Begins.
    pub fn new(plan: TrafficPlan) -> Self {
        let mut traffic = Self {
            plan,
            world: World::new(plan.seed, plan.projects),
            random: Random::new(plan.seed),
            calls_made: 0,
            next_call_ms: plan.start.ms(),
            due: BinaryHeap::new(),
            scheduled: 0,
            dials: Vec::new(),
            free: Vec::new(),
            encoded: Encoded::default(),
        };
        traffic.advance_call();
        traffic
    }

    /// When the next event arrives; `None` = that was all.
    pub fn next_at(&mut self) -> Option<Micros> {
        self.make_calls();
        self.due.peek().map(|Reverse(next)| Micros::from_ms(next.due_ms))
    }

    /// The next event, in a buffer that the one after it overwrites.
    pub fn next_event(&mut self) -> Option<&Encoded> {
        self.make_calls();
        let Reverse(next) = self.due.pop()?;
        let dial = self.dials.get_mut(next.dial as usize)?;
        self.encoded.write(dial, &next);
        dial.pending = dial.pending.saturating_sub(1);
        if dial.pending == 0 {
            self.free.push(next.dial);
        }
        Some(&self.encoded)
    }

    /// Calls made so far.
    pub const fn calls_made(&self) -> u64 {
        self.calls_made
    }

    /// Makes calls until the next one begins after the next event.
    fn make_calls(&mut self) {
        while self.calls_made < self.plan.calls
            && self.due.peek().is_none_or(|Reverse(next)| next.due_ms >= self.next_call_ms)
        {
            let start_ms = self.next_call_ms;
            self.calls_made += 1;
            self.advance_call();
            for (dial, events) in call::script(&self.world, &mut self.random, start_ms) {
                self.schedule(dial, &events);
            }
        }
    }

    fn advance_call(&mut self) {
        let every = self.plan.call_every_us;
        // Call n begins somewhere in the n-th interval: no two runs of the same length differ.
        let base = u128::from(self.calls_made) * u128::from(every);
        let within = u128::from(self.random.below(every.max(1)));
        let after_ms = i64::try_from((base + within) / 1_000).unwrap_or(i64::MAX);
        self.next_call_ms = self.plan.start.ms().saturating_add(after_ms);
    }

    fn schedule(&mut self, dial: Dial, events: &[(What, i64)]) {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.dials.push(dial);
            u32::try_from(self.dials.len() - 1).unwrap_or(u32::MAX)
        });
        let mut pending = 0_u32;
        for (number, (what, at_ms)) in (1_u8..).zip(events) {
            let mut due_ms = *at_ms;
            if *what == What::Cost {
                let (least, most) = self.plan.cost_after_ms;
                due_ms += signed(self.random.between(least, most));
            }
            if *what == What::Ended && self.random.happens(self.plan.missing_ends) {
                continue;
            }
            // A price is told when it is known; everything else when it happens.
            let at_ms = if *what == What::Cost { due_ms } else { *at_ms };
            if self.random.happens(self.plan.disorder) {
                due_ms += signed(self.random.below(DISORDER_MS));
            }
            let is_repeated = self.random.happens(self.plan.duplicates);
            for repeat in 0..=u32::from(is_repeated) {
                if repeat == 1 {
                    due_ms += signed(self.random.below(REPEAT_MS));
                }
                self.scheduled += 1;
                let order = self.scheduled;
                let what = *what;
                let event = Scheduled { due_ms, order, dial: slot, at_ms, what, number };
                self.due.push(Reverse(event));
                pending += 1;
            }
        }
        if let Some(kept) = self.dials.get_mut(slot as usize) {
            *kept = Dial { pending, ..dial };
        }
    }
}

fn signed(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
