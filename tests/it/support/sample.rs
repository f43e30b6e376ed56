//! The sample escalation: its events and the items expected of them.

use std::collections::BTreeSet;

use ringfold::value::MicroUsd;
use serde_json::Value;

use super::process::Process;

pub const PROJECTS: [&str; 2] =
    ["3f2b8c1e-5d74-4a0b-9c1d-7e6f5a4b3c2d", "b81d7c52-90ae-4f3c-8a6e-2f1c0d9e8b7a"];

fn data(name: &str) -> String {
    let path = format!("{}/tests/data/events/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

/// The lines of the file, the cut one among them.
pub fn lines() -> Vec<String> {
    data("escalation.ndjson").lines().map(str::to_owned).collect()
}

/// The items expected in a project, oldest first.
pub fn expected(project: &str) -> Vec<Value> {
    let expected: Value = serde_json::from_str(&data("escalation.expected.json")).unwrap();
    let items = expected["items"].as_array().unwrap().iter();
    let items = items.map(|item| item["item"].clone());
    let mut items: Vec<Value> = items.filter(|item| item["projectId"] == project).collect();
    for item in &mut items {
        show_as_closed(item);
    }
    items
}

/// The sample's last dial still rings at the sample's own `now`. A process that runs today shows it
/// as closed by its limit.
fn show_as_closed(item: &mut Value) {
    if item["status"] == "Ringing" || item["status"] == "Initiated" {
        item["status"] = "NoAnswer".into();
        item["statusMessage"] = "No end was reported; shown as not answered.".into();
    }
    if item["status"] == "Connected" {
        item["status"] = "Completed".into();
        let text = "No end was reported; shown as completed, length and cost unknown.";
        item["statusMessage"] = text.into();
    }
}

/// Every call of the project adds up to exactly what its items show, and names each cost as the
/// expectation does.
pub fn assert_calls(process: &Process, key: &str, project: &str) {
    let kept: Value = serde_json::from_str(&data("escalation.expected.json")).unwrap();
    let kept = kept["items"].as_array().unwrap().clone();
    let items = expected(project);
    let calls: BTreeSet<&str> =
        items.iter().filter_map(|item| item["incomingCallLogId"].as_str()).collect();
    assert!(calls.len() > 1);
    for call in calls {
        let (status, shown) = process.get(&format!("/api/ringfold/call/{call}"), key);
        assert_eq!(status, 200, "{shown}");
        let of_call = items.iter().filter(|item| item["incomingCallLogId"] == call);
        let costs: Vec<i64> = of_call.clone().map(micro_usd).collect();
        assert_eq!(micro_usd(&shown["total"]), costs.iter().sum::<i64>(), "{call}");
        assert_eq!(shown["total"]["dials"], costs.len());
        for (dial, item) in shown["dials"].as_array().unwrap().iter().zip(of_call) {
            assert_eq!(dial["_id"], item["_id"]);
            let kept = kept.iter().find(|kept| kept["item"]["_id"] == item["_id"]).unwrap();
            let rated = &kept["kept"];
            assert_eq!(dial["cost"]["source"], rated["costSource"], "{call}");
            assert_eq!(dial["cost"]["prefix"], rated["matchedPrefix"], "{call}");
            assert_eq!(dial["cost"]["tariff"], rated["tariff"], "{call}");
        }
    }
}

/// Null is nothing.
fn micro_usd(shown: &Value) -> i64 {
    let cents = &shown["callCostInUSDCents"];
    if cents.is_null() {
        return 0;
    }
    MicroUsd::from_cents_text(&cents.to_string()).unwrap().get()
}

/// Compares field by field.
pub fn assert_items(found: &[Value], project: &str) {
    let expected = expected(project);
    assert_eq!(found.len(), expected.len(), "number of items of {project}");
    for (found, expected) in found.iter().zip(&expected) {
        for (column, value) in expected.as_object().unwrap() {
            assert_eq!(&found[column], value, "{column} of {}", expected["_id"]);
        }
    }
}
