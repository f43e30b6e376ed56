//! Kills, hand-overs and outages on real engines: the rows are those of a plain fold.

use std::collections::BTreeMap;
use std::process::Command;

use ringfold::dial::State;
use ringfold::event::{DecodeLimits, Event, decode_line};
use serde_json::{Value, json};

use crate::support::broker::{Broker, Published};
use crate::support::process::{Process, Setup, wait_until};

use super::escalation::on_engines;

pub const PROJECT: &str = "3f2b8c1e-5d74-4a0b-9c1d-7e6f5a4b3c2d";

/// Events of `dials` dials in log order: started, ringing, ended; every seventh answered, every
/// fifth event twice.
pub fn lines(dials: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for dial in 0..dials {
        let start = 1_774_872_000_000 + i64::try_from(dial).unwrap() * 250;
        let call = uuid::Uuid::new_v8(call_bytes(start));
        let kinds: &[(&str, i64)] = if dial.is_multiple_of(7) {
            &[("started", 0), ("ringing", 900), ("answered", 5_000), ("ended", 60_000)]
        } else {
            &[("started", 0), ("ringing", 900), ("ended", 30_000)]
        };
        for (kind, after) in kinds {
            lines.push((start + after, line(dial, start, call, kind, start + after)));
        }
    }
    lines.sort_by_key(|(at, _)| *at);
    let mut all = Vec::new();
    for (index, (_, line)) in lines.into_iter().enumerate() {
        if index.is_multiple_of(5) {
            all.push(line.clone());
        }
        all.push(line);
    }
    all
}

fn call_bytes(ms: i64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&ms.to_be_bytes()[2..]);
    bytes[15] = 9;
    bytes
}

fn line(dial: usize, start: i64, call: uuid::Uuid, kind: &str, at: i64) -> String {
    let time = |ms: i64| ringfold::value::Micros::from_ms(ms).to_string();
    let mut data = json!({
        "projectId": PROJECT, "incomingCallLogId": call.to_string(),
        "dialId": format!("d-{dial}"), "startedAt": time(start),
    });
    if kind == "started" {
        data["userPhoneNumber"] = format!("+1202555{:04}", dial % 10_000).into();
        data["gateway"] = json!({ "kind": "twilio", "instance": "us1" });
    }
    if kind == "ended" {
        data["reason"] = if dial.is_multiple_of(7) { "completed" } else { "no_answer" }.into();
    }
    json!({
        "specversion": "1.0", "id": format!("{dial}-{kind}"), "source": "/gateways/twilio/us1/b",
        "type": format!("ringfold.dial.{kind}.v1"), "time": time(at),
        "partitionkey": call.to_string(), "data": data,
    })
    .to_string()
}

/// `_id` → status, answered and duration, by a plain fold.
fn oracle(lines: &[String]) -> BTreeMap<String, Value> {
    let limits = DecodeLimits { future: std::time::Duration::from_mins(5) };
    let mut states: BTreeMap<_, State> = BTreeMap::new();
    for line in lines {
        let Ok(decoded) = decode_line(line.as_bytes(), &limits) else { panic!("{line}") };
        let Event::Dial(event) = decoded.event else { panic!("{line}") };
        states.entry(event.key).or_default().inject(&event);
    }
    let shown = |state: &State| {
        let facts = &state.facts;
        json!({
            "isAnswered": facts.answered.is_some(),
            "endedAt": facts.ended.as_ref().unwrap().at.unwrap().to_string(),
            "startedAt": facts.started.as_ref().unwrap().at.unwrap().to_string(),
        })
    };
    states.iter().map(|(key, state)| (key.item.to_string(), shown(state))).collect()
}

pub fn assert_rows(process: &Process, key: &str, lines: &[String]) {
    let expected = oracle(lines);
    wait_until("all rows", || (process.count(key) == expected.len() as u64).then_some(()));
    wait_until("nothing in flight", || {
        (process.metric("ringfold_budget_used_bytes") == 0.0
            && process.metric("ringfold_log_lag_events") == 0.0)
            .then_some(())
    });
    let items = process.items(key);
    assert_eq!(items.len(), expected.len());
    for item in items {
        let wanted = &expected[item["_id"].as_str().unwrap()];
        for (column, value) in wanted.as_object().unwrap() {
            assert_eq!(&item[column], value, "{column} of {}", item["_id"]);
        }
    }
}

fn world(test: &str, dir: &std::path::Path) -> Option<(Broker, Setup, String)> {
    let (broker, setup) = on_engines(test, dir)?;
    let key = setup.key(PROJECT, "ProjectMember");
    Some((broker, setup, key))
}

fn publish(broker: &Broker, lines: &[String]) {
    let records: Vec<Published> = lines.iter().map(|line| Published::of_line(line)).collect();
    broker.publish(&records);
}

#[test]
fn kills_in_the_middle_lose_nothing_and_double_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let Some((broker, setup, key)) = world("kill", dir.path()) else { return };
    let lines = lines(3_000);
    publish(&broker, &lines);
    for round in 0..3 {
        let process = setup.launch(&format!("killed-{round}"));
        wait_until("some work", || {
            (process.is_ready() && process.metric("ringfold_rows_written_total") > 0.0)
                .then_some(())
        });
        process.kill();
    }
    let process = setup.start("last");
    assert_rows(&process, &key, &lines);
    assert!(process.stop().success());
}

#[test]
fn two_workers_share_the_log_and_one_leaves() {
    let dir = tempfile::tempdir().unwrap();
    let Some((broker, setup, key)) = world("two", dir.path()) else { return };
    let lines = lines(2_000);
    let (first, second) = lines.split_at(lines.len() / 2);
    let one = setup.start("one");
    let two = setup.start("two");
    publish(&broker, first);
    wait_until("some work", || (two.metric("ringfold_rows_written_total") > 0.0).then_some(()));
    assert!(two.stop().success());
    publish(&broker, second);
    assert_rows(&one, &key, &lines);
    assert!(one.stop().success());
}

pub fn engine(script: &str, arguments: &[&str]) {
    let path = format!("{}/tests/engines/{script}", env!("CARGO_MANIFEST_DIR"));
    let done = Command::new(path).args(arguments).output().unwrap();
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{script} {arguments:?}: {told}");
}

/// Whether the engines are those of the scripts: a given server is not ours to kill.
pub fn engines_are_ours() -> bool {
    #[allow(clippy::disallowed_methods, reason = "tests are told by the environment")]
    let is_given = std::env::var("RINGFOLD_TEST_GIVEN").is_ok();
    if is_given {
        #[allow(clippy::print_stderr, reason = "a test that does nothing says so")]
        {
            eprintln!("skipped: the servers are given, not ours to restart");
        }
    }
    !is_given
}

#[test]
fn a_broker_that_restarts_is_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let Some((broker, setup, key)) = world("broker", dir.path()) else { return };
    if !engines_are_ours() {
        return;
    }
    let lines = lines(1_000);
    let (first, second) = lines.split_at(lines.len() / 2);
    let process = setup.start("worker");
    publish(&broker, first);
    engine("kill", &["kafka"]);
    engine("up", &["kafka"]);
    publish(&broker, second);
    assert_rows(&process, &key, &lines);
    assert!(process.stop().success());
}

#[test]
fn a_store_that_is_down_stalls_the_log_and_resumes_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let Some((broker, setup, key)) = world("store", dir.path()) else { return };
    if !engines_are_ours() {
        return;
    }
    let lines = lines(1_500);
    let (first, second) = lines.split_at(lines.len() / 2);
    let process = setup.start("worker");
    publish(&broker, first);
    wait_until("some work", || (process.metric("ringfold_rows_written_total") > 0.0).then_some(()));
    engine("kill", &["cassandra"]);
    publish(&broker, second);
    wait_until("not ready while the store is down", || (!process.is_ready()).then_some(()));
    engine("up", &["cassandra"]);
    assert_rows(&process, &key, &lines);
    wait_until("ready again", || process.is_ready().then_some(()));
    assert!(process.stop().success());
}
