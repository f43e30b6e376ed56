//! The sample escalation: its events and the items expected of them.

use serde_json::Value;

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
