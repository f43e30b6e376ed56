//! `erase` by the built binary: what is personal is gone from every read, export, table and file but
//! the log and the dead letters, which it names; late events and replays bring nothing back.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use scylla::client::session_builder::SessionBuilder;
use serde_json::{Value, json};

use super::escalation::on_engines;
use crate::support::broker::Published;
use crate::support::process::{Process, Setup, wait_until};

const PROJECT: &str = "3f2b8c1e-5d74-4a0b-9c1d-7e6f5a4b3c2d";
const CALL: &str = "72884fe2-54ee-4c9e-ae6c-beefc4cfc7b3";
const OTHER_CALL: &str = "0b6c2f4e-91d3-4c58-8a7f-5e2d1c3b4a69";
const ANNA: &str = "d94a1f77-2c06-4e3b-8f58-63b0a1c2e5d7";
const BOB: &str = "a7e3d5c2-1b48-4f6a-9d07-8c2e4f6a1b3d";
/// What must not be found once Anna is erased.
const OF_ANNA: [&str; 4] = ["2025550177", "Anna", "anna@", ANNA];

fn event(id: &str, kind: &str, time: &str, data: &Value) -> String {
    json!({
        "specversion": "1.0", "id": id, "source": "/gateways/twilio/us1", "time": time,
        "type": format!("ringfold.{kind}.v1"), "datacontenttype": "application/json",
        "partitionkey": data["incomingCallLogId"], "data": data,
    })
    .to_string()
}

/// Two dials to Anna and one to Bob, all ended; the second of Anna's in another call.
fn dials() -> Vec<String> {
    let dial = |id: &str, call: &str, user: &str, number: &str, minute: u32| {
        let data = json!({
            "projectId": PROJECT, "incomingCallLogId": call, "dialId": id, "userId": user,
            "userPhoneNumber": number, "gateway": { "kind": "twilio", "instance": "us1" },
            "startedAt": format!("2026-05-14T08:{minute}:00Z"),
            "answeredAt": format!("2026-05-14T08:{minute}:05Z"), "reason": "completed",
            "vendorReason": format!("{} hung up", if user == ANNA { "Anna" } else { "Bob" }),
        });
        event(id, "dial.ended", &format!("2026-05-14T08:{minute}:50Z"), &data)
    };
    vec![
        dial("d-1", CALL, ANNA, "+12025550177", 10),
        dial("d-2", CALL, BOB, "+12025550188", 11),
        dial("d-3", OTHER_CALL, ANNA, "+12025550177", 12),
    ]
}

/// The carrier's price of the first dial, told late.
fn price() -> String {
    let data = json!({
        "projectId": PROJECT, "incomingCallLogId": CALL, "dialId": "d-1",
        "startedAt": "2026-05-14T08:10:00Z", "userId": ANNA, "userPhoneNumber": "+12025550177",
        "amount": "0.5", "currency": "USD",
    });
    event("p-1", "dial.cost", "2026-05-14T09:00:00Z", &data)
}

fn references(dir: &Path) -> PathBuf {
    let time = "2026-05-14T08:00:00Z";
    let anna = json!({
        "projectId": PROJECT, "userId": ANNA, "name": "Anna", "email": "anna@northpier.example",
    });
    let bob = json!({
        "projectId": PROJECT, "userId": BOB, "name": "Bob", "email": "bob@northpier.example",
    });
    let call = json!({
        "projectId": PROJECT, "incomingCallLogId": CALL, "callerPhoneNumber": "+441632960155",
        "routingPhoneNumber": "+441632960100", "status": "Completed",
    });
    let lines = [
        event("u-1", "user.upserted", time, &anna),
        event("u-2", "user.upserted", time, &bob),
        event("c-1", "call-log.upserted", time, &call),
    ];
    let path = dir.join("references.ndjson");
    std::fs::write(&path, lines.join("\n")).unwrap();
    path
}

/// Runs `erase` with these arguments and an input; its lines.
fn erase(setup: &Setup, arguments: &[&str], input: &str) -> Vec<Value> {
    let mut command = setup.command(&[&["erase", "--json"], arguments].concat());
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{told}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!format!("{text}{told}").contains("55501"), "no number is shown: {text}{told}");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn counts(lines: &[Value]) -> (u64, u64) {
    let counts = lines.iter().find(|line| line.get("dryRun").is_some()).unwrap();
    (counts["items"].as_u64().unwrap(), counts["references"].as_u64().unwrap())
}

fn names(lines: &[Value], wanted: &str) -> bool {
    lines.iter().filter_map(|line| line["notReached"].as_str()).any(|what| what.contains(wanted))
}

fn export(setup: &Setup) -> String {
    setup.output(&["export", "--references", "--project", PROJECT, "-"])
}

fn finds(text: &str) -> Vec<&'static str> {
    OF_ANNA.into_iter().filter(|wanted| text.contains(wanted)).collect()
}

/// The costs of all items in cents, oldest first.
fn costs(process: &Process, key: &str) -> Vec<Value> {
    let items = process.items(key).into_iter();
    items.map(|item| item["callCostInUSDCents"].clone()).collect()
}

/// What is shown once Anna is erased: the items, their costs, and nothing of her.
fn assert_erased(process: &Process, key: &str, was: &[Value]) {
    let items = process.items(key);
    let text = Value::from(items.clone()).to_string();
    assert_eq!(finds(&text), [""; 0], "{text}");
    assert_eq!(items.len(), 3);
    assert_eq!(items[1]["userId"], BOB);
    assert_eq!(costs(process, key), was);
}

fn note(process: &Process, key: &str) {
    let items = process.items(key);
    let id = items[0]["_id"].as_str().unwrap();
    let path = format!("/api/incoming-call-log-item/{id}/update-item");
    let change = json!({ "data": { "statusMessage": "Anna called back" } });
    assert_eq!(process.post(&path, key, &change).0, 200);
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Anna is erased: shown first, done then, and a second time nothing is left. The copies are named.
fn forget_anna(setup: &Setup, copies: &[&str]) {
    let user = ["--project", PROJECT, "--user", ANNA];
    assert_eq!(finds(&export(setup)), OF_ANNA);
    let dry = erase(setup, &[&user[..], &["--dry-run"]].concat(), "");
    assert_eq!(counts(&dry), (2, 1));
    assert_eq!(finds(&export(setup)), OF_ANNA, "a dry run changes nothing");
    let done = erase(setup, &user, "");
    assert_eq!(counts(&done), (2, 1));
    for copy in copies {
        assert!(names(&done, copy), "{copy}: {done:?}");
    }
    assert_eq!(counts(&erase(setup, &user, "")), (0, 0));
    assert_eq!(finds(&export(setup)), [""; 0]);
}

/// A caller by the number, which is read from the input, and Bob by the call. `told` is searched.
fn forget_others(setup: &Setup, told: &dyn Fn() -> String) {
    let number = ["--project", PROJECT, "--number", "-"];
    assert_eq!(counts(&erase(setup, &number, "+441632960155\n")), (0, 1));
    let left = told();
    assert!(!left.contains("441632960155") && left.contains("441632960100"), "{left}");
    assert_eq!(counts(&erase(setup, &["--all-projects", "--call", CALL], "")), (1, 1));
    let left = told();
    assert!(!left.contains("2025550188") && !left.contains("441632960100"), "{left}");
}

/// On disk it lies in the tables of the log alone.
fn assert_in_the_log_alone(data: &Path) {
    let holds = |path: &PathBuf| {
        let bytes = std::fs::read(path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        ["2025550177", "anna@"].into_iter().any(|wanted| text.contains(wanted))
    };
    let found: Vec<_> = files(data).into_iter().filter(holds).collect();
    let keyspace = |path: &PathBuf| path.parent().unwrap().parent().unwrap().to_owned();
    let keyspaces: BTreeSet<_> = found.iter().map(keyspace).collect();
    assert_eq!(keyspaces.len(), 1, "{found:?}");
}

#[test]
fn the_local_store_forgets_a_person_whatever_is_told_again() {
    let dir = tempfile::tempdir().unwrap();
    let setup = Setup::new(dir.path());
    let (key, gateway) = (setup.key(PROJECT, "ProjectAdmin"), setup.gateway_key());
    setup.output(&["import", references(dir.path()).to_str().unwrap()]);
    let tell = |process: &Process, events: &[String]| {
        for event in events {
            let form = "application/cloudevents+json";
            let (status, answer) = process.post_as("/events", &gateway, form, event.clone());
            assert_eq!(status, 200, "{answer}");
        }
    };
    let process = setup.start("first");
    tell(&process, &dials());
    wait_until("all items", || (process.count(&key) == 3).then_some(()));
    note(&process, &key);
    let was = costs(&process, &key);
    assert!(process.stop().success());
    forget_anna(&setup, &["the local log", "dead letters", "export", "backups"]);

    // The same events and references once more, and a price that comes late.
    let process = setup.start("second");
    assert_erased(&process, &key, &was);
    tell(&process, &[dials(), vec![price()]].concat());
    let late = [vec![json!(50)], was[1..].to_vec()].concat();
    wait_until("the price", || (costs(&process, &key) == late).then_some(()));
    assert_erased(&process, &key, &late);
    assert!(process.stop().success());
    setup.output(&["import", references(dir.path()).to_str().unwrap()]);
    assert_eq!(finds(&export(&setup)), [""; 0]);
    let sound = json!({ "items": 3, "differing": 0, "fixed": 0, "outdated": 0 });
    assert_eq!(setup.output(&["verify", "--json"]).trim(), sound.to_string());
    forget_others(&setup, &|| export(&setup));
    assert_in_the_log_alone(&dir.path().join("data"));
}

#[test]
fn cassandra_forgets_a_person_while_two_processes_run() {
    let dir = tempfile::tempdir().unwrap();
    let Some((broker, setup)) = on_engines("erase", dir.path()) else { return };
    let key = setup.key(PROJECT, "ProjectAdmin");
    setup.output(&["import", references(dir.path()).to_str().unwrap()]);
    let processes = [setup.start("one"), setup.start("two")];
    let publish = |events: &[String]| {
        let records: Vec<Published> =
            events.iter().map(|event| Published::of_line(event)).collect();
        broker.publish(&records);
    };
    publish(&dials());
    wait_until("all items", || (processes[0].count(&key) == 3).then_some(()));
    note(&processes[1], &key);
    let was = costs(&processes[0], &key);
    assert_eq!(finds(&tables(&setup)), OF_ANNA);
    forget_anna(&setup, &[&broker.dials, &broker.references, &broker.dead_letters, "snapshots"]);
    // The key of what is known of a user is its id; nothing else of her is in any cell.
    assert_eq!(finds(&tables(&setup)), [ANNA]);
    // The workers still hold the number; a late price and a repetition bring nothing back.
    publish(&[dials(), vec![price()]].concat());
    let late = [vec![json!(50)], was[1..].to_vec()].concat();
    for process in &processes {
        wait_until("the price", || (costs(process, &key) == late).then_some(()));
        assert_erased(process, &key, &late);
    }
    setup.output(&["import", references(dir.path()).to_str().unwrap()]);
    assert_eq!(finds(&tables(&setup)), [ANNA]);
    forget_others(&setup, &|| tables(&setup));
    for process in processes {
        assert!(process.stop().success());
    }
}

/// Every cell of every table with items or references, as JSON.
fn tables(setup: &Setup) -> String {
    let setting = |name: &str| {
        let found = setup.settings.iter().find(|(key, _)| key == name);
        found.unwrap().1.clone()
    };
    let keyspace = setting("cql.keyspace");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let session = SessionBuilder::new().known_node(setting("cql.nodes")).build().await.unwrap();
        let mut text = String::new();
        let list = "SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?";
        let list = session.query_unpaged(list, (&keyspace,)).await.unwrap();
        let list = list.into_rows_result().unwrap();
        for table in list.rows::<(String,)>().unwrap() {
            let select = format!("SELECT JSON * FROM {keyspace}.{}", table.unwrap().0);
            let rows = session.query_unpaged(select, &[]).await.unwrap();
            let rows = rows.into_rows_result().unwrap();
            text.extend(rows.rows::<(String,)>().unwrap().map(|row| row.unwrap().0));
        }
        text
    })
}
