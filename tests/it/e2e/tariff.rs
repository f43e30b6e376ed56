//! A tariff appended while workers run: it takes effect at its time, on every process, without a
//! restart; what is broken changes nothing; what was rated stays until somebody asks.

use std::path::{Path, PathBuf};

use ringfold::ports::world::WallClock;
use ringfold::system::SystemClock;
use ringfold::value::Micros;
use scylla::client::session_builder::SessionBuilder;
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

const CALL: &str = "72884fe2-54ee-4c9e-ae6c-beefc4cfc7b3";

/// The end of a dial that was answered at an instant and talked for 61 s: two started minutes.
fn ended(dial: &str, answered: Micros) -> String {
    ended_after(dial, answered, 61)
}

fn ended_after(dial: &str, answered: Micros, seconds: i64) -> String {
    json!({
        "specversion": "1.0", "id": dial, "source": "/gateways/twilio/us1",
        "type": "ringfold.dial.ended.v1", "time": after_s(answered, seconds).to_string(),
        "datacontenttype": "application/json", "partitionkey": CALL,
        "data": {
            "projectId": PROJECT, "incomingCallLogId": CALL, "dialId": dial,
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

/// `verify --json`: its exit code, its counts and how many items it lists.
fn verify(setup: &Setup, more: &[&str]) -> (Option<i32>, Value, usize) {
    let (code, lines) = verified(setup, more);
    let count = lines.iter().rev().find(|line| line.get("items").is_some());
    let listed = lines.iter().filter(|line| line.get("finding").is_some()).count();
    (code, count.unwrap().clone(), listed)
}

/// The exit code of `verify --json` and all its lines.
fn verified(setup: &Setup, more: &[&str]) -> (Option<i32>, Vec<Value>) {
    let output = setup.command(&[&["verify", "--json"], more].concat()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!text.is_empty(), "{told}");
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    (output.status.code(), lines.collect())
}

/// A version that says `backdate` was taken by a running process: readers see it, and what two
/// items keep is outdated until somebody asks, after a list of what would change. `kept` looks at
/// what other programs see.
fn rates_again_when_asked(setup: &Setup, kept: &mut dyn FnMut() -> Vec<i64>) {
    let outdated = json!({ "items": 2, "differing": 0, "fixed": 0, "outdated": 2 });
    let was = kept();
    for more in [&[][..], &["--fix"], &["--backdate", "--dry-run"], &[]] {
        let (code, count, listed) = verify(setup, more);
        assert_eq!((code, &count), (Some(0), &outdated), "{more:?}");
        assert_eq!(listed, if more.contains(&"--backdate") { 2 } else { 0 }, "{more:?}");
        assert_eq!(kept(), was, "{more:?} changes nothing");
    }
    let (_, lines) = verified(setup, &["--backdate", "--dry-run"]);
    for change in lines.iter().filter(|line| line.get("finding").is_some()) {
        assert_eq!(change["finding"], "changes");
        assert_eq!(change["fields"]["costMicroUsd"], json!([20_000, 60_000]), "{change}");
        assert_eq!(change["fields"]["tariff"], json!(["p@1", "p@2"]), "{change}");
    }
    let (code, lines) = verified(setup, &["--backdate"]);
    assert_eq!((code, lines.last().unwrap()), (Some(0), &json!({ "ratedAgain": 2 })));
    let first = lines.iter().position(|line| line["finding"] == "changes").unwrap();
    assert!(first < lines.len() - 1, "the list comes before it is done");
    let sound = json!({ "items": 2, "differing": 0, "fixed": 0, "outdated": 0 });
    let (code, count, listed) = verify(setup, &["--backdate"]);
    assert_eq!((code, count, listed), (Some(0), sound, 0), "a second time nothing is left");
}

/// A first version, and a second one that says it may change the past.
fn backdated() -> (String, String) {
    let first = version(1, "2026-01-01T00:00:00Z", "0.01") + ASSIGNED;
    let from = "effective_from = 2026-01-02T00:00:00Z";
    let second = version(2, "2026-01-02T00:00:00Z", "0.03");
    (first.clone(), first + &second.replace(from, &format!("{from}\nbackdate = true")))
}

#[test]
fn the_local_store_rates_again_only_when_asked() {
    let dir = tempfile::tempdir().unwrap();
    let (first, second) = backdated();
    let file = write(dir.path(), "tariff.toml", &first);
    let setup =
        Setup::new(dir.path()).without("tariff.files").with("tariff.files", file.to_str().unwrap());
    let key = setup.key(PROJECT, "ProjectMember");
    let gateway = setup.gateway_key();
    let process = setup.start("worker");
    for dial in ["d-1", "d-2"] {
        let form = "application/cloudevents+json";
        let event = ended(dial, now());
        let (status, answer) = process.post_as("/events", &gateway, form, event);
        assert!(status == 200 || status == 202, "{status} {answer}");
    }
    wait_for_costs(&process, &key, &[json!(2), json!(2)]);
    write(dir.path(), "tariff.toml", &second);
    process.signal("HUP");
    wait_for_costs(&process, &key, &[json!(6), json!(6)]);
    assert!(process.stop().success());
    rates_again_when_asked(&setup, &mut Vec::new);
    let process = setup.start("again");
    wait_for_costs(&process, &key, &[json!(6), json!(6)]);
}

#[test]
fn cassandra_rates_again_only_when_asked_and_every_process_sees_it() {
    let dir = tempfile::tempdir().unwrap();
    let Some((broker, setup)) = on_engines("backdate", dir.path()) else { return };
    let setup = setup.without("tariff.files");
    let (first, second) = backdated();
    let file = write(dir.path(), "tariff.toml", &first);
    let key = setup.key(PROJECT, "ProjectMember");
    let with_file = setup.clone().with("tariff.files", file.to_str().unwrap());
    let processes = [with_file.start("one"), setup.start("two")];
    let dials = ["d-1", "d-2"].map(|dial| Published::of_line(&ended(dial, now())));
    broker.publish(&dials);
    for process in &processes {
        wait_for_costs(process, &key, &[json!(2), json!(2)]);
    }
    write(dir.path(), "tariff.toml", &second);
    processes[0].signal("HUP");
    for process in &processes {
        wait_for_costs(process, &key, &[json!(6), json!(6)]);
    }
    let mut kept = || kept_costs(&setup);
    assert_eq!(kept(), [20_000, 20_000]);
    rates_again_when_asked(&setup, &mut kept);
    assert_eq!(kept(), [60_000, 60_000], "other programs see it too");
    for process in processes {
        assert_eq!(costs(&process, &key), [json!(6), json!(6)]);
        assert!(process.stop().success());
    }
}

/// What the rows on the CQL store keep for other programs, in micro-USD.
fn kept_costs(setup: &Setup) -> Vec<i64> {
    let setting = |name: &str| {
        let found = setup.settings.iter().find(|(key, _)| key == name);
        found.unwrap().1.clone()
    };
    let text = format!("SELECT rendered.cost_musd FROM {}.item", setting("cql.keyspace"));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let session = SessionBuilder::new().known_node(setting("cql.nodes")).build().await.unwrap();
        let rows = session.query_unpaged(text, &[]).await.unwrap().into_rows_result().unwrap();
        rows.rows::<(i64,)>().unwrap().map(|row| row.unwrap().0).collect()
    })
}

#[test]
fn a_dial_that_is_too_dear_for_the_books_is_there_without_a_price() {
    let dir = tempfile::tempdir().unwrap();
    let dear = "[[plan]]\nid = \"gold\"\ncurrency = \"XAU\"\n[[plan.version]]\nnumber = 1\n\
                effective_from = 2026-01-01T00:00:00Z\nsurcharge_percent = 1000\n\
                rate = [{ prefix = \"*\", rate = 9999, unit = 1, minimum = 1, increment = 1 }]\n\
                [[assign]]\nplan = \"gold\"\neffective_from = 2026-01-01T00:00:00Z\n\
                [[exchange]]\ncurrency = \"XAU\"\nusd = 9999\n\
                effective_from = 2026-01-01T00:00:00Z\n";
    let file = write(dir.path(), "tariff.toml", dear);
    let setup =
        Setup::new(dir.path()).without("tariff.files").with("tariff.files", file.to_str().unwrap());
    let key = setup.key(PROJECT, "ProjectMember");
    let gateway = setup.gateway_key();
    let process = setup.start("worker");
    // Three hours, then a second: 9,999 XAU a second and eleven times that, at 9,999 USD.
    for (dial, began, seconds) in [("d-1", -12_000, 10_800), ("d-2", -1_000, 1)] {
        let event = ended_after(dial, after_s(now(), began), seconds);
        let form = "application/cloudevents+json";
        let (status, answer) = process.post_as("/events", &gateway, form, event);
        assert!(status == 200 || status == 202, "{status} {answer}");
    }
    let second = json!(109_978_001_100_i64);
    wait_for_costs(&process, &key, &[Value::Null, second]);
    let (_, call) = process.get(&format!("/api/ringfold/call/{CALL}"), &key);
    let dials = call["dials"].as_array().unwrap();
    assert!(dials.iter().any(|dial| dial.to_string().contains("overflow")), "{call}");
    assert!(process.is_live() && process.is_ready());
    assert!(process.stop().success());
    let sound = json!({ "items": 2, "differing": 0, "fixed": 0, "outdated": 0 });
    assert_eq!(verify(&setup, &[]).1, sound);
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
