//! Clocks, and ends that never come.

use ringfold::dial::event::{Gateway, GatewayStarted, Started};
use ringfold::value::DialId;

use super::scene::{Step, items, read};
use crate::support::dials::{a, at, e, project, r, s};

fn rings_for_30_s(told: &mut Started) {
    told.ring_timeout_s = Some(30);
}

fn us1_started(ms: i64) -> GatewayStarted {
    let gateway = Gateway::new(Some("twilio"), Some("us1")).unwrap();
    GatewayStarted { gateway, at: at(ms), live: Vec::new(), project: None }
}

#[test]
fn case_26_answered_after_the_end() {
    read([s(), a(30_400), e(30_100).reason("completed")]).shows(&[
        "**Completed** · answered · dial 30 s · cost 0 ¢ (tariff) · ended 12:00:30.100 \
         · answeredAt 12:00:30.400, talk 0 ms · final · flag `clock_suspect` \
         · revision 3 · updated 12:00:30.400 · “Answered; the call has ended.”",
    ]);
}

#[test]
fn case_27_answered_before_the_start() {
    read([s(), a(-1_000), e(20_000).reason("completed")]).shows(&[
        "**Completed** · answered · dial 20 s · cost 1.3 ¢ (tariff) \
         · ended 12:00:20.000 · answeredAt 11:59:59.000, talk 21000 ms · final \
         · flag `clock_suspect` · revision 3 · updated 12:00:20.000 \
         · “Answered; the call has ended.”",
    ]);
}

#[test]
fn case_28_ended_before_the_start() {
    read([s(), e(-2_000).reason("busy")]).shows(&[
        "**Busy** · not answered · dial 0 s · cost 0 ¢ (tariff) · ended 11:59:58.000 \
         · final · flag `clock_suspect` · revision 2 · updated 12:00:00.000 \
         · “The line was busy.”",
    ]);
}

#[test]
fn case_29_a_phone_that_rings_for_ever() {
    read([s(), r(2_000)]).now(120_000).shows(&[
        "**NoAnswer** · not answered · dial null · cost null (`provisional`) \
         · ended null · provisional · revision 2 · updated 12:00:02.000 \
         · “No end was reported; shown as not answered.”",
    ]);
}

#[test]
fn case_30_just_before_the_limit_of_a_known_ring_timeout() {
    read([s().attribute(rings_for_30_s)])
        .now(94_999)
        .shows(&["**Initiated** · not answered · dial null · cost null (`open`) · ended null \
         · open · revision 1 · updated 12:00:00.000 · “Dialing.”"]);
}

#[test]
fn case_31_at_the_limit_of_a_known_ring_timeout() {
    read([s().attribute(rings_for_30_s)]).now(95_000).shows(&[
        "**NoAnswer** · not answered · dial null · cost null (`provisional`) \
         · ended null · provisional · revision 1 · updated 12:00:00.000 \
         · “No end was reported; shown as not answered.”",
    ]);
}

#[test]
fn case_32_a_connected_call_at_its_limit() {
    read([s(), r(2_000), a(9_250)]).now(14_709_250).shows(&[
        "**Completed** · answered · dial null · cost null (`provisional`) · ended null \
         · answeredAt 12:00:09.250 · provisional · revision 3 · updated 12:00:09.250 \
         · “No end was reported; shown as completed, length and cost unknown.”",
    ]);
}

#[test]
fn case_33_the_real_end_comes_after_the_provisional_one() {
    read([s(), r(2_000)])
        .then(Step::WriteDown(130_000))
        .then(e(31_500).reason("busy"))
        .shows(&["**Busy** · not answered · dial 31 s · cost 0 ¢ (tariff) · ended 12:00:31.500 \
             · final · revision 3 · updated 12:00:31.500 · “The line was busy.”"]);
}

#[test]
fn case_34_the_gateway_restarted() {
    read([s(), r(2_000), a(9_250)]).restart(us1_started(300_000)).now(301_000).shows(&[
        "**Completed** · answered · dial null · cost null (`provisional`) · ended null \
         · answeredAt 12:00:09.250 · provisional · revision 3 · updated 12:00:09.250 \
         · “No end was reported; shown as completed, length and cost unknown.”",
    ]);
}

#[test]
fn a_written_end_holds_before_the_limit_and_any_later_fact_voids_it() {
    let written = read([s(), r(2_000)]).then(Step::WriteDown(60_000)).now(61_000);
    assert_eq!(items(&written)[0].kept.rendered.finality.word(), "provisional");
    let answered = written.then(a(9_250));
    assert_eq!(items(&answered)[0].kept.rendered.finality.word(), "open");
}

#[test]
fn a_restart_ends_only_what_it_has_forgotten() {
    let finality = |start: GatewayStarted, dial| {
        let case = read([dial, r(2_000)]).restart(start).now(11_000);
        items(&case)[0].kept.rendered.finality.word()
    };
    let start = || us1_started(10_000);
    assert_eq!(finality(start(), s()), "provisional");
    let listed = GatewayStarted { live: vec![DialId::parse("d-7").unwrap()], ..start() };
    assert_eq!(finality(listed, s()), "open", "a dial that goes on");
    let own = GatewayStarted { project: Some(project()), ..start() };
    assert_eq!(finality(own, s()), "provisional");
    let nil = uuid::Uuid::nil().into();
    let foreign = GatewayStarted { project: Some(nil), ..start() };
    assert_eq!(finality(foreign, s()), "open", "a start that speaks of another project");
    let other = Gateway::new(Some("twilio"), Some("us2")).unwrap();
    assert_eq!(finality(GatewayStarted { gateway: other, ..start() }, s()), "open");
    let early = GatewayStarted { at: at(2_000), ..start() };
    assert_eq!(finality(early, s()), "open", "a dial with a fact as new as the start");
}
