//! A broker in memory: topics with log partitions, members that hold them, committed offsets.
//! Who holds what is decided by the test: nothing is rebalanced by itself.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::ports::log::{
    Assignment, Commit, CommitMetadata, LogPartition, NewRecord, Offset, Polled,
};
use crate::ports::world::WallClock;
use crate::value::Micros;

use super::member::MemoryLog;
use super::shared::Shared;
use super::sink::MemorySink;

/// A commit that was not asked to be durable at once is so after this time.
const COMMIT_DELAY: Duration = Duration::from_secs(1);

/// Names a member of the group.
pub type MemberId = u64;

/// A record as the broker keeps it.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its offset.
    pub offset: Offset,
    /// When the log took it: rises along a log partition.
    pub time: Micros,
    /// What was appended.
    pub record: NewRecord,
}

/// One log partition: records by offset, and the offset that comes next.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) records: Vec<Kept>,
    pub(super) end: Offset,
}

#[derive(Debug)]
pub(super) struct Topic {
    pub(super) name: Arc<str>,
    pub(super) parts: Vec<Part>,
}

/// What a member knows and has asked for.
#[derive(Debug, Default)]
pub(super) struct Member {
    pub(super) mail: VecDeque<Polled>,
    /// What it believes to hold, with the next offset to read.
    pub(super) held: BTreeMap<LogPartition, Offset>,
    pending: BTreeMap<LogPartition, (Micros, Commit)>,
}

/// All state of the broker.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) topics: Vec<Topic>,
    pub(super) members: BTreeMap<MemberId, Member>,
    owners: BTreeMap<LogPartition, MemberId>,
    /// Who gets a log partition once its owner has handed it back.
    heirs: BTreeMap<LogPartition, MemberId>,
    committed: BTreeMap<LogPartition, Commit>,
    refused_commits: u64,
    last_member: MemberId,
    last_tenure: u64,
    pub(super) is_finite: bool,
    pub(super) is_down: bool,
}

impl State {
    pub(super) fn part(&self, partition: LogPartition) -> Option<&Part> {
        let topic = self.topics.get(usize::from(partition.source))?;
        topic.parts.get(usize::from(partition.number))
    }

    fn partitions(&self) -> Vec<LogPartition> {
        let topics = (0_u16..).zip(&self.topics);
        let numbered = |(source, topic): (u16, &Topic)| {
            let numbers = (0_u16..).zip(&topic.parts);
            numbers.map(move |(number, _)| LogPartition { source, number }).collect::<Vec<_>>()
        };
        topics.flat_map(numbered).collect()
    }

    /// Makes a commit true if its member still owns the log partition.
    fn land(&mut self, id: MemberId, commit: Commit) {
        if self.owners.get(&commit.partition) == Some(&id) {
            self.committed.insert(commit.partition, commit);
        } else {
            self.refused_commits += 1;
        }
    }

    /// Makes the commits true whose time has come.
    pub(super) fn settle(&mut self, now: Micros) {
        let is_due = |due: &Micros| *due <= now;
        let mut landing = Vec::new();
        for (id, member) in &mut self.members {
            let due = member.pending.extract_if(.., |_, (due, _)| is_due(due));
            landing.extend(due.map(|(_, (_, commit))| (*id, commit)));
        }
        for (id, commit) in landing {
            self.land(id, commit);
        }
    }

    pub(super) fn ask(&mut self, id: MemberId, commits: &[Commit], now: Micros) {
        let Some(member) = self.members.get_mut(&id) else { return };
        for commit in commits {
            let due = member.pending.get(&commit.partition).map_or(now.plus(COMMIT_DELAY), |p| p.0);
            member.pending.insert(commit.partition, (due, *commit));
        }
    }

    /// Makes all commits of a member true now.
    pub(super) fn land_all(&mut self, id: MemberId, commits: &[Commit]) {
        let pending = self.members.get_mut(&id).map(|m| std::mem::take(&mut m.pending));
        let earlier = pending.unwrap_or_default().into_values().map(|(_, commit)| commit);
        for commit in earlier.chain(commits.iter().copied()) {
            self.land(id, commit);
        }
    }

    /// Gives log partitions to a member, from their committed offset on.
    fn assign(&mut self, id: MemberId, partitions: &[LogPartition]) {
        // An heir that died meanwhile gets nothing: the log partition is an orphan.
        if !self.members.contains_key(&id) {
            return;
        }
        let mut assignments = Vec::new();
        for partition in partitions {
            let Some(part) = self.part(*partition) else { continue };
            let earliest = part.records.first().map_or(part.end, |kept| kept.offset);
            let committed = self.committed.get(partition).copied();
            let source = self.topics.get(usize::from(partition.source));
            let parts = source.map_or(0, |topic| topic.parts.len());
            self.last_tenure += 1;
            assignments.push(Assignment {
                partition: *partition,
                tenure: self.last_tenure,
                start: committed.map_or(earliest, |commit| commit.next.max(earliest)),
                committed: committed.map(|commit| commit.metadata),
                parts: u16::try_from(parts).unwrap_or(u16::MAX),
            });
            self.owners.insert(*partition, id);
            self.heirs.remove(partition);
        }
        if let Some(member) = self.members.get_mut(&id)
            && !assignments.is_empty()
        {
            member.mail.push_back(Polled::Assigned(assignments));
        }
    }

    /// A member lets go of what was revoked from it; the heirs get it.
    pub(super) fn release(&mut self, id: MemberId) {
        // What it has not been told of yet it still reads.
        let still_held = |p: &LogPartition| {
            self.members.get(&id).is_some_and(|member| member.held.contains_key(p))
        };
        let is_released = |p: &&LogPartition| self.owners.get(*p) == Some(&id) && !still_held(p);
        let released: Vec<_> = self.heirs.keys().filter(is_released).copied().collect();
        for partition in released {
            self.owners.remove(&partition);
            if let Some(heir) = self.heirs.remove(&partition) {
                self.assign(heir, &[partition]);
            }
        }
    }

    pub(super) fn leave(&mut self, id: MemberId) {
        self.members.remove(&id);
        self.release(id);
        self.owners.retain(|_, owner| *owner != id);
    }
}

/// The broker; clones share it.
#[derive(Clone)]
pub struct MemoryBroker {
    pub(super) state: Shared<State>,
    pub(super) clock: Arc<dyn WallClock>,
    changed: Arc<Notify>,
}

impl std::fmt::Debug for MemoryBroker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryBroker").finish_non_exhaustive()
    }
}

impl MemoryBroker {
    /// A broker with these topics, each with so many log partitions.
    pub fn new(topics: &[(&str, u16)], clock: Arc<dyn WallClock>) -> Self {
        let topic = |(name, parts): &(&str, u16)| Topic {
            name: (*name).into(),
            parts: (0..*parts).map(|_| Part::default()).collect(),
        };
        let topics = topics.iter().map(topic).collect();
        let state = Shared::new(State { topics, ..State::default() });
        Self { state, clock, changed: Arc::default() }
    }

    /// Told of every change, waiting members in the order in which they began to wait.
    pub(super) fn changed(&self) -> &Notify {
        &self.changed
    }

    /// Does something with the state, then wakes every member.
    pub(super) fn act<R>(&self, act: impl FnOnce(&mut State) -> R) -> R {
        let now = self.clock.now();
        let done = self.state.with(|state| {
            state.settle(now);
            act(state)
        });
        self.changed.notify_waiters();
        done
    }

    /// A new member that holds nothing yet.
    pub fn member(&self) -> MemoryLog {
        let id = self.act(|state| {
            state.last_member += 1;
            state.members.insert(state.last_member, Member::default());
            state.last_member
        });
        MemoryLog::new(self.clone(), id)
    }

    /// A member that holds everything.
    pub fn sole_member(&self) -> MemoryLog {
        let member = self.member();
        self.assign(&member, &self.partitions());
        member
    }

    /// All log partitions of all topics.
    pub fn partitions(&self) -> Vec<LogPartition> {
        self.state.with(|state| state.partitions())
    }

    /// Gives log partitions that nobody holds.
    pub fn assign(&self, member: impl Into<MemberId>, partitions: &[LogPartition]) {
        let id = member.into();
        self.act(|state| state.assign(id, partitions));
    }

    /// A rebalance: the owners are asked to hand back, then `heir` gets them.
    pub fn transfer(&self, partitions: &[LogPartition], heir: impl Into<MemberId>) {
        let heir = heir.into();
        self.act(|state| {
            let mut revoked: BTreeMap<MemberId, Vec<LogPartition>> = BTreeMap::new();
            for partition in partitions {
                state.heirs.insert(*partition, heir);
                if let Some(owner) = state.owners.get(partition) {
                    revoked.entry(*owner).or_default().push(*partition);
                }
            }
            for (owner, partitions) in revoked {
                if let Some(member) = state.members.get_mut(&owner) {
                    member.mail.push_back(Polled::Revoked(partitions));
                }
            }
        });
    }

    /// Takes log partitions from owners that do not answer: `heir` has them at once, the old owner
    /// goes on as a zombie until [`MemoryBroker::tell_lost`].
    pub fn seize(&self, partitions: &[LogPartition], heir: impl Into<MemberId>) {
        let id = heir.into();
        self.act(|state| state.assign(id, partitions));
    }

    /// Tells a member what it has lost.
    pub fn tell_lost(&self, member: impl Into<MemberId>) {
        let id = member.into();
        self.act(|state| {
            let owners = &state.owners;
            let is_lost = |partition: &&LogPartition| owners.get(*partition) != Some(&id);
            let Some(member) = state.members.get_mut(&id) else { return };
            let lost: Vec<_> = member.held.keys().filter(is_lost).copied().collect();
            if !lost.is_empty() {
                member.mail.push_back(Polled::Lost(lost));
            }
        });
    }

    /// Puts the committed offset of a log partition elsewhere: a replay, or a lost group. It counts
    /// at the next assignment.
    pub fn reset(&self, partition: LogPartition, to: Option<(Offset, CommitMetadata)>) {
        self.act(|state| match to {
            Some((next, metadata)) => {
                state.committed.insert(partition, Commit { partition, next, metadata });
            }
            None => {
                state.committed.remove(&partition);
            }
        });
    }

    /// The committed offset of a log partition.
    pub fn committed(&self, partition: LogPartition) -> Option<Commit> {
        self.act(|state| state.committed.get(&partition).copied())
    }

    /// Commits that came from somebody who did not own the log partition (any more).
    pub fn refused_commits(&self) -> u64 {
        self.act(|state| state.refused_commits)
    }

    /// Leaves out so many offsets, as transaction markers and compaction do.
    pub fn skip(&self, partition: LogPartition, offsets: u64) {
        self.act(|state| {
            let topic = state.topics.get_mut(usize::from(partition.source));
            let part = topic.and_then(|topic| topic.parts.get_mut(usize::from(partition.number)));
            if let Some(part) = part {
                part.end += offsets;
            }
        });
    }

    /// No more will be appended: a member that has read everything is told that the log has ended.
    pub fn finish(&self) {
        self.act(|state| state.is_finite = true);
    }

    /// Takes no records until [`MemoryBroker::resume`].
    pub fn stop(&self) {
        self.act(|state| state.is_down = true);
    }

    /// Takes records again.
    pub fn resume(&self) {
        self.act(|state| state.is_down = false);
    }

    /// The way into a topic, by its place in the list of topics.
    pub fn sink(&self, source: u16) -> MemorySink {
        MemorySink { broker: self.clone(), source }
    }

    /// The place of a topic in the list of topics.
    pub(super) fn source(&self, name: &str) -> Option<u16> {
        let place = self.act(|state| state.topics.iter().position(|topic| &*topic.name == name));
        place.and_then(|place| u16::try_from(place).ok())
    }

    /// Appends to a given log partition.
    pub fn append(&self, partition: LogPartition, record: NewRecord) -> Option<Offset> {
        let now = self.clock.now();
        self.act(|state| {
            let topic = state.topics.get_mut(usize::from(partition.source))?;
            let part = topic.parts.get_mut(usize::from(partition.number))?;
            let last = part.records.last().map_or(i64::MIN, |kept| kept.time.get());
            let time = now.max(Micros::new(last.saturating_add(1)));
            let offset = part.end;
            part.records.push(Kept { offset, time, record });
            part.end += 1;
            Some(offset)
        })
    }

    /// Records of a log partition from an offset on, past all scripts: for checks of invariants.
    pub fn records(&self, partition: LogPartition, from: Offset) -> Vec<Kept> {
        self.state.with(|state| {
            let Some(part) = state.part(partition) else { return Vec::new() };
            let first = part.records.partition_point(|kept| kept.offset < from);
            part.records.iter().skip(first).cloned().collect()
        })
    }

    /// Who holds a log partition.
    pub fn owner(&self, partition: LogPartition) -> Option<MemberId> {
        self.state.with(|state| state.owners.get(&partition).copied())
    }

    /// Log partitions that nobody holds.
    pub fn orphans(&self) -> BTreeSet<LogPartition> {
        self.state.with(|state| {
            let all = state.partitions().into_iter();
            all.filter(|partition| !state.owners.contains_key(partition)).collect()
        })
    }
}
