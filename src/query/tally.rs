//! The exact count of matching items, and the place of each in the order in which they come.

/// Counts what matches.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Tally(u64);

impl Tally {
    /// One more matches; gives its place, from 0.
    pub(super) fn next(&mut self) -> u64 {
        let place = self.0;
        self.0 = self.0.saturating_add(1);
        place
    }

    /// How many match.
    pub(super) const fn total(self) -> u64 {
        self.0
    }
}

/// The places of a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Window {
    /// Places before it.
    pub(super) skip: u64,
    /// Its length.
    pub(super) limit: u64,
}

impl Window {
    /// First place behind it.
    pub(super) const fn end(self) -> u64 {
        self.skip.saturating_add(self.limit)
    }

    /// Whether a place is in it.
    pub(super) const fn holds(self, place: u64) -> bool {
        place >= self.skip && place < self.end()
    }
}
