//! The table of checks: each is met by a case of its own, and says file, line, key and remedy.

use std::collections::BTreeSet;
use std::path::PathBuf;

use ringfold::app::TariffError;
use ringfold::tariff::{
    Columns, Extra, Fault, Finding, Past, ReadTariff, SheetVersion, Tariff, append, read_sheet,
    read_tariff,
};
use toml_edit::{DocumentMut, Table};

use super::cases::instant;
use super::sample::plan;

const CHECKS: &str = include_str!("../../data/rating/checks.toml");
/// The rows of the table of checks, and what is refused before it comes to them.
const ROWS: [&str; 9] = [
    "limits",
    "slabs",
    "prefix",
    "twice",
    "combinations",
    "append-only",
    "warnings",
    "form",
    "sheet",
];
const NOW: &str = "2026-06-01T00:00:00Z";
const GOOD: &str = "rate = [{ prefix = \"*\", rate = 1 }]";

type Findings = Result<(), Vec<Finding>>;

fn text<'a>(check: &'a Table, key: &str) -> Option<&'a str> {
    check.get(key).and_then(|item| item.as_str())
}

fn file(rest: &str) -> String {
    format!("format = \"ringfold-tariff-1\"\n{rest}")
}

/// The file that the check speaks of.
fn tariff_of(check: &Table) -> String {
    let has_rates = check.contains_key("whole");
    match ["rate", "rates", "version", "file", "text"].map(|key| text(check, key)) {
        [Some(keys), ..] => plan(&format!("[[plan.version.rate]]\nprefix = \"*\"\n{keys}")),
        [_, Some(rates), ..] => plan(&format!("rate = [\n{rates}\n]")),
        [_, _, Some(keys), ..] if has_rates => plan(keys),
        [_, _, Some(keys), ..] => plan(&format!("{keys}\n{GOOD}")),
        [_, _, _, Some(rest), _] if check.contains_key("kept") => file(rest),
        [_, _, _, Some(rest), _] => plan(GOOD) + rest,
        [.., Some(text)] => text.to_owned(),
        _ => plan("sheet = \"uk.csv\""),
    }
}

fn findings(faults: Vec<Fault>) -> Vec<Finding> {
    faults.into_iter().map(|fault| fault.0).collect()
}

fn read(text: &str, sheet: Option<&str>, known: &Tariff) -> Result<ReadTariff, Vec<Finding>> {
    let sheet = |_: &str| sheet.map(str::to_owned);
    read_tariff(&[("tariffs/t.toml", text)], &sheet, known).map_err(findings)
}

fn found(check: &Table) -> Vec<Finding> {
    let told = if let Some(kept) = text(check, "kept") {
        appended(kept, &tariff_of(check))
    } else if let Some(map) = text(check, "map") {
        mapped(map, text(check, "sheet").unwrap())
    } else {
        let lines = check.get("lines").and_then(toml_edit::Item::as_integer);
        let many = lines.map(|count| {
            let lines = (0..count).map(|line| format!("1{line},1\n"));
            format!("prefix,rate\n*,1\n{}", lines.skip(1).collect::<String>())
        });
        let sheet = many.as_deref().or(text(check, "sheet"));
        warned(read(&tariff_of(check), sheet, &Tariff::default()))
    };
    told.unwrap_err()
}

/// Warnings are findings of a tariff that is loaded.
fn warned(read: Result<ReadTariff, Vec<Finding>>) -> Findings {
    Err(read?.warnings.into_iter().map(|warning| warning.0).collect())
}

fn appended(kept: &str, new: &str) -> Findings {
    let kept = read(&file(kept), None, &Tariff::default())?.tariff;
    let read = read(new, None, &kept)?;
    match append(&kept, &read.tariff, instant(NOW), Past::AsWritten) {
        Ok(_) => Ok(()),
        Err(refused) => {
            let placed = TariffError::Refused(refused).placed(&read.places);
            let TariffError::Faults(faults) = placed else { panic!("{placed}") };
            Err(findings(faults))
        }
    }
}

fn mapped(map: &str, sheet: &str) -> Findings {
    let version = SheetVersion {
        plan: "uk",
        number: 1,
        currency: "GBP",
        effective_from: "2026-01-01T00:00:00Z",
        backdate: false,
    };
    let (theirs, ours) = map.split_once('=').unwrap();
    let columns = Columns { map: vec![(theirs.to_owned(), ours.to_owned())], extra: Extra::Refuse };
    warned(read_sheet(&version, ("uk.csv", sheet), &columns).map_err(findings))
}

/// The finding of a check; a sheet that lacks `*` is told so beside what it is about.
fn only(check: &Table) -> Finding {
    let mut found = found(check);
    if found.len() > 1 {
        found.retain(|finding| !finding.what.contains("no rate for `*`"));
    }
    assert!(found.len() == 1, "{check}: {found:#?}");
    found.remove(0)
}

#[test]
#[expect(clippy::disallowed_methods, reason = "whether to rewrite is said by the environment")]
fn every_check_says_file_line_key_and_remedy() {
    let mut document: DocumentMut = CHECKS.parse().unwrap();
    let bless = std::env::var("RINGFOLD_BLESS").is_ok();
    let checks = document["check"].as_array_of_tables_mut().unwrap();
    let mut rows = BTreeSet::new();
    for check in checks.iter_mut() {
        let finding = only(check);
        let Finding { file, line, key, what, remedy } = &finding;
        assert!(!file.is_empty() && *line > 0 && !key.is_empty(), "{finding}");
        assert!(!what.is_empty() && !remedy.is_empty(), "{finding}");
        rows.insert(text(check, "of").unwrap().to_owned());
        if bless {
            check["says"] = toml_edit::value(finding.to_string());
        } else {
            assert_eq!(finding.to_string(), text(check, "says").unwrap(), "RINGFOLD_BLESS=1?");
        }
    }
    assert_eq!(rows, ROWS.map(str::to_owned).into_iter().collect());
    if bless {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/rating/checks.toml");
        std::fs::write(path, document.to_string()).unwrap();
    }
}
