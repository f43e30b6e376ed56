//! An item and its facts as a store holds them, and what may be written to it.
//! It does not say what a reader sees (`render` does).

use std::sync::Arc;

use crate::item::{Rating, Rendered};
use crate::value::{CallId, Day, ItemId, MicroUsd, Micros, ProjectId};

use super::identity::{ItemKey, names_slice, time_of_id};
use super::version::State;

/// A row as it was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// Its key.
    pub key: ItemKey,
    /// Facts and revision.
    pub state: State,
    /// What clients changed through the API.
    pub edits: Edits,
    /// Set once the item was deleted.
    pub deletion: Option<Deletion>,
    /// When personal data was erased or cut.
    pub erased_at: Option<Micros>,
    /// The rating the number had before it was erased or cut.
    pub kept_rating: Option<Rating>,
    /// The end that was written down because none came.
    pub provisional: Option<ProvisionalEnd>,
    /// The newest write time in µs of anything but facts: a later write takes a greater one.
    pub newest_wall: Option<i64>,
}

impl Row {
    /// A row that holds nothing but a state.
    pub fn of(key: ItemKey, state: State) -> Self {
        Self {
            key,
            state,
            edits: Edits::default(),
            deletion: None,
            erased_at: None,
            kept_rating: None,
            provisional: None,
            newest_wall: None,
        }
    }

    /// The call it belongs to, as far as facts tell.
    pub fn call(&self) -> Option<CallId> {
        self.state.facts.started.as_ref().and_then(|fact| fact.said.call)
    }

    /// What events may still tell of the item.
    pub const fn standing(&self) -> Standing {
        match (&self.deletion, self.erased_at) {
            (Some(_), _) => Standing::Deleted,
            (None, Some(_)) => Standing::Erased,
            (None, None) => Standing::Whole,
        }
    }
}

/// What events may still tell of an item.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Standing {
    /// Everything.
    #[default]
    Whole,
    /// Personal data was erased or cut: nothing personal is told again.
    Erased,
    /// Deleted: nothing. Its events complete unchanged.
    Deleted,
}

/// Edited columns: `None` = never edited; the inner `None` = edited to null.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[expect(clippy::option_option, reason = "null is a value of an edited column")]
pub struct Edits {
    /// `status`.
    pub status: Option<Arc<str>>,
    /// `statusMessage`.
    pub status_message: Option<Option<Arc<str>>>,
    /// `dialDurationInSeconds`.
    pub dial_duration_s: Option<Option<i64>>,
    /// `callCostInUSDCents`.
    pub cost: Option<Option<MicroUsd>>,
    /// `startedAt`.
    pub started_at: Option<Option<Micros>>,
    /// `endedAt`.
    pub ended_at: Option<Option<Micros>>,
    /// `isAnswered`.
    pub is_answered: Option<bool>,
    /// When the last edit was made, by the server's clock.
    pub at: Option<Micros>,
    /// Id of the API key that made it.
    pub by: Option<Arc<str>>,
    /// How many edits were made, the create as the first.
    pub count: u32,
}

/// The item was deleted through the API: hidden for ever.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deletion {
    /// When, by the server's clock.
    pub at: Micros,
    /// Id of the API key that did it.
    pub by: Arc<str>,
}

/// Personal data was erased: what was there is gone, and events do not tell it again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Erasure {
    /// When, by the server's clock.
    pub at: Micros,
    /// The rating that the number had.
    pub kept_rating: Rating,
}

/// An end that was written down because none came; void once the revision moves on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ProvisionalEnd {
    /// When the item ended for want of an end.
    pub at: Micros,
    /// The revision it was computed from.
    pub revision: u32,
}

/// One fold write: the whole known state of a dial, and its rendering for other programs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FoldWrite {
    /// The row.
    pub key: ItemKey,
    /// Facts and revision; the write timestamp follows from them.
    pub state: State,
    /// The rendering.
    pub rendered: Rendered,
}

/// Rows of one project-day, written as one batch: all or none of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DayBatch {
    /// The project.
    pub project: ProjectId,
    /// The UTC day of every row's `created_at`.
    pub day: Day,
    /// Whether the day must be put into the directory first.
    pub directory: DirectoryRow,
    /// Locators that must be there before the rows.
    pub locators: Vec<Locator>,
    /// The rows; at most one per item.
    pub rows: Vec<FoldWrite>,
}

/// Whether a project-day's directory row is known to exist.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DirectoryRow {
    /// This process has had it acknowledged.
    Known,
    /// To be written before the rows.
    Missing,
}

/// Says where something lies whose id does not say so.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Locator {
    /// An item whose id carries no time.
    Item {
        /// The item.
        item: ItemId,
        /// Its `created_at`.
        created_at: Micros,
    },
    /// A slice in which a call has items, other than the one its own id names and the next.
    Call {
        /// The call.
        call: CallId,
        /// Start of the slice.
        slice: Micros,
    },
}

impl Locator {
    /// All that must be there before the row of this state: the item's if its id carries no time,
    /// the call's if its id does not name the slice.
    pub fn all_of(key: &ItemKey, state: &State) -> Vec<Self> {
        let mut locators = Vec::new();
        if time_of_id(key.item.uuid()).is_none() {
            locators.push(Self::Item { item: key.item, created_at: key.created_at });
        }
        let call = state.facts.started.as_ref().and_then(|fact| fact.said.call);
        let slice = key.created_at.slice();
        if let Some(call) = call.filter(|call| !names_slice(*call, slice)) {
            locators.push(Self::Call { call, slice });
        }
        locators
    }
}

/// One write of cells that no fold write touches: an edit, a deletion, an erasure, a provisional
/// end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EditWrite {
    /// The row.
    pub key: ItemKey,
    /// For an API create or import: the state at revision 0, written at its version.
    pub create: Option<FoldWrite>,
    /// The edited columns to write; what is `None` is left alone. `at`, `by` and `count` are
    /// written if `at` is set.
    pub edits: Edits,
    /// Hides the item and empties its personal columns.
    pub deletion: Option<Deletion>,
    /// Empties the personal columns and leaves the item.
    pub erasure: Option<Erasure>,
    /// The provisional end to write down.
    pub provisional: Option<ProvisionalEnd>,
    /// Write timestamp in µs of all cells but the created state.
    pub wall: i64,
}

impl EditWrite {
    /// The write timestamp of an edit made at `now` to a row read as `row`: above its clock, above
    /// every fold write of the row, and above every earlier write of this kind.
    pub fn wall(now: Micros, key: &ItemKey, newest_wall: Option<i64>) -> i64 {
        let above_facts = key.created_at.get().saturating_add(1_000_000);
        let above_newest = newest_wall.map_or(i64::MIN, |wall| wall.saturating_add(1));
        now.get().max(above_facts).max(above_newest)
    }
}
