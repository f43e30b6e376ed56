//! Change notices: "this item changed". Best effort; the row is the truth.

use crate::dial::ItemKey;

/// One item changed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ChangeNotice {
    /// Which row to read.
    pub key: ItemKey,
    /// The revision it has now.
    pub revision: u32,
}

/// Where change notices go.
pub trait Changes: Send + Sync {
    /// Tells followers; never waits, may drop.
    fn publish(&self, notices: &[ChangeNotice]);
}
