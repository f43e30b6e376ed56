//! Stretches of an event log: what a replay reads, from a place to a place, outside of any consumer
//! group. Types only.

use std::sync::Arc;

use super::log::{Assignment, CommitMetadata, LogPartition, Offset};
use crate::value::Micros;

/// A place in a log partition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// The record with this offset, or the next one behind it.
    Offset(Offset),
    /// The first record that the log took at this time or later.
    Time(Micros),
}

/// From where to where a log is read; the same in each of its log partitions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Bounds {
    /// The first record; `None` = the oldest that is there.
    pub from: Option<Place>,
    /// The first record that is not read; `None` = the end of the log as it is now.
    pub to: Option<Place>,
}

/// A part of one log partition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stretch {
    /// Name of the topic or file.
    pub source: Arc<str>,
    /// Which log partition.
    pub partition: LogPartition,
    /// Number of log partitions that the source has now.
    pub parts: u16,
    /// The offset to be read first.
    pub next: Offset,
    /// The first offset that is not read.
    pub end: Offset,
}

impl Stretch {
    /// Offsets that are left. Records may be fewer: offsets have gaps.
    pub const fn len(&self) -> u64 {
        self.end.saturating_sub(self.next)
    }

    /// Whether nothing is left.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How it is assigned to whoever reads it. What is read again may lie outside the chain of a
    /// dial's states, so the floor is above every id time: a dial that is not cached is loaded.
    pub const fn assignment(&self) -> Assignment {
        Assignment {
            partition: self.partition,
            tenure: 1,
            start: self.next,
            committed: Some(CommitMetadata { floor: Micros::MAX, parts: self.parts }),
            parts: self.parts,
        }
    }
}
