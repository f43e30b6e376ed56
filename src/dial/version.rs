//! The write timestamp that makes a store's last-write-wins the join of `facts`.

use crate::value::Micros;

use super::facts::Facts;

/// What the log has said about a dial: its facts, and how many records changed them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct State {
    /// The registers.
    pub facts: Facts,
    /// Log records that changed the facts, in log order. 0: none (made by the API, imported).
    pub revision: u32,
}

impl State {
    /// Write timestamp of this state in µs: `created_at + 2 · revision`. The odd slot above it is
    /// the janitor's, for renderings. *Invariant:* equal versions of one row mean equal states
    /// (`laws::version::version_grows_by_two_with_every_change`).
    pub fn version(&self, created_at: Micros) -> i64 {
        created_at.get().saturating_add(i64::from(self.revision).saturating_mul(2))
    }
}
