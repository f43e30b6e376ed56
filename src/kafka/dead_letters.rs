//! `DeadLetters` on Kafka: the raw bytes under the original key, the original headers kept, and
//! headers that say where it came from and why.

use std::fmt;

use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::util::Timeout;

use crate::ports::log::{AppendError, DeadLetter, DeadLetters};

use super::settings::{KafkaSettings, producer_config};
use super::sink::verdict;
use super::source::OpenError;

const PREFIX: &str = "deadletter.";

/// Appends rejects to the dead-letter topic.
#[derive(Clone)]
pub struct KafkaDeadLetters {
    producer: FutureProducer,
    topic: String,
}

impl fmt::Debug for KafkaDeadLetters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaDeadLetters").field("topic", &self.topic).finish_non_exhaustive()
    }
}

impl KafkaDeadLetters {
    /// A producer; it connects with the first dead letter.
    pub fn open(settings: &KafkaSettings) -> Result<Self, OpenError> {
        let mut config = producer_config(settings, "5");
        // A record of the size limit plus the headers that say why it lies here.
        config.set("message.max.bytes", "2097152");
        let producer = config.create().map_err(|error| OpenError::Setting(error.to_string()))?;
        Ok(Self { producer, topic: settings.dead_letters.clone() })
    }
}

fn headers(letter: &DeadLetter) -> OwnedHeaders {
    let original = letter
        .headers
        .iter()
        .filter(|(name, _)| !name.starts_with(PREFIX))
        .fold(OwnedHeaders::new(), |headers, (name, value)| {
            headers.insert(Header { key: name, value: value.as_deref() })
        });
    let time = letter.record_time.map(|time| time.ms().to_string());
    let added = [
        ("deadletter.topic", Some(letter.source.to_string())),
        ("deadletter.partition", Some(letter.partition.number.to_string())),
        ("deadletter.offset", Some(letter.offset.to_string())),
        ("deadletter.timestamp", time),
        ("deadletter.reason", Some(letter.reason.to_owned())),
        ("deadletter.error", Some(letter.error.clone())),
        ("deadletter.attempts", Some(letter.attempts.to_string())),
        ("deadletter.worker", Some(env!("CARGO_PKG_VERSION").to_owned())),
    ];
    added.iter().fold(original, |headers, (key, value)| {
        headers.insert(Header { key, value: value.as_ref() })
    })
}

impl DeadLetters for KafkaDeadLetters {
    async fn put(&self, letter: &DeadLetter) -> Result<(), AppendError> {
        let mut message: FutureRecord<'_, [u8], [u8]> =
            FutureRecord::to(&self.topic).headers(headers(letter));
        if let Some(key) = &letter.key {
            message = message.key(key.as_slice());
        }
        if let Some(value) = &letter.value {
            message = message.payload(value.as_slice());
        }
        let sent = self.producer.send(message, Timeout::Never).await;
        sent.map(|_| ()).map_err(|(error, _)| verdict(&error))
    }
}
