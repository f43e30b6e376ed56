//! Files and standard input as a log: offsets, resumption, rotation, truncation.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ringfold::embedded::{
    Embedded, EmbeddedSettings, FileLog, FileLogSettings, Follow, LocalAndFiles,
};
use ringfold::memory::HandClock;
use ringfold::ports::log::{
    Commit, CommitMetadata, EventLog, EventSink, LogPartition, NewRecord, Polled, RecordBatch,
};
use ringfold::ports::store::{Cursor, DialStore, WriteUnit};
use ringfold::value::Micros;

const FILE: LogPartition = LogPartition { source: 0, number: 0 };
const METADATA: CommitMetadata = CommitMetadata { floor: Micros::from_ms(5), parts: 1 };

struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn store(&self) -> Embedded {
        let settings = EmbeddedSettings {
            disk_reserve_bytes: 0,
            ..EmbeddedSettings::in_dir(self.dir.path().join("data"))
        };
        Embedded::open(&settings, Arc::new(HandClock::at(Micros::from_ms(9)))).unwrap()
    }
}

fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn open(paths: &[&Path], follow: Follow, store: Option<&Embedded>) -> FileLog {
    let paths = paths.iter().map(|path| path.to_path_buf()).collect();
    FileLog::open(&FileLogSettings { paths, follow, first_source: 0 }, store).unwrap()
}

async fn next<L: EventLog>(log: &mut L, batch: &mut RecordBatch) -> Polled {
    let polled = tokio::time::timeout(Duration::from_secs(20), log.next(batch, 1 << 20)).await;
    polled.expect("nothing came").unwrap()
}

/// Starts of the assigned sources.
async fn starts<L: EventLog>(log: &mut L) -> Vec<u64> {
    let Polled::Assigned(assigned) = next(log, &mut RecordBatch::default()).await else {
        panic!("not assigned first")
    };
    assert!(assigned.iter().all(|a| a.committed.is_none() && a.parts == 1));
    assigned.iter().map(|a| a.start).collect()
}

/// Reads so many lines: offset and text.
async fn lines<L: EventLog>(log: &mut L, count: usize) -> Vec<(u64, String)> {
    let mut batch = RecordBatch::default();
    while batch.len() < count {
        assert!(matches!(next(log, &mut batch).await, Polled::Records));
    }
    texts(&batch)
}

fn texts(batch: &RecordBatch) -> Vec<(u64, String)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    batch.iter().map(|record| (record.offset(), text(record.value().unwrap()))).collect()
}

fn line(offset: u64, text: &str) -> (u64, String) {
    (offset, text.to_owned())
}

fn commit(next: u64) -> Commit {
    Commit { partition: FILE, next, metadata: METADATA }
}

#[tokio::test]
async fn a_file_is_read_to_its_end_with_offsets_and_the_mark_of_a_line() {
    let place = Place::new();
    let path = place.file("events.ndjson");
    fs::write(&path, b"\xEF\xBB\xBF{\"a\":1}\r\n\n{\"b\":2}\n{\"c\":3}").unwrap();
    let mut log = open(&[&path], Follow::UntilEnd, None);
    assert_eq!(starts(&mut log).await, [0]);
    let mut batch = RecordBatch::default();
    assert!(matches!(next(&mut log, &mut batch).await, Polled::Records));
    let want = [line(0, "{\"a\":1}"), line(13, "{\"b\":2}"), line(21, "{\"c\":3}")];
    assert_eq!(texts(&batch), want);
    for record in batch.iter() {
        assert_eq!((record.key(), record.record_time()), (None, None));
        let headers: Vec<_> = record.headers().collect();
        assert_eq!(headers, [("ringfold-form", Some(&b"line"[..]))]);
    }
    assert!(matches!(next(&mut log, &mut batch).await, Polled::Ended));
    assert_eq!(&*log.sources()[0], path.to_str().unwrap());
}

#[tokio::test]
async fn a_compressed_file_is_unpacked_and_resumed_inside() {
    let place = Place::new();
    let path = place.file("events.ndjson.gz");
    // Two members, as of two appending writers.
    let mut content = Vec::new();
    for part in ["one\ntw", "o\nthree\n"] {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(part.as_bytes()).unwrap();
        content.extend(encoder.finish().unwrap());
    }
    fs::write(&path, content).unwrap();
    let store = place.store();
    let mut log = open(&[&path], Follow::UntilEnd, Some(&store));
    assert_eq!(starts(&mut log).await, [0]);
    assert_eq!(lines(&mut log, 3).await, [line(0, "one"), line(4, "two"), line(8, "three")]);
    // "two" is done: one more than its offset.
    log.close(&[commit(5)]).await.unwrap();
    let mut log = open(&[&path], Follow::UntilEnd, Some(&store));
    assert_eq!(starts(&mut log).await, [5]);
    assert_eq!(lines(&mut log, 1).await, [line(8, "three")]);
}

#[tokio::test]
async fn a_line_that_is_too_long_is_handed_on_cut() {
    let place = Place::new();
    let path = place.file("wide");
    let wide = "x".repeat((1 << 20) + 500_000);
    fs::write(&path, format!("a\n{wide}\nb\n")).unwrap();
    let mut log = open(&[&path], Follow::UntilEnd, None);
    starts(&mut log).await;
    let read = lines(&mut log, 3).await;
    assert_eq!((read[1].0, read[1].1.len()), (2, (1 << 20) + 1));
    assert_eq!(read[2], line(2 + wide.len() as u64 + 1, "b"));
}

#[tokio::test]
async fn a_followed_file_grows_and_holds_back_a_line_without_end() {
    let place = Place::new();
    let path = place.file("live");
    let mut log = open(&[&path], Follow::ByName, None);
    assert_eq!(starts(&mut log).await, [0]);
    let mut batch = RecordBatch::default();
    let wait = Duration::from_millis(500);
    assert!(tokio::time::timeout(wait, log.next(&mut batch, 1 << 20)).await.is_err());
    append(&path, "one\ntw");
    assert_eq!(lines(&mut log, 1).await, [line(0, "one")]);
    assert!(tokio::time::timeout(wait, log.next(&mut batch, 1 << 20)).await.is_err());
    append(&path, "o\nthree\n");
    assert_eq!(lines(&mut log, 2).await, [line(4, "two"), line(8, "three")]);
}

#[tokio::test]
async fn a_rotated_file_is_finished_then_handed_over_to_the_next() {
    let place = Place::new();
    let (path, old) = (place.file("live"), place.file("live.1"));
    let store = place.store();
    append(&path, "one\n");
    let mut log = open(&[&path], Follow::ByName, Some(&store));
    starts(&mut log).await;
    assert_eq!(lines(&mut log, 1).await, [line(0, "one")]);
    fs::rename(&path, &old).unwrap();
    // The writer has not noticed yet, then it opens the new file.
    append(&old, "two\nlast");
    append(&path, "three\n");
    assert_eq!(lines(&mut log, 2).await, [line(4, "two"), line(8, "last")]);
    let mut batch = RecordBatch::default();
    let Polled::Revoked(revoked) = next(&mut log, &mut batch).await else { panic!() };
    assert_eq!(revoked, [FILE]);
    // Nothing more comes until it was handed back.
    let wait = Duration::from_millis(500);
    assert!(tokio::time::timeout(wait, log.next(&mut batch, 1 << 20)).await.is_err());
    log.hand_back(&[commit(9)]).await;
    let Polled::Assigned(assigned) = next(&mut log, &mut batch).await else { panic!() };
    assert_eq!((assigned[0].start, assigned[0].tenure), (0, 2));
    let name = path.to_str().unwrap();
    assert_eq!(store.cursors(name).await.unwrap()[0].next, 0);
    assert_eq!(lines(&mut log, 1).await, [line(0, "three")]);
}

#[tokio::test]
async fn what_was_rotated_meanwhile_is_found_by_how_it_begins() {
    let place = Place::new();
    let (path, old) = (place.file("live"), place.file("live.1"));
    let store = place.store();
    append(&path, "one\ntwo\n");
    let mut log = open(&[&path], Follow::ByName, Some(&store));
    starts(&mut log).await;
    lines(&mut log, 2).await;
    log.close(&[commit(4)]).await.unwrap();
    fs::rename(&path, &old).unwrap();
    append(&path, "three\n");
    let mut log = open(&[&path], Follow::ByName, Some(&store));
    assert_eq!(starts(&mut log).await, [4]);
    assert_eq!(lines(&mut log, 1).await, [line(4, "two")]);
    assert!(matches!(next(&mut log, &mut RecordBatch::default()).await, Polled::Revoked(_)));
    log.hand_back(&[commit(5)]).await;
    assert_eq!(starts(&mut log).await, [0]);
    assert_eq!(lines(&mut log, 1).await, [line(0, "three")]);
}

#[tokio::test]
async fn a_cursor_of_a_file_that_is_gone_does_not_count_for_the_next() {
    let place = Place::new();
    let path = place.file("live");
    let store = place.store();
    append(&path, "one\ntwo\n");
    let mut log = open(&[&path], Follow::ByName, Some(&store));
    starts(&mut log).await;
    lines(&mut log, 2).await;
    log.close(&[commit(8)]).await.unwrap();
    fs::remove_file(&path).unwrap();
    append(&path, "three four five\n");
    for _ in 0..2 {
        // Neither after the change, nor after a restart before anything of it was done.
        let mut log = open(&[&path], Follow::ByName, Some(&store));
        assert_eq!(starts(&mut log).await, [0]);
        assert_eq!(lines(&mut log, 1).await, [line(0, "three four five")]);
    }
}

#[tokio::test]
async fn a_truncated_file_begins_anew() {
    let place = Place::new();
    let path = place.file("live");
    let store = place.store();
    append(&path, "one\ntwo\n");
    let mut log = open(&[&path], Follow::ByName, Some(&store));
    starts(&mut log).await;
    lines(&mut log, 2).await;
    // Truncated and grown beyond where it was read: it is known by how it begins.
    for text in ["1\n", "the other content is longer\n"] {
        fs::write(&path, text).unwrap();
        assert!(matches!(next(&mut log, &mut RecordBatch::default()).await, Polled::Revoked(_)));
        log.hand_back(&[]).await;
        assert_eq!(starts(&mut log).await, [0]);
        assert_eq!(lines(&mut log, 1).await, [line(0, text.trim_end())]);
    }
}

#[tokio::test]
async fn cursors_written_with_rows_are_where_reading_goes_on() {
    let place = Place::new();
    let path = place.file("live");
    append(&path, "one\ntwo\nthree\n");
    {
        let store = place.store();
        let mut log = open(&[&path], Follow::ByName, Some(&store));
        starts(&mut log).await;
        lines(&mut log, 3).await;
        let source = Arc::clone(&log.sources()[0]);
        let cursor = Cursor { source, number: 0, next: 5, floor: Micros::MIN, parts: 1 };
        store.write(&WriteUnit { batches: vec![], cursors: vec![cursor] }).await.unwrap();
    }
    let store = place.store();
    let mut log = open(&[&path], Follow::ByName, Some(&store));
    assert_eq!(starts(&mut log).await, [5]);
    assert_eq!(lines(&mut log, 1).await, [line(8, "three")]);
}

#[tokio::test]
async fn a_reader_is_read_to_its_end_in_any_pieces() {
    struct Drip(Vec<u8>);
    impl std::io::Read for Drip {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            let len = self.0.len().min(out.len()).min(3);
            out[..len].copy_from_slice(&self.0[..len]);
            self.0.drain(..len);
            Ok(len)
        }
    }
    let written: Vec<_> = (0..500).map(|n| format!("line {n}")).collect();
    let text = written.join("\n") + "\n";
    let mut log = FileLog::of_reader("-", Drip(text.clone().into_bytes())).unwrap();
    assert_eq!(starts(&mut log).await, [0]);
    let read = lines(&mut log, 500).await;
    let read: Vec<_> = read.into_iter().map(|(_, text)| text).collect();
    assert_eq!(read, written);
    assert!(matches!(next(&mut log, &mut RecordBatch::default()).await, Polled::Ended));
}

#[tokio::test]
async fn a_file_that_is_not_there_is_an_error_unless_it_is_followed() {
    let place = Place::new();
    let settings = FileLogSettings {
        paths: vec![place.file("absent")],
        follow: Follow::UntilEnd,
        first_source: 0,
    };
    let error = FileLog::open(&settings, None).unwrap_err().to_string();
    assert!(error.contains("absent"), "{error}");
}

#[tokio::test]
async fn the_local_log_and_files_are_read_as_one() {
    let place = Place::new();
    let path = place.file("live");
    append(&path, "from the file\n");
    let store = place.store();
    let settings =
        FileLogSettings { paths: vec![path.clone()], follow: Follow::UntilEnd, first_source: 1 };
    let files = FileLog::open(&settings, Some(&store)).unwrap();
    let mut log = LocalAndFiles::new(store.log(), files);
    assert_eq!(log.sources().len(), 2);
    let mut batch = RecordBatch::default();
    for _ in 0..2 {
        assert!(matches!(next(&mut log, &mut batch).await, Polled::Assigned(_)));
    }
    assert!(matches!(next(&mut log, &mut batch).await, Polled::Records));
    let (sink, mut more) = (store.sink(), RecordBatch::default());
    let record = NewRecord { key: b"k".to_vec(), headers: vec![], value: b"posted".to_vec() };
    let (polled, appended) = tokio::join!(next(&mut log, &mut more), sink.append(vec![record]));
    appended.unwrap();
    assert!(matches!(polled, Polled::Records));
    let values: Vec<_> = batch
        .iter()
        .chain(more.iter())
        .map(|record| (record.partition().source, record.value().unwrap().to_vec()))
        .collect();
    assert_eq!(values, [(1, b"from the file".to_vec()), (0, b"posted".to_vec())]);
    let local = more.iter().next().unwrap();
    let done = |partition, next| Commit { partition, next, metadata: METADATA };
    let file = LogPartition { source: 1, number: 0 };
    log.close(&[done(local.partition(), 1), done(file, 1)]).await.unwrap();
    assert_eq!(store.cursors("local").await.unwrap().len(), 1);
    assert_eq!(store.cursors(path.to_str().unwrap()).await.unwrap()[0].next, 1);
}
