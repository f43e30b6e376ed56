//! The real driver over memory: what the machine asks for is done, and nothing is held in silence.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use ringfold::dial::limits::Limits;
use ringfold::ingest::vitals::Vitals;
use ringfold::ingest::worker::World as Chance;
use ringfold::ingest::{Worker, WorkerError};
use ringfold::memory::{
    HandClock, MemoryBroker, MemoryChanges, MemoryDeadLetters, MemoryLog, MemoryStore, ReadFault,
    SeededEntropy, WriteFault,
};
use ringfold::ports::log::{LogPartition, NewRecord};
use ringfold::ports::store::Atomicity;
use ringfold::tariff::Book;
use ringfold::value::Micros;
use tokio_util::sync::CancellationToken;

use super::world::{NOON_MS, headers, record, settings};

const PART: LogPartition = LogPartition { source: 0, number: 0 };

struct Bench {
    broker: MemoryBroker,
    store: MemoryStore,
    clock: HandClock,
    stop: CancellationToken,
}

impl Bench {
    fn new() -> Self {
        let clock = HandClock::at(Micros::from_ms(NOON_MS + 600_000));
        Self {
            broker: MemoryBroker::new(&[("dials", 1)], Arc::new(clock.clone())),
            store: MemoryStore::new(Atomicity::PerDay),
            clock,
            stop: CancellationToken::new(),
        }
    }

    fn publish(&self, dial: u8, kind: &'static str) {
        let logged = record(dial, kind, 9);
        let headers = headers(&logged)
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into_bytes()))
            .collect();
        let (key, value) = (logged.key.into_bytes(), logged.value.into_bytes());
        self.broker.append(PART, NewRecord { key, headers, value });
    }

    fn worker(&self) -> Worker<MemoryLog, MemoryStore, MemoryDeadLetters, MemoryChanges> {
        Worker {
            log: self.broker.sole_member(),
            store: self.store.clone(),
            dead_letters: MemoryDeadLetters::default(),
            changes: MemoryChanges::default(),
            world: Chance {
                clock: Arc::new(self.clock.clone()),
                entropy: Arc::new(SeededEntropy::new(7)),
            },
            book: Arc::new(ArcSwap::from_pointee(Book::default())),
            limits: Limits::default(),
            settings: settings(),
            watchdog: Duration::from_mins(2),
            vitals: Arc::new(Vitals::default()),
        }
    }

    async fn run(&self) -> Result<(), WorkerError> {
        self.play(self.worker()).await
    }

    async fn play(
        &self,
        worker: Worker<MemoryLog, MemoryStore, MemoryDeadLetters, MemoryChanges>,
    ) -> Result<(), WorkerError> {
        tokio::time::timeout(Duration::from_secs(30), worker.run(self.stop.clone()))
            .await
            .expect("the worker neither works nor ends")
    }
}

#[tokio::test]
async fn a_finite_log_is_folded_to_its_end() {
    let bench = Bench::new();
    for (dial, kind) in [(1, "dial.started"), (2, "dial.started"), (1, "dial.ended")] {
        bench.publish(dial, kind);
    }
    bench.broker.finish();
    bench.run().await.unwrap();
    assert_eq!(bench.store.rows().len(), 2);
    assert_eq!(bench.broker.committed(PART).unwrap().next, 3);
}

#[tokio::test]
async fn a_write_that_panics_ends_the_worker_instead_of_standing_for_ever() {
    let bench = Bench::new();
    bench.publish(1, "dial.started");
    bench.store.faults().next_write(WriteFault::Panic);
    let ended = bench.run().await;
    assert!(matches!(ended, Err(WorkerError::Task(_))), "{ended:?}");
    assert_eq!(bench.broker.committed(PART), None, "the record is read again");
}

#[tokio::test]
async fn a_clock_that_is_set_back_holds_no_repetition_up() {
    let bench = Bench::new();
    bench.publish(1, "dial.started");
    bench.store.faults().next_write(WriteFault::NotApplied);
    bench.broker.finish();
    let worker = bench.worker();
    let vitals = Arc::clone(&worker.vitals);
    let back = async {
        while vitals.stalled_since().is_none() {
            tokio::task::yield_now().await;
        }
        bench.clock.set(Micros::from_ms(NOON_MS - 3_600_000));
    };
    let (ended, ()) = tokio::join!(bench.play(worker), back);
    ended.unwrap();
    assert_eq!(bench.store.rows().len(), 1);
}

#[tokio::test]
async fn a_store_that_sleeps_at_an_assignment_does_not_hold_the_loop() {
    let bench = Bench::new();
    bench.publish(1, "dial.started");
    bench.store.faults().next_read(ReadFault::Slow(Duration::from_hours(1)));
    bench.broker.finish();
    bench.run().await.unwrap();
    assert_eq!(bench.store.rows().len(), 1);
}
