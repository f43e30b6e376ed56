//! Events that have no identity: they are rejected, and no item comes of them.

use std::time::Duration;

use ringfold::event::{DecodeLimits, decode_line};
use serde_json::{Value, json};

use crate::support::dials::{call, item_of_time, project};

fn reject(changes: &Value) -> &'static str {
    let mut line = json!({
        "kind": "dial.started",
        "time": "2026-03-30T12:00:00Z",
        "projectId": project().to_string(),
        "incomingCallLogId": call().to_string(),
        "dialId": "d-7",
    });
    for (name, value) in changes.as_object().unwrap() {
        line[name] = value.clone();
    }
    let limits = DecodeLimits { future: Duration::from_mins(5) };
    decode_line(line.to_string().as_bytes(), &limits).map_or_else(|r| r.reason(), |_| "accepted")
}

#[test]
fn case_48_neither_dial_id_nor_item_id() {
    assert_eq!(reject(&json!({ "dialId": null })), "no_dial_id");
}

#[test]
fn case_49_no_start_time() {
    let end = json!({ "kind": "dial.ended", "time": "2026-03-30T12:00:12Z", "reason": "busy" });
    assert_eq!(reject(&end), "no_start_time");
}

#[test]
fn case_50_item_id_and_start_disagree() {
    let ten_minutes_early = item_of_time(-600_000).to_string();
    assert_eq!(reject(&json!({ "incomingCallLogItemId": ten_minutes_early })), "id_time_mismatch");
    let at_once = item_of_time(-30).to_string();
    assert_eq!(reject(&json!({ "incomingCallLogItemId": at_once })), "accepted");
}
