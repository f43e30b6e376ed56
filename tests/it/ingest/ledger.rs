//! Ledger, budget, floor and commits on their own.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use ringfold::ingest::budget::Budget;
use ringfold::ingest::floor::{Floor, StoreContent};
use ringfold::ingest::ledger::Ledger;
use ringfold::ingest::retry::{Verdict, backoff, verdict};
use ringfold::ports::log::{Assignment, CommitMetadata, LogPartition, RecordBatch};
use ringfold::ports::store::WriteError;
use ringfold::value::Micros;

fn origin() -> (Arc<RecordBatch>, usize) {
    (Arc::default(), 0)
}

proptest! {
    #[test]
    fn the_frontier_never_passes_an_incomplete_record(
        gaps in prop::collection::vec(1_u64..4, 1..40),
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..80),
    ) {
        let mut ledger = Ledger::new(7, Micros::MIN);
        let mut budget = Budget::new(1 << 20);
        let mut offset = 6;
        let mut charged = Vec::new();
        for gap in gaps {
            offset += gap;
            budget.charge(100);
            let slot = ledger.charge(offset, 100, origin());
            ledger.accept(slot, Micros::from_ms(i64::try_from(offset).unwrap()));
            charged.push((offset, slot, false));
        }
        let mut last = ledger.frontier();
        for index in order {
            let at = index.index(charged.len());
            charged[at].2 = true;
            budget.refund(ledger.complete(charged[at].1));
            let frontier = ledger.frontier();
            let first_open = charged.iter().find(|(_, _, is_done)| !is_done);
            let expected = first_open.map_or(offset + 1, |(open, _, _)| *open);
            prop_assert!(frontier.next <= expected);
            prop_assert!(frontier.next >= last.next);
            for (below, _, is_done) in charged.iter().filter(|(o, _, _)| *o < frontier.next) {
                prop_assert!(*is_done);
                prop_assert!(frontier.floor >= Micros::from_ms(i64::try_from(*below).unwrap()));
            }
            last = frontier;
        }
        for (_, slot, _) in &charged {
            budget.refund(ledger.complete(*slot));
        }
        prop_assert_eq!(ledger.frontier().next, offset + 1);
        prop_assert!(ledger.is_empty());
        prop_assert_eq!(budget.used(), 0);
    }

    #[test]
    fn a_frontier_with_a_unit_is_the_frontier_after_it(
        in_unit in prop::collection::vec(any::<bool>(), 1..20),
        complete in prop::collection::vec(any::<bool>(), 1..20),
    ) {
        let mut ledger = Ledger::new(0, Micros::MIN);
        let slots: Vec<_> =
            (0..in_unit.len()).map(|o| ledger.charge(o as u64, 1, origin())).collect();
        for (slot, is_in) in slots.iter().zip(&in_unit) {
            if *is_in {
                ledger.put_into_unit(*slot, 9);
            }
        }
        for (slot, is_done) in slots.iter().zip(&complete) {
            if *is_done {
                ledger.complete(*slot);
            }
        }
        let promised = ledger.frontier_with(9);
        for (slot, is_in) in slots.iter().zip(&in_unit) {
            if *is_in {
                ledger.complete(*slot);
            }
        }
        prop_assert_eq!(promised, ledger.frontier());
    }

    #[test]
    fn a_backoff_is_between_one_millisecond_and_two_seconds(attempt: u32, jitter: u16) {
        let wait = backoff(attempt, jitter);
        prop_assert!(wait >= Duration::from_millis(1) && wait <= Duration::from_secs(2));
    }
}

fn assignment(committed: Option<CommitMetadata>, parts: u16) -> Assignment {
    let partition = LogPartition { source: 0, number: 0 };
    Assignment { partition, tenure: 1, start: 0, committed, parts }
}

const MARGIN: Duration = Duration::from_mins(5);

#[test]
fn a_committed_floor_makes_only_greater_id_times_new() {
    let metadata = CommitMetadata { floor: Micros::from_ms(1_000), parts: 4 };
    let floor = Floor::at_assignment(&assignment(Some(metadata), 4), StoreContent::Some, MARGIN);
    assert!(!floor.is_new(Micros::from_ms(1_000)));
    assert!(floor.is_new(Micros::from_ms(1_001)));
}

#[test]
fn another_number_of_log_partitions_falls_back_to_record_time_and_margin() {
    let metadata = CommitMetadata { floor: Micros::from_ms(1_000), parts: 4 };
    let mut floor =
        Floor::at_assignment(&assignment(Some(metadata), 6), StoreContent::Some, MARGIN);
    assert!(!floor.is_new(Micros::MAX), "nothing is new before the first record");
    floor.settle(Some(Micros::from_ms(50_000)));
    assert!(!floor.is_new(Micros::from_ms(349_999)));
    assert!(floor.is_new(Micros::from_ms(350_000)));
}

#[test]
fn a_log_without_record_times_always_loads_unless_the_store_is_empty() {
    let mut floor = Floor::at_assignment(&assignment(None, 1), StoreContent::Some, MARGIN);
    floor.settle(None);
    assert!(!floor.is_new(Micros::from_ms(4_000_000_000_000)));
    let empty = Floor::at_assignment(&assignment(None, 1), StoreContent::Empty, MARGIN);
    assert!(empty.is_new(Micros::from_ms(0)));
}

#[test]
fn an_eviction_raises_the_floor_above_the_evicted_dial() {
    let mut floor = Floor::At(Micros::from_ms(10));
    floor.raise_above(Micros::from_ms(20));
    assert!(!floor.is_new(Micros::from_ms(20)));
    assert!(floor.is_new(Micros::from_ms(21)));
    floor.raise_above(Micros::from_ms(5));
    assert!(!floor.is_new(Micros::from_ms(20)));
}

#[test]
fn only_refused_content_is_split() {
    let text = || "x".to_owned();
    for error in [
        WriteError::NotApplied(text()),
        WriteError::Unknown(text()),
        WriteError::Overloaded(text()),
        WriteError::Refused(text()),
    ] {
        assert!(matches!(verdict(&error, 3, 9), Verdict::Again(_)), "{error}");
    }
    assert_eq!(verdict(&WriteError::Invalid(text()), 0, 0), Verdict::Split);
}
