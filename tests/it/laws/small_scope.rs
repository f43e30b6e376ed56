//! Every order of every choice of up to four events, enumerated.

use ringfold::dial::event::AnsweredBy;
use ringfold::dial::{Limits, Row, State, View, item};
use ringfold::item::Item;

use crate::support::dials::{Told, a, a_by, at, c, e, key, r, s, user};
use crate::support::orders::{choices, orders};
use crate::support::prices::sample;

/// Events that compete for every register: by provenance, by time, by bytes.
fn pool() -> Vec<Told> {
    vec![
        s(),
        s().sync().attribute(|told| told.user = Some(user(2))),
        r(2_000),
        a(9_250),
        a(9_000).sync(),
        a_by(9_250, AnsweredBy::Machine),
        a_by(10_000, AnsweredBy::Human),
        e(20_000).reason("busy"),
        e(20_000).reason("no_answer").full(),
        e(20_900).reason("no_answer").sync(),
        e(75_500).status("completed").answered_at(9_100),
        c(80_000, 28_800, "USD"),
        c(80_000, 31_200, "JPY").sync(),
    ]
}

fn play(events: &[Told]) -> (State, Vec<Item>) {
    let (book, limits) = (sample(), Limits::default());
    let mut state = State::default();
    let mut revision = 0;
    for event in events {
        let before = state.facts.clone();
        state.inject(&event.0);
        revision += u32::from(before != state.facts);
        assert!(before.is_within(&state.facts));
    }
    assert_eq!(state.revision, revision);
    let row = Row::of(key(), State { revision: 1, ..state.clone() });
    let seen = [10_000, 200_000, 15_000_000]
        .map(|ms| item(&row, &View { book, limits: &limits, now: at(ms) }));
    (state, seen.into())
}

#[test]
fn every_order_of_up_to_four_events_gives_one_state_and_one_item() {
    for size in 1..=4 {
        for choice in choices(&pool(), size) {
            let mut all = orders(&choice).into_iter();
            let (first, seen) = play(&all.next().unwrap());
            for order in all {
                let (state, other) = play(&order);
                assert_eq!(state.facts, first.facts, "{order:#?}");
                assert_eq!(other, seen, "{order:#?}");
            }
        }
    }
}

#[test]
fn every_order_of_three_events_with_each_of_them_again_counts_each_change_once() {
    for choice in choices(&pool(), 3) {
        for order in orders(&choice) {
            let once = play(&order);
            for repeated in &choice {
                let mut again = order.clone();
                again.push(repeated.clone());
                assert_eq!(play(&again), once);
            }
        }
    }
}
