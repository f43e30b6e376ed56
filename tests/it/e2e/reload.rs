//! SIGHUP and the built binary: what changes at once, what needs a restart, what changes nothing.

use serde_json::json;

use crate::support::process::{Process, Setup, wait_until};
use crate::support::wire::Wire;

const PROJECT: &str = "5c0f7b1e-3a52-4d8e-9b60-7d1f2a4c8e90";
const COUNT: &str = "/api/incoming-call-log-item/count";
const ORIGIN: &str = "https://board.example";

/// Of ten requests at once, how many were refused for their rate.
fn refused(process: &Process, key: &str) -> usize {
    let answers = (0..10).map(|_| process.post(COUNT, key, &json!({})).0);
    answers.filter(|status| *status == 429).count()
}

/// Whose scripts may call, as a browser is told.
fn allowed(process: &Process) -> String {
    let headers = [("origin".to_owned(), ORIGIN.to_owned())];
    let answer = Wire::to(process.http).send(("GET", "/status"), &headers, None);
    answer.headers.get("access-control-allow-origin").cloned().unwrap_or_default()
}

#[test]
fn rates_origins_and_the_log_level_change_while_it_runs() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ringfold.toml");
    let write = |text: &str| std::fs::write(&file, text).unwrap();
    write("[http]\n");
    let mut setup = Setup::new(dir.path());
    setup.file = Some(file.clone());
    let key = setup.key(PROJECT, "ProjectMember");
    let process = setup.start("reload");
    assert_eq!((refused(&process, &key), allowed(&process)), (0, String::new()));

    write(&format!("[http]\ncors_origins = [\"{ORIGIN}\"]\nrate.per_key = \"1/s\"\n"));
    process.signal("HUP");
    wait_until("the origin", || (allowed(&process) == ORIGIN).then_some(()));
    assert!(refused(&process, &key) >= 5, "one a second, two at once");

    write("[http]\nrate.per_key = \"x\"\nnope = 1\n");
    process.signal("HUP");
    wait_until("the refusal", || {
        let log = process.told();
        (log.contains("the settings stay as they are") && log.contains("http.nope")).then_some(())
    });
    assert_eq!(allowed(&process), ORIGIN, "broken settings change nothing");

    write("[http]\nmax_in_flight = 7\n[telemetry]\nlog.level = \"warn\"\n");
    process.signal("HUP");
    wait_until("the default", || allowed(&process).is_empty().then_some(()));
    wait_until("full buckets", || (refused(&process, &key) == 0).then_some(()));
    let log = process.told();
    let line = log.lines().find(|line| line.contains("needs a restart")).unwrap();
    assert!(line.contains("http.max_in_flight"), "{line}");
    let told = |process: &Process| process.told().matches("a setting was changed").count();
    let before = told(&process);
    write("[http]\nrate.per_key = \"5/s\"\n[telemetry]\nlog.level = \"warn\"\n");
    process.signal("HUP");
    wait_until("the rate", || (refused(&process, &key) > 0).then_some(()));
    assert_eq!(told(&process), before, "at warn such lines are not written");
    assert!(process.stop().success());
}
