//! A bad record of every kind lies in the dead letters, once, with its reason and its own bytes;
//! the good ones around it are folded.

use std::collections::BTreeMap;

use crate::support::broker::{Broker, Published};
use crate::support::process::wait_until;

use super::escalation::on_engines;

const PROJECT: &str = "3f2b8c1e-5d74-4a0b-9c1d-7e6f5a4b3c2d";
const CALL: &str = "674fd5fc-17ad-4cdb-9147-de680889f000";

fn event(kind: &str, data: &str) -> Published {
    let headers = [
        ("content-type", "application/json"),
        ("ce_specversion", "1.0"),
        ("ce_id", "1"),
        ("ce_source", "/gateways/twilio/us1/b1"),
        ("ce_type", kind),
        ("ce_time", "2026-03-30T12:00:01Z"),
    ];
    Published {
        key: CALL.as_bytes().to_vec(),
        headers: headers.map(|(n, v)| (n.to_owned(), v.as_bytes().to_vec())).to_vec(),
        value: Some(data.as_bytes().to_vec()),
    }
}

fn dial(rest: &str) -> String {
    format!(r#"{{"projectId":"{PROJECT}","incomingCallLogId":"{CALL}"{rest}}}"#)
}

pub fn good(number: usize) -> Published {
    let start = r#""startedAt":"2026-03-30T12:00:00Z""#;
    event("ringfold.dial.started.v1", &dial(&format!(r#","dialId":"good-{number}",{start}"#)))
}

/// One record per reason; `store_refused` needs a store that refuses (its own test).
fn bad() -> Vec<(&'static str, Published)> {
    let start = r#","startedAt":"2026-03-30T12:00:00Z""#;
    let started = |rest: &str| event("ringfold.dial.started.v1", &dial(rest));
    let long = format!(r#","dialId":"d","x":"{}"{start}"#, "y".repeat(70_000));
    let without_value = Published { value: None, ..event("ringfold.dial.started.v1", "") };
    let mut twice = started(&format!(r#","dialId":"d"{start}"#));
    twice.headers.push(("ce_id".to_owned(), b"2".to_vec()));
    let no_project = format!(r#"{{"incomingCallLogId":"{CALL}","dialId":"d"{start}}}"#);
    let far = r#","dialId":"d","startedAt":"2096-03-30T12:00:00Z""#;
    let old = r#","dialId":"d","startedAt":"1996-03-30T12:00:00Z""#;
    // A UUIDv7 of 2026-03-30T11:50:00Z beside a start at 12:00:00.
    let other = r#","incomingCallLogItemId":"019d3e94-4e40-702f-8cec-35370f6e93e0""#;
    let cost = format!(r#","dialId":"d"{start},"amount":"-1","currency":"USD""#);
    vec![
        ("too_large", started(&long)),
        ("no_value", without_value),
        ("not_json", event("ringfold.dial.started.v1", r#"{"projectId":"#)),
        ("bad_envelope", twice),
        ("unknown_type", event("ringfold.dial.paused.v1", &dial(start))),
        ("unknown_version", event("ringfold.dial.started.v9", &dial(start))),
        ("missing_field", event("ringfold.dial.started.v1", &no_project)),
        ("bad_field", started(&format!(r#","dialId":7{start}"#))),
        ("no_dial_id", started(start)),
        ("no_start_time", event("ringfold.dial.ended.v1", &dial(r#","dialId":"d""#))),
        ("bad_time", started(r#","dialId":"d","startedAt":"yesterday""#)),
        ("time_too_old", started(old)),
        ("time_in_future", started(far)),
        ("id_time_mismatch", started(&format!("{other}{start}"))),
        ("bad_amount", event("ringfold.dial.cost.v1", &dial(&cost))),
    ]
}

fn records() -> Vec<Published> {
    let mut all = Vec::new();
    for (number, (_, record)) in bad().into_iter().enumerate() {
        all.push(good(number));
        all.push(record);
    }
    all
}

fn assert_letters(broker: &Broker) {
    let letters = broker.read(&broker.dead_letters, bad().len());
    assert_eq!(letters.len(), bad().len(), "each once");
    let by_reason: BTreeMap<String, _> = letters
        .iter()
        .map(|letter| (letter.header("deadletter.reason").unwrap(), letter))
        .collect();
    for (reason, record) in bad() {
        let letter = by_reason.get(reason).unwrap_or_else(|| panic!("no letter for {reason}"));
        assert_eq!(letter.value, record.value, "{reason}: the original bytes");
        for (name, value) in &record.headers {
            let kept = letter
                .headers
                .iter()
                .any(|(n, v)| n == name && v.as_deref() == Some(value.as_slice()));
            assert!(kept, "{reason}: header {name}");
        }
        assert_eq!(letter.header("deadletter.topic").as_deref(), Some(broker.dials.as_str()));
        assert!(letter.header("deadletter.offset").is_some());
        assert!(letter.header("deadletter.error").is_some_and(|text| !text.is_empty()));
    }
}

#[test]
fn a_bad_record_of_every_kind_is_a_dead_letter_and_the_good_ones_are_folded() {
    let dir = tempfile::tempdir().unwrap();
    let Some((broker, setup)) = on_engines("rejects", dir.path()) else { return };
    let key = setup.key(PROJECT, "ProjectMember");
    broker.publish(&records());
    let process = setup.start("worker");
    wait_until("the good ones", || (process.count(&key) == bad().len() as u64).then_some(()));
    assert_letters(&broker);
    assert!(process.stop().success());
    // Nothing is read again after a clean stop: no letter comes twice.
    let again = setup.start("again");
    wait_until("nothing in flight", || {
        (again.metric("ringfold_budget_used_bytes") == 0.0).then_some(())
    });
    assert!(again.metric("ringfold_records_polled_total") == 0.0, "read again after a clean stop");
    assert!(again.stop().success());
    assert_letters(&broker);
}
