//! librdkafka settings with named defaults, and why. Those that would break a promise cannot be
//! overridden.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::ClientConfig;

use crate::ports::store::Cursor;

/// What is needed to speak to a Kafka cluster.
#[derive(Clone, Debug)]
pub struct KafkaSettings {
    /// `host:port`, separated by commas.
    pub brokers: String,
    /// Topics to read, dial events first. Their order numbers the sources.
    pub topics: Vec<String>,
    /// Where rejects go.
    pub dead_letters: String,
    /// Consumer group.
    pub group: String,
    /// Bytes fetched ahead, over all log partitions.
    pub prefetch_bytes: usize,
    /// `security.protocol`, `sasl.*`, `ssl.*`; secrets were read from their files.
    pub security: BTreeMap<String, String>,
    /// Further librdkafka settings, passed through.
    pub client: BTreeMap<String, String>,
    /// How long the cluster may take to answer at start.
    pub startup_deadline: Duration,
    /// Where reading resumes.
    pub position: Position,
}

/// Where reading resumes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Position {
    /// At the offsets committed in the consumer group, which shares the log partitions out.
    Group,
    /// At these cursors, on all log partitions, without a group: they lie beside the rows.
    Cursors(Vec<Cursor>),
}

/// Settings that may not be overridden, and the reason that is told.
const FIXED: [(&str, &str); 5] = [
    (
        "enable.auto.offset.store",
        "an offset is stored only after the store has acknowledged the rows, never when the record \
         is handed out",
    ),
    ("enable.auto.commit", "committing what was stored is what makes a restart resume exactly"),
    ("auto.offset.reset", "a lost offset must mean replay, never a gap"),
    ("allow.auto.create.topics", "a misspelt topic must be an error"),
    (
        "ssl.endpoint.identification.algorithm",
        "a certificate must belong to the broker it is shown by",
    ),
];

/// Why a setting may not be overridden; `None` = it may.
pub fn is_fixed(name: &str) -> Option<&'static str> {
    FIXED.iter().find(|(fixed, _)| *fixed == name).map(|(_, reason)| *reason)
}

/// Fetch queue of one log partition in KiB: its share of the prefetch, 1 to 16 MiB. The limit is
/// per log partition once queues are split; the default of 64 MiB each would be gigabytes.
fn queue_kib(prefetch_bytes: usize, partitions: usize) -> usize {
    (prefetch_bytes / partitions.max(1) / 1024).clamp(1024, 16 * 1024)
}

/// Settings of the consumer.
pub fn consumer_config(settings: &KafkaSettings, partitions: usize) -> ClientConfig {
    let mut config = ClientConfig::new();
    let queue = queue_kib(settings.prefetch_bytes, partitions).to_string();
    let defaults = [
        ("partition.assignment.strategy", "cooperative-sticky"),
        ("auto.commit.interval.ms", "1000"),
        ("session.timeout.ms", "45000"),
        ("heartbeat.interval.ms", "3000"),
        ("max.poll.interval.ms", "300000"),
        // The default of 1000 stops fetching for a whole second whenever the queue is full.
        ("fetch.queue.backoff.ms", "1"),
        ("queued.max.messages.kbytes", &queue),
        ("queued.min.messages", "10000"),
        // Anything above 1 holds back a quiet log partition for `fetch.wait.max.ms`.
        ("fetch.min.bytes", "1"),
        ("fetch.wait.max.ms", "100"),
        ("fetch.message.max.bytes", "1048576"),
        ("fetch.max.bytes", "52428800"),
        ("isolation.level", "read_committed"),
        ("check.crcs", "true"),
        ("statistics.interval.ms", "5000"),
    ];
    for (name, value) in defaults {
        config.set(name, value);
    }
    apply(&mut config, settings);
    let is_group = settings.position == Position::Group;
    config
        .set("group.id", &settings.group)
        .set("enable.auto.offset.store", "false")
        .set("enable.auto.commit", if is_group { "true" } else { "false" })
        .set("auto.offset.reset", "earliest")
        .set("allow.auto.create.topics", "false");
    config
}

/// Settings of the producer.
pub fn producer_config(settings: &KafkaSettings, linger: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("acks", "all")
        .set("enable.idempotence", "true")
        // What the Java client does: two partitioners would put one dial into two log partitions.
        .set("partitioner", "murmur2_random")
        .set("linger.ms", linger)
        .set("compression.type", "lz4")
        .set("delivery.timeout.ms", "30000");
    apply_security(&mut config, settings);
    config
}

fn apply(config: &mut ClientConfig, settings: &KafkaSettings) {
    for (name, value) in &settings.client {
        if is_fixed(name).is_none() {
            config.set(name, value);
        }
    }
    apply_security(config, settings);
}

fn apply_security(config: &mut ClientConfig, settings: &KafkaSettings) {
    config.set("bootstrap.servers", &settings.brokers).set("client.id", "ringfold");
    for (name, value) in &settings.security {
        config.set(name, value);
    }
    if settings.security.get("security.protocol").is_some_and(|p| p.to_lowercase().contains("ssl"))
    {
        config.set("ssl.endpoint.identification.algorithm", "https");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> KafkaSettings {
        KafkaSettings {
            brokers: "127.0.0.1:9092".to_owned(),
            topics: vec!["dials".to_owned()],
            dead_letters: "dead".to_owned(),
            group: "ringfold".to_owned(),
            prefetch_bytes: 32 << 20,
            security: BTreeMap::new(),
            client: BTreeMap::new(),
            startup_deadline: Duration::from_secs(1),
            position: Position::Group,
        }
    }

    #[test]
    fn the_defaults_that_promises_rest_on_are_set() {
        let config = consumer_config(&settings(), 12);
        for (name, value) in [
            ("enable.auto.offset.store", "false"),
            ("enable.auto.commit", "true"),
            ("auto.offset.reset", "earliest"),
            ("allow.auto.create.topics", "false"),
            ("fetch.queue.backoff.ms", "1"),
            ("fetch.min.bytes", "1"),
            ("isolation.level", "read_committed"),
            ("partition.assignment.strategy", "cooperative-sticky"),
            ("queued.max.messages.kbytes", "2730"),
        ] {
            assert_eq!(config.get(name), Some(value), "{name}");
        }
    }

    #[test]
    fn a_fixed_setting_is_not_overridden_and_others_are() {
        let mut settings = settings();
        settings.client.insert("auto.offset.reset".to_owned(), "latest".to_owned());
        settings.client.insert("session.timeout.ms".to_owned(), "6000".to_owned());
        let config = consumer_config(&settings, 1);
        assert_eq!(config.get("auto.offset.reset"), Some("earliest"));
        assert_eq!(config.get("session.timeout.ms"), Some("6000"));
        assert!(is_fixed("auto.offset.reset").is_some());
    }

    #[test]
    fn without_a_group_nothing_is_committed() {
        let settings = KafkaSettings { position: Position::Cursors(Vec::new()), ..settings() };
        assert_eq!(consumer_config(&settings, 1).get("enable.auto.commit"), Some("false"));
    }

    #[test]
    fn producers_partition_as_the_java_client_does() {
        let config = producer_config(&settings(), "0");
        assert_eq!(config.get("partitioner"), Some("murmur2_random"));
        assert_eq!(config.get("acks"), Some("all"));
        assert_eq!(config.get("enable.idempotence"), Some("true"));
    }
}
