//! What clients asked of items and were told: when each question began, and when its answer came.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::value::ItemId;

use super::checks::Verdict;

/// A column that clients edit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Edited {
    Message,
    Duration,
    /// The item is there, or is not.
    Existence,
}

/// What one write wanted, and what its client was told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Wrote {
    /// As the API shows it; no two writes of a column have one value, but for `null`.
    pub(super) value: String,
    pub(super) began: Duration,
    pub(super) told: Told,
}

/// What a client knows of its write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Told {
    /// Nothing: it may be there, or come.
    Unknown,
    /// It was there then.
    Done(Duration),
    /// It never will be.
    Nothing,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct History {
    writes: BTreeMap<(ItemId, Edited), Vec<Wrote>>,
    /// Items that clients may ask for, by the number of their project.
    pub(super) items: Vec<(u8, ItemId)>,
    /// How many values were written: makes each its own.
    pub(super) values: u64,
}

impl History {
    /// A write begins; gives its place.
    pub(super) fn begins(
        &mut self,
        item: ItemId,
        column: Edited,
        (value, began): (String, Duration),
    ) -> usize {
        let writes = self.writes.entry((item, column)).or_default();
        writes.push(Wrote { value, began, told: Told::Unknown });
        writes.len() - 1
    }

    /// Its client was told.
    pub(super) fn told(&mut self, item: ItemId, (column, place): (Edited, usize), told: Told) {
        let writes = self.writes.get_mut(&(item, column));
        if let Some(wrote) = writes.and_then(|writes| writes.get_mut(place)) {
            wrote.told = told;
        }
    }

    /// Writes of a column.
    pub(super) fn of(&self, item: ItemId, column: Edited) -> &[Wrote] {
        self.writes.get(&(item, column)).map_or(&[], Vec::as_slice)
    }
}

/// Whether a write was surely replaced before a read began: by one that began after it was done.
fn is_replaced(write: Option<&Wrote>, writes: &[Wrote], read_began: Duration) -> bool {
    let done = match write.map(|write| write.told) {
        // What the item says of itself was there before everything.
        None => return writes.iter().any(|later| is_done_before(later, read_began)),
        Some(Told::Done(done)) => Some(done),
        Some(Told::Unknown | Told::Nothing) => None,
    };
    writes.iter().any(|later| {
        let is_later = done.is_some_and(|done| later.began > done) && Some(later) != write;
        is_later && is_done_before(later, read_began)
    })
}

fn is_done_before(write: &Wrote, instant: Duration) -> bool {
    matches!(write.told, Told::Done(done) if done < instant)
}

/// I6, of edits: what was read is the value of a write that may stand, or, where `is_own` says that
/// the item has such a value of its own, of no write at all.
pub(super) fn read_is_current(
    writes: &[Wrote],
    (seen, is_own): (&str, bool),
    (began, ended): (Duration, Duration),
) -> Verdict {
    let of_value = writes.iter().filter(|write| write.value == seen);
    let mut may_stand = of_value.filter(|write| write.told != Told::Nothing);
    if may_stand.any(|write| write.began <= ended && !is_replaced(Some(write), writes, began)) {
        return Ok(());
    }
    if is_own && !is_replaced(None, writes, began) {
        return Ok(());
    }
    Err(format!("{seen} is read from {began:?} to {ended:?} after {writes:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(second: u64) -> Duration {
        Duration::from_secs(second)
    }

    fn wrote(value: &str, began: u64, told: Told) -> Wrote {
        Wrote { value: value.to_owned(), began: at(began), told }
    }

    fn read(writes: &[Wrote], seen: &str, began: u64) -> bool {
        read_is_current(writes, (seen, seen == "own"), (at(began), at(began + 1))).is_ok()
    }

    #[test]
    fn a_write_that_was_acknowledged_is_seen_by_every_later_read() {
        let writes = [wrote("a", 1, Told::Done(at(2)))];
        assert!(read(&writes, "a", 3) && read(&writes, "own", 1) && !read(&writes, "own", 3));
        let writes = [wrote("a", 1, Told::Done(at(2))), wrote("b", 3, Told::Done(at(4)))];
        assert!(read(&writes, "b", 5) && !read(&writes, "a", 5) && read(&writes, "a", 3));
    }

    #[test]
    fn one_of_unknown_outcome_may_come_at_any_time_and_a_refused_one_never() {
        let writes = [wrote("a", 1, Told::Unknown), wrote("b", 3, Told::Done(at(4)))];
        assert!(read(&writes, "a", 9) && read(&writes, "b", 9));
        let writes = [wrote("a", 1, Told::Nothing)];
        assert!(!read(&writes, "a", 9) && read(&writes, "own", 9));
        assert!(!read(&[], "never written", 1));
    }
}
