//! What the machine did since the driver last asked; the driver turns it into metrics.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Counts since they were last taken.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Records read, by source and log partition number.
    pub polled: BTreeMap<(u16, u16), u64>,
    /// Rejects, by reason.
    pub rejected: BTreeMap<&'static str, u64>,
    /// Events that changed a dial, by kind.
    pub folded: BTreeMap<&'static str, u64>,
    /// Events that changed nothing, by kind.
    pub unchanged: BTreeMap<&'static str, u64>,
    /// Facts that replaced others or lost, by register.
    pub replaced: BTreeMap<&'static str, u64>,
    /// Loads, by cause.
    pub loads: BTreeMap<&'static str, u64>,
    /// Flags in rows written.
    pub flagged: BTreeMap<&'static str, u64>,
    /// Locators written, by kind.
    pub locators: BTreeMap<&'static str, u64>,
    /// Rows acknowledged.
    pub rows_written: u64,
    /// Write units acknowledged: requests, in batches.
    pub units_written: u64,
    /// Writes with unknown outcome, repeated.
    pub writes_unknown: u64,
    /// Age in µs of the oldest event that became readable.
    pub oldest_readable: Option<i64>,
    /// Records whose key is not their event's call.
    pub key_mismatches: u64,
    /// Dials whose events name different starts.
    pub start_mismatches: u64,
    /// Dials that ended with events missing, by kind of their gateway.
    pub gateway_gaps: BTreeMap<Option<Arc<str>>, u64>,
}

/// Adds to one of the maps.
pub fn add<K: Ord>(map: &mut BTreeMap<K, u64>, key: K, by: u64) {
    let count = map.entry(key).or_default();
    *count = count.saturating_add(by);
}
