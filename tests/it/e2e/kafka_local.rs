//! Kafka over the local store: no group, offsets beside the rows, each process with its own copy.

use crate::support::broker::{Broker, Published};
use crate::support::engines;
use crate::support::process::{Setup, wait_until};
use crate::support::sample::{self, PROJECTS};

#[test]
fn kafka_over_the_local_store_gives_each_process_its_own_copy() {
    let Some(kafka) = engines::kafka_address() else { return };
    let broker = Broker::new(&kafka, "local", 4);
    let records: Vec<Published> = sample::lines().iter().map(|l| Published::of_line(l)).collect();
    broker.publish(&records);
    for name in ["one", "two"] {
        let dir = tempfile::tempdir().unwrap();
        let setup = broker.setup(Setup::new(dir.path()));
        let keys = PROJECTS.map(|project| setup.key(project, "ProjectMember"));
        let first = setup.start(name);
        wait_until("some rows", || (first.count(&keys[0]) > 0).then_some(()));
        first.kill();
        let process = setup.start("again");
        for (project, key) in PROJECTS.iter().zip(&keys) {
            let expected = sample::expected(project).len() as u64;
            wait_until("all items", || (process.count(key) == expected).then_some(()));
        }
        wait_until("all folded", || {
            let done = process.metric("ringfold_log_frontier_offset");
            (done >= f64::from(u32::try_from(records.len()).unwrap())).then_some(())
        });
        for (project, key) in PROJECTS.iter().zip(&keys) {
            sample::assert_items(&process.items(key), project);
        }
        assert!(process.stop().success());
    }
}
