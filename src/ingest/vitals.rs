//! How the worker is: written by its driver, read by probes. Plain atomics, no opinion.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

use arc_swap::ArcSwapOption;

use crate::value::Micros;

/// Signs of life of one worker.
#[derive(Debug, Default)]
pub struct Vitals {
    ticked_at: AtomicI64,
    partitions: AtomicU64,
    assignments: AtomicU64,
    stalled_since: AtomicI64,
    trouble: ArcSwapOption<String>,
    repeating: AtomicU64,
}

impl Vitals {
    /// When the loop last ticked; `None` before the first tick.
    pub fn ticked_at(&self) -> Option<Micros> {
        some_time(self.ticked_at.load(Relaxed))
    }

    /// Log partitions held.
    pub fn partitions(&self) -> u64 {
        self.partitions.load(Relaxed)
    }

    /// Whether there ever was an assignment.
    pub fn was_assigned(&self) -> bool {
        self.assignments.load(Relaxed) > 0
    }

    /// Since when the store takes no writes; `None` while it does.
    pub fn stalled_since(&self) -> Option<Micros> {
        some_time(self.stalled_since.load(Relaxed))
    }

    /// What the store said last, while it takes no writes.
    pub fn trouble(&self) -> Option<Arc<String>> {
        self.trouble.load_full()
    }

    pub(super) fn tick(&self, now: Micros, partitions: usize) {
        self.ticked_at.store(now.get(), Relaxed);
        self.partitions.store(u64::try_from(partitions).unwrap_or(u64::MAX), Relaxed);
    }

    /// Whether it is known why records wait: the store takes no writes, or something small that
    /// goes elsewhere (a dead letter) is repeated.
    pub(super) fn is_excused(&self) -> bool {
        self.stalled_since().is_some() || self.repeating.load(Relaxed) > 0
    }

    pub(super) fn begin_repeating(&self) {
        self.repeating.fetch_add(1, Relaxed);
    }

    pub(super) fn end_repeating(&self) {
        self.repeating.fetch_sub(1, Relaxed);
    }

    pub(super) fn assigned(&self) {
        self.assignments.fetch_add(1, Relaxed);
    }

    pub(super) fn stall(&self, now: Micros, trouble: String) {
        if self.stalled_since.compare_exchange(0, now.get(), Relaxed, Relaxed).is_ok() {
            tracing::warn!(
                error = trouble,
                hint = "offsets stay where they are; writing resumes by itself",
                "the store takes no writes"
            );
        }
        self.trouble.store(Some(Arc::new(trouble)));
    }

    pub(super) fn flow(&self, now: Micros) {
        let since = self.stalled_since.swap(0, Relaxed);
        if let Some(since) = some_time(since) {
            let seconds = now.since(since).div_euclid(1_000_000);
            tracing::info!(stalled_seconds = seconds, "the store takes writes again");
            self.trouble.store(None);
        }
    }
}

fn some_time(micros: i64) -> Option<Micros> {
    (micros != 0).then_some(Micros::new(micros))
}
