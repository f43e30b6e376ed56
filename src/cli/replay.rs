//! `replay` and `backfill`: a log is read again, through the fold that `run` uses, into a store.
//!
//! Log partition by log partition, and every dial that is not cached is loaded: so a dial that two
//! log partitions have fed is whole afterwards. Rejects are counted and put nowhere: they are dead
//! letters since the log was read first, and a letter is named by its place in the log.

mod paced;
mod position;
mod source;
mod target;

use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::args::{BackfillArgs, ReplayArgs, ReplayCommonArgs};
use super::exit::Failure;
use super::progress::Progress;
use super::runtime::block_on;
use super::store::AnyStore;
use super::tariff::stored_book;
use super::{Context, Outcome};
use crate::app;
use crate::config::{Settings, StoreKind};
use crate::ingest::worker::{Worker, World};
use crate::ports::log::EventLog;
use crate::ports::stretch::{Bounds, Stretch};
use crate::supervisor::{Exit, Supervisor};
use crate::system::{SystemClock, SystemEntropy};
use crate::tariff::Book;
use crate::telemetry::logs;

use paced::{Pace, Paced};
use position::{Kept, Position};
use source::{AnySource, opened};
use target::{Company, Dry, Tally, Target};

/// What is to be read, and whereto.
struct Plan<'a> {
    kind: Kind,
    bounds: Bounds,
    into: Option<&'a str>,
    rate: Option<u32>,
    common: &'a ReplayCommonArgs,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Replay,
    /// Into the store of a group that runs: what it has not read yet is left to it.
    Backfill,
}

impl Plan<'_> {
    /// Whoever writes into a store of its own writes alone.
    const fn company(&self) -> Company {
        if self.into.is_some() { Company::Alone } else { Company::Others }
    }
}

pub(super) fn replay(args: &ReplayArgs, context: &mut Context) -> Outcome {
    let bounds = Bounds { from: args.from, to: args.to };
    let (into, rate) = (args.into.as_deref(), args.rate);
    run(&Plan { kind: Kind::Replay, bounds, into, rate, common: &args.common }, context)
}

pub(super) fn backfill(args: &BackfillArgs, context: &mut Context) -> Outcome {
    let bounds = Bounds { from: Some(args.from), to: Some(args.to) };
    let rate = Some(args.rate);
    run(&Plan { kind: Kind::Backfill, bounds, into: None, rate, common: &args.common }, context)
}

fn run(plan: &Plan<'_>, context: &mut Context) -> Outcome {
    let settings = context.settings()?;
    let level = context.global.log.as_deref().unwrap_or("warn");
    logs::install(settings.telemetry.log_format, level)
        .map_err(|error| Failure::new(Exit::Settings, error.to_string()).at("--log"))?;
    if plan.kind == Kind::Backfill && settings.store == StoreKind::Local {
        return Err(Failure::new(Exit::Usage, "nothing else may run on a local store")
            .at("store.kind")
            .remedy("stop the process that runs on it and use ringfold replay"));
    }
    let target = target_of(&settings, plan.into);
    let what = what(plan, &settings);
    let path = position::path_of(plan.common.position.as_deref(), &settings, &what);
    let kept = position::load(&path, &what)?;
    block_on(async {
        let source = AnySource::open(&settings)?;
        let stretches = stretches(plan, &source, kept.as_ref())?;
        if plan.common.dry_run {
            return tell_plan(&stretches, context);
        }
        let store = match (&source, plan.into, settings.store) {
            (AnySource::Local(store), None, StoreKind::Local) => AnyStore::Local(store.clone()),
            _ => AnyStore::open(&target).await?,
        };
        let book = stored_book(&store, &target).await?;
        let left = stretches.iter().map(Stretch::len).sum();
        let was_resumed = kept.is_some();
        let reasons = kept.map(|kept| kept.reasons).unwrap_or_default();
        let tally = Arc::new(Tally::new(reasons, Progress::start("records", Some(left))));
        let replay = Replay {
            settings: &settings,
            target: Target::new(store, plan.company(), &tally),
            book: Arc::new(ArcSwap::from_pointee(book)),
            rate: plan.rate,
            stop: stop_on_signals()?,
            position: Position::begin(path, what, &stretches, &tally)?,
        };
        let read = replay.all(&source, &stretches).await;
        tally.end().await;
        let is_done = read?;
        let ends = Ends { was_resumed, is_done, log_partitions: stretches.len() };
        tell(&tally, &ends, context)
    })
}

fn target_of(settings: &Settings, into: Option<&str>) -> Settings {
    let mut target = settings.clone();
    match (into, settings.store) {
        (None, _) => {}
        (Some(keyspace), StoreKind::Cql) => keyspace.clone_into(&mut target.cql.keyspace),
        (Some(dir), StoreKind::Local) => target.data_dir = PathBuf::from(dir),
    }
    target
}

fn stop_on_signals() -> Result<CancellationToken, Failure> {
    let supervisor = Supervisor::new();
    supervisor.listen_for_signals()?;
    Ok(supervisor.token())
}

/// What is left to read: of a position that is kept, or of the log as it is now.
fn stretches(
    plan: &Plan<'_>,
    source: &AnySource,
    kept: Option<&Kept>,
) -> Result<Vec<Stretch>, Failure> {
    let mut found = source.find(if kept.is_some() { Bounds::default() } else { plan.bounds })?;
    let choices = &plan.common.log_partitions;
    found.retain(|stretch| {
        choices.is_empty()
            || choices.iter().any(|choice| {
                let is_source = choice.source.as_ref().is_none_or(|name| *name == stretch.source);
                is_source && choice.number == stretch.partition.number
            })
    });
    if found.is_empty() {
        return Err(Failure::new(Exit::Usage, "the log has no such log partition")
            .at("--log-partition")
            .remedy("name a topic of the settings and a number below its count of partitions"));
    }
    match kept {
        Some(kept) => kept.resume(&mut found),
        None if plan.kind == Kind::Backfill => source.leave_to_group(&mut found)?,
        None => {}
    }
    Ok(found)
}

/// What makes two replays the same one.
fn what(plan: &Plan<'_>, settings: &Settings) -> String {
    let topics = &settings.kafka.topics;
    let log = format!("{:?} {:?} {topics:?}", settings.log.kind, settings.kafka.brokers);
    let store = format!("{:?} {} {:?}", settings.store, settings.cql.keyspace, plan.into);
    let kind = if plan.kind == Kind::Backfill { "backfill" } else { "replay" };
    format!("{kind} {:?} {:?} of {log} into {store}", plan.bounds, plan.common.log_partitions)
}

/// What every stretch is read with.
struct Replay<'a> {
    settings: &'a Settings,
    target: Target,
    book: Arc<ArcSwap<Book>>,
    rate: Option<u32>,
    stop: CancellationToken,
    position: Arc<Position>,
}

impl Replay<'_> {
    /// Reads the stretches one after the other; says whether all were read to their end.
    async fn all(&self, source: &AnySource, stretches: &[Stretch]) -> Result<bool, Failure> {
        for stretch in stretches.iter().filter(|stretch| !stretch.is_empty()) {
            match source {
                AnySource::Kafka(kafka) => self.read(opened(kafka.read(stretch))?).await?,
                AnySource::Local(store) => self.read(store.read_stretch(stretch)).await?,
            }
            if self.stop.is_cancelled() {
                return Ok(false);
            }
            self.position.finish(stretch);
        }
        self.position.remove();
        Ok(true)
    }

    /// One pass of the worker, with nothing in its cache at the start.
    async fn read(&self, log: impl EventLog + 'static) -> Result<(), Failure> {
        let worker = Worker {
            log: Paced::new(log, Pace::new(self.rate), self.position.handle()),
            store: self.target.clone(),
            dead_letters: Dry(Arc::clone(self.target.tally())),
            changes: app::NoFollowers,
            world: World { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) },
            book: Arc::clone(&self.book),
            limits: app::limits(self.settings),
            settings: app::machine_settings(self.settings),
            watchdog: self.settings.ingest.watchdog.0,
            vitals: Arc::default(),
        };
        Ok(worker.run(self.stop.clone()).await.map_err(app::worker_error)?)
    }
}

fn tell_plan(stretches: &[Stretch], context: &mut Context) -> Outcome {
    for Stretch { source, partition, next, end, .. } in stretches {
        let number = partition.number;
        let object =
            json!({ "source": &**source, "logPartition": number, "from": next, "to": end });
        context.line(&format!("would read {source}/{number} from {next} to {end}"), &object)?;
    }
    let left: u64 = stretches.iter().map(Stretch::len).sum();
    let text = format!("would read {left} offsets of {} log partitions", stretches.len());
    context.line(&text, &json!({ "offsets": left, "logPartitions": stretches.len() }))?;
    Ok(Exit::Done)
}

/// How it went as a whole.
struct Ends {
    was_resumed: bool,
    is_done: bool,
    log_partitions: usize,
}

fn tell(tally: &Tally, ends: &Ends, context: &mut Context) -> Outcome {
    let Ends { was_resumed, is_done, log_partitions } = *ends;
    let (records, changed, same) = tally.counts();
    let reasons = tally.reasons();
    let rejects: u64 = reasons.values().sum();
    let by_reason: Vec<String> =
        reasons.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
    let object = json!({
        "records": records, "logPartitions": log_partitions, "rowsChanged": changed,
        "rowsUnchanged": same, "rejects": rejects, "reasons": reasons, "resumed": was_resumed,
        "done": is_done,
    });
    let rejected = if rejects == 0 { String::new() } else { format!(": {}", by_reason.join(", ")) };
    let text = format!(
        "read {records} records: {changed} rows changed, {same} stayed as they are, \
         {rejects} rejects{rejected}"
    );
    context.line(&text, &object)?;
    if !is_done {
        context.note("stopped before the end; the same command goes on from here")?;
    }
    Ok(if rejects > 0 { Exit::Found } else { Exit::Done })
}
