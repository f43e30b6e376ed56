//! The polling thread: the only one that calls the consumer. It polls the main queue, stores
//! offsets when told, and closes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::Duration;

use arc_swap::ArcSwap;
use rdkafka::Message;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Headers};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{Notify, oneshot};

use crate::ports::log::{Assignment, Commit, CommitMetadata, LogEnd, LogPartition};
use crate::ports::store::Cursor;
use crate::supervisor::ComponentError;
use crate::value::Micros;

use super::context::{Context, Stray, Told, commit_for_good};
use super::settings::{KafkaSettings, Position, consumer_config};
use super::source::{OpenError, Queue};

const POLL: Duration = Duration::from_millis(100);

/// What the worker asks of the polling thread.
pub(super) enum Command {
    Store(Vec<Commit>),
    Close {
        commits: Vec<Commit>,
        /// They hold the consumer and must go before it is dropped, on this thread.
        queues: BTreeMap<LogPartition, Queue>,
        done: oneshot::Sender<()>,
    },
}

/// A consumer ready to be polled.
pub(super) struct Opened {
    pub(super) queues: BTreeMap<LogPartition, Queue>,
    pub(super) first: Option<Vec<Assignment>>,
    pub(super) poller: Poller,
}

/// What the polling thread works with.
pub(super) struct Poller {
    consumer: Arc<BaseConsumer<Context>>,
    told: UnboundedSender<Told>,
    records: Arc<Notify>,
}

/// Connects, splits all queues, and only then subscribes: splitting later would bring records that
/// are already buffered through the main queue, out of order.
pub(super) fn open(
    settings: &KafkaSettings,
    topics: &Arc<[Arc<str>]>,
    told: UnboundedSender<Told>,
    (records, ends): (&Arc<Notify>, &Arc<ArcSwap<Vec<LogEnd>>>),
) -> Result<Opened, OpenError> {
    let counts = count_partitions(settings)?;
    let total: usize = counts.iter().map(|count| usize::from(*count)).sum();
    let context = Context {
        topics: Arc::clone(topics),
        parts: Arc::new(ArcSwap::from_pointee(counts.clone())),
        told: told.clone(),
        ends: Arc::clone(ends),
        tenure: 1.into(),
    };
    let consumer: BaseConsumer<Context> = consumer_config(settings, total)
        .create_with_context(context)
        .map_err(|error| OpenError::Setting(error.to_string()))?;
    let poller = Poller { consumer: Arc::new(consumer), told, records: Arc::clone(records) };
    let mut queues = BTreeMap::new();
    for (source, count) in (0_u16..).zip(&counts) {
        for number in 0..*count {
            let partition = LogPartition { source, number };
            if let Some(queue) = poller.split(partition) {
                queues.insert(partition, queue);
            }
        }
    }
    let first = match &settings.position {
        Position::Group => {
            let names: Vec<&str> = topics.iter().map(|topic| &**topic).collect();
            poller
                .consumer
                .subscribe(&names)
                .map_err(|error| OpenError::Setting(error.to_string()))?;
            None
        }
        Position::Cursors(cursors) => Some(poller.assign(topics, &counts, cursors)?),
    };
    Ok(Opened { queues, first, poller })
}

/// Number of log partitions of each topic, from the first broker that answers.
pub(super) fn count_partitions(settings: &KafkaSettings) -> Result<Vec<u16>, OpenError> {
    let probe: BaseConsumer = consumer_config(settings, 1)
        .create()
        .map_err(|error| OpenError::Setting(error.to_string()))?;
    let brokers = || settings.brokers.clone();
    let mut counts = Vec::with_capacity(settings.topics.len());
    for topic in &settings.topics {
        let metadata = probe
            .fetch_metadata(Some(topic), settings.startup_deadline)
            .map_err(|error| classify(&error, brokers()))?;
        let found = metadata.topics().iter().find(|found| found.name() == topic);
        let partitions =
            found.filter(|found| found.error().is_none()).map(|f| f.partitions().len());
        match partitions {
            Some(count) if count > 0 => counts.push(u16::try_from(count).unwrap_or(u16::MAX)),
            _ => return Err(OpenError::NoTopic(topic.clone())),
        }
    }
    Ok(counts)
}

pub(super) fn classify(error: &KafkaError, brokers: String) -> OpenError {
    let cause = error.to_string();
    let is_refusal = matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::Authentication
                | RDKafkaErrorCode::SaslAuthenticationFailed
                | RDKafkaErrorCode::TopicAuthorizationFailed
                | RDKafkaErrorCode::ClusterAuthorizationFailed
        )
    );
    if is_refusal {
        OpenError::Refused { brokers, cause }
    } else {
        OpenError::Unreachable { brokers, cause }
    }
}

impl Poller {
    fn split(&self, partition: LogPartition) -> Option<Queue> {
        let topic = self.consumer.context().topics.get(usize::from(partition.source))?;
        let number = i32::from(partition.number);
        let mut queue = self.consumer.split_partition_queue(topic, number)?;
        let records = Arc::clone(&self.records);
        queue.set_nonempty_callback(move || records.notify_one());
        Some(Queue(queue))
    }

    /// Takes all log partitions without a group, each at its cursor or from its beginning.
    fn assign(
        &self,
        topics: &[Arc<str>],
        counts: &[u16],
        cursors: &[Cursor],
    ) -> Result<Vec<Assignment>, OpenError> {
        let mut list = TopicPartitionList::new();
        let mut assignments = Vec::new();
        for ((source, topic), count) in (0_u16..).zip(topics).zip(counts) {
            for number in 0..*count {
                let cursor = cursors.iter().find(|c| c.source == *topic && c.number == number);
                let offset = cursor.map_or(Offset::Beginning, |cursor| {
                    Offset::Offset(i64::try_from(cursor.next).unwrap_or(i64::MAX))
                });
                list.add_partition_offset(topic, i32::from(number), offset)
                    .map_err(|error| OpenError::Setting(error.to_string()))?;
                assignments.push(Assignment {
                    partition: LogPartition { source, number },
                    tenure: self.consumer.context().next_tenure(),
                    start: cursor.map_or(0, |cursor| cursor.next),
                    committed: cursor.map(|c| CommitMetadata { floor: c.floor, parts: c.parts }),
                    parts: *count,
                });
            }
        }
        self.consumer.assign(&list).map_err(|error| OpenError::Setting(error.to_string()))?;
        Ok(assignments)
    }

    /// Polls until told to close. Dropping the consumer here leaves the group.
    pub(super) fn run(self, commands: &Receiver<Command>) -> Result<(), ComponentError> {
        loop {
            match commands.try_recv() {
                Ok(Command::Store(commits)) => {
                    self.consumer.context().store(&self.consumer, &commits);
                    continue;
                }
                Ok(Command::Close { commits, queues, done }) => {
                    self.consumer.context().store(&self.consumer, &commits);
                    commit_for_good(&self.consumer);
                    drop(queues);
                    drop(self.consumer);
                    // The worker may have stopped waiting.
                    done.send(()).ok();
                    return Ok(());
                }
                // The worker is gone without closing: the process is ending.
                Err(TryRecvError::Disconnected) => return Ok(()),
                Err(TryRecvError::Empty) => {}
            }
            match self.consumer.poll(POLL) {
                Some(Ok(message)) => self.on_stray(&message),
                Some(Err(error)) => self.on_error(&error),
                None => {}
            }
        }
    }

    /// A record on the main queue belongs to a log partition that was added since: it is handed on,
    /// and the log partition is split, so that what follows comes by its own queue.
    fn on_stray(&self, message: &BorrowedMessage<'_>) {
        let context = self.consumer.context();
        let Some(partition) = context.partition(message.topic(), message.partition()) else {
            return;
        };
        let headers = message.headers().map_or_else(Vec::new, |headers| {
            let owned = |value: Option<&[u8]>| value.map(<[u8]>::to_vec);
            headers.iter().map(|header| (header.key.to_owned(), owned(header.value))).collect()
        });
        let stray = Stray {
            partition,
            offset: u64::try_from(message.offset()).unwrap_or(0),
            record_time: message.timestamp().to_millis().map(Micros::from_ms),
            key: message.key().map(<[u8]>::to_vec),
            value: message.payload().map(<[u8]>::to_vec),
            headers,
        };
        self.tell(Told::Stray(Box::new(stray)));
        if partition.number >= context.parts_of(partition.source) {
            let mut parts = context.parts.load().to_vec();
            if let Some(count) = parts.get_mut(usize::from(partition.source)) {
                *count = partition.number.saturating_add(1);
            }
            context.parts.store(Arc::new(parts));
            if let Some(queue) = self.split(partition) {
                self.tell(Told::Queue(partition, queue));
            }
        }
    }

    fn on_error(&self, error: &KafkaError) {
        if let Some((code, reason)) = self.consumer.client().fatal_error() {
            self.tell(Told::Fatal(format!("{code}: {reason}")));
        } else {
            tracing::warn!(error = %error, "polling kafka");
        }
    }

    fn tell(&self, told: Told) {
        // Nobody listens once the log is being closed.
        drop(self.told.send(told));
    }
}
