//! What the process holds of the local store: cheap to clone; the last clone ends the writer.

use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot, watch};

use crate::ports::store::{ReadError, WriteError};
use crate::ports::world::WallClock;
use crate::value::Micros;

use super::changes::LocalChanges;
use super::database::{self, EmbeddedSettings, OpenError, Spaces};
use super::log::{LocalLog, LogTail};
use super::sink::LocalSink;
use super::trim::Trim;
use super::writer::{Fault, Job, Progress, Work, Writer, want_of_room};

/// Jobs that may wait for the writer; more wait at their senders.
const JOBS_WAITING_MAX: usize = 1_024;

/// The local store and log, open.
///
/// Writes are durable when they return. When the last clone goes, the writer finishes what was
/// sent, and the directory is free again; that waits for the disk, so let it go outside of hot
/// paths.
#[derive(Clone)]
pub struct Embedded(Arc<Inner>);

struct Inner {
    spaces: Arc<Spaces>,
    reserve_bytes: u64,
    progress: watch::Receiver<Progress>,
    changes: LocalChanges,
    /// `None` only while it is dropped.
    jobs: Option<mpsc::Sender<Job>>,
    writer: Option<JoinHandle<()>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the writer of the local store panicked");
        }
    }
}

impl std::fmt::Debug for Embedded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Embedded").field(&self.0.spaces.dir).finish()
    }
}

impl Embedded {
    /// Opens or makes the store in its directory. Reads back the journal of a crash: it may take a
    /// second, and blocks.
    pub fn open(settings: &EmbeddedSettings, clock: Arc<dyn WallClock>) -> Result<Self, OpenError> {
        let failed = |reason: String| OpenError::Disk { dir: settings.dir.clone(), reason };
        let spaces = Arc::new(database::open(settings)?);
        let tail = LogTail::find(&spaces).map_err(failed)?;
        let (publish, progress) =
            watch::channel(Progress { ends: tail.ends(), ..Progress::default() });
        let (jobs, waiting) = mpsc::channel(JOBS_WAITING_MAX);
        let writer = Writer {
            spaces: Arc::clone(&spaces),
            clock,
            tail,
            trim: Trim::new(settings.log_keep),
            reserve_bytes: settings.disk_reserve_bytes,
            progress: publish,
            is_unsynced: false,
        };
        let thread = std::thread::Builder::new().name("ringfold-store".to_owned());
        let writer =
            thread.spawn(move || writer.run(waiting)).map_err(|error| failed(error.to_string()))?;
        Ok(Self(Arc::new(Inner {
            spaces,
            reserve_bytes: settings.disk_reserve_bytes,
            progress,
            changes: LocalChanges::new(),
            jobs: Some(jobs),
            writer: Some(writer),
        })))
    }

    /// A reader of the local log, beginning at its cursors. One at a time makes sense.
    pub fn log(&self) -> LocalLog {
        LocalLog::new(self.clone())
    }

    /// The way into the local log.
    pub fn sink(&self) -> LocalSink {
        LocalSink { store: self.clone() }
    }

    /// Change notices inside this process.
    pub fn changes(&self) -> LocalChanges {
        self.0.changes.clone()
    }

    /// Takes a step of records out of the local log: older than `before`, done by their cursor, and
    /// never the newest of a log partition. It also happens by itself (`log_keep`).
    pub async fn trim_log(&self, before: Micros) -> Result<(), WriteError> {
        Ok(self.work(Work::Trim(before)).await?)
    }

    /// Puts the cursors of the local log back to the first record that the log took at `to` or
    /// later, so that the next reader replays from there. Call it while nobody reads.
    pub async fn rewind_log(&self, to: Micros) -> Result<(), WriteError> {
        Ok(self.work(Work::Rewind(to)).await?)
    }

    /// Takes old copies of rows and references off the disk: what was overwritten, but not what the
    /// log and the dead letters hold. It takes seconds, and nothing else is written meanwhile.
    pub async fn purge(&self) -> Result<(), WriteError> {
        Ok(self.work(Work::Purge).await?)
    }

    /// Why nothing is written now, if the disk is too full; writing resumes by itself.
    pub fn want_of_room(&self) -> Option<String> {
        want_of_room(&self.0.spaces.dir, self.0.reserve_bytes)
    }

    /// Waits until the journal fails; gives the reason. Nothing can be written from then on: the
    /// process is to end, its next start recovers every acknowledged write.
    pub async fn broken(&self) -> Arc<str> {
        let mut progress = self.0.progress.clone();
        let seen = progress.wait_for(|progress| progress.broken.is_some()).await;
        let reason = seen.ok().and_then(|progress| progress.broken.clone());
        reason.unwrap_or_else(|| "the writer of the local store has ended".into())
    }

    pub(super) fn spaces(&self) -> &Spaces {
        &self.0.spaces
    }

    pub(super) fn progress(&self) -> watch::Receiver<Progress> {
        self.0.progress.clone()
    }

    /// Hands the writer a job and waits until it is durable. Whoever stops waiting does not take
    /// the job back.
    pub(super) async fn work(&self, work: Work) -> Result<(), Fault> {
        let ended = || Fault::Broken("the writer of the local store has ended".to_owned());
        let jobs = self.0.jobs.as_ref().ok_or_else(ended)?;
        let (reply, answer) = oneshot::channel();
        jobs.send(Job { work, reply: Some(reply) }).await.map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }

    /// Hands the writer a job that nobody waits for. Says whether it was taken: a full queue drops
    /// it.
    pub(super) fn send_unanswered(&self, work: Work) -> bool {
        self.0.jobs.as_ref().is_some_and(|jobs| jobs.try_send(Job { work, reply: None }).is_ok())
    }
}

/// A read of our own disk that failed.
pub(super) fn unreadable(error: &dyn std::fmt::Display) -> ReadError {
    ReadError::Unreadable(error.to_string())
}

/// A read that the disk did not serve.
pub(super) fn unavailable(error: &dyn std::fmt::Display) -> ReadError {
    ReadError::Unavailable(error.to_string())
}
