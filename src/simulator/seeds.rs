//! Many worlds on a few threads, each with a runtime of its own; outcomes in the order of seeds.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use crate::memory::Shared;

use super::plant::Plant;
use super::trace::Keep;
use super::world::{NoRuntime, Outcome, simulate};

/// Which worlds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seeds {
    /// The first.
    pub from: u64,
    /// How many.
    pub count: u64,
    /// Threads.
    pub threads: usize,
    /// Every so many-th world is simulated twice, and has to be the same; 0 = none.
    pub twice_every: u64,
    /// The planted change in all of them.
    pub plant: Option<Plant>,
}

/// What became of many worlds.
#[derive(Debug, Default)]
pub struct Summary {
    /// Worlds that were simulated.
    pub done: u64,
    /// Of them twice.
    pub twice: u64,
    /// Worlds that broke a promise, by seed.
    pub broken: Vec<Outcome>,
    /// Worlds whose second run differed.
    pub differing: Vec<u64>,
    /// How often each fault struck and each rare thing happened, over all worlds.
    pub marks: BTreeMap<&'static str, u64>,
}

/// Simulates all of them, or until the first that breaks a promise.
pub fn simulate_all(seeds: &Seeds) -> Result<Summary, NoRuntime> {
    let next = AtomicU64::new(0);
    let summary = Shared::new(Summary::default());
    let failed = Shared::new(None);
    std::thread::scope(|scope| {
        for _ in 0..seeds.threads.max(1) {
            scope.spawn(|| {
                if let Err(error) = work(seeds, &next, &summary) {
                    failed.with(|failed| *failed = Some(error));
                }
            });
        }
    });
    if let Some(error) = failed.with(Option::take) {
        return Err(error);
    }
    let mut summary = summary.with(std::mem::take);
    summary.broken.sort_by_key(|outcome| outcome.seed);
    Ok(summary)
}

/// Takes seeds until there are no more, or a world broke.
fn work(seeds: &Seeds, next: &AtomicU64, summary: &Shared<Summary>) -> Result<(), NoRuntime> {
    loop {
        let number = next.fetch_add(1, SeqCst);
        let is_over = summary.with(|summary| !summary.broken.is_empty());
        if number >= seeds.count || is_over {
            return Ok(());
        }
        let outcome = simulate(seeds.from + number, seeds.plant, Keep::Last)?;
        let is_twice = seeds.twice_every > 0 && number.is_multiple_of(seeds.twice_every);
        let again =
            is_twice.then(|| simulate(outcome.seed, seeds.plant, Keep::Last)).transpose()?;
        summary.with(|summary| summary.add(outcome, again.as_ref()));
    }
}

impl Summary {
    fn add(&mut self, outcome: Outcome, again: Option<&Outcome>) {
        self.done += 1;
        if let Some(again) = again {
            self.twice += 1;
            if again.hash != outcome.hash {
                self.differing.push(outcome.seed);
            }
        }
        for (mark, count) in &outcome.marks {
            *self.marks.entry(mark).or_default() += count;
        }
        if outcome.violation.is_some() {
            self.broken.push(outcome);
        }
    }
}
