//! Bytes of records in flight: charged at the poll, refunded once the frontier has passed them.

use super::ledger::Refund;

/// What a record costs beside its bytes: its place in ledger, batch and unit.
const RECORD_OVERHEAD: usize = 160;
/// Below this much room the gate stays shut: a poll for a few bytes is not worth its call.
const ROOM_MIN: usize = 64 * 1024;

/// The budget. *Invariant:* after everything completed it is back at zero.
#[derive(Debug)]
pub struct Budget {
    limit: usize,
    used: usize,
}

impl Budget {
    /// A budget of `limit` bytes.
    pub const fn new(limit: usize) -> Self {
        Self { limit, used: 0 }
    }

    /// Charges one record.
    pub fn charge(&mut self, bytes: usize) {
        self.used = self.used.saturating_add(bytes).saturating_add(RECORD_OVERHEAD);
    }

    /// Gives back what passed below a frontier or was forgotten.
    pub fn refund(&mut self, refund: Refund) {
        let overhead = refund.records.saturating_mul(RECORD_OVERHEAD);
        self.used = self.used.saturating_sub(refund.bytes.saturating_add(overhead));
    }

    /// Bytes in flight.
    pub const fn used(&self) -> usize {
        self.used
    }

    /// Bytes that may still be polled; 0 = the gate is shut.
    pub fn room(&self) -> usize {
        let room = self.limit.saturating_sub(self.used);
        if room < ROOM_MIN && self.used > 0 { 0 } else { room.max(ROOM_MIN) }
    }

    /// Whether more than half is used: batches are written before they are full.
    pub fn is_pressed(&self) -> bool {
        self.used > self.limit.div_euclid(2)
    }
}
