//! What a cut journal leaves: rows, cursor and dead letters of a unit together, or none of them.
//! (Killing a process at random moments is left to the tests that start one.)

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ringfold::dial::ItemKey;
use ringfold::embedded::{Embedded, EmbeddedSettings, LOCAL_SOURCE};
use ringfold::memory::HandClock;
use ringfold::ports::log::{EventLog, EventSink, NewRecord};
use ringfold::ports::store::{Cursor, DialStore, Directory, ItemReader};
use ringfold::value::{CallId, Micros};

use crate::contract::sample::{DAY, Sample, units, write_of_call};

const UNITS: u64 = 40;

fn open(dir: &Path) -> Embedded {
    let settings = EmbeddedSettings { disk_reserve_bytes: 0, ..EmbeddedSettings::in_dir(dir) };
    Embedded::open(&settings, Arc::new(HandClock::at(DAY.start()))).unwrap()
}

fn cursor(next: u64) -> Cursor {
    Cursor { source: LOCAL_SOURCE.into(), number: 0, next, floor: Micros::MIN, parts: 4 }
}

/// A copy of the directory whose newest journal ends after so many bytes.
fn cut_copy(from: &Path, to: &Path, bytes: u64) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            cut_copy(&entry.path(), &target, u64::MAX);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
    if bytes < u64::MAX {
        let file = fs::OpenOptions::new().write(true).open(journal(to)).unwrap();
        file.set_len(bytes).unwrap();
    }
}

fn journal(dir: &Path) -> PathBuf {
    let files = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let journals = files.filter(|path| path.extension().is_some_and(|name| name == "jnl"));
    journals.max().unwrap()
}

/// Bytes of a journal that were written: behind them it is filled with zeros.
fn written(dir: &Path) -> u64 {
    let bytes = fs::read(journal(dir)).unwrap();
    bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last as u64 + 1)
}

#[tokio::test]
async fn a_journal_cut_anywhere_leaves_rows_and_cursor_that_agree() {
    let whole = tempfile::tempdir().unwrap();
    let sample = Sample::of(11);
    let store = open(whole.path());
    let before = written(whole.path());
    let mut keys: Vec<[ItemKey; 2]> = Vec::new();
    for number in 0..UNITS {
        // Two rows of two days, with a locator each.
        let pair = [sample.key(), sample.timeless_key()];
        let call = CallId::new(sample.v4());
        let rows = pair.map(|key| write_of_call(key, call));
        let mut unit = units(&store, &rows).pop().unwrap();
        unit.cursors = vec![cursor(number + 1)];
        store.write(&unit).await.unwrap();
        keys.push(pair);
    }
    let after = written(whole.path());
    assert!(after > before);
    let copies = tempfile::tempdir().unwrap();
    for cut in 0..13 {
        let bytes = before + (after - before) * cut / 12;
        let copy = copies.path().join(cut.to_string());
        cut_copy(whole.path(), &copy, bytes);
        let store = open(&copy);
        let cursors = store.cursors(LOCAL_SOURCE).await.unwrap();
        let done = usize::try_from(cursors.first().map_or(0, |cursor| cursor.next)).unwrap();
        for (number, pair) in keys.iter().enumerate() {
            for key in pair {
                let row = store.get(key).await.unwrap();
                assert_eq!(row.is_some(), number < done, "cut {cut}, unit {number}");
            }
            let located = store.locate(sample.project, pair[1].item).await.unwrap();
            assert_eq!(located.is_some(), number < done);
        }
        let days = store.days(sample.project, DAY, DAY).await.unwrap();
        assert_eq!(days.is_empty(), done == 0);
        if cut == 12 {
            assert_eq!(done as u64, UNITS);
        }
        // It goes on: what was cut away is written again.
        let rows = keys[0].map(|key| write_of_call(key, CallId::new(sample.v4())));
        store.write(&units(&store, &rows).pop().unwrap()).await.unwrap();
    }
}

#[tokio::test]
async fn a_cut_journal_leaves_the_log_without_a_hole() {
    let whole = tempfile::tempdir().unwrap();
    let store = open(whole.path());
    let before = written(whole.path());
    for number in 0..60_u32 {
        let key = (number % 5).to_be_bytes().to_vec();
        let value = number.to_string().into_bytes();
        store.sink().append(vec![NewRecord { key, headers: vec![], value }]).await.unwrap();
    }
    let after = written(whole.path());
    let copies = tempfile::tempdir().unwrap();
    let mut last_total = 0;
    for cut in 0..9 {
        let copy = copies.path().join(cut.to_string());
        cut_copy(whole.path(), &copy, before + (after - before) * cut / 8);
        let store = open(&copy);
        let total: u64 = store.log().ends().iter().map(|end| end.end).sum();
        let mut log = store.log();
        let mut batch = ringfold::ports::log::RecordBatch::default();
        log.next(&mut batch, 0).await.unwrap();
        while (batch.len() as u64) < total {
            log.next(&mut batch, 1 << 20).await.unwrap();
        }
        // What is there is what was appended first, in order.
        let mut values: Vec<u32> = batch
            .iter()
            .map(|record| std::str::from_utf8(record.value().unwrap()).unwrap().parse().unwrap())
            .collect();
        values.sort_unstable();
        assert!((0_u32..).zip(&values).all(|(place, value)| place == *value));
        assert!(total >= last_total);
        last_total = total;
    }
    assert_eq!(last_total, 60);
}
