//! Sizes that clippy does not check.

use std::path::Path;

use super::{collect, expect_none, sources};

const FILE_LINES_MAX: usize = 400;
const LINE_COLUMNS_MAX: usize = 100;
const PORT_METHODS_MAX: usize = 7;
/// Files whose size tells whether wiring has grown fat.
const THIN: &[(&str, usize)] = &[("main.rs", 40), ("app.rs", 300), ("ingest/worker.rs", 380)];

#[test]
fn no_file_is_longer_than_its_budget() {
    let mut findings = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        let thin = THIN.iter().find(|(path, _)| *path == source.path);
        let budget = thin.map_or(FILE_LINES_MAX, |(_, budget)| *budget);
        if lines > budget {
            findings.push(format!("{}: {lines} lines, at most {budget}", source.path));
        }
    }
    expect_none("a file that needs an \"and\" in its one line is two files", &findings);
}

#[test]
fn no_test_file_is_longer_than_its_budget() {
    let mut files = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"), &mut files);
    let length = |path: &Path| std::fs::read_to_string(path).unwrap().lines().count();
    let findings: Vec<String> = files
        .iter()
        .filter(|path| length(path) > FILE_LINES_MAX)
        .map(|path| format!("{}: {} lines", path.display(), length(path)))
        .collect();
    expect_none("tests are split by subject too", &findings);
}

#[test]
fn no_line_is_wider_than_a_hundred_columns() {
    let mut findings = Vec::new();
    for source in sources() {
        for (index, line) in source.text.lines().enumerate() {
            if line.chars().count() > LINE_COLUMNS_MAX {
                findings.push(format!("{}:{}", source.path, index + 1));
            }
        }
    }
    expect_none("lines have at most 100 columns", &findings);
}

#[test]
fn half_of_the_files_are_short() {
    let mut lengths: Vec<usize> = sources().iter().map(|s| s.text.lines().count()).collect();
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median <= 160, "the median file has {median} lines; split by responsibility");
}

#[test]
fn ports_are_small() {
    let mut findings = Vec::new();
    for source in sources().iter().filter(|s| s.module() == "ports") {
        let mut current: Option<(String, usize)> = None;
        for (_, line) in source.code() {
            if let Some(name) = line.strip_prefix("pub trait ") {
                current = Some((name.to_owned(), 0));
            } else if line == "}" {
                if let Some((name, methods)) = current.take()
                    && methods > PORT_METHODS_MAX
                {
                    findings.push(format!("{name} has {methods} methods"));
                }
            } else if line.starts_with("    fn ")
                && let Some((_, methods)) = &mut current
            {
                *methods += 1;
            }
        }
    }
    expect_none("a port has a handful of methods and belongs to its user", &findings);
}

#[test]
fn every_exception_of_a_lint_gives_its_reason_and_they_are_few() {
    let all = sources();
    let count: usize =
        all.iter().flat_map(|s| s.lines().map(|(_, line)| line.matches("#[expect(").count())).sum();
    assert!(count <= 60, "{count} exceptions; mend the code or the lint table");
    let bare: Vec<String> = all
        .iter()
        .flat_map(|s| s.code().map(move |(line, text)| (s, line, text)))
        .filter(|(_, _, text)| text.trim_start().starts_with("#[allow(clippy"))
        .filter(|(s, _, _)| !s.path.ends_with("tests.rs"))
        .filter(|(_, _, text)| !text.contains("reason"))
        .map(|(s, line, _)| format!("{}:{line}", s.path))
        .collect();
    expect_none("use #[expect(…, reason = …)]", &bare);
}
