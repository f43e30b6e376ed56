//! What each process was given of the log and has given back: seen from outside, at its ports.

use std::collections::{BTreeMap, BTreeSet};

use crate::dial::ItemKey;
use crate::ports::log::{Assignment, LogPartition, Offset};

use super::produced::{Dial, dial_of};

/// One process from its start to its end.
pub(super) type Life = u32;

/// A log partition in the hands of a process.
#[derive(Clone, Debug, Default)]
pub(super) struct Tenure {
    /// The first offset.
    pub(super) start: Offset,
    /// Records delivered, with their size in bytes.
    pub(super) delivered: BTreeMap<Offset, usize>,
    /// The last commit that was handed over.
    pub(super) committed: Offset,
    /// Rows that were loaded or written in it.
    pub(super) known: BTreeSet<Dial>,
}

impl Tenure {
    /// The offset after the last delivered one.
    pub(super) fn delivered_end(&self) -> Offset {
        self.delivered.keys().next_back().map_or(self.start, |last| last + 1).max(self.committed)
    }

    /// Bytes delivered from an offset on.
    pub(super) fn bytes_from(&self, offset: Offset) -> usize {
        self.delivered.range(offset..).map(|(_, bytes)| bytes).sum()
    }
}

/// All lives.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    tenures: BTreeMap<(Life, LogPartition), Tenure>,
    /// Rows sent by a life, by revision: what is sent again is a repetition.
    sent: BTreeSet<(Life, Dial, u32)>,
    last: Life,
}

impl Accounts {
    /// Begins a life.
    pub(super) fn begin(&mut self) -> Life {
        self.last += 1;
        self.last
    }

    pub(super) fn assigned(&mut self, life: Life, assignments: &[Assignment]) {
        for assignment in assignments {
            let tenure = Tenure {
                start: assignment.start,
                committed: assignment.start,
                ..Tenure::default()
            };
            self.tenures.insert((life, assignment.partition), tenure);
        }
    }

    pub(super) fn ended(&mut self, life: Life, partition: LogPartition) -> Option<Tenure> {
        self.tenures.remove(&(life, partition))
    }

    pub(super) fn tenure(&mut self, life: Life, partition: LogPartition) -> Option<&mut Tenure> {
        self.tenures.get_mut(&(life, partition))
    }

    /// Everything a life holds.
    pub(super) fn of(&mut self, life: Life) -> impl Iterator<Item = (LogPartition, &mut Tenure)> {
        let all = (life, LogPartition { source: 0, number: 0 })
            ..=(life, LogPartition { source: u16::MAX, number: u16::MAX });
        self.tenures.range_mut(all).map(|((_, partition), tenure)| (*partition, tenure))
    }

    /// A life has looked at rows.
    pub(super) fn loaded(&mut self, life: Life, keys: &[ItemKey]) {
        for (_, tenure) in self.of(life) {
            tenure.known.extend(keys.iter().map(dial_of));
        }
    }

    /// A life sends a row: whether it has sent the same before.
    pub(super) fn sends(&mut self, life: Life, dial: Dial, revision: u32) -> bool {
        !self.sent.insert((life, dial, revision))
    }

    /// Whether a life has ever sent a row.
    pub(super) fn has_sent(&self, life: Life, dial: Dial) -> bool {
        self.sent.range((life, dial, 0)..=(life, dial, u32::MAX)).next().is_some()
    }

    /// Records delivered so far, over all lives.
    pub(super) fn delivered(&self) -> usize {
        self.tenures.values().map(|tenure| tenure.delivered.len()).sum()
    }
}
