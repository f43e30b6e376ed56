//! The event log: order, resumption, and what a reader may do while it waits.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use ringfold::embedded::{Embedded, LocalLog, LocalSink};
use ringfold::memory::{MemoryBroker, MemoryLog, MemorySink, SeededEntropy};
use ringfold::ports::log::{
    Assignment, Commit, CommitMetadata, EventLog, EventSink, LogPartition, NewRecord, Polled,
    Record, RecordBatch,
};
use ringfold::ports::world::Entropy;
use ringfold::value::Micros;

/// A log that can be read again, as a restarted process does.
pub trait LogUnderTest: Sync {
    /// Its reader.
    type Log: EventLog;
    /// Its way in.
    type Sink: EventSink;

    /// A reader that will hold everything; the one before is closed or dropped.
    fn reader(&self) -> impl Future<Output = Self::Log> + Send;

    /// The way in.
    fn writer(&self) -> Self::Sink;
}

impl LogUnderTest for MemoryBroker {
    type Log = MemoryLog;
    type Sink = MemorySink;

    async fn reader(&self) -> MemoryLog {
        self.sole_member()
    }

    fn writer(&self) -> MemorySink {
        self.sink(0)
    }
}

impl LogUnderTest for Embedded {
    type Log = LocalLog;
    type Sink = LocalSink;

    async fn reader(&self) -> LocalLog {
        self.log()
    }

    fn writer(&self) -> LocalSink {
        self.sink()
    }
}

/// Longest wait for anything that is there.
const PATIENCE: Duration = Duration::from_secs(20);

fn record(key: &str, value: &str) -> NewRecord {
    NewRecord { key: key.into(), headers: vec![], value: value.into() }
}

/// Reads until the log partitions were assigned.
async fn assigned<L: EventLog>(log: &mut L) -> Vec<Assignment> {
    let mut batch = RecordBatch::default();
    loop {
        let polled = tokio::time::timeout(PATIENCE, log.next(&mut batch, 0)).await;
        if let Polled::Assigned(assignments) = polled.unwrap().unwrap() {
            return assignments;
        }
    }
}

/// Reads so many records.
async fn read<L: EventLog>(log: &mut L, count: usize) -> RecordBatch {
    let mut batch = RecordBatch::default();
    while batch.len() < count {
        let polled = tokio::time::timeout(PATIENCE, log.next(&mut batch, 1 << 20)).await;
        polled.unwrap().unwrap();
    }
    assert_eq!(batch.len(), count);
    batch
}

/// Whether nothing more comes for a while.
async fn is_quiet<L: EventLog>(log: &mut L, room: usize) -> bool {
    let mut batch = RecordBatch::default();
    tokio::time::timeout(Duration::from_millis(50), log.next(&mut batch, room)).await.is_err()
        && batch.is_empty()
}

/// Commits of everything in the batch.
fn all_of(batch: &RecordBatch, floor: Micros, parts: u16) -> Vec<Commit> {
    let mut next: BTreeMap<LogPartition, u64> = BTreeMap::new();
    for record in batch.iter() {
        next.insert(record.partition(), record.offset() + 1);
    }
    let metadata = CommitMetadata { floor, parts };
    next.into_iter().map(|(partition, next)| Commit { partition, next, metadata }).collect()
}

fn some_records(count: usize) -> Vec<NewRecord> {
    (0..count).map(|n| record(&format!("call-{}", n % 11), &n.to_string())).collect()
}

pub async fn records_come_back_byte_for_byte<L: LogUnderTest>(log: &L, seed: u64) {
    let entropy = SeededEntropy::new(seed);
    let mut large = vec![0; (1 << 20) - 4_096];
    entropy.fill(&mut large);
    let binary = (0..=255).collect::<Vec<u8>>();
    let header = |n| (format!("name-{}", n % 90), vec![0, 0xFF, n]);
    let records = [
        NewRecord { key: binary, headers: (0..100).map(header).collect(), value: vec![] },
        NewRecord { key: b"large".to_vec(), headers: vec![], value: large },
        NewRecord { key: b"e".to_vec(), headers: vec![(String::new(), vec![])], value: vec![1] },
    ];
    let mut reader = log.reader().await;
    assigned(&mut reader).await;
    log.writer().append(records.to_vec()).await.unwrap();
    let batch = read(&mut reader, 3).await;
    for sent in &records {
        let got = batch.iter().find(|got| got.key() == Some(&sent.key)).unwrap();
        assert_eq!(got.value(), Some(&*sent.value));
        let headers = got.headers().map(|(name, value)| (name.to_owned(), value.unwrap().to_vec()));
        assert_eq!(headers.collect::<Vec<_>>(), sent.headers);
        assert!(got.record_time().is_some());
    }
}

pub async fn records_of_one_key_keep_their_order<L: LogUnderTest>(log: &L, _seed: u64) {
    let mut reader = log.reader().await;
    assigned(&mut reader).await;
    let (sink, records) = (log.writer(), some_records(500));
    for part in records.chunks(37) {
        sink.append(part.to_vec()).await.unwrap();
    }
    let batch = read(&mut reader, 500).await;
    let mut of_key: BTreeMap<&[u8], Vec<Record<'_>>> = BTreeMap::new();
    for got in batch.iter() {
        of_key.entry(got.key().unwrap()).or_default().push(got);
    }
    assert_eq!(of_key.len(), 11);
    for (key, got) in of_key {
        let sent = records.iter().filter(|sent| sent.key == key).map(|sent| &*sent.value);
        assert!(sent.eq(got.iter().map(|got| got.value().unwrap())));
        assert!(got.is_sorted_by(|a, b| a.partition() == b.partition() && a.offset() < b.offset()));
    }
}

pub async fn a_committed_offset_and_its_metadata_survive_a_restart<L: LogUnderTest>(
    log: &L,
    _seed: u64,
) {
    let floor = Micros::from_ms(1_774_872_000_123);
    let mut reader = log.reader().await;
    let parts = assigned(&mut reader).await[0].parts;
    log.writer().append(some_records(60)).await.unwrap();
    let batch = read(&mut reader, 60).await;
    let commits = all_of(&batch, floor, parts);
    reader.close(&commits).await.unwrap();
    let mut heir = log.reader().await;
    check_resumed(&assigned(&mut heir).await, &commits);
    assert!(is_quiet(&mut heir, 1 << 20).await);
    log.writer().append(vec![record("call-3", "new")]).await.unwrap();
    assert_eq!(read(&mut heir, 1).await.iter().next().unwrap().value(), Some(&b"new"[..]));
}

fn check_resumed(assignments: &[Assignment], commits: &[Commit]) {
    for assignment in assignments {
        let commit = commits.iter().find(|commit| commit.partition == assignment.partition);
        assert_eq!(assignment.start, commit.map_or(0, |commit| commit.next));
        assert_eq!(assignment.committed, commit.map(|commit| commit.metadata));
        assert_eq!(usize::from(assignment.parts), assignments.len());
    }
}

pub async fn what_was_not_committed_is_read_again<L: LogUnderTest>(log: &L, _seed: u64) {
    log.writer().append(some_records(40)).await.unwrap();
    let mut reader = log.reader().await;
    assigned(&mut reader).await;
    read(&mut reader, 40).await;
    drop(reader);
    let mut heir = log.reader().await;
    assert!(assigned(&mut heir).await.iter().all(|a| a.start == 0 && a.committed.is_none()));
    read(&mut heir, 40).await;
}

pub async fn without_room_nothing_is_taken_and_nothing_lost<L: LogUnderTest>(log: &L, _seed: u64) {
    let mut reader = log.reader().await;
    assigned(&mut reader).await;
    log.writer().append(some_records(30)).await.unwrap();
    assert!(is_quiet(&mut reader, 0).await);
    // A little room takes a little.
    let mut batch = RecordBatch::default();
    tokio::time::timeout(PATIENCE, reader.next(&mut batch, 1)).await.unwrap().unwrap();
    let first = batch.len();
    assert!(first < 30);
    assert_eq!(read(&mut reader, 30 - first).await.len(), 30 - first);
}

pub async fn a_dropped_wait_loses_nothing<L: LogUnderTest>(log: &L, _seed: u64) {
    let mut reader = log.reader().await;
    assigned(&mut reader).await;
    let (sink, mut batch) = (log.writer(), RecordBatch::default());
    for sent in some_records(50) {
        // The wait is given up as soon as the record is in, whether it was seen or not.
        tokio::select! {
            biased;
            polled = reader.next(&mut batch, 1 << 20) => { polled.unwrap(); }
            appended = sink.append(vec![sent.clone()]) => appended.unwrap(),
        }
    }
    let mut last = 0;
    while batch.len() > last || last == 0 {
        last = batch.len();
        let more = tokio::time::timeout(PATIENCE / 40, reader.next(&mut batch, 1 << 20)).await;
        if let Ok(polled) = more {
            polled.unwrap();
        }
    }
    let mut offsets: BTreeMap<LogPartition, Vec<u64>> = BTreeMap::new();
    for got in batch.iter() {
        offsets.entry(got.partition()).or_default().push(got.offset());
    }
    assert!(!batch.is_empty());
    assert!(offsets.values().all(|offsets| offsets.is_sorted_by(|a, b| a + 1 == *b)));
}

pub async fn an_end_is_told_for_every_log_partition<L: LogUnderTest>(log: &L, _seed: u64) {
    let mut reader = log.reader().await;
    let partitions = assigned(&mut reader).await.len();
    log.writer().append(some_records(25)).await.unwrap();
    read(&mut reader, 25).await;
    let ends = reader.ends();
    assert_eq!(ends.len(), partitions);
    assert_eq!(ends.iter().map(|end| end.end).sum::<u64>(), 25);
}

pub async fn a_close_is_quick_after_anything<L: LogUnderTest>(log: &L, _seed: u64) {
    log.writer().append(some_records(25)).await.unwrap();
    for step in 0..5 {
        let mut reader = log.reader().await;
        let mut commits = Vec::new();
        if step > 0 {
            assigned(&mut reader).await;
        }
        if step > 1 {
            let mut batch = RecordBatch::default();
            tokio::time::timeout(PATIENCE, reader.next(&mut batch, 64)).await.unwrap().unwrap();
            commits = all_of(&batch, Micros::from_ms(1), 1);
        }
        if step == 3 {
            reader.commit(&commits);
        }
        if step == 4 {
            reader.hand_back(&commits).await;
        }
        tokio::time::timeout(Duration::from_secs(2), reader.close(&commits))
            .await
            .unwrap()
            .unwrap();
    }
}
