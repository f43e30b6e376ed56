//! The wall clock of one simulated process: true time, wrong by as much as the seed says.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use tokio::time::Instant;

use crate::ports::world::WallClock;
use crate::value::Micros;

/// Shows the start of the world and what has passed since, plus an error; clones share the error.
#[derive(Clone, Debug)]
pub(super) struct SimClock {
    began: Instant,
    start: Micros,
    error_us: Arc<AtomicI64>,
    /// Millionths by which it goes too fast.
    drift: i64,
}

impl SimClock {
    /// A clock that is right.
    pub(super) fn right(began: Instant, start: Micros) -> Self {
        Self { began, start, error_us: Arc::default(), drift: 0 }
    }

    /// The same, going wrong by so many millionths.
    pub(super) fn drifting(&self, drift: i64) -> Self {
        Self { error_us: Arc::default(), drift, ..self.clone() }
    }

    /// Is wrong by this much from now on.
    pub(super) fn jump(&self, error_us: i64) {
        self.error_us.store(error_us, Relaxed);
    }
}

impl WallClock for SimClock {
    fn now(&self) -> Micros {
        let elapsed = i64::try_from(self.began.elapsed().as_micros()).unwrap_or(i64::MAX);
        let drifted = elapsed / 1_000 * self.drift / 1_000;
        let error = self.error_us.load(Relaxed);
        Micros::new(self.start.get() + elapsed + drifted + error)
    }
}
