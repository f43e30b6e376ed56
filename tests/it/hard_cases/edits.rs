//! Edits, deletion, and the identity of dials.

use ringfold::dial::edit::Changes;
use ringfold::dial::row::Standing;
use ringfold::dial::{Row, inject_into_row};
use ringfold::value::MicroUsd;

use super::scene::{Step, read, rows};
use crate::support::dials::{Told, a, at, c, e, key, r, s};

fn completed() -> Told {
    e(75_500).reason("completed")
}

#[test]
fn case_42_an_operator_closes_a_stuck_dial_and_the_real_end_is_read_later() {
    let changes = Changes {
        status: Some("Failed".into()),
        status_message: Some(Some("Phone lost".into())),
        ..Changes::default()
    };
    read([s(), r(2_000)]).then(Step::Edit(600_000, changes)).then(e(40_000).reason("busy")).shows(
        &["**Failed** · not answered · dial 40 s · cost 0 ¢ (tariff) · ended 12:00:40.000 \
             · final · revision 3 · updated 12:10:00.000 · “Phone lost”"],
    );
}

#[test]
fn case_43_an_edit_during_the_call_holds() {
    let changes = Changes { status: Some("Failed".into()), ..Changes::default() };
    read([s()]).then(Step::Edit(5_000, changes)).then(a(9_250)).then(completed()).shows(&[
        "**Failed** · answered · dial 75 s · cost 2.6 ¢ (tariff) · ended 12:01:15.500 \
             · answeredAt 12:00:09.250, talk 66250 ms · final · revision 3 \
             · updated 12:01:15.500 · “Answered; the call has ended.”",
    ]);
}

#[test]
fn case_44_an_edited_end_time() {
    let changes = Changes { ended_at: Some(Some(at(60_000))), ..Changes::default() };
    read([s(), a(9_250), completed()]).then(Step::Edit(600_000, changes)).shows(&[
        "**Completed** · answered · dial 60 s · cost 2.6 ¢ (tariff) · ended 12:01:00.000 \
             · answeredAt 12:00:09.250, talk 66250 ms · final · revision 3 \
             · updated 12:10:00.000 · “Answered; the call has ended.”",
    ]);
}

#[test]
fn case_45_an_edited_cost_then_a_carrier_price() {
    let changes = Changes { cost: Some(Some(MicroUsd::new(0))), ..Changes::default() };
    read([s(), a(9_250), completed()])
        .then(Step::Edit(600_000, changes))
        .then(c(9_000_000, 28_800, "USD"))
        .shows(&["**Completed** · answered · dial 75 s · cost 0 ¢ (edit) · ended 12:01:15.500 \
             · answeredAt 12:00:09.250, talk 66250 ms · final · revision 4 \
             · updated 14:30:00.000 · “Answered; the call has ended.”"]);
}

#[test]
fn case_46_deleted_then_a_late_price() {
    let case = read([s(), a(9_250), completed()])
        .then(Step::Delete(3_600_000))
        .then(c(9_000_000, 28_800, "USD"));
    let rows = rows(&case);
    let row = &rows[&key()];
    assert_eq!(row.standing(), Standing::Deleted);
    let started = &row.state.facts.started.as_ref().unwrap().said;
    assert_eq!((started.user, started.phone.as_ref()), (None, None));
    assert_eq!((row.state.revision, &row.state.facts.cost), (3, &None));
    case.shows(&[]);
}

#[test]
fn case_47_the_gateway_restamps_the_start() {
    read([s(), e(31_500).reason("no_answer").started_at(1)]).shows(&[
        "**NoAnswer** · not answered · dial null · cost null (`provisional`) · ended null \
         · provisional · revision 1 · updated 12:00:00.000 \
         · “No end was reported; shown as not answered.”",
        "**NoAnswer** · not answered · dial 31 s · cost null (`no_number`) \
         · ended 12:00:31.500 · started 12:00:00.001 · final · revision 1 \
         · updated 12:00:31.500 · “Nobody answered.”",
    ]);
}

#[test]
fn an_erased_row_is_told_nothing_personal_again() {
    let events = [s(), a(9_250), completed().vendor_reason("hung up on Ann")];
    let mut row: Row = rows(&read(events.clone())).remove(&key()).unwrap();
    row.erased_at = Some(at(600_000));
    row.state.facts.forget_persons();
    let erased = row.clone();
    for event in events {
        assert!(!inject_into_row(&mut row, &event.0).is_change());
    }
    assert_eq!(row, erased);
    assert!(inject_into_row(&mut row, &c(9_000_000, 28_800, "USD").0).is_change());
}
