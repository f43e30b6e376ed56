//! `EventLog` on Kafka: drains one queue per log partition, in turn.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Sender, SyncSender, channel};
use std::time::Duration;

use arc_swap::ArcSwap;
use rdkafka::Message;
use rdkafka::consumer::base_consumer::PartitionQueue;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Headers};
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, error::TryRecvError, unbounded_channel};
use tokio::sync::oneshot;

use crate::ports::log::{
    Assignment, Commit, EventLog, LogEnd, LogError, LogPartition, Polled, RecordBatch,
};
use crate::supervisor::Spawner;
use crate::value::Micros;

use super::context::{Context, Told};
use super::poll::{Command, Opened, open};
use super::settings::KafkaSettings;

/// The queue of one log partition.
pub(super) struct Queue(pub(super) PartitionQueue<Context>);

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Queue")
    }
}

/// Why the log could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No broker answered within the start-up deadline.
    #[error("no kafka broker of {brokers} answered: {cause}")]
    Unreachable {
        /// What was tried.
        brokers: String,
        /// What the client said.
        cause: String,
    },
    /// Credentials or rights are refused.
    #[error("kafka at {brokers} refused us: {cause}")]
    Refused {
        /// What was tried.
        brokers: String,
        /// What the client said.
        cause: String,
    },
    /// The topic is not there.
    #[error("topic {0} does not exist")]
    NoTopic(String),
    /// librdkafka does not take a setting.
    #[error("kafka setting: {0}")]
    Setting(String),
}

/// The log on Kafka.
#[derive(Debug)]
pub struct KafkaLog {
    topics: Arc<[Arc<str>]>,
    queues: BTreeMap<LogPartition, Queue>,
    /// Log partitions that are ours, in the order they are drained.
    held: Vec<LogPartition>,
    turn: usize,
    told: UnboundedReceiver<Told>,
    commands: Sender<Command>,
    records: Arc<Notify>,
    ends: Arc<ArcSwap<Vec<LogEnd>>>,
    reply: Option<SyncSender<Vec<Commit>>>,
    /// Told at the first `next`, where no group assigns.
    first: Option<Vec<Assignment>>,
}

impl KafkaLog {
    /// Connects, splits a queue off for every log partition and begins to poll. Blocks until a
    /// broker has answered or the start-up deadline is over: call it where blocking is lawful.
    pub fn open(settings: &KafkaSettings, spawner: &Spawner) -> Result<Self, OpenError> {
        let topics: Arc<[Arc<str>]> = settings.topics.iter().map(|t| t.as_str().into()).collect();
        let records = Arc::new(Notify::new());
        let ends = Arc::new(ArcSwap::from_pointee(Vec::new()));
        let (tell, told) = unbounded_channel();
        let (commands, receive) = channel();
        let Opened { queues, first, poller } = open(settings, &topics, tell, (&records, &ends))?;
        spawner.thread("kafka poll", move || poller.run(&receive));
        Ok(Self {
            topics,
            queues,
            held: first.iter().flatten().map(|assignment| assignment.partition).collect(),
            turn: 0,
            told,
            commands,
            records,
            ends,
            reply: None,
            first,
        })
    }

    fn on_told(&mut self, told: Told, batch: &mut RecordBatch) -> Option<Result<Polled, LogError>> {
        match told {
            Told::Assigned(assignments) => {
                for assignment in &assignments {
                    if !self.held.contains(&assignment.partition) {
                        self.held.push(assignment.partition);
                    }
                }
                Some(Ok(Polled::Assigned(assignments)))
            }
            Told::Revoked(partitions, reply) => {
                self.held.retain(|partition| !partitions.contains(partition));
                self.reply = Some(reply);
                Some(Ok(Polled::Revoked(partitions)))
            }
            Told::Lost(partitions) => {
                self.held.retain(|partition| !partitions.contains(partition));
                Some(Ok(Polled::Lost(partitions)))
            }
            Told::Stray(stray) => {
                let (key, value) = (stray.key.as_deref(), stray.value.as_deref());
                batch.push(stray.partition, stray.offset, stray.record_time, key, value);
                for (name, value) in &stray.headers {
                    batch.push_header(name, value.as_deref());
                }
                Some(Ok(Polled::Records))
            }
            Told::Queue(partition, queue) => {
                self.queues.insert(partition, queue);
                None
            }
            Told::Fatal(reason) => Some(Err(LogError::Fatal(reason))),
        }
    }

    /// Takes what is there, without waiting, from the queues in turn.
    fn drain(&mut self, batch: &mut RecordBatch, room: usize) -> Result<(), LogError> {
        let held = self.held.len();
        let share = room.div_ceil(held.max(1)).max(16 * 1024);
        for step in 0..held {
            let Some(partition) = self.held.get((self.turn + step) % held) else { continue };
            let Some(queue) = self.queues.get(partition) else { continue };
            let limit = room.min(batch.bytes().saturating_add(share));
            while batch.bytes() < limit {
                match queue.0.poll(Duration::ZERO) {
                    Some(Ok(message)) => push(batch, *partition, &message),
                    Some(Err(error)) => on_error(&error)?,
                    None => break,
                }
            }
        }
        self.turn = self.turn.wrapping_add(1);
        Ok(())
    }

    fn command(&self, command: Command) {
        // The polling thread is gone only when the process ends.
        drop(self.commands.send(command));
    }
}

pub(super) fn on_error(error: &KafkaError) -> Result<(), LogError> {
    let code = error.rdkafka_error_code();
    if matches!(error, KafkaError::MessageConsumptionFatal(_)) {
        return Err(LogError::Fatal(error.to_string()));
    }
    if matches!(
        code,
        Some(
            RDKafkaErrorCode::TopicAuthorizationFailed | RDKafkaErrorCode::GroupAuthorizationFailed
        )
    ) {
        return Err(LogError::Refused(error.to_string()));
    }
    tracing::warn!(error = %error, "reading from kafka");
    Ok(())
}

/// Copies a message out of the client's fetch buffer, which it pins as long as it lives.
pub(super) fn push(
    batch: &mut RecordBatch,
    partition: LogPartition,
    message: &BorrowedMessage<'_>,
) {
    let offset = u64::try_from(message.offset()).unwrap_or(0);
    let time = message.timestamp().to_millis().map(Micros::from_ms);
    batch.push(partition, offset, time, message.key(), message.payload());
    if let Some(headers) = message.headers() {
        for header in headers.iter() {
            batch.push_header(header.key, header.value);
        }
    }
}

impl EventLog for KafkaLog {
    fn sources(&self) -> Vec<Arc<str>> {
        self.topics.to_vec()
    }

    async fn next(&mut self, batch: &mut RecordBatch, room: usize) -> Result<Polled, LogError> {
        if let Some(first) = self.first.take() {
            return Ok(Polled::Assigned(first));
        }
        loop {
            match self.told.try_recv() {
                Ok(told) => {
                    if let Some(polled) = self.on_told(told, batch) {
                        return polled;
                    }
                    continue;
                }
                Err(TryRecvError::Empty) => {}
                Err(TryRecvError::Disconnected) => {
                    return Err(LogError::Fatal("the kafka client is gone".to_owned()));
                }
            }
            if room > 0 {
                self.drain(batch, room)?;
                if !batch.is_empty() {
                    return Ok(Polled::Records);
                }
            }
            let records = Arc::clone(&self.records);
            tokio::select! {
                told = self.told.recv() => {
                    let Some(told) = told else {
                        return Err(LogError::Fatal("the kafka client is gone".to_owned()));
                    };
                    if let Some(polled) = self.on_told(told, batch) {
                        return polled;
                    }
                }
                () = records.notified(), if room > 0 => {}
            }
        }
    }

    fn commit(&mut self, commits: &[Commit]) {
        self.command(Command::Store(commits.to_vec()));
    }

    async fn hand_back(&mut self, commits: &[Commit]) {
        if let Some(reply) = self.reply.take() {
            // The callback waits no longer: its rebalance went on and the heir reads again.
            drop(reply.try_send(commits.to_vec()));
        }
    }

    fn ends(&self) -> Vec<LogEnd> {
        self.ends.load().iter().copied().collect()
    }

    async fn close(mut self, commits: &[Commit]) -> Result<(), LogError> {
        let (done, closed) = oneshot::channel();
        let queues = std::mem::take(&mut self.queues);
        self.command(Command::Close { commits: commits.to_vec(), queues, done });
        // A revoke that waits for this worker must not wait for its bound.
        drop(self.reply.take());
        let deadline = tokio::time::timeout(Duration::from_secs(10), async {
            let mut closed = closed;
            loop {
                tokio::select! {
                    result = &mut closed => return result.is_ok(),
                    told = self.told.recv() => match told {
                        Some(Told::Revoked(_, reply)) => drop(reply.try_send(commits.to_vec())),
                        Some(_) => {}
                        None => return (&mut closed).await.is_ok(),
                    },
                }
            }
        });
        match deadline.await {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => {
                Err(LogError::Fatal("the consumer did not close in time".to_owned()))
            }
        }
    }
}
