//! `replay` and `backfill` on real engines: what is read again changes nothing that is whole, mends
//! what is not, survives a kill and leaves the consumer group alone.

use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use crate::engines::cql::keyspace;
use crate::support::broker::{Broker, Published};
use crate::support::process::{Process, Setup, free_port, wait_until};

use super::escalation::on_engines;
use super::faults::{PROJECT, assert_rows, lines};

/// Exit code and the object on the last line.
fn told(setup: &Setup, arguments: &[&str]) -> (i32, Value) {
    let output = setup.command(&[arguments, &["--json"]].concat()).output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    let last = out.lines().last().map(|line| serde_json::from_str(line).unwrap());
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code().unwrap(), last.unwrap_or_else(|| panic!("{arguments:?}: {err}")))
}

/// Count and hash over all columns of the project's items.
fn export(setup: &Setup) -> Value {
    let file = setup.dir.join("export.ndjson");
    let (code, told) = told(setup, &["export", "--project", PROJECT, file.to_str().unwrap()]);
    assert_eq!(code, 0);
    json!([told["count"], told["hash"]])
}

/// The same settings on a keyspace of their own, with tables.
fn other_keyspace(setup: &Setup, name: &str) -> (Setup, String) {
    let keyspace = format!("rf_{name}_{}", free_port());
    let other = setup.clone().without("cql.keyspace").with("cql.keyspace", &keyspace);
    other.output(&["schema", "apply", "--create-keyspace", "--replication", "1"]);
    (other, keyspace)
}

fn publish(broker: &Broker, lines: &[String]) {
    let records: Vec<Published> = lines.iter().map(|line| Published::of_line(line)).collect();
    broker.publish(&records);
}

struct World {
    broker: Broker,
    setup: Setup,
    process: Process,
    dials: u64,
    records: u64,
}

/// A worker that has folded everything, one reject included.
fn folded(test: &str, dir: &Path, dials: usize) -> Option<World> {
    let (broker, setup) = on_engines(test, dir)?;
    let key = setup.key(PROJECT, "ProjectMember");
    let lines = lines(dials);
    publish(&broker, &lines);
    publish(&broker, &["{\"cut".to_owned()]);
    let process = setup.start("worker");
    assert_rows(&process, &key, &lines);
    wait_until("the commits", || (broker.committed_total() > lines.len()).then_some(()));
    let records = lines.len() as u64 + 1;
    Some(World { broker, setup, process, dials: dials as u64, records })
}

#[test]
fn a_replay_fills_an_empty_keyspace_alike_and_changes_no_row_of_the_live_one() {
    let dir = tempfile::tempdir().unwrap();
    let Some(world) = folded("replay", dir.path(), 400) else { return };
    let World { broker, setup, process, dials, records } = world;
    let (live, committed) = (export(&setup), broker.committed());

    let (other, keyspace) = other_keyspace(&setup, "replayed");
    let (code, all) = told(&setup, &["replay", "--into", &keyspace]);
    assert_eq!(code, 3, "the reject is told: {all}");
    assert_eq!((&all["records"], &all["rejects"]), (&json!(records), &json!(1)), "{all}");
    assert_eq!(all["reasons"], json!({ "not_json": 1 }));
    assert_eq!(export(&other), live, "the keyspace that was empty holds the same items");

    let (code, again) = told(&setup, &["replay"]);
    assert_eq!((code, &again["rowsChanged"], &again["done"]), (3, &json!(0), &json!(true)));
    assert_eq!(again["rowsUnchanged"], json!(dials), "{again}");
    assert_eq!(export(&setup), live);
    assert_eq!(broker.committed(), committed, "the group's commits are not a replay's");
    assert_eq!(broker.read(&broker.dead_letters, 1).len(), 1, "no letter comes twice");
    assert!(process.is_ready(), "nobody was thrown out of the group");
    assert!(process.stop().success());
}

#[test]
fn a_table_that_was_lost_is_whole_after_a_replay_of_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let Some(world) = folded("lost", dir.path(), 200) else { return };
    let World { setup, process, dials, .. } = world;
    let live = export(&setup);
    let name = |key: &str| setup.settings.iter().find(|(k, _)| k == key).unwrap().1.clone();
    let table = format!("TRUNCATE {}.item", name("cql.keyspace"));
    keyspace::once(&name("cql.nodes"), &table);
    assert_eq!(export(&setup)[0], json!(0), "the rows are gone");
    let (_, mended) = told(&setup, &["replay"]);
    assert_eq!(mended["rowsChanged"], json!(dials), "{mended}");
    assert_eq!(export(&setup), live);
    assert!(process.stop().success());
}

#[test]
fn a_replay_that_is_killed_goes_on_where_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let Some(world) = folded("resume", dir.path(), 300) else { return };
    let World { setup, process, records, .. } = world;
    let live = export(&setup);
    let (other, keyspace) = other_keyspace(&setup, "resumed");
    let file = dir.path().join("position.json");
    let position = ["replay", "--into", &keyspace, "--position", file.to_str().unwrap()];
    let slow = [&position[..], &["--rate", "150/s"]].concat();
    let mut killed = spawn(&setup, &slow);
    wait_until("some progress", || (done(&file)? > 150).then_some(()));
    killed.kill().unwrap();
    killed.wait().unwrap();
    let (code, rest) = told(&setup, &position);
    assert_eq!((code, &rest["resumed"], &rest["done"]), (3, &json!(true), &json!(true)), "{rest}");
    assert!(rest["records"].as_u64().unwrap() < records - 100, "not from the start: {rest}");
    assert_eq!(export(&other), live);
    assert!(!file.exists(), "a replay that is done leaves no position");

    // A signal stops it cleanly; the position of one replay is not that of another.
    let mut stopped = spawn(&setup, &slow);
    wait_until("some progress", || (done(&file)? > 50).then_some(()));
    let pid = stopped.id().to_string();
    assert!(std::process::Command::new("kill").arg(&pid).status().unwrap().success());
    let output = wait_until("the stop", || stopped.try_wait().unwrap());
    assert!(matches!(output.code(), Some(0 | 3)), "{output:?}");
    let other = ["replay", "--from", "7", "--position", file.to_str().unwrap()];
    let refused = setup.command(&other).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("that of another replay"));
    assert!(process.stop().success());
}

fn spawn(setup: &Setup, arguments: &[&str]) -> Child {
    setup.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Offsets done, by the position that is kept.
fn done(file: &Path) -> Option<u64> {
    let kept: Value = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
    let stretches = kept["stretches"].as_array()?;
    Some(stretches.iter().filter_map(|stretch| stretch["next"].as_u64()).sum())
}

/// The fault it is for: two partitioners put one dial into two log partitions, each hides what the
/// other knew, and the row lacks facts.
#[test]
fn a_backfill_mends_rows_that_two_log_partitions_have_fed() {
    let dir = tempfile::tempdir().unwrap();
    let Some((broker, setup)) = on_engines("backfill", dir.path()) else { return };
    let key = setup.key(PROJECT, "ProjectMember");
    let process = setup.start("worker");
    let lines = lines(14);
    let (odd, even): (Vec<_>, Vec<_>) = lines.iter().partition(|line| line.contains(".ended."));
    for (partition, lines) in [(0, &even), (1, &odd)] {
        let records: Vec<_> = lines.iter().map(|line| Published::of_line(line)).collect();
        broker.publish_to(Some(partition), &records);
    }
    wait_until("the commits", || (broker.committed_total() == lines.len()).then_some(()));
    let whole = |items: &[Value]| {
        items
            .iter()
            .filter(|item| !item["endedAt"].is_null() && !item["userPhoneNumber"].is_null())
            .count()
    };
    let hurt = whole(&process.items(&key));
    assert!(hurt < 14, "the fault is there: rows lack facts");

    let range = ["backfill", "--from", "0", "--to", "1000000"];
    let dry = told(&setup, &[&range[..], &["--dry-run"]].concat()).1;
    assert_eq!(dry["offsets"], json!(lines.len()), "{dry}");
    let committed = broker.committed();
    let (code, mended) = told(&setup, &range);
    assert_eq!(code, 0, "{mended}");
    assert!(mended["rowsChanged"].as_u64().unwrap() > 0, "{mended}");
    assert_rows(&process, &key, &lines);
    assert_eq!(whole(&process.items(&key)), 14);
    assert_eq!(told(&setup, &range).1["rowsChanged"], json!(0), "once is enough");
    assert_eq!(broker.committed(), committed);
    assert!(process.stop().success());
}

#[test]
fn the_local_log_is_replayed_beside_its_cursors() {
    let dir = tempfile::tempdir().unwrap();
    let setup = Setup::new(dir.path());
    let key = setup.key(PROJECT, "ProjectMember");
    let gateway = setup.gateway_key();
    let process = setup.start("worker");
    let lines = lines(40);
    for line in &lines {
        let r#type = "application/cloudevents+json";
        let (status, answer) = process.post_as("/events", &gateway, r#type, line.clone());
        assert!(status == 200 || status == 202, "{answer}");
    }
    wait_until("the items", || (process.count(&key) == 40).then_some(()));
    let locked = setup.command(&["replay"]).output().unwrap();
    assert_eq!(locked.status.code(), Some(1), "one process at a time has the directory");
    assert!(process.stop().success());

    let live = export(&setup);
    let into = dir.path().join("other");
    let (code, filled) = told(&setup, &["replay", "--into", into.to_str().unwrap()]);
    assert_eq!((code, &filled["records"]), (0, &json!(lines.len())), "{filled}");
    let other = setup.clone().without("data.dir").with("data.dir", into.to_str().unwrap());
    assert_eq!(export(&other), live);
    let (code, again) = told(&setup, &["replay"]);
    assert_eq!((code, &again["rowsChanged"]), (0, &json!(0)), "{again}");
    assert_eq!(export(&setup), live);
    let late = told(&setup, &["replay", "--from", "2100-01-01T00:00:00Z"]).1;
    assert_eq!(late["records"], json!(0), "nothing was taken that late: {late}");

    let process = setup.start("again");
    assert_eq!(process.count(&key), 40);
    assert!(process.metric("ringfold_records_polled_total") == 0.0, "the cursors stayed");
    assert!(process.stop().success());
}
