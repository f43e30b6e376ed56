//! The commands, run as people run them: exit codes, messages, output.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::support::process::BINARY;

mod demo;
mod faults;
mod fold;
mod import;
mod keys;
mod registry;
mod simulate;
mod tariff;
mod verify;

/// How a command ended and what it said.
#[derive(Debug)]
struct Ran {
    code: i32,
    out: String,
    err: String,
}

/// Runs the binary with arguments, nothing of the environment's settings, and an input.
fn run(arguments: &[&str], input: &[u8]) -> Ran {
    let mut child = Command::new(BINARY)
        .args(arguments)
        .env_remove("RINGFOLD_CONFIG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing closes its end: that is its right.
    drop(child.stdin.take().unwrap().write_all(input));
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn data(name: &str) -> String {
    format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))
}
