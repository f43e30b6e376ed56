//! The contracts on paper: schemas, examples good and bad, the `AsyncAPI` document. What is
//! generated is compared with the tracked file; `RINGFOLD_BLESS=1` rewrites it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ringfold::event::contract::{Topics, asyncapi, data_schema};
use ringfold::event::encode::encode;
use ringfold::event::{
    DecodeLimits, Decoded, Event, Kind, RawRecord, Reason, Reject, decode, decode_line,
};
use ringfold::value::Micros;
use serde_json::Value;

const LIMITS: DecodeLimits = DecodeLimits { future: Duration::from_mins(5) };
/// Bad examples whose fault no schema can say, beside those of the envelope.
const BEYOND_SCHEMAS: [&str; 1] = ["dial-id-too-many-bytes"];

fn schemas() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")
}

/// Compares a generated text with its file, or writes it when told to.
fn matches_file(path: &Path, generated: &str) {
    if std::env::var_os("RINGFOLD_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, generated).unwrap();
    }
    let tracked = std::fs::read_to_string(path).unwrap_or_default();
    assert!(tracked == generated, "{} is out of date: run with RINGFOLD_BLESS=1", path.display());
}

fn schema_file(kind: Kind) -> PathBuf {
    schemas().join(format!("events/{}.v1.schema.json", kind.word()))
}

fn validator(kind: Kind) -> jsonschema::Validator {
    let options = jsonschema::options().should_validate_formats(true);
    options.build(&data_schema(kind)).unwrap()
}

/// Folder and path of every file two levels below `events/<folder>`, sorted.
fn examples(folder: &str) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    for group in std::fs::read_dir(schemas().join("events").join(folder)).unwrap() {
        let group = group.unwrap();
        for file in std::fs::read_dir(group.path()).unwrap() {
            found.push((group.file_name().into_string().unwrap(), file.unwrap().path()));
        }
    }
    found.sort();
    found
}

fn name(path: &Path) -> &str {
    path.file_stem().unwrap().to_str().unwrap()
}

/// Reads a `.record` file: header lines, an empty line, the value. `record-time` is no header.
fn read_record(bytes: &[u8]) -> Result<Decoded, Reject> {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap();
    let (head, value) = (std::str::from_utf8(&bytes[..end]).unwrap(), &bytes[end + 2..]);
    let (times, headers): (Vec<_>, Vec<_>) = head
        .lines()
        .map(|line| line.split_once(": ").unwrap())
        .partition(|(name, _)| *name == "record-time");
    let record_time = times.first().map(|(_, text)| {
        let time = chrono::DateTime::parse_from_rfc3339(text).unwrap();
        Micros::new(time.timestamp_micros())
    });
    let headers = headers.into_iter().map(|(name, value)| (name, Some(value.as_bytes())));
    decode(RawRecord { value: Some(value), record_time, headers }, &LIMITS)
}

fn read(path: &Path) -> Result<Decoded, Reject> {
    let bytes = std::fs::read(path).unwrap();
    if path.extension().is_some_and(|extension| extension == "record") {
        return read_record(&bytes);
    }
    decode_line(&bytes, &LIMITS)
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn every_kind_has_its_schema_and_examples() {
    let folders: BTreeSet<String> =
        examples("examples").into_iter().map(|(kind, _)| kind).collect();
    for kind in Kind::ALL {
        let mut text = serde_json::to_string_pretty(&data_schema(kind)).unwrap();
        text.push('\n');
        matches_file(&schema_file(kind), &text);
        assert!(jsonschema::meta::is_valid(&data_schema(kind)), "{}", kind.word());
        assert!(folders.contains(kind.word()), "no example of {}", kind.word());
    }
}

/// One line for each example: what was read, written out again.
fn snapshot(path: &Path, event: &Event) -> String {
    let told_at = Micros::from_ms(0);
    let record = encode(event, "", "", told_at);
    let header = |name: &str| {
        let value = record.headers.iter().find(|(header, _)| header == name).unwrap();
        String::from_utf8(value.1.clone()).unwrap()
    };
    let identity = match event {
        Event::Dial(dial) => format!("{} {}", dial.key.item, dial.key.created_at),
        Event::Gateway(_) | Event::Reference(_) => String::from_utf8(record.key.clone()).unwrap(),
    };
    let data = String::from_utf8(record.value.clone()).unwrap();
    let (kind, time) = (event.kind().word(), header("ce_time"));
    format!("{kind}/{} | {identity} | {time} | {data}\n", name(path))
}

#[test]
fn every_good_example_validates_and_decodes_to_its_snapshot() {
    let mut lines = String::new();
    for (word, path) in examples("examples") {
        let event = read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())).event;
        assert_eq!(event.kind().word(), word, "{}", path.display());
        let data = &json(&path)["data"];
        let faults: Vec<String> =
            validator(event.kind()).iter_errors(data).map(|e| e.to_string()).collect();
        assert!(faults.is_empty(), "{}: {faults:?}", path.display());
        lines.push_str(&snapshot(&path, &event));
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/events/examples.txt");
    matches_file(&file, &lines);
}

#[test]
fn every_bad_example_gives_its_reason() {
    let mut seen = BTreeSet::new();
    for (reason, path) in examples("invalid") {
        let reject = read(&path).expect_err(&path.display().to_string());
        assert_eq!(reject.reason(), reason, "{}: {reject}", path.display());
        let text = reject.to_string();
        assert!(!text.contains("2025550143") && !text.ends_with('.'), "{text}");
        seen.insert(reason);
    }
    let expected: BTreeSet<String> = Reason::ALL
        .into_iter()
        .filter(|reason| *reason != Reason::StoreRefused)
        .map(|reason| reason.label().to_owned())
        .collect();
    assert_eq!(seen, expected);
}

#[test]
fn what_a_schema_can_say_of_a_bad_example_it_says() {
    let mut refused = 0;
    for (reason, path) in examples("invalid") {
        let of_data = ["missing_field", "bad_field", "no_dial_id", "no_start_time", "bad_time"];
        let is_json = path.extension().is_some_and(|extension| extension == "json");
        let of_data = of_data.contains(&reason.as_str()) || reason == "bad_amount";
        let reject = read(&path).unwrap_err();
        let of_envelope = ["time", "recordedtime", "data"].map(Some).contains(&reject.field());
        if !is_json || !of_data || of_envelope || BEYOND_SCHEMAS.contains(&name(&path)) {
            continue;
        }
        let event = json(&path);
        let kind = event["type"].as_str().unwrap();
        let kind = Kind::ALL.into_iter().find(|known| known.type_text() == kind).unwrap();
        assert!(!validator(kind).is_valid(&event["data"]), "{} validates", path.display());
        refused += 1;
    }
    assert!(refused > 40, "only {refused} bad examples were put to a schema");
}

#[test]
fn the_asyncapi_document_is_the_one_the_code_describes() {
    let text = asyncapi(&Topics::default());
    matches_file(&schemas().join("asyncapi.yaml"), &text);
    let document: Value = serde_yaml_ng::from_str(&text).unwrap();
    assert_eq!(document["asyncapi"], "3.0.0");
    let mut references = Vec::new();
    collect_references(&document, &mut references);
    assert!(references.len() > 30);
    for reference in references {
        match reference.strip_prefix('#') {
            Some(pointer) => assert!(document.pointer(pointer).is_some(), "{reference}"),
            None => assert!(schemas().join(&reference).is_file(), "{reference}"),
        }
    }
}

fn collect_references(value: &Value, found: &mut Vec<String>) {
    if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
        found.push(reference.to_owned());
    }
    for inner in value.as_object().into_iter().flat_map(serde_json::Map::values) {
        collect_references(inner, found);
    }
    for inner in value.as_array().into_iter().flatten() {
        collect_references(inner, found);
    }
}
