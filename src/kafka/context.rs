//! What librdkafka calls back with: rebalances, commits, statistics, errors. Callbacks run inside
//! the polling thread's `poll`; they tell the worker and wait with a bound, never for the store.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use arc_swap::ArcSwap;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::statistics::Statistics;
use rdkafka::topic_partition_list::{Offset as KafkaOffset, TopicPartitionList};
use rdkafka::{ClientContext, error::KafkaResult};
use tokio::sync::mpsc::UnboundedSender;

use crate::ports::log::{Assignment, Commit, CommitMetadata, LogEnd, LogPartition};
use crate::telemetry::metrics::{Counter, count};
use crate::value::Micros;

/// The worker has this long to drain what was revoked; then the heir reads it again.
const HAND_BACK_WAIT: Duration = Duration::from_secs(7);
const COMMITTED_WAIT: Duration = Duration::from_secs(30);

/// What the polling thread tells the worker.
#[derive(Debug)]
pub(super) enum Told {
    Assigned(Vec<Assignment>),
    Revoked(Vec<LogPartition>, SyncSender<Vec<Commit>>),
    Lost(Vec<LogPartition>),
    /// A record of a log partition that was added since and is not split yet.
    Stray(Box<Stray>),
    /// That log partition's queue, from now on.
    Queue(LogPartition, super::source::Queue),
    Fatal(String),
}

/// A record that came through the main queue.
#[derive(Debug)]
pub(super) struct Stray {
    pub(super) partition: LogPartition,
    pub(super) offset: u64,
    pub(super) record_time: Option<Micros>,
    pub(super) key: Option<Vec<u8>>,
    pub(super) value: Option<Vec<u8>>,
    pub(super) headers: Vec<(String, Option<Vec<u8>>)>,
}

/// The callbacks.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) topics: Arc<[Arc<str>]>,
    /// Log partitions of each topic, as last seen.
    pub(super) parts: Arc<ArcSwap<Vec<u16>>>,
    pub(super) told: UnboundedSender<Told>,
    pub(super) ends: Arc<ArcSwap<Vec<LogEnd>>>,
    pub(super) tenure: AtomicU64,
}

impl Context {
    pub(super) fn next_tenure(&self) -> u64 {
        self.tenure.fetch_add(1, Relaxed)
    }

    pub(super) fn partition(&self, topic: &str, number: i32) -> Option<LogPartition> {
        let source = self.topics.iter().position(|name| &**name == topic)?;
        Some(LogPartition {
            source: u16::try_from(source).ok()?,
            number: u16::try_from(number).ok()?,
        })
    }

    fn partitions(&self, list: &TopicPartitionList) -> Vec<LogPartition> {
        list.elements()
            .iter()
            .filter_map(|element| self.partition(element.topic(), element.partition()))
            .collect()
    }

    pub(super) fn parts_of(&self, source: u16) -> u16 {
        self.parts.load().get(usize::from(source)).copied().unwrap_or(0)
    }

    fn tell(&self, told: Told) {
        // Nobody listens once the log is being closed.
        drop(self.told.send(told));
    }

    fn on_assigned(&self, consumer: &BaseConsumer<Self>, list: &TopicPartitionList) {
        let mut wanted = TopicPartitionList::new();
        for element in list.elements() {
            wanted.add_partition(element.topic(), element.partition());
        }
        let committed = match consumer.committed_offsets(wanted, COMMITTED_WAIT) {
            Ok(committed) => committed,
            Err(error) => {
                // librdkafka itself resumes at the committed offset; only the metadata is unknown,
                // and without it the floor falls back to record time.
                tracing::warn!(error = %error, "committed offsets could not be read");
                let mut unknown = TopicPartitionList::new();
                for element in list.elements() {
                    unknown.add_partition(element.topic(), element.partition());
                }
                unknown
            }
        };
        let assignments = committed
            .elements()
            .iter()
            .filter_map(|element| {
                let partition = self.partition(element.topic(), element.partition())?;
                let start = match element.offset() {
                    KafkaOffset::Offset(offset) => u64::try_from(offset).unwrap_or(0),
                    // Nothing was committed: reading begins at the earliest record.
                    KafkaOffset::Beginning
                    | KafkaOffset::End
                    | KafkaOffset::Stored
                    | KafkaOffset::Invalid
                    | KafkaOffset::OffsetTail(_) => 0,
                };
                Some(Assignment {
                    partition,
                    tenure: self.next_tenure(),
                    start,
                    committed: parse_metadata(element.metadata()),
                    parts: self.parts_of(partition.source),
                })
            })
            .collect();
        self.tell(Told::Assigned(assignments));
    }

    /// Waits, with a bound, until the worker has drained what is revoked; commits its frontiers.
    fn on_revoked(&self, consumer: &BaseConsumer<Self>, partitions: Vec<LogPartition>) {
        let (reply, replied): (SyncSender<Vec<Commit>>, Receiver<Vec<Commit>>) = sync_channel(1);
        self.tell(Told::Revoked(partitions, reply));
        let Ok(commits) = replied.recv_timeout(HAND_BACK_WAIT) else {
            tracing::warn!(
                "revoked log partitions were not drained in time; their heir reads again"
            );
            return;
        };
        self.store(consumer, &commits);
        commit_for_good(consumer);
    }

    /// Stores frontiers with their metadata; librdkafka commits what is stored.
    pub(super) fn store(&self, consumer: &BaseConsumer<Self>, commits: &[Commit]) {
        if commits.is_empty() {
            return;
        }
        let mut list = TopicPartitionList::with_capacity(commits.len());
        for commit in commits {
            let Some(topic) = self.topics.get(usize::from(commit.partition.source)) else {
                continue;
            };
            let number = i32::from(commit.partition.number);
            let Ok(next) = i64::try_from(commit.next) else { continue };
            let mut element = list.add_partition(topic, number);
            if let Err(error) = element.set_offset(KafkaOffset::Offset(next)) {
                tracing::error!(error = %error, "an offset cannot be stored");
            }
            element.set_metadata(metadata_text(commit.metadata));
        }
        match consumer.store_offsets(&list) {
            Ok(()) => count(Counter::Commits { outcome: "stored" }, 1),
            // Not assigned any more: the heir commits.
            Err(error) => {
                tracing::debug!(error = %error, "offsets not stored");
                count(Counter::Commits { outcome: "not_assigned" }, 1);
            }
        }
    }
}

/// A synchronous commit of what is stored; refusals are normal in a rebalance.
pub(super) fn commit_for_good(consumer: &BaseConsumer<Context>) {
    match consumer.commit_consumer_state(CommitMode::Sync) {
        Ok(()) | Err(KafkaError::ConsumerCommit(RDKafkaErrorCode::NoOffset)) => {}
        Err(error) => {
            tracing::warn!(error = %error, "the last commit was refused; the heir reads again");
        }
    }
}

fn metadata_text(metadata: CommitMetadata) -> String {
    format!("floor={};parts={}", metadata.floor.ms(), metadata.parts)
}

/// Reads `floor=<ms>;parts=<n>`; anything else (a foreign commit) is none.
pub(super) fn parse_metadata(text: &str) -> Option<CommitMetadata> {
    let (floor, parts) = text.split_once(';')?;
    let floor = floor.strip_prefix("floor=")?.parse().ok()?;
    let parts = parts.strip_prefix("parts=")?.parse().ok()?;
    Some(CommitMetadata { floor: Micros::from_ms(floor), parts })
}

impl ClientContext for Context {
    fn stats(&self, statistics: Statistics) {
        let mut ends = Vec::new();
        for (name, topic) in &statistics.topics {
            for (number, stats) in &topic.partitions {
                let Some(partition) = self.partition(name, *number) else { continue };
                // −1 means unknown and is not reported.
                if let Ok(end) = u64::try_from(stats.hi_offset) {
                    ends.push(LogEnd { partition, end });
                }
                if stats.committed_offset >= 0 && stats.lo_offset > stats.committed_offset {
                    tracing::error!(
                        topic = name,
                        number,
                        first = stats.lo_offset,
                        committed = stats.committed_offset,
                        hint = "raise the topic's retention",
                        "retention has removed records that were not read"
                    );
                }
            }
        }
        self.ends.store(Arc::new(ends));
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::warn!(error = %error, reason, "kafka client");
    }
}

impl ConsumerContext for Context {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(list) = rebalance {
            let partitions = self.partitions(list);
            if partitions.is_empty() {
                return;
            }
            if consumer.assignment_lost() {
                self.tell(Told::Lost(partitions));
            } else {
                self.on_revoked(consumer, partitions);
            }
        }
    }

    fn post_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        match rebalance {
            Rebalance::Assign(list) if list.count() > 0 => self.on_assigned(consumer, list),
            Rebalance::Assign(_) | Rebalance::Revoke(_) => {}
            Rebalance::Error(error) => tracing::warn!(error = %error, "rebalance"),
        }
    }

    fn commit_callback(&self, result: KafkaResult<()>, _offsets: &TopicPartitionList) {
        let outcome = match result {
            Ok(()) => "committed",
            Err(KafkaError::ConsumerCommit(RDKafkaErrorCode::NoOffset)) => return,
            Err(_) => "refused",
        };
        count(Counter::Commits { outcome }, 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commit_metadata_reads_what_it_writes_and_nothing_else() {
        let metadata = CommitMetadata { floor: Micros::from_ms(1_774_872_000_000), parts: 12 };
        assert_eq!(parse_metadata(&metadata_text(metadata)), Some(metadata));
        for foreign in ["", "x", "floor=1", "floor=a;parts=1", "parts=1;floor=1"] {
            assert_eq!(parse_metadata(foreign), None, "{foreign}");
        }
    }
}
