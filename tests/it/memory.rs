//! The in-memory broker and store where they differ from others: rebalances and faults on request.

use std::sync::Arc;
use std::time::Duration;

use ringfold::dial::ItemKey;
use ringfold::memory::{
    HandClock, MemoryBroker, MemoryLog, MemoryStore, ReadFault, SeededEntropy, WriteFault,
};
use ringfold::ports::log::{
    Commit, CommitMetadata, EventLog, EventSink, LogPartition, NewRecord, Polled, RecordBatch,
};
use ringfold::ports::store::{Atomicity, DialStore, ItemReader, ReadError};
use ringfold::value::Micros;

use crate::contract::sample::{Sample, units, write};

const PART: LogPartition = LogPartition { source: 0, number: 0 };

fn broker(parts: u16) -> (MemoryBroker, HandClock) {
    let clock = HandClock::at(Micros::from_ms(1_000));
    (MemoryBroker::new(&[("dials", parts)], Arc::new(clock.clone())), clock)
}

fn record(value: &str) -> NewRecord {
    NewRecord { key: b"k".to_vec(), headers: vec![], value: value.into() }
}

fn commit(next: u64) -> Commit {
    let metadata = CommitMetadata { floor: Micros::from_ms(7), parts: 1 };
    Commit { partition: PART, next, metadata }
}

async fn poll(log: &mut MemoryLog) -> (Polled, Vec<u64>) {
    let mut batch = RecordBatch::default();
    let polled = log.next(&mut batch, 1 << 20).await.unwrap();
    (polled, batch.iter().map(ringfold::ports::log::Record::offset).collect())
}

async fn assigned(log: &mut MemoryLog) -> (u64, u64) {
    let (Polled::Assigned(assigned), _) = poll(log).await else { panic!("not assigned") };
    (assigned[0].start, assigned[0].tenure)
}

async fn is_quiet(log: &mut MemoryLog) -> bool {
    tokio::time::timeout(Duration::from_millis(30), poll(log)).await.is_err()
}

#[tokio::test]
async fn an_heir_begins_exactly_where_the_owner_handed_back() {
    let (broker, _) = broker(1);
    for value in ["a", "b", "c"] {
        broker.append(PART, record(value));
    }
    let (mut owner, mut heir) = (broker.sole_member(), broker.member());
    let (_, first) = assigned(&mut owner).await;
    assert_eq!(poll(&mut owner).await.1, [0, 1, 2]);
    broker.transfer(&[PART], &heir);
    assert!(matches!(poll(&mut owner).await.0, Polled::Revoked(p) if p == [PART]));
    assert!(is_quiet(&mut heir).await);
    broker.append(PART, record("d"));
    assert!(is_quiet(&mut owner).await);
    owner.hand_back(&[commit(2)]).await;
    let (start, second) = assigned(&mut heir).await;
    assert!(start == 2 && second > first);
    assert_eq!(poll(&mut heir).await.1, [2, 3]);
}

#[tokio::test]
async fn a_zombie_reads_on_but_commits_nothing() {
    let (broker, clock) = broker(1);
    broker.append(PART, record("a"));
    let (mut zombie, mut heir) = (broker.sole_member(), broker.member());
    assigned(&mut zombie).await;
    poll(&mut zombie).await;
    broker.seize(&[PART], &heir);
    broker.append(PART, record("b"));
    assert_eq!(poll(&mut zombie).await.1, [1]);
    zombie.commit(&[commit(2)]);
    clock.advance(Duration::from_secs(2));
    assert_eq!((broker.committed(PART), broker.refused_commits()), (None, 1));
    assert_eq!(assigned(&mut heir).await.0, 0);
    assert_eq!(poll(&mut heir).await.1, [0, 1]);
    broker.tell_lost(&zombie);
    assert!(matches!(poll(&mut zombie).await.0, Polled::Lost(p) if p == [PART]));
    broker.append(PART, record("c"));
    assert!(is_quiet(&mut zombie).await);
}

#[tokio::test]
async fn a_commit_is_durable_after_a_second_and_lost_in_a_crash_before() {
    let (broker, clock) = broker(1);
    broker.append(PART, record("a"));
    let mut crashed = broker.sole_member();
    assigned(&mut crashed).await;
    crashed.commit(&[commit(1)]);
    drop(crashed);
    assert_eq!(broker.orphans().len(), 1);
    let mut next = broker.sole_member();
    assert_eq!(assigned(&mut next).await.0, 0);
    next.commit(&[commit(1)]);
    clock.advance(Duration::from_millis(1_001));
    drop(next);
    assert_eq!(broker.committed(PART), Some(commit(1)));
    assert_eq!(assigned(&mut broker.sole_member()).await.0, 1);
}

#[tokio::test]
async fn offsets_may_have_gaps_and_a_replay_goes_back() {
    let (broker, _) = broker(1);
    broker.append(PART, record("a"));
    broker.skip(PART, 40);
    broker.append(PART, record("b"));
    broker.reset(PART, Some((1, commit(1).metadata)));
    let mut log = broker.sole_member();
    assert_eq!(assigned(&mut log).await.0, 1);
    assert_eq!(poll(&mut log).await.1, [41]);
    drop(log);
    broker.reset(PART, None);
    let mut log = broker.sole_member();
    assert_eq!(assigned(&mut log).await.0, 0);
    assert_eq!(poll(&mut log).await.1, [0, 41]);
    broker.finish();
    assert!(matches!(poll(&mut log).await.0, Polled::Ended));
}

#[tokio::test]
async fn a_stopped_broker_takes_no_records() {
    let (broker, _) = broker(2);
    broker.stop();
    assert!(broker.sink(0).append(vec![record("a")]).await.is_err());
    broker.resume();
    broker.sink(0).append(vec![record("a")]).await.unwrap();
}

#[tokio::test]
async fn each_write_meets_its_scripted_fate() {
    let store = MemoryStore::new(Atomicity::PerDay);
    let sample = Sample::of(SeededEntropy::new(3).number());
    let fates = [
        (WriteFault::NotApplied, "not_applied", false),
        (WriteFault::RequestLost, "unknown", false),
        (WriteFault::AnswerLost, "unknown", true),
        (WriteFault::Overloaded, "overloaded", false),
        (WriteFault::Refused, "refused", false),
        (WriteFault::Invalid, "invalid", false),
    ];
    for (fate, kind, is_there) in fates {
        let key = sample.key();
        let unit = units(&store, &[write(key, sample.state(1))]).pop().unwrap();
        store.faults().next_write(fate);
        assert_eq!(store.write(&unit).await.unwrap_err().kind(), kind);
        assert_eq!(store.get(&key).await.unwrap().is_some(), is_there, "{fate:?}");
        store.write(&unit).await.unwrap();
    }
    let key = sample.key();
    let unit = units(&store, &[write(key, sample.state(1))]).pop().unwrap();
    store.faults().spare_writes(1);
    store.faults().every_write(Some(WriteFault::Late));
    store.write(&unit).await.unwrap();
    let later = units(&store, &[write(key, sample.state(2))]).pop().unwrap();
    assert_eq!(store.write(&later).await.unwrap_err().kind(), "unknown");
    assert_eq!(store.get(&key).await.unwrap().unwrap().state.revision, 1);
    assert_eq!(store.surface(), 1);
    assert_eq!(store.get(&key).await.unwrap().unwrap().state.revision, 2);
    store.faults().every_write(Some(WriteFault::Slow(Duration::from_millis(5))));
    store.write(&unit).await.unwrap();
}

#[tokio::test]
async fn reads_fail_when_the_script_says_so_and_ties_are_counted() {
    let store = MemoryStore::new(Atomicity::WholeUnit);
    let sample = Sample::of(5);
    let key: ItemKey = sample.key();
    store.faults().next_read(ReadFault::Unavailable);
    assert!(matches!(store.load(&[key]).await, Err(ReadError::Unavailable(_))));
    assert_eq!(store.load(&[key]).await.unwrap(), [None]);
    store.faults().every_read(Some(ReadFault::Refused));
    assert!(matches!(store.get(&key).await, Err(ReadError::Refused(_))));
    store.faults().every_read(None);
    for _ in 0..2 {
        let state = sample.chain(1).pop().unwrap();
        let unit = units(&store, &[write(key, state)]).pop().unwrap();
        store.write(&unit).await.unwrap();
        store.write(&unit).await.unwrap();
    }
    // Two states of one version, the later written twice.
    assert!(store.ties() >= 1);
    assert_eq!(store.rows().len(), 1);
}
