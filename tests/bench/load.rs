//! Loads a topic once: seeded traffic of a thousand projects over a month.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use ringfold::simulator::traffic::{Encoded, Traffic, TrafficPlan};
use ringfold::value::Micros;

/// What was loaded.
#[derive(Clone, Copy, Debug)]
pub struct Loaded {
    pub events: u64,
    pub calls: u64,
}

/// Makes a topic of its own.
pub fn topic(brokers: &str, partitions: i32) -> String {
    let name = format!("rf.bench.{}.{partitions}", std::process::id());
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers);
    let admin: AdminClient<DefaultClientContext> = config.create().unwrap();
    for (name, count) in
        [(name.clone(), partitions), (format!("{name}.references"), 1), (format!("{name}.dead"), 1)]
    {
        let topic = NewTopic::new(&name, count, TopicReplication::Fixed(1))
            .set("message.timestamp.type", "LogAppendTime");
        let made = admin.create_topics([&topic], &AdminOptions::new());
        for result in futures::executor::block_on(made).unwrap() {
            result.unwrap();
        }
    }
    name
}

pub fn producer(brokers: &str) -> BaseProducer {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", brokers)
        .set("partitioner", "murmur2_random")
        .set("acks", "all")
        .set("enable.idempotence", "true")
        .set("compression.type", "lz4")
        .set("linger.ms", "5")
        .set("queue.buffering.max.messages", "500000");
    config.create().unwrap()
}

/// Sends one event in binary mode.
pub fn send(producer: &BaseProducer, topic: &str, event: &Encoded) {
    let headers = event.headers().into_iter().fold(OwnedHeaders::new(), |all, (key, value)| {
        all.insert(Header { key, value: Some(value) })
    });
    let mut record = BaseRecord::to(topic).key(event.key()).payload(event.data()).headers(headers);
    while let Err((_, back)) = producer.send(record) {
        producer.poll(Duration::from_millis(10));
        record = back;
    }
    producer.poll(Duration::ZERO);
}

/// Produces at least so many events.
pub fn produce(brokers: &str, topic: &str, events: u64) -> Loaded {
    let producer = producer(brokers);
    let month_us = 30 * 86_400_000_000_u64;
    let calls = events.div_ceil(5);
    let mut traffic = Traffic::new(TrafficPlan {
        calls,
        projects: 1_000,
        start: Micros::from_ms(1_772_323_200_000),
        call_every_us: month_us / calls.max(1),
        ..TrafficPlan::default()
    });
    let mut sent = 0;
    while let Some(event) = traffic.next_event() {
        send(&producer, topic, event);
        sent += 1;
        if sent == events {
            break;
        }
    }
    producer.flush(Duration::from_mins(2)).unwrap();
    Loaded { events: sent, calls: traffic.calls_made() }
}
