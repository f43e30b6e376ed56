//! The processes that fold: who lives, who holds which log partition, and what strikes them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::ingest::vitals::Vitals;
use crate::ingest::worker::World as Chance;
use crate::ingest::{Settings, Worker, WorkerError};
use crate::memory::{MemberId, SeededEntropy, Shared};
use crate::ports::log::{LogPartition, Offset};
use crate::tariff::Book;

use super::changes::Notices;
use super::clock::SimClock;
use super::fault::Fault;
use super::faulty::{FaultyLetters, FaultyLog, FaultyStore, Side};
use super::gate::Gate;
use super::hub::Hub;
use super::invariant::Invariant;
use super::lives::Life;
use super::plant::Plant;
use super::point::worker_settings;
use super::random::Random;
use super::trace::Actor;

const GROUP: u64 = 12;
/// No completion for so long although the store answers is no world's fault.
const WATCHDOG: Duration = Duration::from_mins(2);
/// A member that is silent for so long is out of the group.
const SILENCE: Duration = Duration::from_secs(3);

/// One process, whether it lives or not.
pub(super) struct Process {
    actor: Actor,
    pub(super) clock: SimClock,
    /// Not started before this instant.
    starts_at: Instant,
    pub(super) running: Option<Running>,
}

/// One that lives.
pub(super) struct Running {
    life: Life,
    member: MemberId,
    pub(super) stop: CancellationToken,
    pub(super) gate: Gate,
    pub(super) task: AbortHandle,
    pub(super) stopped_since: Option<Instant>,
    /// Others own what it holds, and it will be told at this instant.
    told_at: Option<Instant>,
}

/// The group.
pub(super) struct Group {
    pub(super) hub: Hub,
    book: Arc<ArcSwap<Book>>,
    settings: Settings,
    pub(super) processes: Vec<Process>,
    tasks: JoinSet<()>,
    ends: Shared<BTreeMap<Life, Result<(), WorkerError>>>,
    pub(super) random: Random,
}

impl Group {
    pub(super) fn new(hub: &Hub, book: &Arc<ArcSwap<Book>>) -> Self {
        let mut random = hub.plan.random(GROUP, 0);
        let settings = worker_settings(&hub.plan.points, &mut random);
        let drift = |random: &mut Random| {
            if hub.plan.rates.of(Fault::ClockDrift) > 0 && random.percent(40) {
                hub.mark(Fault::ClockDrift.label());
                i64::try_from(random.below(2_000)).unwrap_or(0) - 1_000
            } else {
                0
            }
        };
        let processes = (0..hub.plan.workers).map(|number| Process {
            actor: Actor::Worker(number),
            clock: hub.clock.drifting(drift(&mut random)),
            starts_at: Instant::now(),
            running: None,
        });
        Self {
            processes: processes.collect(),
            hub: hub.clone(),
            book: Arc::clone(book),
            settings,
            tasks: JoinSet::new(),
            ends: Shared::new(BTreeMap::new()),
            random,
        }
    }

    /// One step: who has ended is taken note of, who is due is started, what nobody holds is given.
    pub(super) fn step(&mut self) {
        self.reap();
        for at in 0..self.processes.len() {
            self.start_if_due(at);
            self.tell_if_due(at);
        }
        self.seize_from_silent();
        self.adopt();
    }

    fn start_if_due(&mut self, at: usize) {
        let Some(process) = self.processes.get(at) else { return };
        if process.running.is_none() && process.starts_at <= Instant::now() {
            self.start(at);
        }
    }

    fn start(&mut self, at: usize) {
        let settings = self.settings();
        let Some(process) = self.processes.get_mut(at) else { return };
        let hub = &self.hub;
        let life = hub.state.with(|state| state.accounts.begin());
        let (gate, stop) = (Gate::open(), CancellationToken::new());
        let side = Side { hub: hub.clone(), actor: process.actor, life, gate: gate.clone() };
        let log = hub.broker.member();
        let member = MemberId::from(&log);
        let worker = Worker {
            log: FaultyLog::new(log, side.clone(), self.settings.budget_bytes),
            store: FaultyStore(side.clone()),
            dead_letters: FaultyLetters(side.clone()),
            changes: Notices(side),
            world: Chance {
                clock: Arc::new(process.clock.clone()),
                entropy: Arc::new(SeededEntropy::new(hub.plan.seed ^ u64::from(life))),
            },
            book: Arc::clone(&self.book),
            limits: crate::dial::Limits::default(),
            settings,
            watchdog: WATCHDOG,
            vitals: Arc::new(Vitals::default()),
        };
        let (ends, end) = (self.ends.clone(), stop.clone());
        let run = gate.around(worker.run(end));
        let task = self.tasks.spawn(async move {
            let ended = run.await;
            ends.with(|ends| ends.insert(life, ended));
        });
        hub.trace(process.actor, format_args!("starts as life {life}"));
        let running =
            Running { life, member, stop, gate, task, stopped_since: None, told_at: None };
        process.running = Some(running);
    }

    fn settings(&self) -> Settings {
        let mut settings = self.settings.clone();
        if self.hub.plan.is_planted(Plant::BudgetIgnored) {
            settings.budget_bytes = 1 << 30;
        }
        if self.hub.plan.is_planted(Plant::FloorWithoutMargin) {
            settings.floor_margin = Duration::ZERO;
        }
        settings
    }

    /// Processes that have ended by themselves or by a stop.
    fn reap(&mut self) {
        while let Some(joined) = self.tasks.try_join_next() {
            if joined.is_err_and(|error| error.is_panic()) {
                self.hub.expect(Invariant::Liveness, Err("a worker panicked".to_owned()));
            }
        }
        for process in &mut self.processes {
            let Some(running) = process.running.take_if(|running| running.task.is_finished())
            else {
                continue;
            };
            let ended = self.ends.with(|ends| ends.remove(&running.life));
            let text = match &ended {
                Some(Ok(())) => "has stopped cleanly".to_owned(),
                Some(Err(error)) => error.to_string(),
                None => "was killed".to_owned(),
            };
            self.hub.trace(process.actor, format_args!("{text}"));
            match ended {
                Some(Err(WorkerError::Wedged { .. })) => self.hub.mark("a worker was wedged"),
                Some(Err(WorkerError::Log(_) | WorkerError::Task(_))) => {
                    self.hub.expect(Invariant::Liveness, Err(text));
                }
                Some(Ok(())) | None => {}
            }
            process.starts_at = Instant::now() + self.hub.some_ms(2_000);
        }
    }

    /// Tells members what they have lost, once their time has come.
    fn tell_if_due(&mut self, at: usize) {
        let Some(running) = self.processes.get_mut(at).and_then(|p| p.running.as_mut()) else {
            return;
        };
        let is_due = running.told_at.is_some_and(|at| at <= Instant::now());
        if is_due && running.gate.closed_until().is_none() {
            running.told_at = None;
            self.hub.broker.tell_lost(running.member);
        }
    }

    /// Who is silent for too long loses everything to others, and does not know.
    fn seize_from_silent(&mut self) {
        for at in 0..self.processes.len() {
            let Some(running) = self.processes.get_mut(at).and_then(|p| p.running.as_mut()) else {
                continue;
            };
            if running.gate.closed_until().is_none() {
                running.stopped_since = None;
            }
            let since = running.stopped_since;
            let member = running.member;
            if since.is_none_or(|since| since.elapsed() < SILENCE) {
                continue;
            }
            let owned = self.owned_by(member);
            if let Some(heir) = self.some_heir(Some(member)).filter(|_| !owned.is_empty()) {
                self.seize(&owned, (member, heir));
                self.hub.mark("a stopped owner was replaced");
            }
        }
    }

    pub(super) fn seize(
        &mut self,
        partitions: &[LogPartition],
        (owner, heir): (MemberId, MemberId),
    ) {
        self.hub.broker.seize(partitions, heir);
        let told_at = Instant::now() + self.hub.some_ms(5_000);
        if let Some(running) = self.running_mut(owner) {
            running.told_at = Some(told_at);
        }
        let count = partitions.len();
        self.hub.trace(Actor::Group, format_args!("{count} log partitions of {owner} to {heir}"));
    }

    fn running_mut(&mut self, member: MemberId) -> Option<&mut Running> {
        let running = self.processes.iter_mut().filter_map(|process| process.running.as_mut());
        running.into_iter().find(|running| running.member == member)
    }

    fn owned_by(&self, member: MemberId) -> Vec<LogPartition> {
        let all = self.hub.broker.partitions().into_iter();
        all.filter(|partition| self.hub.broker.owner(*partition) == Some(member)).collect()
    }

    /// What nobody holds goes to somebody, sooner or later.
    fn adopt(&mut self) {
        for partition in self.hub.broker.orphans() {
            if !self.hub.is_calm() && !self.random.percent(30) {
                continue;
            }
            if let Some(heir) = self.some_heir(None) {
                self.hub.broker.assign(heir, &[partition]);
                let number = partition.number;
                self.hub.trace(Actor::Group, format_args!("{number} goes to {heir}"));
            }
        }
    }

    /// A member that answers, and is not leaving.
    pub(super) fn some_heir(&mut self, but: Option<MemberId>) -> Option<MemberId> {
        let running = self.processes.iter().filter_map(|process| process.running.as_ref());
        let able: Vec<MemberId> = running
            .filter(|running| !running.stop.is_cancelled())
            .filter(|running| running.gate.closed_until().is_none())
            .map(|running| running.member)
            .filter(|member| Some(*member) != but)
            .collect();
        self.random.pick(&able).copied()
    }

    /// Everything goes on: who was stopped continues, who is down starts.
    pub(super) fn heal(&mut self) {
        for process in &mut self.processes {
            process.clock.jump(0);
            process.starts_at = Instant::now();
            if let Some(running) = &mut process.running {
                running.gate.reopen();
                running.told_at = Some(Instant::now());
            }
        }
    }

    /// Whether every record was read by the owner of its log partition.
    pub(super) fn has_read_everything(&self) -> Result<(), String> {
        for partition in self.hub.broker.partitions() {
            let end = self.hub.state.with(|state| state.produced.end(partition));
            let owner = self.hub.broker.owner(partition);
            let running = self.processes.iter().filter_map(|process| process.running.as_ref());
            let owning = running.into_iter().find(|running| Some(running.member) == owner);
            let read_to = owning.and_then(|running| {
                self.hub.state.with(|state| {
                    let tenure = state.accounts.tenure(running.life, partition);
                    tenure.map(|tenure| tenure.delivered_end())
                })
            });
            if read_to.is_none_or(|read_to| read_to < end) {
                return Err(format!("{partition:?} is read up to {read_to:?} of {end}"));
            }
        }
        Ok(())
    }

    /// Asks every process to stop; what each had read, and whose it was.
    pub(super) fn stop(&mut self) -> Vec<(LogPartition, Offset)> {
        let mut read = Vec::new();
        for running in self.processes.iter().filter_map(|process| process.running.as_ref()) {
            let owned = self.owned_by(running.member);
            self.hub.state.with(|state| {
                for (partition, tenure) in state.accounts.of(running.life) {
                    if owned.contains(&partition) {
                        read.push((partition, tenure.delivered_end()));
                    }
                }
            });
            running.stop.cancel();
        }
        read
    }

    /// Whether every process has ended.
    pub(super) fn is_stopped(&mut self) -> bool {
        self.reap();
        for process in &mut self.processes {
            process.starts_at = Instant::now() + Duration::from_hours(1);
        }
        self.processes.iter().all(|process| process.running.is_none())
    }

    /// Starts one process that gets everything; gives its life.
    pub(super) fn start_alone(&mut self) -> Option<Life> {
        self.start(0);
        let running = self.processes.first()?.running.as_ref()?;
        self.hub.broker.assign(running.member, &self.hub.broker.partitions());
        Some(running.life)
    }
}
