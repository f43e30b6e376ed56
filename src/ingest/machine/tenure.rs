//! Log partitions come and go; time passes; the process stops.

use std::time::Duration;

use crate::ports::log::{Assignment, Commit, LogPartition};
use crate::ports::store::Atomicity;
use crate::value::Micros;

use super::super::cache::Cache;
use super::super::effect::Effect;
use super::super::floor::{Floor, StoreContent};
use super::super::ledger::Ledger;
use super::write::Known;
use super::{Backlog, Context, Machine, Part, Phase, commit_of};

impl Machine {
    /// Log partitions are this process's from now on. A second assignment of one that is held
    /// begins a new tenure: what the former one had in flight is forgotten.
    pub fn on_assigned(&mut self, assignments: &[Assignment], store: StoreContent) {
        self.store = store;
        for assignment in assignments {
            self.forget(assignment.partition);
            let margin = self.settings.floor_margin;
            let carried = assignment.committed.map_or(Micros::MIN, |metadata| metadata.floor);
            let part = Part {
                tenure: assignment.tenure,
                parts: assignment.parts,
                ledger: Ledger::new(assignment.start, carried),
                floor: Floor::at_assignment(assignment, self.store, margin),
                cache: Cache::default(),
                committed: assignment.start,
                leaving: None,
                locators: Known::default(),
            };
            self.parts.insert(assignment.partition, part);
        }
    }

    /// Log partitions go to another owner: drain them, then hand them back.
    pub fn on_revoked(&mut self, partitions: &[LogPartition], context: &Context<'_>) {
        for partition in partitions {
            if let Some(part) = self.parts.get_mut(partition) {
                part.leaving = Some(context.elapsed);
            }
        }
        self.write_due(context);
        self.hand_back_if_drained(context.elapsed);
        if !self.parts.values().any(|part| part.leaving.is_some())
            && !self.effects.iter().any(|effect| matches!(effect, Effect::HandBack(_)))
        {
            self.effects.push(Effect::HandBack(Vec::new()));
        }
    }

    /// Log partitions were lost: somebody may own them already, so nothing of them is committed.
    pub fn on_lost(&mut self, partitions: &[LogPartition]) {
        for partition in partitions {
            self.forget(*partition);
        }
    }

    /// Time passes: repeats, old batches, commits, hand-backs whose time is up.
    pub fn on_tick(&mut self, context: &Context<'_>) {
        self.repeat_loads(context.elapsed);
        self.repeat_writes(context.elapsed);
        self.write_due(context);
        match self.atomicity {
            Atomicity::PerDay => self.commit(),
            Atomicity::WholeUnit => self.write_bare_cursors(),
        }
        self.hand_back_if_drained(context.elapsed);
    }

    /// No more records are taken; what is held is written.
    pub fn on_stop(&mut self, context: &Context<'_>) {
        self.phase = Phase::Stopping;
        self.backlog = Backlog::None;
        self.write_due(context);
    }

    /// Everything that was there has been read.
    pub fn on_idle(&mut self, context: &Context<'_>) {
        self.backlog = Backlog::None;
        self.write_due(context);
    }

    fn commit(&mut self) {
        let mut commits = Vec::new();
        for (partition, part) in &mut self.parts {
            let commit = commit_of(*partition, part);
            if commit.next > part.committed && part.leaving.is_none() {
                part.committed = commit.next;
                commits.push(commit);
            }
        }
        if !commits.is_empty() {
            self.effects.push(Effect::Commit(commits));
        }
    }

    /// Once all revoked log partitions are drained, or their time is up, they are handed back
    /// together, since the rebalance waits for all of them.
    pub(super) fn hand_back_if_drained(&mut self, elapsed: Duration) {
        let within = self.settings.hand_back_within;
        let is_over = |since: Duration| elapsed.saturating_sub(since) >= within;
        let mut leaving =
            self.parts.values().filter_map(|part| Some((part, part.leaving?))).peekable();
        if leaving.peek().is_none()
            || !leaving.all(|(part, since)| part.ledger.is_empty() || is_over(since))
        {
            return;
        }
        let gone: Vec<Commit> = self
            .parts
            .iter()
            .filter(|(_, part)| part.leaving.is_some())
            .map(|(partition, part)| commit_of(*partition, part))
            .collect();
        for commit in &gone {
            self.forget(commit.partition);
        }
        self.effects.push(Effect::HandBack(gone));
    }

    fn forget(&mut self, partition: LogPartition) {
        if let Some(part) = self.parts.remove(&partition) {
            self.budget.refund(part.ledger.rest());
        }
    }
}
