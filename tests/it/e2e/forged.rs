//! Errors of the store that a healthy node never gives, forged between driver and node: what is
//! refused for good becomes a dead letter alone; what is not, is repeated until it is written.

use scylla_proxy::{Reaction, RequestReaction, RequestRule};
use serde_json::{Value, json};

use crate::support::broker::{Broker, Published};
use crate::support::engines;
use crate::support::process::{Process, Setup, wait_until};
use crate::support::proxy::{CqlProxy, executes_with, some, writes_with};
use crate::support::verdicts::{Meant, table};

use super::escalation::on_engines;
use super::faults::{assert_rows, lines};
use super::rejects::good;

const PROJECT: &str = "3f2b8c1e-5d74-4a0b-9c1d-7e6f5a4b3c2d";

struct World {
    proxy: CqlProxy,
    broker: Broker,
    setup: Setup,
    key: String,
}

/// A worker of this world reaches the store through the proxy only.
fn world(test: &str, dir: &std::path::Path) -> Option<World> {
    let (broker, setup) = on_engines(test, dir)?;
    let key = setup.key(PROJECT, "ProjectMember");
    let proxy = CqlProxy::new(&engines::cql_address()?);
    let setup = setup.with("cql.nodes", &proxy.address);
    Some(World { proxy, broker, setup, key })
}

#[test]
fn a_row_that_the_store_refuses_is_a_dead_letter_and_its_neighbours_are_written() {
    let dir = tempfile::tempdir().unwrap();
    let Some(mut world) = world("refused", dir.path()) else { return };
    let process = world.setup.start("worker");
    let rule = RequestRule(writes_with("good-7"), RequestReaction::forge().invalid());
    world.proxy.rules(vec![rule]);
    let records: Vec<Published> = (1..=20).map(good).collect();
    world.broker.publish(&records);
    wait_until("the neighbours", || (process.count(&world.key) == 19).then_some(()));
    let letters = world.broker.read(&world.broker.dead_letters, 1);
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].header("deadletter.reason").as_deref(), Some("store_refused"));
    assert_eq!(letters[0].value, records[6].value, "the original bytes");
    settled(&process);
    assert!(process.stop().success());
    // A store that takes it now gets nothing of it by itself: it lies in the dead letters.
    world.proxy.rules(Vec::new());
    let again = world.setup.start("again");
    settled(&again);
    assert_eq!(again.count(&world.key), 19);
    assert_eq!(world.broker.read(&world.broker.dead_letters, 1).len(), 1, "once");
    assert!(again.stop().success());
}

fn settled(process: &Process) {
    wait_until("nothing in flight", || {
        (process.metric("ringfold_budget_used_bytes") == 0.0
            && process.metric("ringfold_log_lag_events") == 0.0)
            .then_some(())
    });
}

/// Writes that were answered by an error.
fn failures(process: &Process) -> f64 {
    process.metric_where("db_client_operation_duration_seconds_count", |labels| {
        labels.contains("operation_name=\"write\"") && !labels.contains("error_type=\"\"")
    })
}

#[test]
fn errors_that_pass_are_waited_for_and_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let Some(mut world) = world("passing", dir.path()) else { return };
    let process = world.setup.start("worker");
    let lines = lines(600);
    // `invalid` speaks against the rows themselves: the test above.
    let errors: Vec<Meant> = table().into_iter().filter(|meant| meant.write != "invalid").collect();
    for (chunk, meant) in lines.chunks(lines.len().div_ceil(errors.len())).zip(errors) {
        let before = failures(&process);
        // Only what holds rows: other requests (the tariff is looked at) would take the errors.
        world.proxy.rules(some(3, writes_with("twilio"), meant.reaction));
        let records: Vec<Published> = chunk.iter().map(|line| Published::of_line(line)).collect();
        world.broker.publish(&records);
        let what = format!("writes after {}", meant.error);
        wait_until(&what, || {
            let has_failed = failures(&process) > before;
            (has_failed && process.metric("ringfold_log_lag_events") == 0.0).then_some(())
        });
    }
    assert_rows(&process, &world.key, &lines);
    assert!(process.metric("ringfold_records_rejected_total") == 0.0, "no dead letters");
    assert!(process.stop().success());
}

#[test]
fn loads_are_repeated_after_every_error_and_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let Some(mut world) = world("loads", dir.path()) else { return };
    let process = world.setup.start("worker");
    let project = uuid::Uuid::parse_str(PROJECT).unwrap();
    for (number, meant) in (1..).zip(table()) {
        // What was sent back is always loaded; nothing else of the project is under way.
        let mut record = good(number);
        record.headers.push(("deadletter.attempts".to_owned(), b"1".to_vec()));
        let (told, mut performed) = tokio::sync::mpsc::unbounded_channel();
        let reaction = meant.reaction.with_feedback_when_performed(told);
        let load = executes_with(project.as_bytes());
        world.proxy.rules(some(3, load, reaction));
        world.broker.publish(&[record]);
        wait_until(&format!("the row after {}", meant.error), || {
            let is_idle = process.metric("ringfold_budget_used_bytes") == 0.0;
            (is_idle && process.count(&world.key) == number as u64).then_some(())
        });
        assert!(performed.try_recv().is_ok(), "{} was never given", meant.error);
    }
    assert!(process.metric("ringfold_records_rejected_total") == 0.0, "no dead letters");
    assert!(process.stop().success());
}

const ITEMS: &str = "/api/incoming-call-log-item";

#[test]
fn the_api_tells_what_an_error_means_and_settles_what_nobody_knows() {
    let dir = tempfile::tempdir().unwrap();
    let Some(mut world) = world("told", dir.path()) else { return };
    let key = world.setup.key(PROJECT, "ProjectAdmin");
    let process = world.setup.start("worker");
    world.broker.publish(&[good(1)]);
    wait_until("the item", || (process.count(&key) == 1).then_some(()));
    let id = process.items(&key)[0]["_id"].as_str().unwrap().to_owned();
    let project = uuid::Uuid::parse_str(PROJECT).unwrap();
    let mut shown = json!("Initiated");
    for meant in table() {
        let text = format!("edited {}", meant.error);
        world.proxy.rules(vec![RequestRule(writes_with(&text), meant.reaction.clone())]);
        let update = json!({ "data": { "status": text } });
        let (status, told) = process.post(&format!("{ITEMS}/{id}/update-item"), &key, &update);
        let expected = match meant.update.as_str() {
            "nothing" => (503, "Nothing was changed. Repeat it."),
            "unknown" => (503, "The outcome of this write is unknown. Repeat it."),
            _ => (500, "Server Error"),
        };
        let said = (status, told["error"].as_str().unwrap_or_default());
        assert_eq!(said, expected, "{}: {told}", meant.error);
        world.proxy.rules(Vec::new());
        // What is unknown is repeated behind the client's back until it is there.
        if meant.update == "unknown" {
            shown = json!(text);
        } else if shown == "Initiated" {
            shown = status_of(&process, &key, &id);
        }
        wait_until(&format!("{shown} after {}", meant.error), || {
            (status_of(&process, &key, &id) == shown).then_some(())
        });
        let read = executes_with(project.as_bytes());
        world.proxy.rules(vec![RequestRule(read, meant.reaction)]);
        for path in [format!("/{id}/get-item"), "/get-list".to_owned(), "/count".to_owned()] {
            let (status, told) = process.post(&format!("{ITEMS}{path}"), &key, &json!({}));
            assert_eq!(status, 503, "{path} after {}: {told}", meant.error);
        }
        world.proxy.rules(Vec::new());
        wait_until("reads again", || {
            (process.post(&format!("{ITEMS}/count"), &key, &json!({})).0 == 200).then_some(())
        });
    }
    assert!(process.stop().success());
}

fn status_of(process: &Process, key: &str, id: &str) -> Value {
    let select = json!({ "select": { "status": true } });
    process.post(&format!("{ITEMS}/{id}/get-item"), key, &select).1["status"].clone()
}
