//! What is wrong is said in lines that tell what, where and what to do, with the right exit code.

use super::run;

#[test]
fn every_command_shows_its_help_with_an_example() {
    for command in [
        &["check-config"][..],
        &["completions"],
        &["demo"],
        &["dlq", "list"],
        &["dlq", "redrive"],
        &["dlq", "show"],
        &["export"],
        &["fold"],
        &["import"],
        &["keys", "create"],
        &["keys", "import"],
        &["keys", "list"],
        &["keys", "revoke"],
        &["keys", "rotate"],
        &["openapi"],
        &["run"],
        &["schema", "apply"],
        &["schema", "diff"],
        &["schema", "print"],
        &["simulate", "traffic"],
        &["tariff", "check"],
        &["tariff", "rate"],
    ] {
        let ran = run(&[command, &["--help"]].concat(), b"");
        assert_eq!(ran.code, 0, "{command:?}: {}", ran.err);
        assert!(ran.out.contains("  ringfold "), "{command:?}: {}", ran.out);
        assert!(ran.out.contains("--config"), "{command:?}: {}", ran.out);
    }
    let ran = run(&["--help"], b"");
    assert!(ran.out.contains("  78  settings invalid"), "{}", ran.out);
}

#[test]
fn wrong_arguments_end_with_2_and_say_how_they_should_be() {
    for arguments in [
        &["fold"][..],
        &["no-such-command"],
        &["simulate", "traffic", "--to", "-", "--disorder", "2"],
        &["simulate", "traffic", "--kafka", "127.0.0.1:1"],
        &["tariff", "rate", "--at", "yesterday", "+12025550143", "3"],
        &["check-config", "--set", "http.listen"],
        &["dlq", "list", "--reason", "no_such_reason"],
        &["dlq", "redrive"],
        &["dlq", "redrive", "--all", "dials/0/1"],
        &["dlq", "redrive", "--reason", "not_json", "dials/0/1"],
        &["dlq", "show", "dials"],
    ] {
        let ran = run(arguments, b"");
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains("--help") || ran.err.contains("Usage"), "{}", ran.err);
        assert_eq!(ran.out, "");
    }
}

#[test]
fn bad_settings_end_with_78_and_name_file_line_key_and_fix() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ringfold.toml");
    std::fs::write(&file, "[http]\nlisten = \"nowhere\"\n\n[ingest]\nbatch.row = 3\n").unwrap();
    let file = file.to_str().unwrap();
    for command in [&["check-config"][..], &["run"], &["keys", "list"], &["fold", "-"]] {
        let ran = run(&[command, &["--config", file]].concat(), b"");
        assert_eq!(ran.code, 78, "{command:?}: {}", ran.err);
        let listen = format!("{file}:2: http.listen: is \"nowhere\"; it must be an address");
        assert!(ran.err.contains(&listen), "{}", ran.err);
        let row = format!("{file}:5: ingest.batch.row: there is no such setting; did you mean");
        assert!(ran.err.contains(&row), "{}", ran.err);
    }
    let ran = run(&["check-config", "--json", "--config", file], b"");
    assert_eq!(ran.code, 78);
    let fault: serde_json::Value = serde_json::from_str(ran.out.lines().next().unwrap()).unwrap();
    assert_eq!(fault["key"], "http.listen");
}

#[test]
fn a_settings_file_that_is_not_there_is_named() {
    let ran = run(&["run", "--config", "/no/such/ringfold.toml"], b"");
    assert_eq!(ran.code, 78, "{}", ran.err);
    assert!(
        ran.err.contains("/no/such/ringfold.toml: cannot read the settings file"),
        "{}",
        ran.err
    );
}

#[test]
fn settings_are_printed_with_where_they_came_from_and_no_secret() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("password");
    std::fs::write(&file, "tops3cret").unwrap();
    let secret = format!("admin.password_file={}", file.display());
    let ran = run(&["check-config", "--print", "--log", "debug", "--set", &secret], b"");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("telemetry.log.level = \"debug\"  # --log"), "{}", ran.out);
    assert!(ran.out.contains("store.kind = \"local\"  # default"), "{}", ran.out);
    assert!(ran.out.contains("warning: "), "{}", ran.out);
    assert!(!format!("{}{}", ran.out, ran.err).contains("tops3cret"));
}

#[test]
fn servers_that_do_not_answer_end_with_69_and_are_named() {
    let ran = run(
        &[
            "run",
            "--set",
            "startup.deadline=1s",
            "--set",
            "log.kind=kafka",
            "--set",
            "kafka.brokers=127.0.0.1:1",
            "--set",
            "store.kind=cql",
            "--set",
            "cql.nodes=127.0.0.1:1",
            "--set",
            "admin.listen=127.0.0.1:0",
        ],
        b"",
    );
    assert_eq!(ran.code, 69, "{}", ran.err);
    assert!(ran.err.contains("127.0.0.1:1"), "{}", ran.err);
}

#[test]
fn output_that_nobody_reads_is_no_error() {
    let mut child = std::process::Command::new(super::BINARY)
        .args(["simulate", "traffic", "--calls", "20000", "--to", "-"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}
