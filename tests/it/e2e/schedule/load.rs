//! The gateways of a round: generated traffic with disorder, repetitions and records that nobody can
//! read, sent as far as the schedule allows, through whatever happens to the broker.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread::JoinHandle;
use std::time::Duration;

use rdkafka::client::ClientContext;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer as _, ProducerContext};
use ringfold::ports::log::NewRecord;
use ringfold::simulator::traffic::{Share, Traffic, TrafficPlan};

use crate::support::broker::Broker;

use super::plan::Dice;

/// One of so many records is preceded by one that cannot be read.
const BAD_EVERY: u64 = 150;

/// About 800 records a second: what strikes, strikes in the flow.
const BURST: usize = 16;
const PAUSE: Duration = Duration::from_millis(20);

/// All records of a round, in the order they are sent, and how many of them are unreadable.
pub fn records(seed: u64, calls: u64) -> (Vec<NewRecord>, usize) {
    let plan = TrafficPlan {
        seed,
        calls,
        projects: 3,
        call_every_us: 20_000_000,
        disorder: Share(100_000),
        duplicates: Share(100_000),
        missing_ends: Share(30_000),
        ..TrafficPlan::default()
    };
    let mut traffic = Traffic::new(plan);
    let mut dice = Dice::new(seed);
    let (mut records, mut bad) = (Vec::new(), 0);
    while let Some(event) = traffic.next_event() {
        let record = event.to_record();
        if dice.below(BAD_EVERY) == 0 {
            records.push(unreadable(&record, dice.below(3)));
            bad += 1;
        }
        records.push(record);
    }
    (records, bad)
}

/// Something that looks like this record and is none.
fn unreadable(like: &NewRecord, way: u64) -> NewRecord {
    let mut record = like.clone();
    match way {
        0 => record.value.truncate(like.value.len() / 2),
        1 => {
            for (name, value) in &mut record.headers {
                if name == "ce_type" {
                    *value = b"ringfold.dial.paused.v1".to_vec();
                }
            }
        }
        _ => {
            // A name that comes twice.
            record.value.pop();
            record.value.extend_from_slice(br#","projectId":"x"}"#);
        }
    }
    record
}

/// Counts what the broker took.
#[derive(Clone, Default)]
struct Delivered(Arc<AtomicUsize>);

impl ClientContext for Delivered {}

impl ProducerContext for Delivered {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, _opaque: ()) {
        if result.is_ok() {
            self.0.fetch_add(1, SeqCst);
        }
    }
}

/// Sends in a thread of its own.
pub struct Gateways {
    allowed: Arc<AtomicUsize>,
    delivered: Delivered,
    count: usize,
    thread: JoinHandle<()>,
}

impl Gateways {
    pub fn start(broker: &Broker, records: Vec<NewRecord>) -> Self {
        let (allowed, delivered) = (Arc::new(AtomicUsize::new(0)), Delivered::default());
        let count = records.len();
        let (topic, until) = (broker.dials.clone(), Arc::clone(&allowed));
        let mut config = broker.config();
        config
            .set("partitioner", "murmur2_random")
            .set("acks", "all")
            .set("enable.idempotence", "true")
            .set("linger.ms", "5")
            .set("message.timeout.ms", "600000");
        let producer: BaseProducer<Delivered> =
            config.create_with_context(delivered.clone()).unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test without a supervisor")]
        let thread = std::thread::spawn(move || {
            for (place, record) in records.iter().enumerate() {
                while until.load(SeqCst) <= place {
                    producer.poll(Duration::from_millis(10));
                }
                send(&producer, &topic, record);
                if place % BURST == 0 {
                    #[allow(clippy::disallowed_methods, reason = "gateways send at a pace")]
                    std::thread::sleep(PAUSE);
                }
            }
            producer.flush(Duration::from_mins(3)).unwrap();
        });
        Self { allowed, delivered, count, thread }
    }

    /// Lets them send the first so many records.
    pub fn allow(&self, count: usize) {
        self.allowed.store(count, SeqCst);
    }

    /// Lets them send the rest, and gives how many the broker has taken: all of them.
    pub fn finish(self) -> usize {
        self.allow(usize::MAX);
        self.thread.join().unwrap();
        assert_eq!(self.delivered.0.load(SeqCst), self.count, "records that the broker took");
        self.count
    }
}

fn send(producer: &BaseProducer<Delivered>, topic: &str, record: &NewRecord) {
    let headers = record.headers.iter().fold(OwnedHeaders::new(), |all, (key, value)| {
        all.insert(Header { key, value: Some(value) })
    });
    let mut message =
        BaseRecord::to(topic).headers(headers).key(&record.key).payload(&record.value);
    while let Err((_, back)) = producer.send(message) {
        producer.poll(Duration::from_millis(20));
        message = back;
    }
    producer.poll(Duration::ZERO);
}
