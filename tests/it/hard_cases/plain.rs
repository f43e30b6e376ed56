//! Plain life.

use ringfold::dial::event::HangupSide;

use super::scene::read;
use crate::support::dials::{a, e, r, s};

#[test]
fn case_01_nobody_answers() {
    read([s(), r(2_000), e(31_500).reason("no_answer")]).shows(&[
        "**NoAnswer** · not answered · dial 31 s · cost 0 ¢ (tariff) \
         · ended 12:00:31.500 · final · revision 3 · updated 12:00:31.500 \
         · “Nobody answered.”",
    ]);
}

#[test]
fn case_02_answered() {
    read([s(), r(2_000), a(9_250), e(75_500).reason("completed")]).shows(&[
        "**Completed** · answered · dial 75 s · cost 2.6 ¢ (tariff) \
         · ended 12:01:15.500 · answeredAt 12:00:09.250, talk 66250 ms · final \
         · revision 4 · updated 12:01:15.500 · “Answered; the call has ended.”",
    ]);
}

#[test]
fn case_03_live() {
    read([s(), r(2_000)])
        .now(20_000)
        .shows(&["**Ringing** · not answered · dial null · cost null (`open`) · ended null \
         · open · revision 2 · updated 12:00:02.000 · “The phone is ringing.”"]);
}

#[test]
fn case_04_live_and_answered() {
    read([s(), r(2_000), a(9_250)]).now(20_000).shows(&[
        "**Connected** · answered · dial null · cost null (`open`) · ended null \
         · answeredAt 12:00:09.250 · open · revision 3 · updated 12:00:09.250 \
         · “The call is connected.”",
    ]);
}

#[test]
fn case_05_the_caller_hangs_up_while_it_rings() {
    read([s(), r(2_000), e(17_000).status("canceled").sip(487).side(HangupSide::Caller)]).shows(&[
        "**CallerHungUp** · not answered · dial 17 s · cost 0 ¢ (tariff) \
         · ended 12:00:17.000 · final · revision 3 · updated 12:00:17.000 \
         · “The caller hung up before an answer. [twilio canceled, SIP 487, by caller]”",
    ]);
}

#[test]
fn case_06_answered_elsewhere() {
    read([s(), r(2_000), e(11_000).reason("answered_elsewhere")]).shows(&[
        "**NoAnswer** · not answered · dial 11 s · cost 0 ¢ (tariff) \
         · ended 12:00:11.000 · final · revision 3 · updated 12:00:11.000 \
         · “Another responder answered first.”",
    ]);
}

#[test]
fn case_07_a_coarse_vendor_status_beside_an_exact_code() {
    read([s(), e(3_000).status("failed").sip(404)]).shows(&[
        "**Failed** · not answered · dial 3 s · cost 0 ¢ (tariff) · ended 12:00:03.000 \
         · final · revision 2 · updated 12:00:03.000 \
         · “The number could not be dialed. [twilio failed, SIP 404]”",
    ]);
}

#[test]
fn case_08_a_reason_we_do_not_know() {
    read([s(), e(3_000).reason("solar_flare")]).shows(&[
        "**Failed** · not answered · dial 3 s · cost 0 ¢ (tariff) · ended 12:00:03.000 \
         · final · revision 2 · updated 12:00:03.000 \
         · “The call failed without a known reason. [solar_flare]”",
    ]);
}
