//! Order and repetition.

use super::scene::read;
use crate::support::dials::{a, e, item_of_time, r, s};

#[test]
fn case_09_read_backwards() {
    read([e(75_500).reason("completed"), a(9_250), r(2_000), s()]).shows(&[
        "**Completed** · answered · dial 75 s · cost 2.6 ¢ (tariff) \
         · ended 12:01:15.500 · answeredAt 12:00:09.250, talk 66250 ms · final \
         · revision 4 · updated 12:01:15.500 · “Answered; the call has ended.”",
    ]);
}

#[test]
fn case_10_delivered_again() {
    read([
        s(),
        r(2_000),
        a(9_250),
        e(75_500).reason("completed"),
        a(9_250),
        e(75_500).reason("completed"),
        e(75_500).reason("completed"),
    ])
    .shows(&["**Completed** · answered · dial 75 s · cost 2.6 ¢ (tariff) \
         · ended 12:01:15.500 · answeredAt 12:00:09.250, talk 66250 ms · final \
         · revision 4 · updated 12:01:15.500 · “Answered; the call has ended.”"]);
}

#[test]
fn case_11_the_end_only_with_attributes() {
    read([e(12_000).reason("busy").full()])
        .shows(&["**Busy** · not answered · dial 12 s · cost 0 ¢ (tariff) · ended 12:00:12.000 \
         · final · revision 1 · updated 12:00:12.000 · “The line was busy.”"]);
}

#[test]
fn case_12_the_end_only_and_the_item_id_carries_the_time() {
    read([e(12_000).reason("busy").full().item_of(item_of_time(-30))]).shows(&[
        "**Busy** · not answered · dial null · cost 0 ¢ (tariff) · ended 12:00:12.000 \
         · started null · final · revision 1 · updated 12:00:12.000 \
         · “The line was busy.”",
    ]);
}

#[test]
fn case_13_the_answer_was_lost_and_the_end_carries_its_time() {
    read([s(), e(75_500).reason("completed").answered_at(9_250)]).shows(&[
        "**Completed** · answered · dial 75 s · cost 2.6 ¢ (tariff) \
         · ended 12:01:15.500 · answeredAt 12:00:09.250, talk 66250 ms · final \
         · revision 2 · updated 12:01:15.500 · “Answered; the call has ended.”",
    ]);
}

#[test]
fn case_14_the_end_says_answered_and_nobody_says_when() {
    read([s(), e(75_500).reason("completed")]).shows(&[
        "**Completed** · answered · dial 75 s · cost null (`no_answer_time`) \
         · ended 12:01:15.500 · final · revision 2 · updated 12:01:15.500 \
         · “Answered; the call has ended.”",
    ]);
}

#[test]
fn case_15_late_ringing() {
    read([s(), a(9_250), e(75_500).reason("completed"), r(2_000)]).shows(&[
        "**Completed** · answered · dial 75 s · cost 2.6 ¢ (tariff) \
         · ended 12:01:15.500 · answeredAt 12:00:09.250, talk 66250 ms · final \
         · revision 4 · updated 12:01:15.500 · “Answered; the call has ended.”",
    ]);
}
