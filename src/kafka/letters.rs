//! Dead letters on Kafka, read and sent back. The topic is read without a group, from its beginning
//! to where it ended at the start. That a letter was sent back is a record of its own: headers that
//! name the letter, and `deadletter.redriven`; no value.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rdkafka::Message;
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Header, Headers, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::util::Timeout;

use crate::ports::letters::{KeptLetter, LetterId, Letters, PREFIX};
use crate::ports::log::AppendError;
use crate::ports::store::ReadError;
use crate::value::Micros;

use super::poll::{classify, count_partitions};
use super::settings::{KafkaSettings, Position, consumer_config, producer_config};
use super::sink::verdict;
use super::source::OpenError;

/// Letters of one page, and bytes of values after which it ends earlier.
const PAGE_LETTERS_MAX: usize = 256;
const PAGE_BYTES_MAX: usize = 4 << 20;

/// Says when a letter was sent back, in ms since 1970.
const REDRIVEN: &str = "deadletter.redriven";

/// The stretch of the topic that is read: per log partition its first offset and its end.
type Span = BTreeMap<i32, (i64, i64)>;

/// Reads the dead-letter topic once through.
pub struct KafkaLetters {
    consumer: StreamConsumer,
    producer: FutureProducer,
    topic: String,
    sources: Vec<String>,
    patience: Duration,
    /// Log partitions that are not read to their end yet, and that end.
    left: BTreeMap<i32, i64>,
    marks: BTreeMap<LetterId, Micros>,
    seen: BTreeSet<LetterId>,
}

impl fmt::Debug for KafkaLetters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaLetters").field("topic", &self.topic).finish_non_exhaustive()
    }
}

/// What a record of the dead-letter topic is.
enum Kept {
    Letter(Box<KeptLetter>),
    Mark(LetterId, Micros),
    /// Somebody else's.
    Foreign,
}

impl KafkaLetters {
    /// Connects, and reads which letters were sent back. Blocks for some answers of the brokers.
    pub async fn open(settings: &KafkaSettings) -> Result<Self, OpenError> {
        // Nothing is committed: the group of the workers knows nothing of this reader.
        let topics = vec![settings.dead_letters.clone()];
        let alone =
            KafkaSettings { position: Position::Cursors(Vec::new()), topics, ..settings.clone() };
        let count = count_partitions(&alone)?.first().copied().unwrap_or(0);
        let setting = |error: KafkaError| OpenError::Setting(error.to_string());
        let mut config = consumer_config(&alone, usize::from(count));
        let consumer: StreamConsumer =
            config.set("enable.partition.eof", "true").create().map_err(setting)?;
        let mut config = producer_config(settings, "0");
        config.set("message.max.bytes", "2097152");
        let mut letters = Self {
            consumer,
            producer: config.create().map_err(setting)?,
            topic: settings.dead_letters.clone(),
            sources: settings.topics.clone(),
            patience: settings.startup_deadline,
            left: BTreeMap::new(),
            marks: BTreeMap::new(),
            seen: BTreeSet::new(),
        };
        let brokers = &settings.brokers;
        let span = letters.span(count).map_err(|error| classify(&error, brokers.clone()))?;
        letters.begin(&span).map_err(setting)?;
        let unreachable =
            |cause: String| OpenError::Unreachable { brokers: brokers.clone(), cause };
        while let Some(kept) =
            letters.next(kept_mark).await.map_err(|error| unreachable(error.to_string()))?
        {
            if let Kept::Mark(id, at) = kept {
                let latest = letters.marks.entry(id).or_insert(at);
                *latest = (*latest).max(at);
            }
        }
        letters.begin(&span).map_err(setting)?;
        Ok(letters)
    }

    fn span(&self, partitions: u16) -> Result<Span, KafkaError> {
        let ends = (0..i32::from(partitions)).map(|number| {
            let ends = self.consumer.fetch_watermarks(&self.topic, number, self.patience)?;
            Ok((number, ends))
        });
        ends.collect()
    }

    /// Reads the stretch from its beginning.
    fn begin(&mut self, span: &Span) -> Result<(), KafkaError> {
        let mut list = TopicPartitionList::new();
        let filled = span.iter().filter(|(_, (first, end))| first < end);
        self.left = filled.clone().map(|(number, (_, end))| (*number, *end)).collect();
        for (number, (first, _)) in filled {
            list.add_partition_offset(&self.topic, *number, Offset::Offset(*first))?;
        }
        self.consumer.assign(&list)
    }

    /// What the next record of the stretch is; `None` at its end.
    async fn next(
        &mut self,
        read: impl Fn(&BorrowedMessage<'_>) -> Kept,
    ) -> Result<Option<Kept>, ReadError> {
        while !self.left.is_empty() {
            let received = tokio::time::timeout(self.patience, self.consumer.recv()).await;
            let silent = || ReadError::Unavailable(format!("no record of topic {}", self.topic));
            match received.map_err(|_| silent())? {
                Ok(message) => {
                    let (number, offset) = (message.partition(), message.offset());
                    let Some(end) = self.left.get(&number).copied() else { continue };
                    let kept = (offset < end).then(|| read(&message));
                    if offset + 1 >= end {
                        self.left.remove(&number);
                    }
                    if kept.is_some() {
                        return Ok(kept);
                    }
                }
                // Behind the last record may lie what no reader is shown: markers of transactions.
                Err(KafkaError::PartitionEOF(number)) => drop(self.left.remove(&number)),
                Err(error) => on_error(&error)?,
            }
        }
        Ok(None)
    }
}

/// A broker that is away comes back or the patience ends; a refusal does not pass.
fn on_error(error: &KafkaError) -> Result<(), ReadError> {
    match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::TopicAuthorizationFailed | RDKafkaErrorCode::Authentication) => {
            Err(ReadError::Refused(error.to_string()))
        }
        _ if matches!(error, KafkaError::MessageConsumptionFatal(_)) => {
            Err(ReadError::Unavailable(error.to_string()))
        }
        _ => Ok(()),
    }
}

/// A header's text, if it is there and is text.
fn header<'m>(message: &'m BorrowedMessage<'_>, name: &str) -> Option<&'m str> {
    let headers = message.headers()?;
    let found = headers.iter().find(|header| header.key == name)?;
    std::str::from_utf8(found.value?).ok()
}

fn time(message: &BorrowedMessage<'_>, name: &str) -> Option<Micros> {
    header(message, name)?.parse().ok().map(Micros::from_ms)
}

fn id_of(message: &BorrowedMessage<'_>) -> Option<LetterId> {
    Some(LetterId {
        source: Arc::from(header(message, "deadletter.topic")?),
        partition: header(message, "deadletter.partition")?.parse().ok()?,
        offset: header(message, "deadletter.offset")?.parse().ok()?,
    })
}

/// Looks for a mark alone: nothing of a letter is copied.
fn kept_mark(message: &BorrowedMessage<'_>) -> Kept {
    match (time(message, REDRIVEN), id_of(message)) {
        (Some(at), Some(id)) => Kept::Mark(id, at),
        _ => Kept::Foreign,
    }
}

fn kept(message: &BorrowedMessage<'_>) -> Kept {
    if let mark @ Kept::Mark(..) = kept_mark(message) {
        return mark;
    }
    let Some(id) = id_of(message) else { return Kept::Foreign };
    let Some(reason) = header(message, "deadletter.reason") else { return Kept::Foreign };
    let owned =
        |header: Header<'_, &[u8]>| (header.key.to_owned(), header.value.map(<[u8]>::to_vec));
    let original = message.headers().into_iter().flat_map(|headers| headers.iter().map(owned));
    Kept::Letter(Box::new(KeptLetter {
        id,
        record_time: time(message, "deadletter.timestamp"),
        key: message.key().map(<[u8]>::to_vec),
        headers: original.filter(|(name, _)| !name.starts_with(PREFIX)).collect(),
        value: message.payload().map(<[u8]>::to_vec),
        reason: reason.to_owned(),
        error: header(message, "deadletter.error").unwrap_or_default().to_owned(),
        attempts: header(message, "deadletter.attempts").and_then(|n| n.parse().ok()).unwrap_or(0),
        redriven_at: None,
    }))
}

impl Letters for KafkaLetters {
    /// In the order in which the letters were put, log partition by log partition of their topic.
    async fn page(&mut self) -> Result<Vec<KeptLetter>, ReadError> {
        let (mut page, mut bytes) = (Vec::new(), 0);
        while page.len() < PAGE_LETTERS_MAX && bytes < PAGE_BYTES_MAX {
            let Some(kept) = self.next(kept).await? else { break };
            let Kept::Letter(letter) = kept else { continue };
            // A worker that died before its commit puts a letter once more.
            if self.seen.insert(letter.id.clone()) {
                let redriven_at = self.marks.get(&letter.id).copied();
                bytes += letter.value.as_ref().map_or(0, Vec::len);
                page.push(KeptLetter { redriven_at, ..*letter });
            }
        }
        Ok(page)
    }

    fn takes(&self, source: &str) -> bool {
        self.sources.iter().any(|topic| topic == source)
    }

    async fn redrive(&self, letter: &KeptLetter, at: Micros) -> Result<(), AppendError> {
        let headers = letter.redriven_headers();
        self.send(&letter.id.source, letter.key.as_deref(), letter.value.as_deref(), headers)
            .await?;
        let id = &letter.id;
        let mark = [
            ("deadletter.topic", id.source.to_string()),
            ("deadletter.partition", id.partition.to_string()),
            ("deadletter.offset", id.offset.to_string()),
            (REDRIVEN, at.ms().to_string()),
        ];
        let mark = mark.map(|(name, value)| (name.to_owned(), Some(value.into_bytes())));
        self.send(&self.topic, letter.key.as_deref(), None, mark.into()).await
    }
}

impl KafkaLetters {
    async fn send(
        &self,
        topic: &str,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: Vec<(String, Option<Vec<u8>>)>,
    ) -> Result<(), AppendError> {
        let headers = headers.iter().fold(OwnedHeaders::new(), |headers, (name, value)| {
            headers.insert(Header { key: name, value: value.as_deref() })
        });
        let mut message: FutureRecord<'_, [u8], [u8]> = FutureRecord::to(topic).headers(headers);
        message.key = key;
        message.payload = value;
        let sent = self.producer.send(message, Timeout::Never).await;
        sent.map(|_| ()).map_err(|(error, _)| verdict(&error))
    }
}
