//! Time and chance, handed to those who drive.

use crate::value::Micros;

/// The wall clock.
pub trait WallClock: Send + Sync {
    /// The present instant, by this machine.
    fn now(&self) -> Micros;
}

/// Random bytes.
pub trait Entropy: Send + Sync {
    /// Fills the buffer with bytes nobody can guess.
    fn fill(&self, bytes: &mut [u8]);
}
