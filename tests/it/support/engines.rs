//! Addresses of real engines: given by the environment, else started by `tests/engines/up`. Who
//! finds none says `skipped: …` and passes, or fails where `RINGFOLD_TEST_REQUIRE` names engines.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// `host:port` of a CQL server, or why there is none was printed.
pub fn cql_address() -> Option<String> {
    address("RINGFOLD_TEST_CQL")
}

/// `host:port` of a Kafka broker, or why there is none was printed.
#[allow(dead_code, reason = "asked by the tests of the Kafka adapter")]
pub fn kafka_address() -> Option<String> {
    address("RINGFOLD_TEST_KAFKA")
}

fn address(variable: &str) -> Option<String> {
    static STARTED: OnceLock<Result<BTreeMap<String, String>, String>> = OnceLock::new();
    if let Some(given) = environment(variable) {
        return Some(given);
    }
    let why = match STARTED.get_or_init(start) {
        Ok(printed) => match printed.get(variable) {
            Some(address) => return Some(address.clone()),
            None => format!("tests/engines/up printed no {variable}"),
        },
        Err(why) => why.clone(),
    };
    let is_required = environment("RINGFOLD_TEST_REQUIRE").is_some_and(|t| t.contains("engines"));
    assert!(!is_required, "engines are required: {why}");
    say(&format!("skipped: {why}"));
    None
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment where engines run"
)]
fn environment(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|value| !value.is_empty())
}

#[expect(clippy::print_stderr, reason = "a test that does nothing says so")]
fn say(line: &str) {
    eprintln!("{line}");
}

/// Starts both engines, or learns where they run; they stop some time after this process has.
fn start() -> Result<BTreeMap<String, String>, String> {
    for tool in ["java", "mvn"] {
        if !is_installed(tool) {
            return Err(format!("{tool} is not installed"));
        }
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engines/up");
    let pid = std::process::id().to_string();
    let output = Command::new(script)
        .args(["--while", &pid])
        .output()
        .map_err(|error| format!("tests/engines/up cannot run: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("tests/engines/up failed: {said}"));
    }
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let pairs = printed.lines().filter_map(|line| line.split_once('='));
    Ok(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

fn is_installed(tool: &str) -> bool {
    let Some(path) = environment("PATH") else {
        return false;
    };
    std::env::split_paths(&path).map(|folder: PathBuf| folder.join(tool)).any(|file| file.is_file())
}
