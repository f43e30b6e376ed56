//! Status and text: every row of the contract's table, by the facts that lead to it.

use ringfold::dial::event::AnsweredBy;
use ringfold::dial::{Limits, Row, Said, State, View, item};
use ringfold::item::EndReason;

use crate::support::dials::{Told, a, a_by, at, e, key, r, s};
use crate::support::prices::sample;

const PROVISIONAL_MS: i64 = 15_000_000;

fn shown(events: &[Told], now_ms: i64) -> (String, String) {
    let mut state = State::default();
    for event in events {
        state.inject(&event.0);
    }
    let (book, limits) = (sample(), Limits::default());
    let view = View { book, limits: &limits, now: at(now_ms) };
    let item = item(&Row::of(key(), state), &view);
    (item.status.to_string(), item.status_message.unwrap().to_string())
}

fn is(events: &[Told], now_ms: i64, status: &str, text: &str) {
    assert_eq!(shown(events, now_ms), (status.to_owned(), text.to_owned()));
}

/// The end also tells who picked up, though nothing tells that anyone did.
fn detected(mut told: Told) -> Told {
    if let Said::Ended { at, detected, .. } = &mut told.0.said {
        *detected = Some((*at, AnsweredBy::Machine));
    }
    told
}

#[test]
fn an_end_without_an_answer_reads_as_its_reason() {
    for (reason, status, text) in [
        ("busy", "Busy", "The line was busy."),
        ("no_answer", "NoAnswer", "Nobody answered."),
        ("unreachable", "NoAnswer", "The phone could not be reached."),
        ("answered_elsewhere", "NoAnswer", "Another responder answered first."),
        ("caller_hung_up", "CallerHungUp", "The caller hung up before an answer."),
        ("cleared", "CallerHungUp", "The call was ended before an answer."),
        ("rejected", "Failed", "The call was rejected."),
        ("invalid_number", "Failed", "The number could not be dialed."),
        ("network_error", "Failed", "The network could not complete the call."),
        ("unknown", "Failed", "The call failed without a known reason."),
    ] {
        is(&[s(), e(20_000).reason(reason)], 30_000, status, text);
        is(&[s(), detected(e(20_000).reason(reason))], 30_000, status, text);
    }
}

#[test]
fn an_end_after_an_answer_is_completed_whatever_its_reason() {
    let machine = a_by(9_250, AnsweredBy::Machine);
    let human = a_by(9_250, AnsweredBy::Human);
    for reason in EndReason::ALL {
        let end = e(20_000).reason(reason.word());
        let (plain, by_machine) = match reason.word() {
            "time_limit" => {
                let text = "Answered; the call reached its time limit.";
                (text, text)
            }
            "network_error" | "unknown" => {
                ("Answered; the connection was lost.", "Answered; the connection was lost.")
            }
            _ => (
                "Answered; the call has ended.",
                "A machine or voicemail answered; the call has ended.",
            ),
        };
        is(&[s(), a(9_250), end.clone()], 30_000, "Completed", plain);
        is(&[s(), human.clone(), end.clone()], 30_000, "Completed", plain);
        is(&[s(), machine.clone(), end], 30_000, "Completed", by_machine);
    }
}

#[test]
fn an_item_without_an_end_reads_as_far_as_it_came() {
    let machine = a_by(9_250, AnsweredBy::Machine);
    is(&[s()], 10_000, "Initiated", "Dialing.");
    is(&[s(), r(2_000)], 10_000, "Ringing", "The phone is ringing.");
    is(&[s(), r(2_000), a(9_250)], 10_000, "Connected", "The call is connected.");
    is(&[s(), machine], 10_000, "Connected", "A machine or voicemail answered.");
    let silent = "No end was reported; shown as not answered.";
    is(&[s(), r(2_000)], PROVISIONAL_MS, "NoAnswer", silent);
    let unknown = "No end was reported; shown as completed, length and cost unknown.";
    is(&[s(), a(9_250)], PROVISIONAL_MS, "Completed", unknown);
}

#[test]
fn only_an_end_shows_its_code() {
    let (_, text) = shown(&[s(), a(9_250), e(20_000).status("busy").sip(486)], 30_000);
    assert_eq!(text, "Answered; the call has ended. [twilio busy, SIP 486]");
}
