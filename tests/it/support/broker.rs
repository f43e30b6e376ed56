//! A real Kafka as a gateway and an operator use it: topics, records, dead letters.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::Message;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{BorrowedMessage, Header, Headers, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList, TopicPartitionListElem};
use serde_json::Value;

use super::process::Setup;

/// Topics of one test.
#[derive(Clone, Debug)]
pub struct Broker {
    pub address: String,
    pub dials: String,
    pub references: String,
    pub dead_letters: String,
}

/// A record that was read back.
#[derive(Clone, Debug)]
pub struct Read {
    pub partition: i32,
    pub offset: i64,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<(String, Option<Vec<u8>>)>,
}

impl Read {
    fn of(message: &BorrowedMessage<'_>) -> Self {
        let headers = message.headers().map_or_else(Vec::new, |headers| {
            let owned = |value: Option<&[u8]>| value.map(<[u8]>::to_vec);
            headers.iter().map(|h| (h.key.to_owned(), owned(h.value))).collect()
        });
        let key = message.key().map(<[u8]>::to_vec);
        let value = message.payload().map(<[u8]>::to_vec);
        Self { partition: message.partition(), offset: message.offset(), key, value, headers }
    }

    pub fn header(&self, name: &str) -> Option<String> {
        let found = self.headers.iter().find(|(header, _)| header == name)?;
        Some(String::from_utf8_lossy(found.1.as_deref()?).into_owned())
    }
}

impl Broker {
    /// Makes the topics of a test, with so many log partitions.
    pub fn new(address: &str, test: &str, partitions: i32) -> Self {
        let unique = uuid::Uuid::from_u128(
            u128::from(std::process::id()) | (u128::from(super::process::free_port()) << 64),
        );
        let name = |kind: &str| format!("rf.{test}.{}.{kind}", unique.simple());
        let broker = Self {
            address: address.to_owned(),
            dials: name("dials"),
            references: name("references"),
            dead_letters: name("dead"),
        };
        broker.create(partitions);
        broker
    }

    fn create(&self, partitions: i32) {
        let admin: AdminClient<DefaultClientContext> = self.config().create().unwrap();
        let topic = |name: &'static str, count| {
            NewTopic::new(name, count, TopicReplication::Fixed(1))
                .set("message.timestamp.type", "LogAppendTime")
        };
        let leak = |name: &str| -> &'static str { Box::leak(name.to_owned().into_boxed_str()) };
        let topics = [
            topic(leak(&self.dials), partitions),
            topic(leak(&self.references), 1),
            topic(leak(&self.dead_letters), 1),
        ];
        let made = admin.create_topics(&topics, &AdminOptions::new());
        for result in futures::executor::block_on(made).unwrap() {
            result.unwrap();
        }
    }

    pub fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.address);
        config
    }

    /// Settings of a worker on these topics.
    pub fn setup(&self, setup: Setup) -> Setup {
        setup
            .with("log.kind", "kafka")
            .with("kafka.brokers", &self.address)
            .with("kafka.group", &self.dials)
            .with("kafka.topics.dials", &self.dials)
            .with("kafka.topics.references", &self.references)
            .with("kafka.topics.dead_letters", &self.dead_letters)
            .with("kafka.client.session.timeout.ms", "6000")
            .with("kafka.client.heartbeat.interval.ms", "500")
    }

    fn producer(&self) -> BaseProducer {
        let mut config = self.config();
        config
            .set("partitioner", "murmur2_random")
            .set("acks", "all")
            .set("enable.idempotence", "true")
            .set("queue.buffering.max.messages", "1000000");
        config.create().unwrap()
    }

    /// Publishes records in order: key, headers, value.
    pub fn publish<'a>(&self, records: impl IntoIterator<Item = &'a Published>) {
        self.publish_to(None, records);
    }

    /// The same into one log partition, as a gateway with another partitioner would.
    pub fn publish_to<'a>(
        &self,
        partition: Option<i32>,
        records: impl IntoIterator<Item = &'a Published>,
    ) {
        let producer = self.producer();
        for record in records {
            let headers = record.headers.iter().fold(OwnedHeaders::new(), |all, (key, value)| {
                all.insert(Header { key, value: Some(value) })
            });
            let mut message = BaseRecord::to(&self.dials).headers(headers).key(&record.key);
            message.partition = partition;
            let mut message = match &record.value {
                Some(value) => message.payload(value),
                None => message,
            };
            while let Err((_, back)) = producer.send(message) {
                producer.poll(Duration::from_millis(20));
                message = back;
            }
            producer.poll(Duration::ZERO);
        }
        producer.flush(Duration::from_mins(1)).unwrap();
    }

    /// What the workers' consumer group has committed, per log partition.
    pub fn committed(&self) -> Vec<Offset> {
        let mut config = self.config();
        let consumer: BaseConsumer = config.set("group.id", &self.dials).create().unwrap();
        let mut list = TopicPartitionList::new();
        list.add_partition_range(&self.dials, 0, 3);
        let committed = consumer.committed_offsets(list, Duration::from_secs(20)).unwrap();
        committed.elements().iter().map(TopicPartitionListElem::offset).collect()
    }

    /// Offsets that it has committed, over all log partitions.
    pub fn committed_total(&self) -> usize {
        let offsets = self.committed().into_iter().filter_map(Offset::to_raw);
        offsets.filter_map(|offset| usize::try_from(offset).ok()).sum()
    }

    fn reader(&self, group: &str) -> BaseConsumer {
        let mut config = self.config();
        config.set("group.id", group).set("enable.auto.commit", "false");
        config.create().unwrap()
    }

    /// Where each log partition of a topic ends; `None` while the broker does not say.
    pub fn ends(&self, topic: &str) -> Option<Vec<i64>> {
        let reader = self.reader("reader");
        let timeout = Duration::from_secs(5);
        let metadata = reader.fetch_metadata(Some(topic), timeout).ok()?;
        let count = i32::try_from(metadata.topics().first()?.partitions().len()).ok()?;
        let end = |number| Some(reader.fetch_watermarks(topic, number, timeout).ok()?.1);
        (0..count).map(end).collect()
    }

    /// What the group has committed of each log partition of the dials; −1 = nothing.
    pub fn committed_of(&self, group: &str, partitions: i32) -> Option<Vec<i64>> {
        let mut list = TopicPartitionList::new();
        for number in 0..partitions {
            list.add_partition(&self.dials, number);
        }
        let committed = self.reader(group).committed_offsets(list, Duration::from_secs(5)).ok()?;
        let offset = |element: TopicPartitionListElem<'_>| {
            if let Offset::Offset(offset) = element.offset() { offset } else { -1 }
        };
        Some(committed.elements_for_topic(&self.dials).into_iter().map(offset).collect())
    }

    /// Members of the workers' group once it is stable.
    pub fn members(&self) -> Option<usize> {
        let reader = self.reader("reader");
        let list = reader.client().fetch_group_list(Some(&self.dials), Duration::from_secs(5));
        let list = list.ok()?;
        let group = list.groups().first()?;
        (group.state() == "Stable").then(|| group.members().len())
    }

    /// Everything that a topic holds now, log partition by log partition.
    pub fn read_all(&self, topic: &str) -> Vec<Read> {
        let ends = super::process::wait_until("the ends of a topic", || self.ends(topic));
        let mut all = Vec::new();
        for (number, end) in (0..).zip(ends) {
            let reader = self.reader("reader");
            let mut list = TopicPartitionList::new();
            list.add_partition_offset(topic, number, Offset::Beginning).unwrap();
            reader.assign(&list).unwrap();
            super::process::wait_until(&format!("{end} records in {topic}"), || {
                while let Some(message) = reader.poll(Duration::from_millis(100)) {
                    all.push(Read::of(&message.unwrap()));
                }
                let position = reader.position().unwrap();
                let at = position.find_partition(topic, number).map(|at| at.offset());
                let is_there = matches!(at, Some(Offset::Offset(at)) if at >= end);
                (end == 0 || is_there).then_some(())
            });
        }
        all
    }

    /// Reads a topic from its beginning until `count` records are there.
    pub fn read(&self, topic: &str, count: usize) -> Vec<Read> {
        let mut config = self.config();
        config.set("group.id", "reader").set("enable.auto.commit", "false");
        let consumer: BaseConsumer = config.create().unwrap();
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(topic, 0, Offset::Beginning).unwrap();
        consumer.assign(&list).unwrap();
        let mut read = Vec::new();
        super::process::wait_until(&format!("{count} records in {topic}"), || {
            while let Some(message) = consumer.poll(Duration::from_millis(100)) {
                read.push(Read::of(&message.unwrap()));
            }
            (read.len() >= count).then_some(())
        });
        read
    }
}

/// A record as a gateway publishes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Published {
    pub key: Vec<u8>,
    pub headers: Vec<(String, Vec<u8>)>,
    pub value: Option<Vec<u8>>,
}

impl Published {
    /// A structured event of a file in Kafka's binary mode; a line that is none as it stands.
    pub fn of_line(line: &str) -> Self {
        let Ok(event) = serde_json::from_str::<Value>(line) else {
            let headers = vec![("ce_specversion".to_owned(), b"1.0".to_vec())];
            return Self { key: b"cut".to_vec(), headers, value: Some(line.as_bytes().to_vec()) };
        };
        let text = |name: &str| event[name].as_str().unwrap_or_default().as_bytes().to_vec();
        let mut headers = vec![("content-type".to_owned(), b"application/json".to_vec())];
        for name in ["specversion", "id", "source", "type", "time", "partitionkey"] {
            headers.push((format!("ce_{name}"), text(name)));
        }
        Self {
            key: text("partitionkey"),
            headers,
            value: Some(event["data"].to_string().into_bytes()),
        }
    }
}
