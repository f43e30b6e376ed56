//! The one writer: a thread that puts what waits into one atomic batch, syncs it, then answers.
//! Nobody else writes. While one batch is synced the next jobs gather, so groups grow with load.

use std::sync::Arc;

use fjall::{PersistMode, Slice};
use tokio::sync::{mpsc, oneshot, watch};

use crate::dial::event::GatewayStarted;
use crate::ports::log::{AppendError, NewRecord};
use crate::ports::store::{Cursor, WriteError};
use crate::ports::world::WallClock;
use crate::relation::Reference;
use crate::value::Micros;

use super::database::{Space, Spaces};
use super::layout::cells::Cell;
use super::layout::{key, record, registry};
use super::log::LogTail;
use super::stage::Stage;
use super::trim::Trim;
use super::{purge, rewind};

/// Keys that one group may write: the bound of a commit's size and of what waits for it.
const GROUP_KEYS_MAX: usize = 2_000;

/// Something to write.
pub(super) enum Work {
    /// Finished keys and values.
    Unit(Unit),
    /// Records to append to the local log.
    Append(Vec<NewRecord>),
    /// A record to append to the local log, and what becomes true with it.
    Redrive(NewRecord, Unit),
    /// Positions that advance without rows; one that would go back is dropped.
    Cursors(Vec<Cursor>),
    /// A reference; the better state stays.
    Reference(Reference),
    /// A gateway start; the latest stays.
    Start(GatewayStarted),
    /// Take done records older than this from the local log, a step at a time.
    Trim(Micros),
    /// Put the cursors of the local log back to the first record as young as this.
    Rewind(Micros),
    /// Take old copies of rows and references off the disk.
    Purge,
}

/// Keys and values that become true together.
#[derive(Default)]
pub(super) struct Unit {
    /// Row keys with the cells to join.
    pub(super) rows: Vec<(Slice, Vec<Cell<'static>>)>,
    /// Values that are put unless a greater one is there: directory rows and locators.
    pub(super) greater: Vec<(Space, Slice, Slice)>,
    /// Values that are put together unless the first of them is there.
    pub(super) absent: Vec<Vec<(Space, Slice, Slice)>>,
    /// Values that replace.
    pub(super) puts: Vec<(Space, Slice, Slice)>,
}

/// Why a job was not done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    /// Nothing of it is there.
    NotApplied(String),
    /// It may be there after the next start.
    Unknown(String),
    /// This very content cannot be written.
    Invalid(String),
    /// The journal failed: nothing can be written before a restart.
    Broken(String),
}

impl From<Fault> for WriteError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::NotApplied(reason) => Self::NotApplied(reason),
            Fault::Unknown(reason) => Self::Unknown(reason),
            Fault::Invalid(reason) => Self::Invalid(reason),
            Fault::Broken(reason) => Self::Refused(reason),
        }
    }
}

impl From<Fault> for AppendError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Invalid(reason) => Self::TooLarge(reason),
            Fault::NotApplied(reason) | Fault::Unknown(reason) | Fault::Broken(reason) => {
                Self::Unavailable(reason)
            }
        }
    }
}

/// A job and who waits for it. Without anybody waiting it need not be synced.
pub(super) struct Job {
    pub(super) work: Work,
    pub(super) reply: Option<oneshot::Sender<Result<(), Fault>>>,
}

/// What the writer tells everybody: ends of the log partitions, and whether it is broken.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Progress {
    /// Per log partition the offset that the next record will get.
    pub(super) ends: Vec<u64>,
    /// Why nothing can be written before a restart.
    pub(super) broken: Option<Arc<str>>,
}

/// The writer's state.
pub(super) struct Writer {
    pub(super) spaces: Arc<Spaces>,
    pub(super) clock: Arc<dyn WallClock>,
    pub(super) tail: LogTail,
    pub(super) trim: Trim,
    pub(super) reserve_bytes: u64,
    pub(super) progress: watch::Sender<Progress>,
    /// Whether something was written that was not synced yet.
    pub(super) is_unsynced: bool,
}

impl Writer {
    /// Works until the last sender is gone. What was sent before is done first.
    pub(super) fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        while let Some(first) = jobs.blocking_recv() {
            self.group(first, &mut jobs);
            self.trim_if_due();
        }
    }

    fn group(&mut self, first: Job, jobs: &mut mpsc::Receiver<Job>) {
        if let Some(fault) = self.refusal() {
            answer(first.reply, Err(fault));
            return;
        }
        let spaces = Arc::clone(&self.spaces);
        let mut stage = Stage::new(&spaces);
        let mut waiting = Vec::new();
        let mut next = Some(first);
        while let Some(job) = next {
            match self.stage(&mut stage, job.work) {
                Ok(()) => {
                    stage.keep();
                    waiting.extend(job.reply);
                }
                Err(fault) => {
                    stage.take_back();
                    answer(job.reply, Err(fault));
                }
            }
            next = if stage.len() < GROUP_KEYS_MAX { jobs.try_recv().ok() } else { None };
        }
        let outcome = self.commit(stage, !waiting.is_empty());
        for reply in waiting {
            answer(Some(reply), outcome.clone());
        }
    }

    /// Why nothing is taken now.
    fn refusal(&self) -> Option<Fault> {
        if let Some(reason) = &self.progress.borrow().broken {
            return Some(Fault::Broken(reason.to_string()));
        }
        want_of_room(&self.spaces.dir, self.reserve_bytes).map(Fault::NotApplied)
    }

    fn stage(&mut self, stage: &mut Stage<'_>, work: Work) -> Result<(), Fault> {
        match work {
            Work::Unit(unit) => stage_unit(stage, unit),
            Work::Append(records) => self.tail.append(stage, &records, self.clock.now()),
            Work::Redrive(record, unit) => {
                self.tail.append(stage, &[record], self.clock.now())?;
                stage_unit(stage, unit)
            }
            Work::Cursors(cursors) => {
                cursors.iter().try_for_each(|cursor| stage_cursor(stage, cursor))
            }
            Work::Reference(reference) => stage_reference(stage, &reference),
            Work::Start(start) => stage_start(stage, &start),
            Work::Rewind(to) => rewind::stage(stage, &self.spaces, to),
            Work::Purge => purge::run(&self.spaces),
            Work::Trim(before) => self.trim.stage(stage, &self.spaces, before).map(|_| ()),
        }
    }

    fn commit(&mut self, stage: Stage<'_>, synced: bool) -> Result<(), Fault> {
        let mode = synced.then_some(PersistMode::SyncData);
        let written = match (stage.len(), synced && self.is_unsynced) {
            (0, false) => return Ok(()),
            // What was asked for is there, but somebody who waits for it must find it synced.
            (0, true) => self.spaces.database.persist(PersistMode::SyncData),
            _ => stage.commit(mode),
        };
        match written {
            Ok(()) => {
                self.is_unsynced = !synced;
                let ends = self.tail.ends();
                self.progress.send_if_modified(|progress| {
                    let grown = progress.ends != ends;
                    progress.ends = ends;
                    grown
                });
                Ok(())
            }
            Err(error) => {
                let reason = format!("writing the journal failed, a restart recovers: {error}");
                tracing::error!(%error, "the journal of the local store failed");
                self.progress
                    .send_modify(|progress| progress.broken = Some(reason.as_str().into()));
                Err(Fault::Unknown(reason))
            }
        }
    }

    /// One step after each group, so that trimming keeps pace and never holds others up.
    fn trim_if_due(&mut self) {
        let Some(before) = self.trim.due(self.clock.now()) else { return };
        if self.progress.borrow().broken.is_some() {
            return;
        }
        let spaces = Arc::clone(&self.spaces);
        let mut stage = Stage::new(&spaces);
        let taken = self.trim.stage(&mut stage, &spaces, before);
        // Unsynced: what comes back after a power loss is trimmed again.
        let trimmed = taken.and_then(|_| self.commit(stage, false));
        if let Err(fault) = trimmed {
            tracing::warn!(?fault, "trimming the local log failed");
        }
    }
}

fn answer(reply: Option<oneshot::Sender<Result<(), Fault>>>, outcome: Result<(), Fault>) {
    // Whoever no longer waits has been canceled: nobody is left to tell.
    let _gone = reply.map(|reply| reply.send(outcome));
}

fn stage_unit(stage: &mut Stage<'_>, unit: Unit) -> Result<(), Fault> {
    for (space, key, value) in unit.greater {
        stage.put_greater(space, key, value)?;
    }
    for values in unit.absent {
        let Some((space, first, _)) = values.first() else { continue };
        if stage.get(*space, first)?.is_none() {
            for (space, key, value) in values {
                stage.put(space, key, value)?;
            }
        }
    }
    for (key, cells) in unit.rows {
        stage.join(key, cells)?;
    }
    for (space, key, value) in unit.puts {
        stage.put(space, key, value)?;
    }
    Ok(())
}

fn stage_cursor(stage: &mut Stage<'_>, cursor: &Cursor) -> Result<(), Fault> {
    let place = Slice::from(key::cursor(&cursor.source, cursor.number));
    if let Some(held) = stage.get(Space::Cursor, &place)? {
        let held = record::decode_cursor(&cursor.source, cursor.number, &held)
            .map_err(|error| Fault::Invalid(format!("the cursor there is unreadable: {error}")))?;
        if held.next > cursor.next || held == *cursor {
            return Ok(());
        }
    }
    stage.put(Space::Cursor, place, record::encode_cursor(cursor).into())
}

fn stage_reference(stage: &mut Stage<'_>, reference: &Reference) -> Result<(), Fault> {
    let (kind, project, id) = (reference.kind, reference.project, reference.id);
    let place = Slice::from(key::reference(kind, project, &id));
    if let Some(held) = stage.get(Space::Reference, &place)? {
        let held = registry::decode_reference(kind, project, id, &held).map_err(|error| {
            Fault::Invalid(format!("the reference there is unreadable: {error}"))
        })?;
        if reference.rank(&held).is_le() {
            return Ok(());
        }
    }
    stage.put(Space::Reference, place, registry::encode_reference(reference).into())
}

fn stage_start(stage: &mut Stage<'_>, start: &GatewayStarted) -> Result<(), Fault> {
    let place = Slice::from(key::gateway_start(start.project, start.gateway.as_str()));
    if let Some(held) = stage.get(Space::GatewayStart, &place)? {
        let held = registry::decode_start(&held)
            .map_err(|error| Fault::Invalid(format!("the start there is unreadable: {error}")))?;
        if (start.at, &start.live) <= (held.at, &held.live) {
            return Ok(());
        }
    }
    stage.put(Space::GatewayStart, place, registry::encode_start(start).into())
}

/// Why nothing is written on this disk now, if it is too full.
pub(super) fn want_of_room(dir: &std::path::Path, reserve: u64) -> Option<String> {
    let free = free_bytes(dir)?;
    (free < reserve).then(|| format!("{free} bytes free on disk, {reserve} are held in reserve"))
}

/// Free bytes that this user may use; `None` where the system does not say.
fn free_bytes(dir: &std::path::Path) -> Option<u64> {
    let said = rustix::fs::statvfs(dir).ok()?;
    Some(said.f_bavail.saturating_mul(said.f_frsize))
}
