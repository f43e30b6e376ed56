//! The sample escalation through real Kafka and real Cassandra.

use std::sync::Arc;

use crate::support::broker::{Broker, Published};
use crate::support::engines;
use crate::support::process::{Setup, wait_until};
use crate::support::sample::{self, PROJECTS};

/// Settings of a worker on a fresh keyspace and fresh topics; `None` without engines.
pub fn on_engines(test: &str, dir: &std::path::Path) -> Option<(Broker, Setup)> {
    let (kafka, cql) = (engines::kafka_address()?, engines::cql_address()?);
    let broker = Broker::new(&kafka, test, 4);
    let keyspace = format!("rf_{test}_{}", crate::support::process::free_port());
    let setup = broker
        .setup(Setup::new(dir))
        .with("store.kind", "cql")
        .with("cql.nodes", &cql)
        .with("cql.dialect", "cassandra")
        .with("cql.keyspace", &keyspace);
    setup.output(&["schema", "apply", "--create-keyspace", "--replication", "1"]);
    Some((broker, setup))
}

#[test]
fn the_sample_through_kafka_and_cassandra_gives_the_expected_items() {
    let dir = tempfile::tempdir().unwrap();
    let Some((broker, setup)) = on_engines("sample", dir.path()) else { return };
    let keys: Vec<Arc<str>> =
        PROJECTS.map(|project| setup.key(project, "ProjectMember").into()).into();
    let records: Vec<Published> = sample::lines().iter().map(|l| Published::of_line(l)).collect();
    broker.publish(&records);
    let process = setup.start("worker");
    for (project, key) in PROJECTS.iter().zip(&keys) {
        let expected = sample::expected(project).len() as u64;
        wait_until("all items", || (process.count(key) == expected).then_some(()));
    }
    let dead = broker.read(&broker.dead_letters, 1);
    assert_eq!(dead[0].header("deadletter.reason").unwrap(), "not_json");
    wait_until("all folded", || {
        let done = process.metric("ringfold_events_folded_total")
            + process.metric("ringfold_events_unchanged_total");
        (done >= 61.0 && process.metric("ringfold_budget_used_bytes") == 0.0).then_some(())
    });
    for (project, key) in PROJECTS.iter().zip(&keys) {
        sample::assert_items(&process.items(key), project);
        sample::assert_calls(&process, key, project);
    }
    assert!(process.stop().success());
}
