//! Stretches of topics, read outside of any consumer group: nothing is committed, and the group of
//! the workers knows nothing of this reader.

use std::fmt;
use std::sync::Arc;

use futures::FutureExt;
use rdkafka::Message;
use rdkafka::consumer::{BaseConsumer, Consumer, StreamConsumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::BorrowedMessage;
use rdkafka::topic_partition_list::{Offset as KafkaOffset, TopicPartitionList};

use crate::ports::log::{
    Commit, EventLog, LogEnd, LogError, LogPartition, Offset, Polled, RecordBatch,
};
use crate::ports::stretch::{Bounds, Place, Stretch};
use crate::value::Micros;

use super::poll::{classify, count_partitions};
use super::settings::{KafkaSettings, Position, consumer_config};
use super::source::{OpenError, on_error, push};

/// Finds stretches and opens readers of them.
pub struct KafkaStretches {
    consumer: BaseConsumer,
    settings: KafkaSettings,
    counts: Vec<u16>,
}

impl fmt::Debug for KafkaStretches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaStretches")
            .field("topics", &self.settings.topics)
            .finish_non_exhaustive()
    }
}

impl KafkaStretches {
    /// Connects. Blocks until a broker has answered or the start-up deadline is over.
    pub fn open(settings: &KafkaSettings) -> Result<Self, OpenError> {
        let settings =
            KafkaSettings { position: Position::Cursors(Vec::new()), ..settings.clone() };
        let counts = count_partitions(&settings)?;
        let created = consumer_config(&settings, 1).create();
        let consumer = created.map_err(|error| OpenError::Setting(error.to_string()))?;
        Ok(Self { consumer, settings, counts })
    }

    /// The stretches of all log partitions; empty ones too. Blocks for answers of the brokers.
    pub fn find(&self, bounds: Bounds) -> Result<Vec<Stretch>, OpenError> {
        self.stretches(bounds).map_err(|error| classify(&error, self.settings.brokers.clone()))
    }

    /// What the consumer group has committed of each stretch's log partition; `None` = nothing.
    pub fn committed(&self, stretches: &[Stretch]) -> Result<Vec<Option<Offset>>, OpenError> {
        let read = || {
            let mut list = TopicPartitionList::new();
            for stretch in stretches {
                list.add_partition(&stretch.source, i32::from(stretch.partition.number));
            }
            self.consumer.committed_offsets(list, self.settings.startup_deadline)
        };
        let committed = read().map_err(|error| classify(&error, self.settings.brokers.clone()))?;
        let of = |stretch: &Stretch| {
            let number = i32::from(stretch.partition.number);
            offset_of(committed.find_partition(&stretch.source, number)?.offset())
        };
        Ok(stretches.iter().map(of).collect())
    }

    /// A reader of one stretch.
    pub fn read(&self, stretch: &Stretch) -> Result<KafkaStretch, OpenError> {
        let setting = |error: KafkaError| OpenError::Setting(error.to_string());
        let mut config = consumer_config(&self.settings, 1);
        let consumer: StreamConsumer =
            config.set("enable.partition.eof", "true").create().map_err(setting)?;
        let mut list = TopicPartitionList::new();
        let first = KafkaOffset::Offset(i64::try_from(stretch.next).unwrap_or(i64::MAX));
        let number = i32::from(stretch.partition.number);
        list.add_partition_offset(&stretch.source, number, first).map_err(setting)?;
        consumer.assign(&list).map_err(setting)?;
        Ok(KafkaStretch {
            consumer,
            topics: self.settings.topics.iter().map(|topic| topic.as_str().into()).collect(),
            stretch: stretch.clone(),
            stage: Stage::Fresh,
        })
    }

    fn stretches(&self, bounds: Bounds) -> Result<Vec<Stretch>, KafkaError> {
        let patience = self.settings.startup_deadline;
        let mut stretches = Vec::new();
        for ((source, topic), parts) in (0_u16..).zip(&self.settings.topics).zip(&self.counts) {
            for number in 0..*parts {
                let (low, high) =
                    self.consumer.fetch_watermarks(topic, i32::from(number), patience)?;
                let whole = (u64::try_from(low).unwrap_or(0), u64::try_from(high).unwrap_or(0));
                let place = |place: Option<Place>, without| match place {
                    None => Ok(without),
                    Some(Place::Offset(offset)) => Ok(offset),
                    // A time that is not reached lies behind the last record.
                    Some(Place::Time(time)) => {
                        self.since(topic, number, time).map(|found| found.unwrap_or(whole.1))
                    }
                };
                stretches.push(Stretch {
                    source: topic.as_str().into(),
                    partition: LogPartition { source, number },
                    parts: *parts,
                    next: place(bounds.from, whole.0)?.max(whole.0),
                    end: place(bounds.to, whole.1)?.min(whole.1),
                });
            }
        }
        Ok(stretches)
    }

    /// The first record taken at this time or later.
    fn since(&self, topic: &str, number: u16, time: Micros) -> Result<Option<Offset>, KafkaError> {
        let mut wanted = TopicPartitionList::new();
        let number = i32::from(number);
        wanted.add_partition_offset(topic, number, KafkaOffset::Offset(time.ms()))?;
        let found = self.consumer.offsets_for_times(wanted, self.settings.startup_deadline)?;
        Ok(found.find_partition(topic, number).and_then(|element| offset_of(element.offset())))
    }
}

fn offset_of(offset: KafkaOffset) -> Option<Offset> {
    match offset {
        KafkaOffset::Offset(offset) => u64::try_from(offset).ok(),
        KafkaOffset::Beginning
        | KafkaOffset::End
        | KafkaOffset::Stored
        | KafkaOffset::Invalid
        | KafkaOffset::OffsetTail(_) => None,
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// Not assigned yet.
    Fresh,
    Reading,
    Over,
}

/// One stretch as a log that ends.
pub struct KafkaStretch {
    consumer: StreamConsumer,
    topics: Vec<Arc<str>>,
    stretch: Stretch,
    stage: Stage,
}

impl fmt::Debug for KafkaStretch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaStretch").field("stretch", &self.stretch).finish_non_exhaustive()
    }
}

/// Appends a record, unless it lies behind the stretch; says whether the stretch is over.
fn take(
    batch: &mut RecordBatch,
    stretch: &Stretch,
    received: Result<BorrowedMessage<'_>, KafkaError>,
) -> Result<Stage, LogError> {
    let message = match received {
        Ok(message) => message,
        // Behind the last record may lie what no reader is shown: markers of transactions.
        Err(KafkaError::PartitionEOF(_)) => return Ok(Stage::Over),
        Err(error) => return on_reading(&error).map(|()| Stage::Reading),
    };
    let offset = u64::try_from(message.offset()).unwrap_or(0);
    if offset < stretch.end {
        push(batch, stretch.partition, &message);
    }
    Ok(if offset.saturating_add(1) >= stretch.end { Stage::Over } else { Stage::Reading })
}

/// A broker that is away comes back; a refusal does not pass.
fn on_reading(error: &KafkaError) -> Result<(), LogError> {
    match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::Authentication | RDKafkaErrorCode::SaslAuthenticationFailed) => {
            Err(LogError::Refused(error.to_string()))
        }
        _ => on_error(error),
    }
}

impl EventLog for KafkaStretch {
    fn sources(&self) -> Vec<Arc<str>> {
        self.topics.clone()
    }

    async fn next(&mut self, batch: &mut RecordBatch, room: usize) -> Result<Polled, LogError> {
        if self.stage == Stage::Fresh {
            self.stage = if self.stretch.is_empty() { Stage::Over } else { Stage::Reading };
            return Ok(Polled::Assigned(vec![self.stretch.assignment()]));
        }
        if room == 0 {
            std::future::pending::<()>().await;
        }
        while self.stage == Stage::Reading && batch.is_empty() {
            self.stage = take(batch, &self.stretch, self.consumer.recv().await)?;
            // What is there without waiting.
            while self.stage == Stage::Reading && batch.bytes() < room {
                let Some(received) = self.consumer.recv().now_or_never() else { break };
                self.stage = take(batch, &self.stretch, received)?;
            }
        }
        Ok(if batch.is_empty() { Polled::Ended } else { Polled::Records })
    }

    /// Nothing is committed here: the position of a replay is its own.
    fn commit(&mut self, _commits: &[Commit]) {}

    async fn hand_back(&mut self, _commits: &[Commit]) {}

    fn ends(&self) -> Vec<LogEnd> {
        vec![LogEnd { partition: self.stretch.partition, end: self.stretch.end }]
    }

    async fn close(self, _commits: &[Commit]) -> Result<(), LogError> {
        Ok(())
    }
}
