//! Much at once: 200,000 dials through a kill, and a store that is away for a minute under load.

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;
use std::path::Path;
use std::time::{Duration, Instant};

use ringfold::value::Micros;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::broker::Broker;
use crate::support::process::{Process, Setup, every_column, wait_long, wait_until};

use super::escalation::on_engines;
use super::faults::{engine, engines_are_ours};

/// Arguments of the traffic; calls make about two dials, dials about three and a half events.
fn traffic<'a>(calls: &'a str, to: &[&'a str]) -> Vec<&'a str> {
    let spoiled = ["--disorder", "0.02", "--duplicates", "0.02", "--missing-ends", "0.02"];
    let mut arguments = vec!["simulate", "traffic", "--calls", calls, "--projects", "10"];
    arguments.extend(spoiled);
    arguments.extend(to);
    arguments
}

fn publish(setup: &Setup, broker: &Broker, calls: &str) {
    setup.output(&traffic(calls, &["--kafka", &broker.address, "--topic", &broker.dials]));
}

/// The columns of an item in the order of their names, as text.
fn canonical(item: &Value) -> String {
    let columns = every_column();
    let names = columns.as_object().unwrap().keys().map(String::as_str).chain(["_id"]);
    let sorted: BTreeMap<&str, &Value> = names.map(|name| (name, &item[name])).collect();
    serde_json::to_string(&sorted).unwrap()
}

/// Number of items, and a hash over all columns of all of them; the order says nothing.
fn digest(items: &BTreeSet<String>) -> (usize, String) {
    let mut hash = Sha256::new();
    for item in items {
        hash.update(item.as_bytes());
        hash.update(b"\n");
    }
    let bytes: Vec<_> = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    (items.len(), bytes.concat())
}

/// What `fold` prints of the same events, and the projects seen.
fn folded(setup: &Setup, file: &Path) -> (BTreeSet<String>, BTreeSet<String>) {
    let printed = setup.output(&["fold", file.to_str().unwrap()]);
    let (mut items, mut projects) = (BTreeSet::new(), BTreeSet::new());
    for line in printed.as_bytes().lines() {
        let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let Some(item) = line.get("item") else { continue };
        projects.insert(item["projectId"].as_str().unwrap().to_owned());
        items.insert(canonical(item));
    }
    (items, projects)
}

/// All items of a project, a stretch of time after the other: pages of a list are counted from its
/// start, so long lists are read in pieces.
fn read(process: &Process, key: &str, hours: std::ops::Range<i64>) -> BTreeSet<String> {
    let mut items = BTreeSet::new();
    for hour in hours {
        let at = |hour: i64| Micros::from_ms(1_772_323_200_000 + hour * 3_600_000);
        let range = json!({
            "_type": "InBetween",
            "startValue": at(hour).to_string(),
            "endValue": Micros::new(at(hour + 1).get() - 1_000).to_string(),
        });
        let query = json!({ "createdAt": range });
        items.extend(process.items_of(key, &query).iter().map(canonical));
    }
    items
}

#[test]
fn two_hundred_thousand_dials_through_a_kill_are_those_of_a_plain_fold() {
    let dir = tempfile::tempdir().unwrap();
    let Some((broker, setup)) = on_engines("large", dir.path()) else { return };
    let file = dir.path().join("events.ndjson");
    setup.output(&traffic("108000", &["--to", file.to_str().unwrap()]));
    publish(&setup, &broker, "108000");
    let killed = setup.start("killed");
    wait_long("a third of the rows", || {
        (killed.metric("ringfold_rows_written_total") > 70_000.0).then_some(())
    });
    killed.kill();
    let process = setup.start("last");
    let (expected, projects) = folded(&setup, &file);
    assert!(expected.len() >= 200_000, "{} dials", expected.len());
    wait_long("the end of the log", || {
        (process.metric("ringfold_log_lag_events") == 0.0
            && process.metric("ringfold_budget_used_bytes") == 0.0)
            .then_some(())
    });
    let mut found = BTreeSet::new();
    for project in projects {
        let key = setup.key(&project, "ProjectMember");
        found.extend(read(&process, &key, -1..25));
    }
    assert_eq!(found.difference(&expected).next(), None, "as read, not as folded");
    assert_eq!(expected.difference(&found).next(), None, "as folded, not as read");
    assert_eq!(digest(&found), digest(&expected));
    assert!(process.stop().success());
}

/// Bytes of records that may wait, and what a process takes beside them: cache, buffers of the
/// clients, code.
const BUDGET: u64 = 16 << 20;
const BESIDE: u64 = 160 << 20;
const OUTAGE: Duration = Duration::from_mins(1);

#[test]
fn a_store_that_is_away_for_a_minute_under_load_costs_neither_memory_nor_membership() {
    let dir = tempfile::tempdir().unwrap();
    let Some((broker, setup)) = on_engines("away", dir.path()) else { return };
    if !engines_are_ours() {
        return;
    }
    let setup = setup.with("ingest.budget.bytes", "16MiB").with("ingest.cache.bytes", "32MiB");
    let process = setup.start("worker");
    let to = ["--kafka", &broker.address, "--topic", &broker.dials];
    let mut load = setup.command(&traffic("40000", &to)).spawn().unwrap();
    wait_until("some work", || (process.metric("ringfold_rows_written_total") > 0.0).then_some(()));
    let joined = process.metric("ringfold_rebalances_total");
    engine("kill", &["cassandra"]);
    #[allow(clippy::disallowed_methods, reason = "the outage lasts a given time")]
    let started = Instant::now();
    let mut peak = 0;
    wait_long("the end of the outage", || {
        peak = peak.max(process.resident_bytes());
        (started.elapsed() >= OUTAGE).then_some(())
    });
    assert!(load.wait().unwrap().success());
    assert!(!process.is_ready(), "it says that the store takes no writes");
    assert!(process.is_live(), "a stalled worker lives");
    let written = process.metric("ringfold_rows_written_total");
    engine("up", &["cassandra"]);
    wait_long("the end of the log", || {
        (process.metric("ringfold_log_lag_events") == 0.0
            && process.metric("ringfold_budget_used_bytes") == 0.0)
            .then_some(())
    });
    assert!(process.metric("ringfold_rows_written_total") > written);
    assert!(peak < BUDGET + BESIDE, "{} MiB resident", peak >> 20);
    let rebalances = process.metric("ringfold_rebalances_total") - joined;
    assert!(rebalances < 1.0, "it left the group");
    let file = dir.path().join("events.ndjson");
    setup.output(&traffic("40000", &["--to", file.to_str().unwrap()]));
    let (expected, projects) = folded(&setup, &file);
    let keys: Vec<_> = projects.iter().map(|p| setup.key(p, "ProjectMember")).collect();
    let found: BTreeSet<_> = keys.iter().flat_map(|key| read(&process, key, -1..25)).collect();
    assert_eq!(digest(&found), digest(&expected));
    assert!(process.stop().success());
}
