//! The local store as a whole: its log, its lock, and what a reopened directory still holds.

use std::sync::Arc;
use std::time::Duration;

use ringfold::dial::row::{DayBatch, DirectoryRow, FoldWrite};
use ringfold::dial::{ItemKey, State};
use ringfold::embedded::{Embedded, EmbeddedSettings, LOCAL_SOURCE, OpenError};
use ringfold::item::{Finality, Flags, Rating, Rendered, Status};
use ringfold::ports::letters::Letters;
use ringfold::ports::log::{
    AppendError, Commit, CommitMetadata, DeadLetter, DeadLetters, EventLog, EventSink,
    LogPartition, NewRecord, Polled, RecordBatch,
};
use ringfold::ports::store::{Cursor, DialStore, WriteUnit};
use ringfold::ports::world::WallClock;
use ringfold::value::{ItemId, Micros, ProjectId};
use uuid::Uuid;

/// A clock that stands still: record times must rise all the same.
struct Still(Micros);

impl WallClock for Still {
    fn now(&self) -> Micros {
        self.0
    }
}

const NOW: Micros = Micros::from_ms(1_774_736_103_000);

fn settings(dir: &tempfile::TempDir) -> EmbeddedSettings {
    EmbeddedSettings { disk_reserve_bytes: 0, ..EmbeddedSettings::in_dir(dir.path()) }
}

fn open(dir: &tempfile::TempDir) -> Embedded {
    Embedded::open(&settings(dir), Arc::new(Still(NOW))).unwrap()
}

fn record(key: &str, value: &str) -> NewRecord {
    NewRecord { key: key.into(), headers: vec![("h".into(), b"v".to_vec())], value: value.into() }
}

fn partition(number: u16) -> LogPartition {
    LogPartition { source: 0, number }
}

fn write_of(project: ProjectId, ms: i64) -> FoldWrite {
    let key = ItemKey {
        project,
        created_at: Micros::from_ms(ms),
        item: ItemId::new(Uuid::new_v8((u128::try_from(ms).unwrap() << 80 | 7).to_be_bytes())),
    };
    let rendered = Rendered {
        status: Status::Initiated,
        is_answered: false,
        finality: Finality::Open,
        dial_duration_s: None,
        ring_ms: None,
        talk_ms: None,
        flags: Flags::default(),
        updated_at: key.created_at,
        cost: None,
        cost_source: None,
        rating: Rating::default(),
    };
    FoldWrite { key, state: State { revision: 1, ..State::default() }, rendered }
}

fn unit(write: FoldWrite, cursor: Cursor) -> WriteUnit {
    let batch = DayBatch {
        project: write.key.project,
        day: write.key.day(),
        directory: DirectoryRow::Missing,
        locators: vec![],
        rows: vec![write],
    };
    WriteUnit { batches: vec![batch], cursors: vec![cursor] }
}

async fn drain(log: &mut ringfold::embedded::LocalLog, most: usize) -> RecordBatch {
    let mut batch = RecordBatch::default();
    while batch.len() < most {
        log.next(&mut batch, 1 << 20).await.unwrap();
    }
    batch
}

#[tokio::test]
async fn what_was_appended_is_read_in_order_by_key_with_rising_times() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let mut log = store.log();
    let mut batch = RecordBatch::default();
    let Polled::Assigned(assigned) = log.next(&mut batch, 0).await.unwrap() else { panic!() };
    assert_eq!(assigned.len(), 4);
    assert!(assigned.iter().all(|a| a.start == 0 && a.committed.is_none() && a.parts == 4));
    let records = (0..40).map(|n| record(&format!("k{}", n % 5), &n.to_string())).collect();
    store.sink().append(records).await.unwrap();
    let batch = drain(&mut log, 40).await;
    for number in 0..4 {
        let of_partition: Vec<_> =
            batch.iter().filter(|r| r.partition() == partition(number)).collect();
        for (at, record) in of_partition.iter().enumerate() {
            assert_eq!(record.offset(), at as u64);
            assert!(record.record_time().unwrap() >= NOW);
        }
        assert!(of_partition.is_sorted_by(|a, b| a.record_time() < b.record_time()));
    }
    for key in 0..5 {
        let name = format!("k{key}");
        let of_key = batch.iter().filter(|r| r.key() == Some(name.as_bytes()));
        let values: Vec<u32> = of_key
            .map(|r| std::str::from_utf8(r.value().unwrap()).unwrap().parse().unwrap())
            .collect();
        assert_eq!(values, (0..8).map(|n| n * 5 + key).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_waiting_reader_wakes_when_something_is_appended() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let mut log = store.log();
    let mut batch = RecordBatch::default();
    log.next(&mut batch, 0).await.unwrap();
    let idle = tokio::time::timeout(Duration::from_millis(30), log.next(&mut batch, 1 << 20)).await;
    assert!(idle.is_err() && batch.is_empty());
    let sink = store.sink();
    let (polled, appended) =
        tokio::join!(log.next(&mut batch, 1 << 20), sink.append(vec![record("k", "v")]));
    appended.unwrap();
    assert!(matches!(polled.unwrap(), Polled::Records));
    assert_eq!(batch.len(), 1);
}

#[tokio::test]
async fn no_room_takes_no_records() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let mut log = store.log();
    let mut batch = RecordBatch::default();
    log.next(&mut batch, 0).await.unwrap();
    store.sink().append(vec![record("k", "v")]).await.unwrap();
    let none = tokio::time::timeout(Duration::from_millis(30), log.next(&mut batch, 0)).await;
    assert!(none.is_err() && batch.is_empty());
}

#[tokio::test]
async fn a_reopened_store_has_the_rows_and_goes_on_at_their_cursor() {
    let dir = tempfile::tempdir().unwrap();
    let project = ProjectId::new(Uuid::from_u128(1));
    let write = write_of(project, NOW.ms());
    let cursor =
        |next| Cursor { source: LOCAL_SOURCE.into(), number: 0, next, floor: NOW, parts: 4 };
    {
        let store = open(&dir);
        let key = (0..).map(|n| format!("k{n}"));
        let records: Vec<_> = key.take(64).map(|key| record(&key, "x")).collect();
        store.sink().append(records).await.unwrap();
        store.write(&unit(write.clone(), cursor(3))).await.unwrap();
    }
    let store = open(&dir);
    assert_eq!(store.cursors(LOCAL_SOURCE).await.unwrap(), [cursor(3)]);
    let row = store.load(&[write.key]).await.unwrap().pop().unwrap().unwrap();
    assert_eq!(row.state, write.state);
    let mut log = store.log();
    let mut batch = RecordBatch::default();
    let Polled::Assigned(assigned) = log.next(&mut batch, 0).await.unwrap() else { panic!() };
    assert_eq!(assigned[0].start, 3);
    assert_eq!(assigned[0].committed, Some(CommitMetadata { floor: NOW, parts: 4 }));
    assert_eq!(assigned[1].committed, None);
    let batch = drain(&mut log, 61).await;
    let first = batch.iter().find(|r| r.partition() == partition(0)).unwrap();
    assert_eq!(first.offset(), 3);
    // Appending goes on behind what was there, with a time above the last one.
    let last = batch.iter().map(|r| (r.partition(), r.offset(), r.record_time()));
    let last = last.max_by_key(|(p, offset, _)| (*p, *offset)).unwrap();
    store.sink().append(vec![record("again", "x"); 9]).await.unwrap();
    let more = drain(&mut log, 9).await;
    for again in more.iter().filter(|r| r.partition() == last.0) {
        assert!(again.offset() > last.1 && again.record_time() > last.2);
    }
}

#[tokio::test]
async fn a_commit_without_rows_moves_the_cursor_forward_only() {
    let dir = tempfile::tempdir().unwrap();
    let commit = |next| Commit {
        partition: partition(2),
        next,
        metadata: CommitMetadata { floor: NOW, parts: 4 },
    };
    {
        let store = open(&dir);
        let mut log = store.log();
        log.commit(&[commit(7)]);
        log.commit(&[commit(5)]);
    }
    {
        let store = open(&dir);
        let cursors = store.cursors(LOCAL_SOURCE).await.unwrap();
        assert_eq!(cursors.iter().map(|c| (c.number, c.next)).collect::<Vec<_>>(), [(2, 7)]);
        store.log().close(&[commit(9)]).await.unwrap();
    }
    assert_eq!(open(&dir).cursors(LOCAL_SOURCE).await.unwrap()[0].next, 9);
}

#[tokio::test]
async fn a_second_open_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let second = Embedded::open(&settings(&dir), Arc::new(Still(NOW)));
    let error = second.unwrap_err();
    assert!(matches!(error, OpenError::Locked { .. }), "{error:?}");
    assert!(error.to_string().contains("in use by another process"), "{error}");
    drop(store);
    open(&dir);
}

#[tokio::test]
async fn the_number_of_log_partitions_is_that_of_the_first_open() {
    let dir = tempfile::tempdir().unwrap();
    let two = EmbeddedSettings { log_partitions: 2, ..settings(&dir) };
    drop(Embedded::open(&two, Arc::new(Still(NOW))).unwrap());
    let store = open(&dir);
    let mut log = store.log();
    let mut batch = RecordBatch::default();
    let Polled::Assigned(assigned) = log.next(&mut batch, 0).await.unwrap() else { panic!() };
    assert_eq!(assigned.len(), 2);
}

#[tokio::test]
async fn a_record_that_is_too_large_takes_none_of_its_batch_along() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let records = vec![record("a", "x"), record("a", &"x".repeat(3 << 20))];
    let refused = store.sink().append(records).await;
    assert!(matches!(refused, Err(AppendError::TooLarge(_))), "{refused:?}");
    assert!(store.log().ends().iter().all(|end| end.end == 0));
}

#[tokio::test]
async fn a_full_disk_takes_nothing_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let reserve = EmbeddedSettings { disk_reserve_bytes: u64::MAX, ..settings(&dir) };
    let store = Embedded::open(&reserve, Arc::new(Still(NOW))).unwrap();
    let refused = store.sink().append(vec![record("a", "x")]).await;
    assert!(matches!(refused, Err(AppendError::Unavailable(_))), "{refused:?}");
    let project = ProjectId::new(Uuid::from_u128(1));
    let cursor = Cursor { source: LOCAL_SOURCE.into(), number: 0, next: 1, floor: NOW, parts: 4 };
    let write = write_of(project, NOW.ms());
    let refused = store.write(&unit(write.clone(), cursor)).await.unwrap_err();
    assert_eq!(refused.kind(), "not_applied");
    assert_eq!(store.load(&[write.key]).await.unwrap(), [None]);
}

#[tokio::test]
async fn trimming_takes_old_records_below_the_cursor_but_never_the_newest() {
    let dir = tempfile::tempdir().unwrap();
    let keep = EmbeddedSettings { log_partitions: 1, log_keep: None, ..settings(&dir) };
    let store = Embedded::open(&keep, Arc::new(Still(NOW))).unwrap();
    store.sink().append(vec![record("k", "v"); 10]).await.unwrap();
    store.trim_log(Micros::MAX).await.unwrap();
    let metadata = CommitMetadata { floor: NOW, parts: 1 };
    let mut log = store.log();
    let commit = |next| Commit { partition: partition(0), next, metadata };
    log.hand_back(&[commit(6)]).await;
    // Times are NOW, NOW + 1 µs, …: four of the six that are done are older than this.
    store.trim_log(Micros::new(NOW.get() + 4)).await.unwrap();
    assert_eq!(offsets(&store).await, (4..10).collect::<Vec<_>>());
    log.hand_back(&[commit(10)]).await;
    store.trim_log(Micros::MAX).await.unwrap();
    assert_eq!(offsets(&store).await, [9]);
    drop((store, log));
    let store = Embedded::open(&keep, Arc::new(Still(NOW))).unwrap();
    assert_eq!(store.log().ends()[0].end, 10);
}

/// Offsets of the one log partition that a reader who goes back to 0 finds.
async fn offsets(store: &Embedded) -> Vec<u64> {
    store.rewind_log(Micros::MIN).await.unwrap();
    let mut log = store.log();
    let mut batch = RecordBatch::default();
    log.next(&mut batch, 0).await.unwrap();
    log.next(&mut batch, 1 << 20).await.unwrap();
    batch.iter().map(ringfold::ports::log::Record::offset).collect()
}

#[tokio::test]
async fn a_dead_letter_is_kept_once_an_identity_and_listed_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let letter = |source: &str, offset| DeadLetter {
        source: source.into(),
        partition: partition(1),
        offset,
        record_time: Some(NOW),
        key: Some(b"k".to_vec()),
        headers: vec![("a".into(), None)],
        value: Some(vec![0, 159]),
        reason: "not_json",
        error: "expected a value".into(),
        attempts: 0,
    };
    for (source, offset) in [("local", 5), ("b", 1), ("local", 2), ("local", 5)] {
        DeadLetters::put(&store, &letter(source, offset)).await.unwrap();
    }
    drop(store);
    let store = open(&dir);
    let mut letters = store.letters();
    let first = letters.page().await.unwrap();
    let places: Vec<_> = first.iter().map(|kept| (&*kept.id.source, kept.id.offset)).collect();
    assert_eq!(places, [("b", 1), ("local", 2), ("local", 5)]);
    assert!(letters.page().await.unwrap().is_empty());
    assert_eq!(first[0].value, Some(vec![0, 159]));
}
