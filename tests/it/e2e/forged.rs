//! Errors of the store that a healthy node never gives, forged between driver and node: what is
//! refused for good becomes a dead letter alone; what is not, is repeated until it is written.

use scylla_proxy::{Reaction, RequestReaction, RequestRule};

use crate::support::broker::{Broker, Published};
use crate::support::engines;
use crate::support::process::{Process, Setup, wait_until};
use crate::support::proxy::{CqlProxy, some, writes_with};

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

/// Every error that says nothing against the rows themselves.
fn passing() -> Vec<(&'static str, RequestReaction)> {
    let forge = RequestReaction::forge();
    vec![
        ("overloaded", forge.overloaded()),
        ("write_timeout", forge.write_timeout()),
        ("write_failure", forge.write_failure()),
        ("unavailable", forge.unavailable()),
        ("is_bootstrapping", forge.is_bootstrapping()),
        ("server_error", forge.server_error()),
        ("unauthorized", forge.unauthorized()),
        ("truncate_error", forge.truncate_error()),
        ("other", forge.other(0x7777)),
        ("a connection that breaks", RequestReaction::drop_connection()),
    ]
}

#[test]
fn errors_that_pass_are_waited_for_and_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let Some(mut world) = world("passing", dir.path()) else { return };
    let process = world.setup.start("worker");
    let lines = lines(600);
    let errors = passing();
    for (chunk, (name, error)) in lines.chunks(lines.len().div_ceil(errors.len())).zip(errors) {
        let before = failures(&process);
        // Only what holds rows: other requests (the tariff is looked at) would take the errors.
        world.proxy.rules(some(3, writes_with("twilio"), error));
        let records: Vec<Published> = chunk.iter().map(|line| Published::of_line(line)).collect();
        world.broker.publish(&records);
        let what = format!("writes after {name}");
        wait_until(&what, || {
            let has_failed = failures(&process) > before;
            (has_failed && process.metric("ringfold_log_lag_events") == 0.0).then_some(())
        });
    }
    assert_rows(&process, &world.key, &lines);
    assert!(process.metric("ringfold_records_rejected_total") == 0.0, "no dead letters");
    assert!(process.stop().success());
}
