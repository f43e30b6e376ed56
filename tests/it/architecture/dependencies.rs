//! Who may use whom. The table is the one of `docs/architecture.md`; a change to one is a change
//! to both.

use super::{expect_none, has_word, sources};

/// Module → modules of ours it may name. `*` = all.
const MAY_USE: &[(&str, &[&str])] = &[
    ("value", &[]),
    ("item", &["value", "tariff"]),
    ("tariff", &["value"]),
    ("relation", &["value"]),
    ("access", &["value"]),
    ("dial", &["value", "item", "tariff"]),
    ("event", &["value", "dial", "relation"]),
    ("ports", &["value", "item", "dial", "relation", "tariff", "access"]),
    ("query", &["value", "item", "relation", "dial", "tariff", "ports"]),
    ("ingest", &["value", "item", "dial", "relation", "tariff", "event", "ports", "telemetry"]),
    ("kafka", &["value", "event", "ports", "telemetry", "supervisor"]),
    ("cql", &["value", "item", "dial", "relation", "tariff", "access", "ports", "telemetry"]),
    (
        "embedded",
        &[
            "value",
            "item",
            "dial",
            "relation",
            "tariff",
            "access",
            "ports",
            "telemetry",
            "supervisor",
        ],
    ),
    ("memory", &["value", "item", "dial", "relation", "tariff", "access", "ports"]),
    (
        "http",
        &[
            "value",
            "item",
            "dial",
            "tariff",
            "relation",
            "access",
            "event",
            "query",
            "ports",
            "telemetry",
            "supervisor",
        ],
    ),
    (
        "simulator",
        &[
            "value",
            "item",
            "dial",
            "tariff",
            "relation",
            "access",
            "event",
            "query",
            "ports",
            "ingest",
            "memory",
            "http",
            "telemetry",
        ],
    ),
    ("telemetry", &["value"]),
    ("supervisor", &["value"]),
    ("system", &["value", "ports"]),
    ("config", &["value", "telemetry", "kafka"]),
    ("app", &["*"]),
    ("cli", &["*"]),
    ("main", &["*"]),
    ("lib", &["*"]),
];

/// Pure modules, and the files in them that may await all the same.
const PURE: &[&str] =
    &["value", "item", "tariff", "dial", "relation", "access", "event", "query", "ingest"];
const DRIVERS: &[&str] = &[
    "query/run.rs",
    "query/run/keys.rs",
    "query/run/pass.rs",
    "ingest/worker.rs",
    "ingest/report.rs",
    "ingest/vitals.rs",
    "ingest/patience.rs",
];
/// Words that have no place in a pure file.
const IMPURE: &[&str] = &[
    "async",
    "await",
    "tokio",
    "rdkafka",
    "scylla",
    "fjall",
    "axum",
    "metrics",
    "tracing",
    "f32",
    "f64",
    "SystemTime",
    "rand",
    "getrandom",
];

fn allowed(module: &str) -> &'static [&'static str] {
    MAY_USE.iter().find(|(name, _)| *name == module).map_or(&[], |(_, uses)| *uses)
}

#[test]
fn modules_use_only_what_the_table_allows() {
    let mut findings = Vec::new();
    for source in sources() {
        let lawful = allowed(source.module());
        for (line, text) in source.code() {
            for part in text.split("crate::").skip(1) {
                let used: String =
                    part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let is_itself = used == source.module() || used.is_empty();
                let is_named = MAY_USE.iter().any(|(name, _)| *name == used);
                if is_named
                    && !is_itself
                    && !lawful.contains(&"*")
                    && !lawful.contains(&used.as_str())
                {
                    findings.push(format!("{}:{line}: uses {used}", source.path));
                }
            }
        }
    }
    expect_none("arrows never turn back: see the table in docs/architecture.md", &findings);
}

#[test]
fn every_module_is_in_the_table() {
    let known = |module: &str| MAY_USE.iter().any(|(name, _)| *name == module);
    let unknown: Vec<String> =
        sources().into_iter().filter(|s| !known(s.module())).map(|s| s.path).collect();
    expect_none("a new module enters the table in the same commit", &unknown);
}

#[test]
fn pure_files_know_no_outside() {
    let mut findings = Vec::new();
    for source in sources() {
        if !PURE.contains(&source.module()) || DRIVERS.contains(&source.path.as_str()) {
            continue;
        }
        for (line, text) in source.code() {
            for word in IMPURE.iter().filter(|word| has_word(text, word)) {
                findings.push(format!("{}:{line}: {word}", source.path));
            }
        }
    }
    expect_none("pure modules take time, chance and I/O as arguments", &findings);
}

#[test]
fn pure_modules_deny_what_could_panic_or_wrap() {
    let denied = "clippy::arithmetic_side_effects";
    let missing: Vec<String> = sources()
        .into_iter()
        .filter(|s| PURE.iter().any(|module| s.path == format!("{module}/mod.rs")))
        .filter(|s| !s.text.contains(denied))
        .map(|s| s.path)
        .collect();
    expect_none("a pure module begins with the list of denied lints", &missing);
}
