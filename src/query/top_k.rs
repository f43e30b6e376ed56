//! The first `skip + limit` of any number of items, in memory bounded by them.

use std::cmp::Ordering;

use super::order::{Rank, Sort};

/// Keeps the best `size` entries of all that are pushed.
#[derive(Debug)]
pub(super) struct TopK<'a, T> {
    sort: &'a Sort,
    size: usize,
    entries: Vec<(Rank, T)>,
    /// Whether the entries were cut: then the last one is the worst that is kept.
    is_cut: bool,
}

impl<'a, T> TopK<'a, T> {
    pub(super) const fn new(sort: &'a Sort, size: usize) -> Self {
        Self { sort, size, entries: Vec::new(), is_cut: false }
    }

    /// Takes an entry, or drops it if `size` better ones are known.
    pub(super) fn push(&mut self, rank: Rank, entry: impl FnOnce() -> T) {
        let worst = if self.is_cut { self.entries.get(self.size.saturating_sub(1)) } else { None };
        let is_worse =
            worst.is_some_and(|(worst, _)| self.sort.order(&rank, worst) != Ordering::Less);
        if is_worse || self.size == 0 {
            return;
        }
        self.entries.push((rank, entry()));
        // Cutting at twice the size costs a constant time per entry.
        if self.entries.len() >= self.size.saturating_mul(2).max(64) {
            self.cut();
        }
    }

    fn cut(&mut self) {
        if self.entries.len() <= self.size {
            return;
        }
        let sort = self.sort;
        let order = |(a, _): &(Rank, T), (b, _): &(Rank, T)| sort.order(a, b);
        self.entries.select_nth_unstable_by(self.size.saturating_sub(1), order);
        self.entries.truncate(self.size);
        self.is_cut = true;
    }

    /// The entries behind the first `skip`, in order.
    pub(super) fn into_page(mut self, skip: usize) -> Vec<T> {
        self.cut();
        let sort = self.sort;
        self.entries.sort_unstable_by(|(a, _), (b, _)| sort.order(a, b));
        self.entries.into_iter().skip(skip).map(|(_, entry)| entry).collect()
    }
}
