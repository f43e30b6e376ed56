//! `simulate traffic`: seeded events to a file, to standard output or to a topic.

mod faults;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rdkafka::client::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer as _, ProducerContext};

use super::args::{SimulateCommand, TrafficArgs};
use super::exit::Failure;
use super::progress::Progress;
use super::{Context, Outcome};
use crate::simulator::traffic::{Encoded, Traffic, TrafficPlan};
use crate::supervisor::Exit;

const DAY_US: u64 = 86_400_000_000;
/// Bytes gathered before a write.
const CHUNK_BYTES: usize = 1 << 18;
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) fn run(command: &SimulateCommand, context: &mut Context) -> Outcome {
    match command {
        SimulateCommand::Traffic(args) => traffic(args, context),
        SimulateCommand::Faults(args) => faults::run(args, context),
    }
}

fn traffic(args: &TrafficArgs, context: &mut Context) -> Outcome {
    let plan = TrafficPlan {
        seed: args.seed,
        calls: args.calls,
        projects: args.projects,
        start: args.start,
        call_every_us: u64::from(args.days) * DAY_US / args.calls.max(1),
        disorder: args.disorder,
        duplicates: args.duplicates,
        missing_ends: args.missing_ends,
        ..TrafficPlan::default()
    };
    let events = match (&args.to, &args.kafka) {
        (Some(path), _) => to_file(plan, path, context)?,
        (None, Some(brokers)) => to_kafka(plan, brokers, args)?,
        (None, None) => 0,
    };
    context.note(&format!("{} calls, {events} events, seed {}", args.calls, args.seed))?;
    Ok(Exit::Done)
}

fn to_file(plan: TrafficPlan, path: &Path, context: &mut Context) -> Result<u64, Failure> {
    if path == Path::new("-") {
        return Ok(write_lines(plan, &mut context.out)?);
    }
    let at = |error: io::Error| {
        Failure::new(Exit::Failed, format!("cannot write the events: {error}"))
            .at(path.display().to_string())
    };
    let mut file = BufWriter::new(File::create(path).map_err(at)?);
    write_lines(plan, &mut file).map_err(at)
}

fn write_lines(plan: TrafficPlan, out: &mut impl Write) -> io::Result<u64> {
    let mut traffic = Traffic::new(plan);
    let mut progress = Progress::start("events", None);
    let mut chunk = Vec::with_capacity(2 * CHUNK_BYTES);
    while let Some(event) = traffic.next_event() {
        event.write_line(&mut chunk);
        if chunk.len() > CHUNK_BYTES {
            out.write_all(&chunk)?;
            chunk.clear();
        }
        progress.step();
    }
    out.write_all(&chunk)?;
    out.flush()?;
    Ok(progress.finish())
}

/// Counts what the brokers did not take.
#[derive(Clone, Default)]
struct Undelivered(Arc<AtomicU64>);

impl ClientContext for Undelivered {}

impl ProducerContext for Undelivered {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, _opaque: ()) {
        if result.is_err() {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn to_kafka(plan: TrafficPlan, brokers: &str, args: &TrafficArgs) -> Result<u64, Failure> {
    let topic = args.topic.as_deref().unwrap_or_default();
    let undelivered = Undelivered::default();
    let producer = open(brokers, topic, &undelivered)?;
    let mut traffic = Traffic::new(plan);
    let mut progress = Progress::start("events", None);
    while let Some(event) = traffic.next_event() {
        send(&producer, topic, event).map_err(|error| {
            Failure::new(Exit::Failed, format!("cannot send an event: {error}")).at(topic)
        })?;
        progress.step();
    }
    producer.flush(PATIENCE).map_err(|error| {
        Failure::new(Exit::Unreachable, format!("the brokers did not take all events: {error}"))
            .at(brokers)
    })?;
    match undelivered.0.load(Ordering::Relaxed) {
        0 => Ok(progress.finish()),
        lost => {
            Err(Failure::new(Exit::Failed, format!("{lost} events were not delivered")).at(topic))
        }
    }
}

fn open(
    brokers: &str,
    topic: &str,
    undelivered: &Undelivered,
) -> Result<BaseProducer<Undelivered>, Failure> {
    let mut config = ClientConfig::new();
    for (name, value) in [
        ("bootstrap.servers", brokers),
        ("acks", "all"),
        ("enable.idempotence", "true"),
        // The Java client's: the same call lies in the same log partition whoever sends it.
        ("partitioner", "murmur2_random"),
        ("compression.type", "lz4"),
        ("linger.ms", "5"),
        ("queue.buffering.max.messages", "500000"),
        ("queue.buffering.max.kbytes", "524288"),
    ] {
        config.set(name, value);
    }
    let producer: BaseProducer<Undelivered> = config
        .create_with_context(undelivered.clone())
        .map_err(|error| Failure::new(Exit::Usage, error.to_string()).at("--kafka"))?;
    let metadata = producer.client().fetch_metadata(Some(topic), PATIENCE).map_err(|error| {
        Failure::new(Exit::Unreachable, format!("no broker answers: {error}"))
            .at(brokers)
            .remedy("name brokers that run and can be reached")
    })?;
    let found = metadata.topics().iter().find(|found| found.name() == topic);
    if found.is_none_or(|found| found.error().is_some() || found.partitions().is_empty()) {
        let failure = Failure::new(Exit::Failed, "there is no such topic").at(topic);
        return Err(failure.remedy("create it first: nothing is created by misspelling"));
    }
    Ok(producer)
}

/// Sends one event; waits while the client's own queue is full.
fn send(
    producer: &BaseProducer<Undelivered>,
    topic: &str,
    event: &Encoded,
) -> Result<(), KafkaError> {
    let headers = event.headers();
    let headers = headers
        .iter()
        .fold(OwnedHeaders::new_with_capacity(headers.len()), |headers, (key, value)| {
            headers.insert(Header { key, value: Some(*value) })
        });
    let mut record = BaseRecord::to(topic).key(event.key()).payload(event.data()).headers(headers);
    loop {
        match producer.send(record) {
            Ok(()) => break,
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                producer.poll(Duration::from_millis(20));
                record = back;
            }
            Err((error, _)) => return Err(error),
        }
    }
    producer.poll(Duration::ZERO);
    Ok(())
}
