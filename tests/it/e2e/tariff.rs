//! A tariff appended while workers run: it takes effect at its time, on every process, without a
//! restart; what is broken changes nothing; what was rated stays until somebody asks.

use std::path::{Path, PathBuf};

use ringfold::ports::world::WallClock;
use ringfold::system::SystemClock;
use ringfold::value::Micros;
use serde_json::{Value, json};

use super::escalation::on_engines;
use crate::support::broker::Published;
use crate::support::process::{Process, Setup, wait_until};

const PROJECT: &str = "3f2b8c1e-5d74-4a0b-9c1d-7e6f5a4b3c2d";

fn now() -> Micros {
    SystemClock.now()
}

fn after_s(at: Micros, seconds: i64) -> Micros {
    Micros::new(at.get() + seconds * 1_000_000)
}

/// A minute costs `price` dollars from `from` on.
fn version(number: u32, from: &str, price: &str) -> String {
    format!(
        "[[plan]]\nid = \"p\"\n[[plan.version]]\nnumber = {number}\neffective_from = {from}\n\
         rate = [{{ prefix = \"*\", rate = \"{price}\" }}]\n"
    )
}

const ASSIGNED: &str = "[[assign]]\nplan = \"p\"\neffective_from = 2026-01-01T00:00:00Z\n";

fn write(dir: &Path, name: &str, rest: &str) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, format!("format = \"ringfold-tariff-1\"\n{rest}")).unwrap();
    path
}

/// The end of a dial that was answered at an instant and talked for 61 s: two started minutes.
fn ended(dial: &str, answered: Micros) -> String {
    let call = "72884fe2-54ee-4c9e-ae6c-beefc4cfc7b3";
    json!({
        "specversion": "1.0", "id": dial, "source": "/gateways/twilio/us1",
        "type": "ringfold.dial.ended.v1", "time": after_s(answered, 61).to_string(),
        "datacontenttype": "application/json", "partitionkey": call,
        "data": {
            "projectId": PROJECT, "incomingCallLogId": call, "dialId": dial,
            "startedAt": after_s(answered, -5).to_string(), "answeredAt": answered.to_string(),
            "userPhoneNumber": "+12025550143", "reason": "completed",
            "gateway": { "kind": "twilio", "instance": "us1" },
        },
    })
    .to_string()
}

/// Costs of the project's items in cents, oldest first.
fn costs(process: &Process, key: &str) -> Vec<Value> {
    let items = process.items(key).into_iter();
    items.map(|item| item["callCostInUSDCents"].clone()).collect()
}

fn wait_for_costs(process: &Process, key: &str, expected: &[Value]) {
    wait_until(&format!("costs {expected:?}"), || (costs(process, key) == expected).then_some(()));
}

fn wait_for(at: Micros) {
    wait_until("the instant", || (now() > at).then_some(()));
}

/// `verify --json`: its exit code and last line.
fn verify(setup: &Setup, more: &[&str]) -> (Option<i32>, Value, usize) {
    let output = setup.command(&[&["verify", "--json"], more].concat()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!lines.is_empty(), "{told}");
    let count = lines.iter().rev().find_map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        line.get("items").is_some().then_some(line)
    });
    let listed = lines.iter().filter(|line| line.contains("\"finding\"")).count();
    (output.status.code(), count.unwrap(), listed)
}

#[test]
fn the_local_store_takes_a_tariff_on_sighup_and_keeps_what_was_rated() {
    let dir = tempfile::tempdir().unwrap();
    let first = version(1, "2026-01-01T00:00:00Z", "0.01") + ASSIGNED;
    let file = write(dir.path(), "tariff.toml", &first);
    let setup =
        Setup::new(dir.path()).without("tariff.files").with("tariff.files", file.to_str().unwrap());
    let key = setup.key(PROJECT, "ProjectMember");
    let gateway = setup.gateway_key();
    let process = setup.start("worker");
    let post = |dial: &str, answered| {
        let form = "application/cloudevents+json";
        let (status, answer) = process.post_as("/events", &gateway, form, ended(dial, answered));
        assert!(status == 200 || status == 202, "{status} {answer}");
    };
    post("d-1", now());
    wait_for_costs(&process, &key, &[json!(2)]);

    // A broken file changes nothing and says why.
    write(dir.path(), "tariff.toml", &(first.clone() + "[[plan]]\nid = \"P\"\n"));
    process.signal("HUP");
    wait_until("the refusal", || process.told().contains("tariff.toml:").then_some(()));
    assert!(process.told().contains("the tariff stays as it is"), "{}", process.told());

    // A second version begins in some seconds.
    let begin = after_s(now(), 6);
    write(dir.path(), "tariff.toml", &(first + &version(2, &begin.to_string(), "0.05")));
    process.signal("HUP");
    post("d-2", now());
    wait_for_costs(&process, &key, &[json!(2), json!(2)]);
    wait_for(begin);
    post("d-3", now());
    wait_for_costs(&process, &key, &[json!(2), json!(2), json!(10)]);
    assert!(process.stop().success());

    let (code, count, _) = verify(&setup, &[]);
    let sound = json!({ "items": 3, "differing": 0, "fixed": 0, "outdated": 0 });
    assert_eq!((code, count), (Some(0), sound));

    // Past prices change when somebody asks, after a list of what would.
    let correction = write(dir.path(), "3.toml", &version(3, "2026-01-02T00:00:00Z", "0.03"));
    let correction = correction.to_str().unwrap();
    let refused = setup.command(&["tariff", "add", correction]).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let listed = setup.output(&["tariff", "add", "--backdate", "--dry-run", correction]);
    assert!(listed.contains("costMicroUsd 20000 -> 60000"), "{listed}");
    assert!(listed.ends_with("2 items cost something else with it\n"), "{listed}");
    assert_eq!(verify(&setup, &[]).1["outdated"], 0);
    let done = setup.output(&["tariff", "add", "--backdate", correction]);
    assert!(done.ends_with("2 items rated again\n"), "{done}");
    let (code, count, _) = verify(&setup, &[]);
    assert_eq!((code, &count["differing"], &count["outdated"]), (Some(0), &json!(0), &json!(0)));
    let process = setup.start("again");
    wait_for_costs(&process, &key, &[json!(6), json!(6), json!(10)]);
}

#[test]
fn every_process_takes_an_appended_tariff_at_its_time() {
    let dir = tempfile::tempdir().unwrap();
    let Some((broker, setup)) = on_engines("tariff", dir.path()) else { return };
    let setup = setup.without("tariff.files");
    let add = |name: &str, rest: &str, more: &[&str]| {
        let file = write(dir.path(), name, rest);
        setup.output(&[&["tariff", "add", file.to_str().unwrap()], more].concat())
    };
    add("1.toml", &(version(1, "2026-01-01T00:00:00Z", "0.01") + ASSIGNED), &[]);
    let key = setup.key(PROJECT, "ProjectMember");
    let processes = [setup.start("one"), setup.start("two")];
    let both = |expected: &[Value]| {
        for process in &processes {
            wait_for_costs(process, &key, expected);
        }
    };
    let publish = |dial: &str, answered| {
        broker.publish(&[Published::of_line(&ended(dial, answered))]);
    };
    publish("d-1", now());
    both(&[json!(2)]);

    let begin = after_s(now(), 8);
    let faulty = version(2, &begin.to_string(), "0.05") + "[[exchange]]\n";
    let faulty = write(dir.path(), "broken.toml", &faulty);
    let refused = setup.command(&["tariff", "add", faulty.to_str().unwrap()]).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    add("2.toml", &version(2, &begin.to_string(), "0.05"), &[]);
    publish("d-2", now());
    both(&[json!(2), json!(2)]);
    wait_for(begin);
    publish("d-3", now());
    both(&[json!(2), json!(2), json!(10)]);
    let (code, count, _) = verify(&setup, &[]);
    let sound = json!({ "items": 3, "differing": 0, "fixed": 0, "outdated": 0 });
    assert_eq!((code, count), (Some(0), sound));

    let corrected = version(3, "2026-01-02T00:00:00Z", "0.03");
    let done = add("3.toml", &corrected, &["--backdate"]);
    assert!(done.ends_with("2 items rated again\n"), "{done}");
    both(&[json!(6), json!(6), json!(10)]);
    let (code, count, _) = verify(&setup, &["--project", PROJECT]);
    assert_eq!((code, &count["differing"], &count["outdated"]), (Some(0), &json!(0), &json!(0)));
    for process in processes {
        assert!(process.stop().success());
    }
}
