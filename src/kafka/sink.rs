//! `EventSink` on Kafka: an idempotent producer.

use std::fmt;

use futures::future::try_join_all;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::util::Timeout;

use crate::ports::log::{AppendError, EventSink, NewRecord};

use super::settings::{KafkaSettings, producer_config};
use super::source::OpenError;

/// Kinds that go to the topic of references; all others go to the topic of dial events.
const REFERENCE_KINDS: [&str; 4] = ["user.", "project.", "escalation-rule.", "call-log."];

/// Appends events to their topics.
#[derive(Clone)]
pub struct KafkaSink {
    producer: FutureProducer,
    dials: String,
    references: String,
}

impl fmt::Debug for KafkaSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaSink").field("dials", &self.dials).finish_non_exhaustive()
    }
}

impl KafkaSink {
    /// A producer that writes at once; it connects with the first record.
    pub fn open(settings: &KafkaSettings) -> Result<Self, OpenError> {
        let producer = producer_config(settings, "0")
            .create()
            .map_err(|error| OpenError::Setting(error.to_string()))?;
        let dials = settings.topics.first().cloned().unwrap_or_default();
        let references = settings.topics.last().cloned().unwrap_or_default();
        Ok(Self { producer, dials, references })
    }

    fn topic(&self, record: &NewRecord) -> &str {
        let kind = record.headers.iter().find(|(name, _)| name == "ce_type");
        let kind = kind.map_or("", |(_, value)| std::str::from_utf8(value).unwrap_or(""));
        let is_reference = REFERENCE_KINDS
            .iter()
            .any(|word| kind.starts_with(word) || kind.contains(&format!(".{word}")));
        if is_reference { &self.references } else { &self.dials }
    }
}

impl EventSink for KafkaSink {
    async fn append(&self, records: Vec<NewRecord>) -> Result<(), AppendError> {
        let sends = records.iter().map(|record| async {
            let headers =
                record.headers.iter().fold(OwnedHeaders::new(), |headers, (name, value)| {
                    headers.insert(Header { key: name, value: Some(value) })
                });
            let message = FutureRecord::to(self.topic(record))
                .key(&record.key)
                .payload(&record.value)
                .headers(headers);
            self.producer.send(message, Timeout::Never).await.map_err(|(error, _)| verdict(&error))
        });
        try_join_all(sends).await.map(|_| ())
    }
}

/// Whether a repeat may help.
pub(super) fn verdict(error: &KafkaError) -> AppendError {
    match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::MessageSizeTooLarge) => AppendError::TooLarge(error.to_string()),
        _ => AppendError::Unavailable(error.to_string()),
    }
}
