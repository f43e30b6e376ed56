//! The sample escalation through `POST /events` and the embedded store.

use crate::support::process::{Process, Setup, wait_until};
use crate::support::sample::{self, PROJECTS};

#[test]
fn the_sample_posted_to_the_embedded_store_gives_the_expected_items() {
    let dir = tempfile::tempdir().unwrap();
    let setup = Setup::new(dir.path());
    let keys = PROJECTS.map(|project| setup.key(project, "ProjectMember"));
    let gateway = setup.gateway_key();
    let process = setup.start("embedded");
    let mut refused = 0;
    for line in sample::lines() {
        let r#type = "application/cloudevents+json";
        let (status, answer) = process.post_as("/events", &gateway, r#type, line);
        if status == 400 {
            refused += 1;
        } else {
            assert!(status == 200 || status == 202, "{status} {answer}");
        }
    }
    assert_eq!(refused, 1, "the cut line is refused, the others are taken");
    for (project, key) in PROJECTS.iter().zip(&keys) {
        let expected = sample::expected(project).len() as u64;
        wait_until("all items", || (process.count(key) == expected).then_some(()));
    }
    wait_until("all folded", || {
        (process.metric("ringfold_budget_used_bytes") == 0.0).then_some(())
    });
    for (project, key) in PROJECTS.iter().zip(&keys) {
        sample::assert_items(&process.items(key), project);
        sample::assert_calls(&process, key, project);
    }
    assert!(process.stop().success());
}

#[test]
fn what_was_accepted_is_there_after_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let setup = Setup::new(dir.path());
    let keys = PROJECTS.map(|project| setup.key(project, "ProjectMember"));
    let gateway = setup.gateway_key();
    for (round, lines) in sample::lines().chunks(9).enumerate() {
        let process = setup.start(&format!("round-{round}"));
        for line in lines {
            let r#type = "application/cloudevents+json";
            let (status, _) = process.post_as("/events", &gateway, r#type, line.clone());
            assert!(status < 500, "{status}");
        }
        process.kill();
    }
    let process = setup.start("last");
    for (project, key) in PROJECTS.iter().zip(&keys) {
        let expected = sample::expected(project);
        wait_until("all items", || (process.count(key) == expected.len() as u64).then_some(()));
        wait_until("all folded", || {
            (process.metric("ringfold_budget_used_bytes") == 0.0).then_some(())
        });
        sample::assert_items(&process.items(key), project);
    }
}

fn polled(process: &Process) -> usize {
    format!("{:.0}", process.metric("ringfold_records_polled_total")).parse().unwrap()
}

#[test]
fn a_file_that_a_gateway_writes_is_followed_beside_the_local_log() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("gateway.ndjson");
    let lines = sample::lines();
    let (first, second) = lines.split_at(lines.len() / 2);
    std::fs::write(&file, first.join("\n") + "\n").unwrap();
    let setup = Setup::new(dir.path()).with("log.local.files", file.to_str().unwrap());
    let keys = PROJECTS.map(|project| setup.key(project, "ProjectMember"));
    let killed = setup.start("killed");
    wait_until("the first half", || (polled(&killed) >= first.len()).then_some(()));
    killed.kill();
    let process = setup.start("again");
    let mut gateway = std::fs::OpenOptions::new().append(true).open(&file).unwrap();
    std::io::Write::write_all(&mut gateway, (second.join("\n") + "\n").as_bytes()).unwrap();
    for (project, key) in PROJECTS.iter().zip(&keys) {
        let expected = sample::expected(project).len() as u64;
        wait_until("all items", || (process.count(key) == expected).then_some(()));
    }
    wait_until("all folded", || {
        let is_idle = process.metric("ringfold_budget_used_bytes") == 0.0;
        (polled(&process) >= second.len() && is_idle).then_some(())
    });
    for (project, key) in PROJECTS.iter().zip(&keys) {
        sample::assert_items(&process.items(key), project);
    }
    assert!(process.stop().success());
}
