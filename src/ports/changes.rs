//! Change notices: "this item changed". Best effort; the row is the truth.

use crate::dial::ItemKey;
use crate::value::Micros;

/// One item changed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ChangeNotice {
    /// Which row to read.
    pub key: ItemKey,
    /// What became of it; no two changes of one item are equal.
    pub change: Change,
}

/// What became of an item.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Change {
    /// Events changed its facts.
    Facts {
        /// The revision it has now.
        revision: u32,
    },
    /// A client made, changed or deleted it.
    Edit {
        /// The write timestamp of the edit.
        wall: Micros,
    },
}

/// Where change notices go.
pub trait Changes: Send + Sync {
    /// Tells followers; never waits, may drop.
    fn publish(&self, notices: &[ChangeNotice]);
}
