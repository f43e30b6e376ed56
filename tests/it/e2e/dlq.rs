//! `dlq` on real letters: what is listed, shown and hidden, and that what goes back folds as if it
//! had come late.

use serde_json::{Value, json};

use crate::support::broker::Published;
use crate::support::process::{Process, Setup, wait_until};

use super::escalation::on_engines;

const PROJECT: &str = "3f2b8c1e-5d74-4a0b-9c1d-7e6f5a4b3c2d";
const CALL: &str = "674fd5fc-17ad-4cdb-9147-de680889f000";
const NUMBER: &str = "+12025550143";

struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    fn lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn last(&self) -> Value {
        self.lines().pop().unwrap_or_else(|| panic!("nothing printed; {}", self.err))
    }
}

fn dlq(setup: &Setup, arguments: &[&str]) -> Ran {
    let output = setup.command(&[&["dlq"], arguments].concat()).output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// RFC 3339, so many seconds from now.
fn at(seconds: i64) -> String {
    use ringfold::ports::world::WallClock;
    let now = ringfold::system::SystemClock.now();
    ringfold::value::Micros::new(now.get() + seconds * 1_000_000).to_string()
}

/// A dial event, structured.
fn event(kind: &str, dial: &str, time: &str, more: &Value) -> Value {
    let mut data = json!({ "projectId": PROJECT, "incomingCallLogId": CALL, "dialId": dial });
    data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({
        "specversion": "1.0", "id": format!("{dial}-{kind}"), "source": "/gateways/twilio/us1/b1",
        "type": format!("ringfold.dial.{kind}.v1"), "time": time, "partitionkey": CALL,
        "data": data,
    })
}

fn item<'i>(items: &'i [Value], start: &str) -> &'i Value {
    items.iter().find(|item| item["startedAt"] == start).unwrap_or_else(|| panic!("{items:?}"))
}

#[test]
fn letters_of_a_topic_are_listed_masked_and_redriven_as_if_they_were_late() {
    let dir = tempfile::tempdir().unwrap();
    let Some((broker, setup)) = on_engines("dlq", dir.path()) else { return };
    let setup = setup.with("ingest.future.limit", "1s");
    let key = setup.key(PROJECT, "ProjectMember");
    let (start, answered, ended) = (at(-10), at(5), at(6));
    let late = json!({ "startedAt": start });
    let bad = json!({ "startedAt": start, "sipCode": "x", "userPhoneNumber": NUMBER });
    let lines = [
        event("started", "late", &start, &late),
        event("answered", "late", &answered, &late),
        event("ended", "late", &ended, &late),
        event("ended", "bad", &start, &bad),
    ];
    let records: Vec<_> = lines.iter().map(|line| Published::of_line(&line.to_string())).collect();
    broker.publish(&records);
    let process = setup.start("first");
    wait_rejected(&process, 3.0);
    wait_until("the item", || (process.count(&key) == 1).then_some(()));
    assert_eq!(item(&process.items(&key), &start)["isAnswered"], false);
    assert!(process.stop().success());

    let bad = check_list(&setup);
    check_show(&setup, &bad);
    wait_until("the end of the call", || (at(0) > ended).then_some(()));
    check_redrive(&setup, &bad);

    // A worker with an empty cache loads the dial; the bad record comes back with one attempt.
    let process = setup.start("second");
    wait_rejected(&process, 1.0);
    let folded = wait_until("the late facts", || {
        let items = process.items(&key);
        (item(&items, &start)["endedAt"] == ended).then_some(items)
    });
    check_folded(&folded, &start);
    let loads = process.metric_where("ringfold_store_loads_total", |l| l.contains("redriven"));
    assert!(loads >= 1.0, "loaded because it was redriven: {loads}");
    let all = dlq(&setup, &["redrive", "--all", "--json"]);
    assert_eq!(all.last(), counts(0, 4));
    let why: Vec<_> = all.lines().iter().map(|line| line["why"].clone()).collect();
    assert!(why.contains(&json!("came_back")) && why.contains(&json!("redriven")), "{why:?}");

    // Sent once more on demand, to a worker that runs: nothing changes.
    assert_eq!(dlq(&setup, &[&FUTURE[..], &["--again"]].concat()).last(), counts(2, 0));
    wait_until("the repetition", || {
        let polled = process.metric("ringfold_records_polled_total");
        (polled >= 5.0 && process.metric("ringfold_budget_used_bytes") == 0.0).then_some(())
    });
    assert_eq!(process.items(&key), folded);
    assert!(process.stop().success());
}

const FUTURE: [&str; 4] = ["redrive", "--json", "--reason", "time_in_future"];

fn counts(redriven: u64, skipped: u64) -> Value {
    json!({ "redriven": redriven, "skipped": skipped, "failed": 0 })
}

fn wait_rejected(process: &Process, count: f64) {
    wait_until("the letters", || {
        (process.metric("ringfold_records_rejected_total") >= count).then_some(())
    });
}

fn check_folded(items: &[Value], start: &str) {
    assert_eq!(items.len(), 1);
    let item = item(items, start);
    assert_eq!(item["status"], "Completed");
    assert_eq!(item["isAnswered"], true);
    assert_eq!(item["dialDurationInSeconds"], 16);
}

/// Counts and filters; gives the id of the bad one.
fn check_list(setup: &Setup) -> String {
    let listed = dlq(setup, &["list", "--json"]);
    assert_eq!(listed.code, 0, "{}", listed.err);
    let reasons = json!({ "bad_field": 1, "time_in_future": 2 });
    assert_eq!(listed.last(), json!({ "letters": 3, "redriven": 0, "reasons": reasons }));
    for none in [&["--to", &at(-3600)][..], &["--source", "other"], &["--log-partition", "9"]] {
        let ran = dlq(setup, &[&["list"], none].concat());
        assert_eq!((ran.code, ran.out.as_str()), (0, "no dead letters\n"), "{none:?}");
    }
    let filtered = dlq(setup, &["list", "--json", "--reason", "bad_field", "--from", &at(-600)]);
    assert_eq!(filtered.lines().len(), 2);
    filtered.lines()[0]["letter"].as_str().unwrap().to_owned()
}

/// What is shown of a number is what is shown of it everywhere, unless it is asked for.
fn check_show(setup: &Setup, bad: &str) {
    let shown = dlq(setup, &["show", bad]);
    assert_eq!(shown.code, 0, "{}", shown.err);
    for part in ["reason    bad_field\n", "sipCode", CALL, "+•••••0143"] {
        assert!(shown.out.contains(part), "{part}: {}", shown.out);
    }
    assert!(!shown.out.contains("2025550143"));
    assert!(!dlq(setup, &["show", "--json", bad]).out.contains("2025550143"));
    assert!(dlq(setup, &["show", "--json", "--unmasked", bad]).out.contains(NUMBER));
    let missing = dlq(setup, &["show", "other/0/999"]);
    assert_eq!(missing.code, 1);
    assert!(missing.err.starts_with("error: there is no dead letter other/0/999"));
}

/// A dry run sends nothing; the second run leaves out what the first has sent.
fn check_redrive(setup: &Setup, bad: &str) {
    let dry = dlq(setup, &[&FUTURE[..], &["--dry-run"]].concat());
    assert_eq!(dry.last(), json!({ "wouldRedrive": 2, "skipped": 0, "failed": 0 }));
    let sent = dlq(setup, &FUTURE);
    assert_eq!(sent.last(), counts(2, 0), "{}", sent.err);
    assert_eq!(dlq(setup, &FUTURE).last(), counts(0, 2));
    assert_eq!(dlq(setup, &["redrive", bad]).code, 0);
    assert_eq!(dlq(setup, &["list", "--json"]).last()["redriven"], 3);
    let missing = dlq(setup, &["redrive", "other/0/999"]);
    assert_eq!(missing.code, 1);
    assert!(missing.err.starts_with("error: there is no dead letter other/0/999"));
}

#[test]
fn lines_of_a_file_are_redriven_into_the_local_log_once_the_limit_allows_them() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("gateway.ndjson");
    let start = "2026-03-30T12:00:00.000Z";
    let with = json!({ "startedAt": start, "userPhoneNumber": NUMBER });
    let mut answered = event("answered", "d", "2026-03-30T12:30:00Z", &with);
    answered["recordedtime"] = "2026-03-30T12:00:01Z".into();
    let started = event("started", "d", start, &with);
    std::fs::write(&file, format!("{started}\n{answered}\n{{\"cut\n")).unwrap();
    let setup = Setup::new(dir.path()).with("log.local.files", file.to_str().unwrap());
    let key = setup.key(PROJECT, "ProjectMember");
    let process = setup.start("first");
    wait_rejected(&process, 2.0);
    // One process at a time works on a directory.
    let locked = dlq(&setup, &["list"]);
    assert_eq!(locked.code, 1, "{}", locked.out);
    assert!(locked.err.contains("do: stop the process that runs on this directory"));
    wait_until("the item", || (process.count(&key) == 1).then_some(()));
    assert!(process.stop().success());

    let listed = dlq(&setup, &["list"]);
    let counted = "2 dead letters, 0 redriven: not_json 1, time_in_future 1\n";
    assert!(listed.out.ends_with(counted), "{}{}", listed.out, listed.err);
    assert!(!listed.out.contains("2025550143"));
    // The clock of the gateway was half an hour ahead: allowed from now on.
    let setup = setup.with("ingest.future.limit", "1h").with("ingest.floor.margin", "1h");
    assert_eq!(dlq(&setup, &["redrive", "--all", "--json"]).last(), counts(2, 0));
    let process = setup.start("second");
    wait_until("the answer", || {
        (item(&process.items(&key), start)["isAnswered"] == true).then_some(())
    });
    wait_rejected(&process, 1.0);
    assert_eq!(item(&process.items(&key), start)["userPhoneNumber"], NUMBER);
    assert!(process.stop().success());
    assert_eq!(dlq(&setup, &["redrive", "--all", "--json"]).last(), counts(0, 3));
}
