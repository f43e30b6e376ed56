//! Conflicts.

use ringfold::dial::event::AnsweredBy;

use super::scene::{items, read};
use crate::support::dials::{a, a_by, e, r, s, user};

#[test]
fn case_16_answered_then_a_contrary_end() {
    read([s(), a(9_250), e(75_500).reason("busy")]).shows(&[
        "**Completed** · answered · dial 75 s · cost 2.6 ¢ (tariff) \
         · ended 12:01:15.500 · answeredAt 12:00:09.250, talk 66250 ms · final \
         · revision 3 · updated 12:01:15.500 · “Answered; the call has ended.”",
    ]);
}

#[test]
fn case_17_answered_then_the_connection_is_lost() {
    read([s(), a(9_250), e(75_500).reason("network_error")]).shows(&[
        "**Completed** · answered · dial 75 s · cost 2.6 ¢ (tariff) \
         · ended 12:01:15.500 · answeredAt 12:00:09.250, talk 66250 ms · final \
         · revision 3 · updated 12:01:15.500 · “Answered; the connection was lost.”",
    ]);
}

#[test]
fn case_18_normal_clearing_but_never_answered() {
    read([s(), r(2_000), e(8_000).q850(16)]).shows(&[
        "**CallerHungUp** · not answered · dial 8 s · cost 0 ¢ (tariff) \
         · ended 12:00:08.000 · final · revision 3 · updated 12:00:08.000 \
         · “The call was ended before an answer. [Q.850 16]”",
    ]);
}

#[test]
fn case_19_two_ends_of_different_times() {
    read([s(), e(20_000).reason("busy"), e(21_000).reason("no_answer")]).shows(&[
        "**NoAnswer** · not answered · dial 21 s · cost 0 ¢ (tariff) \
         · ended 12:00:21.000 · final · revision 3 · updated 12:00:21.000 \
         · “Nobody answered.”",
    ]);
}

#[test]
fn case_20_two_ends_of_one_time_live_against_sync() {
    read([s(), e(20_000).reason("no_answer").sync(), e(20_000).reason("busy")])
        .shows(&["**Busy** · not answered · dial 20 s · cost 0 ¢ (tariff) · ended 12:00:20.000 \
         · final · revision 3 · updated 12:00:20.000 · “The line was busy.”"]);
}

#[test]
fn case_21_two_ends_of_one_time_and_one_provenance() {
    read([s(), e(20_000).reason("busy"), e(20_000).reason("no_answer")]).shows(&[
        "**NoAnswer** · not answered · dial 20 s · cost 0 ¢ (tariff) \
         · ended 12:00:20.000 · final · revision 3 · updated 12:00:20.000 \
         · “Nobody answered.”",
    ]);
}

#[test]
fn case_22_one_end_said_answered_and_a_later_one_does_not() {
    read([s(), e(20_000).reason("completed"), e(21_000).reason("unknown")]).shows(&[
        "**Completed** · answered · dial 21 s · cost null (`no_answer_time`) \
         · ended 12:00:21.000 · final · revision 3 · updated 12:00:21.000 \
         · “Answered; the connection was lost.”",
    ]);
}

#[test]
fn case_23_answered_again_later_and_with_more() {
    read([s(), a(9_250), a_by(10_000, AnsweredBy::Machine), e(75_500).reason("completed")]).shows(
        &["**Completed** · answered · dial 75 s · cost 2.6 ¢ (tariff) \
         · ended 12:01:15.500 · answeredAt 12:00:09.250, talk 66250 ms · final \
         · revision 4 · updated 12:01:15.500 \
         · “A machine or voicemail answered; the call has ended.”"],
    );
}

#[test]
fn case_24_machine_detection_tells_later() {
    read([s(), a(9_250), a_by(9_250, AnsweredBy::Machine), e(75_500).reason("completed")]).shows(
        &["**Completed** · answered · dial 75 s · cost 2.6 ¢ (tariff) \
         · ended 12:01:15.500 · answeredAt 12:00:09.250, talk 66250 ms · final \
         · revision 4 · updated 12:01:15.500 \
         · “A machine or voicemail answered; the call has ended.”"],
    );
}

#[test]
fn case_25_two_users_for_one_dial() {
    let case =
        read([s(), e(31_500).reason("no_answer").attribute(|told| told.user = Some(user(2)))]);
    assert_eq!(items(&case)[0].user, Some(user(1)), "live before carried");
    case.shows(&[
        "**NoAnswer** · not answered · dial 31 s · cost 0 ¢ (tariff) · ended 12:00:31.500 \
         · final · revision 2 · updated 12:00:31.500 · “Nobody answered.”",
    ]);
}

#[test]
fn case_51_a_200_sent_again_and_stamped_on_arrival() {
    read([s(), a(9_250), a(9_750), a(10_750), e(75_500).reason("completed")]).shows(&[
        "**Completed** · answered · dial 75 s · cost 2.6 ¢ (tariff) \
         · ended 12:01:15.500 · answeredAt 12:00:09.250, talk 66250 ms · final \
         · revision 3 · updated 12:01:15.500 · “Answered; the call has ended.”",
    ]);
}

#[test]
fn case_52_timeout_and_answer_cross() {
    read([
        s(),
        r(2_000),
        e(30_000).reason("no_answer").sip(408),
        a(30_200),
        e(75_500).reason("completed"),
    ])
    .shows(&["**Completed** · answered · dial 75 s · cost 1.3 ¢ (tariff) \
         · ended 12:01:15.500 · answeredAt 12:00:30.200, talk 45300 ms · final \
         · revision 5 · updated 12:01:15.500 · “Answered; the call has ended.”"]);
}

#[test]
fn case_53_sip_says_answered() {
    read([s(), e(75_500).sip(200).answered_at(9_250)]).shows(&[
        "**Completed** · answered · dial 75 s · cost 2.6 ¢ (tariff) \
         · ended 12:01:15.500 · answeredAt 12:00:09.250, talk 66250 ms · final \
         · revision 2 · updated 12:01:15.500 \
         · “Answered; the call has ended. [SIP 200]”",
    ]);
}

#[test]
fn case_54_a_polled_end_later_than_the_live_one() {
    read([s(), e(20_000).reason("busy"), e(20_900).reason("no_answer").sync()])
        .shows(&["**Busy** · not answered · dial 20 s · cost 0 ¢ (tariff) · ended 12:00:20.000 \
         · final · revision 2 · updated 12:00:20.000 · “The line was busy.”"]);
}
