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

/// What stands between back quotes in a cell.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// The beginning of a name whose rest is left open.
fn beginning(name: &str) -> &str {
    name.split(['…', '<', '/']).next().unwrap_or_default().trim_end()
}

#[test]
fn the_trace_of_the_http_contract_names_what_there_is() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let cases = ["documented", "drop-in"]
        .map(|profile| read(&format!("tests/data/http/cases/{profile}.ndjson")))
        .concat();
    let trace = read("tests/data/http/TRACE.md");
    let rows = trace.lines().filter(|line| line.starts_with("| ")).skip(1);
    let mut named = 0;
    for row in rows {
        let cells: Vec<&str> = row.split('|').collect();
        for case in quoted(cells[2]) {
            let begins = format!("{{\"name\":\"{}", beginning(case));
            assert!(cases.contains(&begins), "no case {case}");
            named += 1;
        }
        for test in quoted(cells[3]).filter(|name| name.chars().all(|c| c != ' ' && c != '`')) {
            let mut parts = test.split("::").filter(|part| !part.is_empty());
            let module: Vec<&str> = parts.by_ref().take(2).collect();
            let module = module.join("/");
            let places = ["tests/it/{}.rs", "src/{}.rs", "src/{}/mod.rs"]
                .map(|place| root.join(place.replace("{}", &module)));
            let function = parts.next().map(|name| format!("fn {}", beginning(name)));
            let function = function.unwrap_or_default();
            let texts = places.iter().filter_map(|place| std::fs::read_to_string(place).ok());
            let is_there = texts.into_iter().any(|text| text.contains(&function));
            assert!(is_there, "no test {test}");
            named += 1;
        }
    }
    assert!(named > 80, "{named}");
}
