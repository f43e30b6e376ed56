//! Edits and deletion against late events.

use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use ringfold::dial::edit::{self, Changes, NewItem, Origin, Stamp};
use ringfold::dial::{Edits, Row, State, View, inject_into_row, item};
use ringfold::item::{CostSource, Finality};
use ringfold::value::MicroUsd;

use super::generators::{dial_history, instant, limits};
use crate::support::dials::{at, call, key, user};
use crate::support::prices::sample;

fn changes() -> impl Strategy<Value = Changes> {
    let text = || select(&["Failed", "", "Escalated"][..]);
    (
        of(text().prop_map(Into::into)),
        of(of(text().prop_map(Into::into))),
        of(of(-1_i64..3)),
        of(of((0_i64..3).prop_map(MicroUsd::new))),
        (of(of(instant())), of(of(instant()))),
        of(any::<bool>()),
    )
        .prop_map(|(status, status_message, dial_duration_s, cost, times, is_answered)| {
            Changes {
                status,
                status_message,
                dial_duration_s,
                cost,
                started_at: times.0,
                ended_at: times.1,
                is_answered,
            }
        })
}

fn stamp(ms: i64) -> Stamp {
    Stamp { now: at(ms), by: "key-1".into() }
}

proptest! {
    #[test]
    fn an_edit_holds_and_no_fact_is_lost(
        events in dial_history(),
        place in any::<Index>(),
        changes in changes(),
        hours in 0_i64..3,
    ) {
        let mut plain = Row::of(events[0].key, State::default());
        let mut row = plain.clone();
        let place = place.index(events.len());
        for (number, event) in events.iter().enumerate() {
            inject_into_row(&mut row, event);
            inject_into_row(&mut plain, event);
            if number == place {
                let write = edit::update(&row, changes.clone(), &stamp(hours * 3_600_000)).unwrap();
                row = row.edited_by(&write);
            }
        }
        prop_assert_eq!(&row.state, &plain.state, "an edit never touches facts or revision");
        let (book, limits) = (sample(), limits());
        let view = View { book, limits: &limits, now: at(60_000) };
        let (edited, bare) = (item(&row, &view), item(&plain, &view));
        prop_assert_eq!(&edited.status, changes.status.as_ref().unwrap_or(&bare.status));
        let message = changes.status_message.as_ref().unwrap_or(&bare.status_message);
        prop_assert_eq!(&edited.status_message, message);
        prop_assert_eq!(edited.cost, changes.cost.unwrap_or(bare.cost));
        prop_assert_eq!(edited.started_at, changes.started_at.unwrap_or(bare.started_at));
        prop_assert_eq!(edited.ended_at, changes.ended_at.unwrap_or(bare.ended_at));
        prop_assert_eq!(edited.is_answered, changes.is_answered.unwrap_or(bare.is_answered));
        if let Some(duration) = changes.dial_duration_s {
            prop_assert_eq!(edited.dial_duration_s, duration);
        }
        if changes.cost.is_some() {
            prop_assert_eq!(edited.kept.rendered.cost_source, Some(CostSource::Edit));
        }
        prop_assert_eq!(edited.version, bare.version + 1);
        prop_assert_eq!(edited.kept.rendered.finality, bare.kept.rendered.finality);
        prop_assert_eq!(edited.kept.rendered.rating, bare.kept.rendered.rating);
    }

    #[test]
    fn the_edit_made_after_another_was_read_wins_whatever_the_clocks_say(
        first in changes(),
        second in changes(),
        skew in -3_600_000_i64..3_600_000,
    ) {
        let row = Row::of(key(), State::default());
        let one = edit::update(&row, first, &stamp(0)).unwrap();
        let row = row.edited_by(&one);
        let two = edit::update(&row, second.clone(), &stamp(skew)).unwrap();
        prop_assert!(two.wall > one.wall);
        let row = row.edited_by(&two);
        prop_assert_eq!(row.edits.count, 2);
        prop_assert!(row.edits.at >= one.edits.at);
        if second.status.is_some() {
            prop_assert_eq!(row.edits.status, second.status);
        }
    }

    #[test]
    fn every_wall_write_lies_above_every_fold_write(
        events in dial_history(),
        ms in -86_400_000_i64..86_400_000,
    ) {
        let mut state = State::default();
        for event in &events {
            state.inject(event);
        }
        let row = Row::of(events[0].key, State::default());
        let write = edit::delete(&row, &stamp(ms)).unwrap();
        prop_assert!(write.wall > state.version(row.key.created_at));
        let deleted = row.edited_by(&write);
        prop_assert_eq!(edit::delete(&deleted, &stamp(ms)), None);
        prop_assert_eq!(edit::update(&deleted, Changes::default(), &stamp(ms)), None);
    }
}

#[test]
fn a_deletion_empties_an_edited_text_with_a_text_and_leaves_an_unedited_one_alone() {
    let row = Row::of(key(), State::default());
    assert_eq!(edit::delete(&row, &stamp(0)).unwrap().edits, Edits::default());
    let text = Changes { status_message: Some(Some("Ann".into())), ..Changes::default() };
    let row = row.clone().edited_by(&edit::update(&row, text, &stamp(0)).unwrap());
    let write = edit::delete(&row, &stamp(1)).unwrap();
    let emptied = Edits { status_message: Some(Some("".into())), ..Edits::default() };
    assert_eq!(write.edits, emptied);
    assert_eq!(write.deletion.as_ref().unwrap().at, at(1));
    let deleted = row.edited_by(&write);
    assert_eq!(deleted.edits.status_message.as_ref().unwrap().as_deref(), Some(""));
    assert_eq!(deleted.edits.count, 1, "a deletion is no edit");
}

#[test]
fn an_item_of_the_api_is_final_until_an_event_speaks_of_it() {
    let (book, limits) = (sample(), limits());
    let view = View { book, limits: &limits, now: at(86_400_000) };
    let columns = Changes {
        status: Some("Escalated".into()),
        is_answered: Some(false),
        ..Changes::default()
    };
    let new = NewItem {
        key: key(),
        call: Some(call()),
        rule: None,
        user: Some(user(1)),
        phone: None,
        columns,
        origin: Origin::Api,
    };
    let write = edit::create(new, &stamp(5), &view);
    let created = write.create.clone().unwrap();
    let mut row = Row::of(key(), created.state).edited_by(&write);
    let shown = item(&row, &view);
    assert_eq!((shown.version, shown.updated_at), (1, key().created_at));
    assert_eq!(shown.kept.rendered.finality, Finality::Final);
    assert_eq!((&*shown.status, shown.user), ("Escalated", Some(user(1))));
    assert_eq!(shown.kept.rendered.rating.unrated.unwrap().label(), "no_event");
    assert_eq!(created.rendered, shown.kept.rendered);

    assert!(inject_into_row(&mut row, &crate::support::dials::s().0).is_change());
    let shown = item(&row, &view);
    assert_eq!((shown.version, &*shown.status), (2, "Escalated"));
    assert_eq!(shown.kept.rendered.finality, Finality::Provisional);
}
