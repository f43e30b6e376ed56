//! What must be true when the faults are over: rows, dead letters, offsets, counts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::broker::{Broker, Read};
use crate::support::process::Setup;

use super::clients::{Deletion, Known, edit_of};
use super::oracle::{Oracle, canonical};

/// What the log of a round says: the items of all readable records, the places of the others.
pub struct Produced {
    pub oracle: Oracle,
    pub records: usize,
    pub unreadable: BTreeMap<(i32, i64), Read>,
}

pub fn produced(broker: &Broker) -> Produced {
    let log = broker.read_all(&broker.dials);
    let (mut oracle, mut unreadable, records) = (Oracle::default(), BTreeMap::new(), log.len());
    for record in log {
        let header = |name: &str| record.header(name).unwrap_or_default();
        let data = record.value.as_deref().unwrap_or_default();
        if oracle.read(&header("ce_type"), &header("ce_time"), data).is_err() {
            unreadable.insert((record.partition, record.offset), record);
        }
    }
    Produced { oracle, records, unreadable }
}

/// All items by id, as the command exports them; what it says of them is checked by the way.
pub fn exported(setup: &Setup, projects: &[String], file: &Path) -> BTreeMap<String, Value> {
    let named = projects.iter().flat_map(|project| ["--project", project.as_str()]);
    let path = file.to_str().unwrap();
    let arguments: Vec<_> = ["export", "--format", "ndjson"].into_iter().chain(named).collect();
    setup.output(&[&arguments[..], &[path]].concat());
    let text = std::fs::read_to_string(file).unwrap();
    let items: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let length = items.len();
    let by_id: BTreeMap<_, _> =
        items.into_iter().map(|item| (item["_id"].as_str().unwrap().to_owned(), item)).collect();
    assert_eq!(by_id.len(), length, "an item was exported twice");
    by_id
}

/// Number of items, and a hash over all columns of all of them.
pub fn digest<'i>(items: impl Iterator<Item = &'i Value>) -> (usize, String) {
    let lines: BTreeSet<String> = items.map(canonical).collect();
    let mut hash = Sha256::new();
    for line in &lines {
        hash.update(line.as_bytes());
    }
    let bytes: Vec<_> = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    (lines.len(), bytes.concat())
}

/// O1 and O5: the rows are the independent fold of the log, and what clients wrote lies over it.
pub fn rows(
    found: &BTreeMap<String, Value>,
    oracle: &Oracle,
    known: &mut BTreeMap<String, Known>,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut expected = oracle.items();
    for (id, known) in known {
        let item = found.get(id);
        match (item, known.deletion) {
            (None, Deletion::None) => wrong.push(format!("{id} is lost")),
            (Some(_), Deletion::Acknowledged) => wrong.push(format!("{id} came back")),
            (None, _) => {
                expected.remove(id);
            }
            (Some(item), _) => {
                let text = edit_of(item).and_then(|text| {
                    known.see(text)?;
                    Ok(text)
                });
                match (text, expected.get_mut(id)) {
                    (Ok(Some(_)), Some(plain)) => edit_over(plain, item),
                    (Ok(None), Some(_)) => {}
                    (Ok(_), None) => wrong.push(format!("{id} was invented")),
                    (Err(what), _) => wrong.push(format!("{id}: {what}")),
                }
            }
        }
    }
    wrong.extend(differences(found, &expected));
    if wrong.is_empty() {
        assert_eq!(digest(found.values()), digest(expected.values()));
    }
    wrong
}

/// An edit outranks the facts in its columns, and counts as a change.
fn edit_over(plain: &mut Value, item: &Value) {
    for column in ["status", "statusMessage", "updatedAt"] {
        plain[column] = item[column].clone();
    }
}

pub fn differences(
    found: &BTreeMap<String, Value>,
    expected: &BTreeMap<String, Value>,
) -> Vec<String> {
    let mut wrong = Vec::new();
    for id in found.keys().chain(expected.keys()).collect::<BTreeSet<_>>() {
        let (found, expected) = (found.get(id), expected.get(id));
        let text = |item: Option<&Value>| item.map_or_else(|| "nothing".to_owned(), canonical);
        let (found, expected) = (text(found), text(expected));
        if found != expected {
            wrong.push(format!("{id}: found {found}\nexpected {expected}"));
        }
    }
    wrong
}

/// O7: exactly the unreadable records lie in the dead letters, each with its own bytes; the command
/// lists each once.
pub fn letters(broker: &Broker, setup: &Setup, produced: &Produced) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for letter in broker.read_all(&broker.dead_letters) {
        let number = |name: &str| letter.header(name).and_then(|text| text.parse::<i64>().ok());
        let partition = number("deadletter.partition").and_then(|number| number.try_into().ok());
        let place = (partition.unwrap_or(-1), number("deadletter.offset").unwrap_or(-1));
        match produced.unreadable.get(&place) {
            Some(record) if record.value == letter.value => {
                seen.insert(place);
            }
            Some(_) => wrong.push(format!("the letter of {place:?} has other bytes")),
            None => wrong.push(format!("a letter of {place:?}, which can be read")),
        }
    }
    for place in produced.unreadable.keys().filter(|place| !seen.contains(place)) {
        wrong.push(format!("no letter of {place:?}"));
    }
    let listed = setup.output(&["dlq", "list", "--json"]);
    let last: Value = serde_json::from_str(listed.lines().last().unwrap()).unwrap();
    if last["letters"].as_u64() != Some(produced.unreadable.len() as u64) {
        wrong.push(format!("{last} listed, {} injected", produced.unreadable.len()));
    }
    wrong
}
