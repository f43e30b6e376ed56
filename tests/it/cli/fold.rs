//! `fold`: the sample gives exactly what is expected of it, in any form a file may have.

use std::io::Write;

use serde_json::Value;

use super::{data, run};

fn expected() -> Value {
    let text = std::fs::read_to_string(data("events/escalation.expected.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Runs `fold` as of the sample's `now`; items and dead letters.
fn fold(input: &[u8]) -> (Vec<Value>, Vec<Value>) {
    let now = expected()["now"].as_str().unwrap().to_owned();
    let tariff = data("events/tariff.toml");
    let ran = run(&["fold", "--tariff", &tariff, "--now", &now, "-"], input);
    let lines: Vec<Value> =
        ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (letters, items): (Vec<Value>, Vec<Value>) =
        lines.into_iter().partition(|line| line.get("deadLetter").is_some());
    assert_eq!(ran.code, if letters.is_empty() { 0 } else { 3 }, "{}", ran.err);
    (items, letters)
}

fn sample() -> Vec<u8> {
    std::fs::read(data("events/escalation.ndjson")).unwrap()
}

fn assert_sample(input: &[u8]) {
    let expected = expected();
    let (items, letters) = fold(input);
    let wanted = expected["items"].as_array().unwrap();
    assert_eq!(items.len(), wanted.len());
    for (item, wanted) in items.iter().zip(wanted) {
        for part in ["item", "kept"] {
            let (item, wanted) =
                (item[part].as_object().unwrap(), wanted[part].as_object().unwrap());
            let names = |object: &serde_json::Map<String, Value>| -> Vec<String> {
                object.keys().cloned().collect()
            };
            assert_eq!(names(item), names(wanted), "names and their order");
            for (name, value) in wanted {
                assert_eq!(&item[name], value, "{part}.{name} of {}", wanted["revision"]);
            }
        }
    }
    let wanted = expected["deadLetters"].as_array().unwrap();
    assert_eq!(letters.len(), wanted.len());
    for (letter, wanted) in letters.iter().zip(wanted) {
        assert_eq!(letter["deadLetter"]["line"], wanted["line"]);
        assert_eq!(letter["deadLetter"]["reason"], wanted["reason"]);
    }
}

#[test]
fn the_sample_gives_the_expected_items_field_by_field() {
    assert_sample(&sample());
}

#[test]
fn a_mark_at_the_start_and_windows_line_ends_change_nothing() {
    let text = String::from_utf8(sample()).unwrap().replace('\n', "\r\n");
    assert_sample(format!("\u{FEFF}{text}").as_bytes());
}

#[test]
fn a_packed_file_is_read_as_the_plain_one() {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(&sample()).unwrap();
    assert_sample(&packer.finish().unwrap());
}

#[test]
fn blank_lines_are_skipped_and_counted() {
    let (_, letters) = fold(b"\n\n  \nnonsense\n");
    assert_eq!(letters[0]["deadLetter"]["line"], 4);
}

#[test]
fn the_order_of_the_lines_changes_no_item_but_its_revision() {
    let mut lines: Vec<&[u8]> = Vec::new();
    let sample = sample();
    lines.extend(sample.split(|byte| *byte == b'\n'));
    lines.reverse();
    let (reversed, _) = fold(&lines.join(&b'\n'));
    let (straight, _) = fold(&sample);
    let without_revision = |items: Vec<Value>| -> Vec<Value> {
        items
            .into_iter()
            .map(|mut item| {
                for name in ["revision", "version"] {
                    item["kept"].as_object_mut().unwrap().remove(name);
                }
                item
            })
            .collect()
    };
    assert_eq!(without_revision(reversed), without_revision(straight));
}

#[test]
fn a_gateway_start_counts_wherever_it_stands() {
    let start = r#"{"kind":"gateway.started","time":"2026-03-30T12:05:00Z","gateway":{"kind":"twilio","instance":"us1"}}"#;
    let dial = r#"{"kind":"dial.started","time":"2026-03-30T12:00:00Z","projectId":"3f2b8c1e-5d74-4a0b-9c1d-7e6f5a4b3c2d","incomingCallLogId":"674fd5fc-17ad-4cdb-9147-de680889f000","dialId":"d-7","gateway":{"kind":"twilio","instance":"us1"},"ringTimeoutInSeconds":3600}"#;
    for lines in [format!("{start}\n{dial}\n"), format!("{dial}\n{start}\n")] {
        let now = "2026-03-30T12:06:00Z";
        let ran = run(&["fold", "--now", now, "--explain", "-"], lines.as_bytes());
        let item: Value = serde_json::from_str(ran.out.lines().next().unwrap()).unwrap();
        assert_eq!(item["kept"]["finality"], "provisional", "{lines}");
        assert_eq!(item["facts"]["started"]["provenance"], "live");
    }
}
