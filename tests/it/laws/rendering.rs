//! What a reader sees.

use proptest::prelude::*;
use proptest::sample::Index;
use ringfold::dial::row::ProvisionalEnd;
use ringfold::dial::{Row, State, View, item, latest_fact, rendered};
use ringfold::item::{CostSource, Finality, Item};
use ringfold::value::{MicroUsd, Micros};

use super::generators::{dial_history, instants_of_view, limits, state};
use crate::support::dials::key;
use crate::support::prices::sample;

fn seen(row: &Row, now: Micros) -> Item {
    let (book, limits) = (sample(), limits());
    item(row, &View { book, limits: &limits, now })
}

fn folded(events: &[ringfold::dial::DialEvent]) -> State {
    let mut state = State::default();
    for event in events {
        state.inject(event);
    }
    state
}

proptest! {
    #[test]
    fn a_rendering_is_sane_for_any_facts(state in state(), now in instants_of_view()) {
        let row = Row::of(key(), state);
        let item = seen(&row, now[0]);
        let shown = &item.kept.rendered;
        prop_assert!(item.dial_duration_s.is_none_or(|s| s >= 0));
        prop_assert!(shown.ring_ms.is_none_or(|ms| ms >= 0));
        prop_assert!(shown.talk_ms.is_none_or(|ms| ms >= 0));
        prop_assert!(item.cost.is_none_or(|cost| cost >= MicroUsd::new(0)));
        prop_assert_eq!(item.cost.is_some(), shown.cost_source.is_some());
        prop_assert_eq!(shown.rating.estimate.is_some(), shown.rating.unrated.is_none());
        prop_assert_eq!(shown.rating.estimate.is_some(), shown.rating.billed_ms.is_some());
        prop_assert!(item.updated_at >= item.created_at);
        prop_assert_eq!(item.kept.end_reason.is_some(), row.state.facts.ended.is_some());
        if shown.finality == Finality::Provisional {
            prop_assert_eq!((item.ended_at, item.dial_duration_s), (None, None));
            prop_assert!(shown.cost_source != Some(CostSource::Tariff));
        }
        let is_live = matches!(&*item.status, "Initiated" | "Ringing" | "Connected");
        prop_assert_eq!(is_live, row.state.facts.ended.is_none()
            && shown.finality != Finality::Provisional);
    }

    #[test]
    fn the_same_state_is_rendered_the_same(
        events in dial_history(),
        again in dial_history(),
        now in instants_of_view(),
    ) {
        let state = folded(&events);
        let mut copy = state.clone();
        for event in events.iter().rev() {
            copy.inject(event);
        }
        prop_assert_eq!(&copy, &state);
        let rows = [Row::of(key(), state), Row::of(key(), copy)];
        prop_assert_eq!(seen(&rows[0], now[0]), seen(&rows[1], now[0]));
        // Facts alone decide, whatever order they came in: only counts of readings differ.
        let mut there = folded(&[events.clone(), again.clone()].concat());
        let mut back = folded(&[again, events].concat().into_iter().rev().collect::<Vec<_>>());
        (there.revision, back.revision) = (1, 1);
        prop_assert_eq!(seen(&Row::of(key(), there), now[0]), seen(&Row::of(key(), back), now[0]));
    }

    #[test]
    fn an_answer_is_never_taken_back(events in dial_history(), now in instants_of_view()) {
        let mut state = State::default();
        let mut was_answered = false;
        for event in &events {
            state.inject(event);
            let is_answered = seen(&Row::of(key(), state.clone()), now[0]).is_answered;
            prop_assert!(is_answered || !was_answered);
            was_answered = is_answered;
        }
    }

    #[test]
    fn only_open_items_change_with_time_and_only_once(
        state in state(),
        instants in instants_of_view(),
    ) {
        let row = Row::of(key(), state);
        let seen: Vec<Item> = instants.iter().map(|now| seen(&row, *now)).collect();
        let mut changes = 0;
        for pair in seen.windows(2) {
            if pair[0] != pair[1] {
                changes += 1;
                prop_assert_eq!(pair[0].kept.rendered.finality, Finality::Open);
                prop_assert_eq!(pair[1].kept.rendered.finality, Finality::Provisional);
            }
        }
        prop_assert!(changes <= 1);
    }

    #[test]
    fn a_later_fact_voids_a_written_end_and_what_changes_nothing_does_not(
        events in dial_history(),
        cut in any::<Index>(),
    ) {
        let cut = 1 + cut.index(events.len());
        let mut row = Row::of(events[0].key, folded(&events[..cut]));
        let now = latest_fact(&row.key, &row.state.facts);
        row.provisional = Some(ProvisionalEnd { at: now, revision: row.state.revision });
        let is_ended = |row: &Row| row.state.facts.ended.is_some();
        if !is_ended(&row) {
            prop_assert_eq!(seen(&row, now).kept.rendered.finality, Finality::Provisional);
        }
        for event in &events[cut..] {
            let mut bare = row.clone();
            bare.provisional = None;
            let holds = !row.state.inject(event).is_change();
            bare.state = row.state.clone();
            if holds && !is_ended(&row) {
                prop_assert_eq!(seen(&row, now).kept.rendered.finality, Finality::Provisional);
            } else {
                prop_assert_eq!(seen(&row, now), seen(&bare, now));
            }
            if !holds {
                break;
            }
        }
    }

    #[test]
    fn what_the_fold_writes_is_what_a_reader_sees_then(events in dial_history()) {
        let state = folded(&events);
        let key = events[0].key;
        let (book, limits) = (sample(), limits());
        let view = View { book, limits: &limits, now: latest_fact(&key, &state.facts) };
        let written = rendered(&key, &state, &view);
        prop_assert_eq!(written, item(&Row::of(key, state), &view).kept.rendered);
    }
}
