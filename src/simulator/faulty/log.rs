//! The event log as one process sees it.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::{Instant, sleep, sleep_until};

use crate::memory::MemoryLog;
use crate::ports::log::{
    Assignment, Commit, EventLog, LogEnd, LogError, LogPartition, Offset, Polled, RecordBatch,
};

use super::super::checks;
use super::super::fault::Fault;
use super::super::invariant::Invariant;
use super::super::plant::Plant;
use super::super::point::Point;
use super::Side;

/// A member of the group, slow and unreliable.
pub(in crate::simulator) struct FaultyLog {
    inner: MemoryLog,
    side: Side,
    /// The budget of the process in bytes.
    budget: usize,
    /// Nothing comes before this instant.
    next_at: Instant,
}

impl FaultyLog {
    pub(in crate::simulator) fn new(inner: MemoryLog, side: Side, budget: usize) -> Self {
        Self { inner, side, budget, next_at: Instant::now() }
    }

    /// What came, as the process may see it.
    fn note(&mut self, polled: &mut Polled, batch: &RecordBatch, from: usize) {
        let Side { hub, actor, life, .. } = &self.side;
        match polled {
            Polled::Records => {
                hub.state.with(|state| {
                    for record in batch.iter().skip(from) {
                        let tenure = state.accounts.tenure(*life, record.partition());
                        if let Some(tenure) = tenure {
                            tenure.delivered.insert(record.offset(), record.size());
                        }
                    }
                });
                for record in batch.iter().skip(from) {
                    let (number, offset) = (record.partition().number, record.offset());
                    hub.trace(*actor, format_args!("polls {number}/{offset}"));
                }
            }
            Polled::Assigned(assignments) => {
                self.forget_metadata(assignments);
                self.side.tamper_assignments(assignments);
                let Side { hub, actor, life, .. } = &self.side;
                hub.state.with(|state| state.accounts.assigned(*life, assignments));
                for Assignment { partition, start, committed, tenure, .. } in assignments {
                    let number = partition.number;
                    let floor = committed.map(|metadata| metadata.floor);
                    hub.trace(
                        *actor,
                        format_args!(
                            "gets {number} from {start}, floor {floor:?}, tenure {tenure}"
                        ),
                    );
                }
            }
            Polled::Revoked(partitions) => {
                hub.trace(*actor, format_args!("is to hand back {}", Numbers(partitions)));
            }
            Polled::Lost(partitions) => {
                hub.trace(*actor, format_args!("has lost {}", Numbers(partitions)));
                hub.state.with(|state| {
                    for partition in partitions.iter() {
                        state.accounts.ended(*life, *partition);
                    }
                });
            }
            Polled::Ended => hub.trace(*actor, format_args!("has read everything")),
        }
    }

    /// A commit of somebody who knows nothing of metadata came between.
    fn forget_metadata(&self, assignments: &mut [Assignment]) {
        let hub = &self.side.hub;
        for assignment in assignments {
            let is_forgotten = hub.plan.has(Point::MetadataForgotten) && !hub.is_calm();
            if is_forgotten || hub.strikes(Fault::MetadataMissing) {
                assignment.committed = None;
            }
        }
    }

    /// I4 and I1 of what is handed over.
    fn check(&self, commits: &[Commit]) {
        let Side { hub, actor, life, .. } = &self.side;
        for commit in commits {
            let number = commit.partition.number;
            let floor = commit.metadata.floor;
            hub.trace(
                *actor,
                format_args!("commits {number} up to {}, floor {floor:?}", commit.next),
            );
            let verdict = hub.state.with(|state| {
                let Some(tenure) = state.accounts.tenure(*life, commit.partition) else {
                    return Err(format!("{:?} is committed, and not held", commit.partition));
                };
                let verdict = checks::commit_goes_forward(tenure, commit);
                tenure.committed = tenure.committed.max(commit.next);
                verdict
            });
            hub.expect(Invariant::I4, verdict);
            let (durable, verdict) = hub.durable(commit.partition, commit.next);
            if durable < commit.next {
                hub.expect(Invariant::I1, verdict);
            }
        }
    }

    /// I5 of what is asked for.
    fn check_room(&self, room: usize) {
        let Side { hub, life, .. } = &self.side;
        let held: Vec<LogPartition> = hub
            .state
            .with(|state| state.accounts.of(*life).map(|(partition, _)| partition).collect());
        let mut in_flight = 0;
        for partition in held {
            let (durable, _) = hub.durable(partition, Offset::MAX);
            in_flight += hub.state.with(|state| {
                let tenure = state.accounts.tenure(*life, partition);
                tenure.map_or(0, |tenure| tenure.bytes_from(durable))
            });
        }
        hub.expect(Invariant::I5, checks::within_budget(room, in_flight, self.budget));
    }
}

impl EventLog for FaultyLog {
    fn sources(&self) -> Vec<Arc<str>> {
        self.inner.sources()
    }

    async fn next(&mut self, batch: &mut RecordBatch, room: usize) -> Result<Polled, LogError> {
        self.side.gate.pass().await;
        sleep_until(self.next_at).await;
        // What the worker has just begun goes out before it hears anything new: else a write of one
        // tenure would be taken for one of the next.
        yield_now().await;
        let from = batch.len();
        let one = self.side.hub.plan.has(Point::PollOfOneRecord);
        let mut polled = self.inner.next(batch, if one { room.min(1) } else { room }).await?;
        if room > 0 && matches!(polled, Polled::Records) {
            self.check_room(room);
        }
        self.note(&mut polled, batch, from);
        self.side.tamper_batch(batch);
        if self.side.hub.strikes(Fault::LogSlow) {
            self.next_at = Instant::now() + self.side.hub.some_ms(3_000);
        }
        Ok(polled)
    }

    fn commit(&mut self, commits: &[Commit]) {
        let commits = &self.side.tamper_commits(commits);
        self.check(commits);
        let hub = &self.side.hub;
        if hub.plan.has(Point::CommitNeverUntilStop) {
            return;
        }
        // A refused commit is carried by the next one.
        if !hub.strikes(Fault::CommitRefused) {
            self.inner.commit(commits);
        }
    }

    async fn hand_back(&mut self, commits: &[Commit]) {
        self.side.gate.pass().await;
        let commits = &self.side.tamper_commits(commits);
        self.check(commits);
        let Side { hub, life, .. } = &self.side;
        hub.state.with(|state| {
            for commit in commits {
                state.accounts.ended(*life, commit.partition);
            }
        });
        let is_refused = hub.strikes(Fault::LastCommitRefused);
        self.inner.hand_back(if is_refused { &[] } else { commits }).await;
    }

    fn ends(&self) -> Vec<LogEnd> {
        self.inner.ends()
    }

    async fn close(self, commits: &[Commit]) -> Result<(), LogError> {
        self.side.gate.pass().await;
        let commits = &self.side.tamper_commits(commits);
        self.check(commits);
        if self.side.is(Plant::StopHangs) {
            sleep(Duration::from_mins(1)).await;
        }
        let is_refused = self.side.hub.strikes(Fault::LastCommitRefused)
            || self.side.is(Plant::StopWithoutCommit);
        sleep(Duration::from_millis(5)).await;
        self.inner.close(if is_refused { &[] } else { commits }).await
    }
}

/// Log partitions as they are noted.
struct Numbers<'a>(&'a [LogPartition]);

impl std::fmt::Display for Numbers<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|partition| partition.number)).finish()
    }
}
