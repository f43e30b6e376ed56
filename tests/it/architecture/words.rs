//! One name for one thing: words that are not used, or only in their place.

use super::{expect_none, has_word, sources};

/// Word → where it is lawful (prefixes of paths) → what to say instead.
const WORDS: &[(&str, &[&str], &str)] = &[
    ("upsert", &["event/"], "a load and a write; facts are joined"),
    ("tenant", &["http/profile/drop_in.rs"], "project"),
    ("account", &["ingest/ledger.rs", "ingest/mod.rs"], "project"),
    ("leg", &["dial/cause/"], "dial"),
    ("watermark", &["kafka/"], "frontier or floor"),
    ("session", &["cql/", "kafka/settings.rs", "kafka/"], "connection"),
    ("poison", &[], "reject"),
    ("dlq", &["cli/"], "dead letters"),
    ("rollup", &[], "summary"),
    ("ts", &[], "occurred_at or record time"),
    ("manager", &["supervisor.rs", "app.rs", "app/", "config/"], "name it for what it does"),
    ("helper", &[], "name it for what it does"),
    ("fetch", &["kafka/", "config/", "cql/"], "load"),
    ("persist", &["embedded/"], "write"),
];

const FILE_NAMES: &[&str] = &["util", "utils", "helper", "helpers", "common", "misc", "manager"];
const LEFT_OVERS: &[&str] =
    &["todo!", "unimplemented!", "dbg!", "#[ignore", "FIXME", "XXX", "mod v2"];

#[test]
fn words_keep_their_meaning() {
    let mut findings = Vec::new();
    for source in sources() {
        for (line, text) in source.lines() {
            let lower = text.to_lowercase();
            for (word, lawful, instead) in WORDS {
                let is_lawful = lawful.iter().any(|place| source.path.starts_with(place));
                if !is_lawful && has_word(&lower, word) {
                    findings.push(format!("{}:{line}: {word}: say {instead}", source.path));
                }
            }
        }
    }
    expect_none("the words of docs/architecture.md are binding", &findings);
}

#[test]
fn files_are_named_for_what_they_hold() {
    let findings: Vec<String> = sources()
        .into_iter()
        .filter(|s| s.path.split(['/', '.']).any(|part| FILE_NAMES.contains(&part)))
        .map(|s| s.path)
        .collect();
    expect_none("a file is named for what it holds", &findings);
}

#[test]
fn nothing_is_left_over() {
    let mut findings = Vec::new();
    for source in sources() {
        for (line, text) in source.lines() {
            for left in LEFT_OVERS.iter().filter(|left| text.contains(**left)) {
                findings.push(format!("{}:{line}: {left}", source.path));
            }
        }
    }
    expect_none("unfinished work is a commit that is not made yet", &findings);
}

#[test]
fn every_file_says_what_it_is() {
    let findings: Vec<String> = sources()
        .into_iter()
        .filter(|s| !s.text.starts_with("//!") && !s.text.starts_with("#!"))
        .map(|s| s.path)
        .collect();
    expect_none("a file begins with a line that says what it is", &findings);
}
