//! Below the floor a dial that is not in the cache must be loaded; at or above it, it is new.

use std::time::Duration;

use crate::ports::log::Assignment;
use crate::value::Micros;

/// The floor of one log partition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Floor {
    /// Known.
    At(Micros),
    /// Record time of the first record read, plus the margin.
    FromFirstRecord(Duration),
}

/// Whether the store had any row when the log partition was assigned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StoreContent {
    /// No row of any project: every dial is new.
    Empty,
    /// There may be rows.
    Some,
}

impl Floor {
    /// The floor at an assignment: one above what was committed with the start offset; the margin
    /// decides where nothing was committed, or where the number of log partitions has changed (keys
    /// have moved, `docs/architecture.md`, "Floor").
    pub fn at_assignment(assignment: &Assignment, store: StoreContent, margin: Duration) -> Self {
        if store == StoreContent::Empty {
            return Self::At(Micros::MIN);
        }
        match assignment.committed {
            Some(metadata) if metadata.parts > 0 && metadata.parts == assignment.parts => {
                Self::At(metadata.floor.plus(Duration::from_millis(1)))
            }
            Some(_) | None => Self::FromFirstRecord(margin),
        }
    }

    /// Settles a floor that waits for the first record; gives it if it does so now. A log without
    /// record times always loads.
    pub fn settle(&mut self, record_time: Option<Micros>) -> Option<Micros> {
        let Self::FromFirstRecord(margin) = *self else { return None };
        let floor = record_time.map_or(Micros::MAX, |time| time.plus(margin));
        *self = Self::At(floor);
        Some(floor)
    }

    /// Whether it still waits for the first record.
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::FromFirstRecord(_))
    }

    /// Whether a dial that is not in the cache is new.
    pub fn is_new(&self, id_time: Micros) -> bool {
        match self {
            Self::At(floor) => id_time >= *floor,
            Self::FromFirstRecord(_) => false,
        }
    }

    /// A dial was evicted from the cache: from now on it and what is older must be loaded.
    pub fn raise_above(&mut self, evicted: Micros) {
        if let Self::At(floor) = self {
            *floor = (*floor).max(evicted.plus(Duration::from_millis(1)));
        }
    }
}
