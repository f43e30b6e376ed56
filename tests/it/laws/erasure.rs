//! Erasure against late events and replays: nothing personal comes back, and no price moves.

use proptest::prelude::*;
use proptest::sample::Index;
use ringfold::dial::edit::erase;
use ringfold::dial::{Row, State, View, inject_into_row, item};

use super::generators::{dial_history, limits};
use crate::support::dials::at;
use crate::support::prices::sample;

proptest! {
    #[test]
    fn what_is_erased_is_never_told_again(
        events in dial_history(),
        late in dial_history(),
        place in any::<Index>(),
        turn in any::<Index>(),
    ) {
        let (book, limits) = (sample(), limits());
        let view = View { book, limits: &limits, now: at(600_000) };
        let mut row = Row::of(events[0].key, State::default());
        for event in &events[..=place.index(events.len())] {
            inject_into_row(&mut row, event);
        }
        let write = erase(&row, at(600_000), &view).unwrap();
        row = row.edited_by(&write);
        let mut replay: Vec<_> = events.iter().chain(&late).chain(&events).collect();
        let by = turn.index(replay.len());
        replay.rotate_left(by);
        for event in replay {
            inject_into_row(&mut row, event);
            prop_assert!(!row.state.facts.tells_persons());
            let shown = item(&row, &view);
            prop_assert_eq!((shown.user, shown.phone), (None, None));
        }
        prop_assert_eq!(erase(&row, at(700_000), &view), None, "a second time nothing is left");
    }

    #[test]
    fn an_erasure_moves_no_price_and_no_time(events in dial_history(), turn in any::<Index>()) {
        let (book, limits) = (sample(), limits());
        let view = View { book, limits: &limits, now: at(600_000) };
        let mut row = Row::of(events[0].key, State::default());
        for event in &events {
            inject_into_row(&mut row, event);
        }
        let before = item(&row, &view);
        let write = erase(&row, at(600_000), &view).unwrap();
        row = row.edited_by(&write);
        let mut replay = events.clone();
        replay.rotate_left(turn.index(events.len()));
        for event in &replay {
            inject_into_row(&mut row, event);
        }
        let after = item(&row, &view);
        prop_assert_eq!(&after.kept.rendered.rating, &before.kept.rendered.rating);
        prop_assert_eq!((after.cost, &after.status), (before.cost, &before.status));
        prop_assert_eq!(
            (after.started_at, after.ended_at, after.dial_duration_s, after.is_answered),
            (before.started_at, before.ended_at, before.dial_duration_s, before.is_answered)
        );
        prop_assert_eq!((after.call, after.rule), (before.call, before.rule));
    }
}
