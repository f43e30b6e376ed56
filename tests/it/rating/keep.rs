//! A tariff as it is kept: written, read back, and added to without changing what is there.

use proptest::prelude::*;
use ringfold::tariff::{
    Addition, Columns, Extra, Past, ReadTariff, Refusal, SheetVersion, Tariff, append, read_sheet,
    read_tariff,
};

use super::cases::instant;
use super::plans::version;

const SAMPLE: &str = include_str!("../../data/events/tariff.toml");

fn read(text: &str) -> Tariff {
    read_tariff(&[("t.toml", text)], &|_| None, &Tariff::default()).unwrap().tariff
}

fn added(kept: &Tariff, text: &str, now: &str) -> Result<Addition, Vec<Refusal>> {
    let read = read_tariff(&[("t.toml", text)], &|_| None, kept).unwrap();
    append(kept, &read.tariff, instant(now), Past::AsWritten)
}

fn file(rest: &str) -> String {
    format!("format = \"ringfold-tariff-1\"\n{rest}")
}

fn parts_read_back(tariff: &Tariff) -> Tariff {
    let parts = tariff.parts();
    let files: Vec<_> = parts.iter().map(|part| (&*part.id, &*part.body)).collect();
    read_tariff(&files, &|_| None, &Tariff::default()).unwrap().tariff
}

#[test]
fn the_sample_reads_back_from_one_file_and_from_its_parts() {
    let tariff = read(SAMPLE);
    assert_eq!(read(&tariff.to_toml()), tariff);
    assert_eq!(parts_read_back(&tariff), tariff);
    let ids: Vec<String> =
        tariff.parts().iter().map(|part| format!("{}: {}", part.kind.label(), part.id)).collect();
    assert_eq!(
        ids,
        [
            "version: us-carrier@1",
            "version: us-carrier@2",
            "version: eu-carrier@1",
            "assign: * twilio us-carrier 2026-01-01T00:00:00Z",
            "assign: b81d7c52-90ae-4f3c-8a6e-2f1c0d9e8b7a asterisk/pbx-2 eu-carrier \
             2026-01-01T00:00:00Z",
            "exchange: EUR 2026-01-01T00:00:00Z",
            "exchange: EUR 2026-04-01T00:00:00Z",
        ]
    );
}

proptest! {
    #[test]
    fn whatever_is_read_reads_back_as_the_same(spec in version(), name in "\\PC{0,20}") {
        let mut text = spec.toml();
        let quoted = toml_edit::Value::from(name.as_str());
        text = text.replacen("prefix =", &format!("name = {quoted}\nprefix ="), 1);
        let tariff = read(&text.replace("number = 1", "number = 1\nbackdate = true"));
        prop_assert_eq!(&read(&tariff.to_toml()), &tariff);
        prop_assert_eq!(&parts_read_back(&tariff), &tariff);
    }
}

#[test]
fn a_first_tariff_may_begin_in_the_past() {
    let now = "2026-05-01T00:00:00Z";
    let addition = added(&Tariff::default(), SAMPLE, now).unwrap();
    assert_eq!(addition.joined, read(SAMPLE));
    assert_eq!(addition.changes_since, Some(instant("2026-01-01T00:00:00Z")));
    // The same file again adds nothing.
    let again = added(&addition.joined, SAMPLE, now).unwrap();
    assert_eq!((again.added, again.joined), (Tariff::default(), addition.joined));
    assert_eq!(again.changes_since, None);
}

#[test]
fn a_kept_version_is_never_changed() {
    let kept = read(SAMPLE);
    let now = "2025-01-01T00:00:00Z";
    let kinds = |text: &str| -> Vec<String> {
        let refusals = added(&kept, text, now).unwrap_err();
        assert!(refusals.iter().all(|refusal| refusal.label() == "version_changed"));
        refusals.iter().map(ToString::to_string).collect()
    };
    let dearer = SAMPLE.replacen("rate = \"0.0130\"", "rate = \"0.0131\"", 1);
    assert!(kinds(&dearer)[0].starts_with("version_changed: us-carrier@1 is kept"));
    let renamed = SAMPLE.replacen("North America", "Nordamerika", 1);
    assert_eq!(kinds(&renamed).len(), 1);
    let moved = SAMPLE.replacen("2026-04-01T00:00:00Z", "2026-04-02T00:00:00Z", 1);
    assert!(kinds(&moved)[0].starts_with("version_changed: us-carrier@2 is kept"));
    let other_currency = SAMPLE.replacen("\"USD\"", "\"CAD\"", 1);
    assert!(
        kinds(&other_currency)[0].contains("the plan of us-carrier@1 is kept in another currency")
    );
    let exchange = SAMPLE.replacen("1.0793", "1.0794", 1);
    assert!(kinds(&exchange)[0].contains("exchange rate EUR 2026-04-01"));
    // Other words for the same content change nothing; nor does a file that drops old versions.
    let same = SAMPLE.replacen("rate = \"0.0130\"", "rate = \"0.013\", unit = 60", 1);
    assert_eq!(added(&kept, &same, now).unwrap().added, Tariff::default());
    let dropped = "[[assign]]\nplan = \"us-carrier\"\neffective_from = 2026-09-01T00:00:00Z\n";
    let addition = added(&kept, &file(dropped), now).unwrap();
    assert_eq!(addition.joined.plans, kept.plans);
    assert_eq!(addition.joined.assignments.len(), kept.assignments.len() + 1);
}

#[test]
fn what_is_seen_after_its_begin_says_backdate_or_is_refused() {
    let kept = read(SAMPLE);
    let now = "2026-06-01T00:00:00Z";
    let from = "effective_from = 2026-05-01T00:00:00Z";
    let version = format!(
        "[[plan]]\nid = \"us-carrier\"\n[[plan.version]]\nnumber = 3\n{from}\nrate = [{{ prefix = \
         \"*\", rate = 1 }}]\n"
    );
    let assignment = format!("[[assign]]\nplan = \"us-carrier\"\n{from}\n");
    let exchange = format!("[[exchange]]\ncurrency = \"GBP\"\nusd = \"1.3\"\n{from}\n");
    for text in [version, assignment, exchange] {
        let refusals = added(&kept, &file(&text), now).unwrap_err();
        assert_eq!(refusals[0].label(), "late", "{refusals:?}");
        assert!(refusals[0].to_string().contains("2026-05-01T00:00:00.000Z"));
        let backdated = text.replace(from, &format!("{from}\nbackdate = true"));
        let addition = added(&kept, &file(&backdated), now).unwrap();
        assert_eq!(addition.changes_since, Some(instant("2026-05-01T00:00:00Z")));
        let in_time = added(&kept, &file(&text), "2026-05-01T00:00:00Z").unwrap();
        assert_eq!(in_time.changes_since, None);
    }
}

#[test]
fn a_sheet_becomes_a_version() {
    let version = SheetVersion {
        plan: "uk",
        number: 2,
        currency: "GBP",
        effective_from: "2026-07-01T00:00:00Z",
        backdate: false,
    };
    let text = "Dial Code,Price,Country\n44,0.012,United Kingdom\n*,1,\n";
    let map = [("Dial Code", "prefix"), ("Price", "rate")].map(|(a, b)| (a.into(), b.into()));
    let columns = |extra| Columns { map: map.to_vec(), extra };
    let sheet = ("prices/uk.csv", text);
    let ReadTariff { tariff, warnings, .. } =
        read_sheet(&version, sheet, &columns(Extra::Ignore)).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    let read_back = read(&tariff.to_toml());
    assert_eq!(read_back, tariff);
    let head = read_back.plans[0].versions[0].head();
    assert_eq!((head.number, head.effective_from), (2, instant("2026-07-01T00:00:00Z")));
    let faults = read_sheet(&version, sheet, &columns(Extra::Refuse)).unwrap_err();
    assert!(faults[0].to_string().starts_with("uk.csv:1: Country: unknown column"), "{faults:?}");
    let wrong = SheetVersion { effective_from: "2026-07-01", ..version };
    let faults = read_sheet(&wrong, sheet, &columns(Extra::Ignore)).unwrap_err();
    assert!(faults[0].to_string().starts_with("arguments:7: plan.version.effective_from"));
    let no_map = Columns { map: vec![("Dail Code".into(), "prefx".into())], extra: Extra::Ignore };
    let faults = read_sheet(&version, sheet, &no_map).unwrap_err();
    let all: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert!(all.iter().any(|f| f.contains("do you mean `Dial Code`?")), "{all:?}");
    assert!(all.iter().any(|f| f.contains("do you mean `prefix`?")), "{all:?}");
}
