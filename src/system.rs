//! The clock and the entropy of the real machine. Nothing else may read either.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::ports::world::{Entropy, WallClock};
use crate::value::Micros;

/// The wall clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl WallClock for SystemClock {
    fn now(&self) -> Micros {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
        let now = SystemTime::now();
        let micros = match now.duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
            // Before 1970: a clock that was never set.
            Err(error) => {
                i64::try_from(error.duration().as_micros()).map_or(i64::MIN, i64::wrapping_neg)
            }
        };
        Micros::new(micros)
    }
}

/// Random bytes of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        #[expect(clippy::expect_used, reason = "keys made without entropy would be guessable")]
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}
