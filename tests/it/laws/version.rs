//! Revision and version: the chain of states that makes last-write-wins the join.

use proptest::prelude::*;
use proptest::sample::Index;
use ringfold::dial::row::Deletion;
use ringfold::dial::{DialEvent, Row, State, inject_into_row};

use super::generators::dial_history;
use crate::support::dials::at;

/// Each state on the way, bottom first.
fn chain(from: State, events: &[DialEvent]) -> Vec<State> {
    let mut states = vec![from];
    for event in events {
        let mut next = states[states.len() - 1].clone();
        next.inject(event);
        states.push(next);
    }
    states
}

proptest! {
    #[test]
    fn version_grows_by_two_with_every_change(events in dial_history()) {
        let created_at = events[0].key.created_at;
        let mut state = State::default();
        for event in &events {
            let before = state.clone();
            let injected = state.inject(event);
            let grown = state.version(created_at) - before.version(created_at);
            prop_assert_eq!(injected.is_change(), state.facts != before.facts);
            prop_assert_eq!(grown, if injected.is_change() { 2 } else { 0 });
            prop_assert!(before.facts.is_within(&state.facts));
            for name in injected.replaced.iter() {
                prop_assert!(injected.changed.has(name));
            }
            for name in injected.lost.iter() {
                prop_assert!(!injected.changed.has(name));
            }
        }
        prop_assert!(usize::try_from(state.revision).unwrap() <= events.len());
    }

    #[test]
    fn reading_a_history_again_changes_nothing(events in dial_history()) {
        let once = chain(State::default(), &events).pop().unwrap();
        let mut again = once.clone();
        for event in &events {
            prop_assert!(!again.inject(event).is_change());
        }
        prop_assert_eq!(again, once);
    }

    #[test]
    fn an_heir_walks_the_same_chain(
        events in dial_history(),
        written in any::<Index>(),
        start in any::<Index>(),
    ) {
        // One owner reads all. The heir loads the row of some state and reads on from an offset
        // at or before it: every state it comes by is one of the first owner's.
        let first = chain(State::default(), &events);
        let written = written.index(events.len() + 1);
        let heirs = chain(first[written].clone(), &events[start.index(written + 1)..]);
        for state in &heirs {
            prop_assert!(first.contains(state));
        }
        prop_assert_eq!(heirs.last(), first.last());
    }

    #[test]
    fn the_furthest_write_wins_in_any_order(
        events in dial_history(),
        writes in prop::collection::vec(any::<Index>(), 1..12),
    ) {
        let created_at = events[0].key.created_at;
        let states = chain(State::default(), &events);
        let mut places: Vec<usize> = writes.iter().map(|w| w.index(states.len())).collect();
        let furthest = states[*places.iter().max().unwrap()].clone();
        let mut cell: Option<State> = None;
        for place in places.drain(..) {
            let wins = cell.as_ref().is_none_or(|held| {
                states[place].version(created_at) > held.version(created_at)
            });
            if wins {
                cell = Some(states[place].clone());
            }
        }
        prop_assert_eq!(cell, Some(furthest));
    }

    #[test]
    fn a_deleted_row_folds_nothing(events in dial_history(), late in dial_history()) {
        let state = chain(State::default(), &events).pop().unwrap();
        let mut row = Row::of(events[0].key, state);
        row.deletion = Some(Deletion { at: at(600_000), by: "key-1".into() });
        let deleted = row.clone();
        for event in events.iter().chain(&late) {
            prop_assert!(!inject_into_row(&mut row, event).is_change());
        }
        prop_assert_eq!(row, deleted);
    }

    #[test]
    fn a_replay_finds_nothing_changed_in_an_erased_row(events in dial_history()) {
        let state = chain(State::default(), &events).pop().unwrap();
        let mut row = Row::of(events[0].key, state);
        row.erased_at = Some(at(600_000));
        row.state.facts.forget_persons();
        let erased = row.clone();
        for event in &events {
            // Of two ends that differ in the vendor's text alone either may win now: the text is
            // gone, so they are the same.
            inject_into_row(&mut row, event);
        }
        prop_assert_eq!(row, erased);
    }
}
