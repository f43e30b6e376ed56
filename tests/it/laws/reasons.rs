//! What ends say: the whole table of the contract, and what follows the table.

use proptest::prelude::*;
use ringfold::dial::event::{Ended, HangupSide};
use ringfold::dial::reason::{end_code, end_reason, says_answered};
use ringfold::item::EndReason;

use super::generators::ended;

/// Per line an end reason, then per source of codes the codes that mean it. What gives no answer
/// stands in the last line.
const TABLE: &str = include_str!("../../data/end-reasons.txt");

/// Each line: the reason, and an end that names one code.
fn table() -> Vec<(EndReason, Ended)> {
    let mut all = Vec::new();
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let cells: Vec<&str> = line.split('|').collect();
        let reason = EndReason::from_word(cells[0]).unwrap();
        for pair in cells[1..].chunks(2) {
            for code in pair[1].split_whitespace() {
                let mut end = Ended::default();
                match pair[0] {
                    "q850" => end.q850 = Some(code.parse().unwrap()),
                    "sip" => end.sip = Some(code.parse().unwrap()),
                    kind => {
                        end.kind = Some(kind.into());
                        end.status = Some(code.into());
                    }
                }
                all.push((reason, end));
            }
        }
    }
    all
}

#[test]
fn every_code_of_the_table_means_what_its_line_says() {
    let table = table();
    assert!(table.len() > 110, "{}", table.len());
    for (reason, end) in table {
        assert_eq!(end_reason(&end), reason, "{end:?}");
        assert_eq!(says_answered(&end), reason.says_answered(), "{end:?}");
    }
}

#[test]
fn a_word_of_ours_stands_above_all_codes() {
    for reason in EndReason::ALL {
        let end = Ended {
            reason: Some(reason.word().into()),
            kind: Some("twilio".into()),
            status: Some("completed".into()),
            sip: Some(486),
            ..Ended::default()
        };
        assert_eq!(end_reason(&end), reason);
        assert_eq!(says_answered(&end), reason.says_answered());
        assert_eq!(end_code(&end).unwrap(), "twilio completed, SIP 486");
    }
}

#[test]
fn the_next_source_is_asked_where_one_gives_no_answer() {
    let end = |reason: Option<&str>, status: Option<&str>, q850, sip| Ended {
        reason: reason.map(Into::into),
        kind: Some("twilio".into()),
        status: status.map(Into::into),
        q850,
        sip,
        ..Ended::default()
    };
    let of = |end: Ended| end_reason(&end).word();
    assert_eq!(of(end(Some("solar_flare"), Some("busy"), Some(20), Some(404))), "busy");
    assert_eq!(of(end(Some("solar_flare"), Some("failed"), Some(20), Some(404))), "unreachable");
    assert_eq!(of(end(None, Some("failed"), Some(127), Some(404))), "invalid_number");
    assert_eq!(of(end(None, None, Some(127), Some(699))), "unknown");
}

#[test]
fn the_side_tells_normal_clearing_and_487_apart() {
    let clear = |side| Ended { q850: Some(16), side, ..Ended::default() };
    assert_eq!(end_reason(&clear(None)), EndReason::Cleared);
    assert_eq!(end_reason(&clear(Some(HangupSide::Caller))), EndReason::Cleared);
    assert_eq!(end_reason(&clear(Some(HangupSide::Gateway))), EndReason::NoAnswer);
    assert_eq!(end_reason(&clear(Some(HangupSide::Callee))), EndReason::Rejected);
    let canceled =
        |q850| Ended { sip: Some(487), q850, side: Some(HangupSide::Caller), ..Ended::default() };
    assert_eq!(end_reason(&canceled(None)), EndReason::CallerHungUp);
    assert_eq!(end_reason(&canceled(Some(127))), EndReason::CallerHungUp);
    assert_eq!(end_reason(&canceled(Some(26))), EndReason::AnsweredElsewhere, "the cause decided");
}

#[test]
fn a_200_says_answered_whatever_decided() {
    let end = Ended { reason: Some("busy".into()), sip: Some(200), ..Ended::default() };
    assert!(says_answered(&end));
    assert_eq!(end_reason(&end), EndReason::Busy);
}

#[test]
fn the_end_code_names_what_was_sent_in_a_fixed_order() {
    let full = Ended {
        reason: Some("solar_flare".into()),
        kind: Some("asterisk".into()),
        status: Some("CANCEL".into()),
        sip: Some(487),
        q850: Some(31),
        side: Some(HangupSide::Caller),
        vendor_reason: Some("Ann hung up".into()),
    };
    assert_eq!(
        end_code(&full).unwrap(),
        "asterisk CANCEL, solar_flare, SIP 487, Q.850 31, by caller"
    );
    let no_kind = Ended { kind: None, sip: None, q850: None, side: None, reason: None, ..full };
    assert_eq!(end_code(&no_kind).unwrap(), "CANCEL");
    let kind_alone = Ended { kind: Some("twilio".into()), ..Ended::default() };
    assert_eq!(end_code(&kind_alone), None);
}

proptest! {
    #[test]
    fn an_end_that_means_answered_says_so(end in ended()) {
        // Else a reader would see a reason that its own facts deny.
        prop_assert!(says_answered(&end) || !end_reason(&end).says_answered());
    }
}
