//! What `docs/operations.md` repeats from the code, kept equal to it.

use std::path::PathBuf;
use std::process::Command;

const BEGIN: &str = "<!-- settings: generated from the types; RINGFOLD_BLESS=1 rewrites them -->\n";
const END: &str = "<!-- end of settings -->";

fn operations() -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/operations.md");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn operations_and_help_name_the_same_exit_codes() {
    let help = Command::new(env!("CARGO_BIN_EXE_ringfold")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let (_, of_help) = help.split_once("Exit codes:").expect("exit codes");
    let of_help: Vec<u8> = of_help.lines().filter_map(|l| first_number(l, ' ')).collect();
    let text = operations();
    let (_, table) = text.split_once("## Exit codes").expect("exit codes");
    let (table, _) = table.split_once("\n## ").expect("the next heading");
    let of_table: Vec<u8> = table.lines().filter_map(|l| first_number(l, '|')).collect();
    assert_eq!(of_table, of_help);
}

/// The number a line begins with, after one mark and blanks.
fn first_number(line: &str, mark: char) -> Option<u8> {
    line.strip_prefix(mark)?.split_whitespace().next()?.parse().ok()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "whether to rewrite is said by the environment")]
fn operations_lists_every_setting() {
    let text = operations();
    let (before, rest) = text.split_once(BEGIN).expect("where the settings begin");
    let (listed, after) = rest.split_once(END).expect("where the settings end");
    let table = ringfold::config::table();
    if std::env::var("RINGFOLD_BLESS").is_ok() {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/operations.md");
        std::fs::write(path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(listed, table, "docs/operations.md; RINGFOLD_BLESS=1 rewrites it");
}
