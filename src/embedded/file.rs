//! Lines of files and of standard input as an [`EventLog`]: each file is a source of its own with
//! one log partition, a line's offset is the byte at which it starts. It only reads.
//!
//! A file that is replaced (rotated, truncated) is handed over like a log partition to another
//! owner: revoked, and once what was read of it is done, assigned again from its start.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use crate::ports::log::{
    Assignment, Commit, EventLog, LogEnd, LogError, LogPartition, Polled, RecordBatch,
};

use super::file_source::{FileSource, Taken};
use super::handle::Embedded;
use super::tail::Follow;

/// Name of standard input among the paths, and of its source.
pub const STDIN: &str = "-";

/// How often a file that had nothing new is looked at again.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Stretches read of one file in one poll: bounds how long reading holds the runtime.
const STRETCHES_MAX: usize = 4;

/// Which files are read, and how.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileLogSettings {
    /// Paths; `-` is standard input. Names that end in `.gz` are unpacked, to their end.
    pub paths: Vec<PathBuf>,
    /// Whether the others are followed.
    pub follow: Follow,
    /// Number of the first file as a source: behind the sources of a log that is read beside.
    pub first_source: u16,
}

/// Reads files from their cursors on, or from their start where no store keeps cursors.
pub struct FileLog {
    files: Vec<FileSource>,
    first_source: u16,
    /// The file that is looked at first by the next poll.
    turn: usize,
    is_assigned: bool,
    /// The last look brought bytes, though perhaps no line: the next one need not wait.
    is_busy: bool,
}

impl std::fmt::Debug for FileLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileLog").field("sources", &self.sources()).finish_non_exhaustive()
    }
}

impl FileLog {
    /// Opens the files; with a store, behind the cursors that it keeps. A followed file need not
    /// be there yet.
    pub fn open(settings: &FileLogSettings, store: Option<&Embedded>) -> Result<Self, LogError> {
        let mut files = Vec::new();
        for path in &settings.paths {
            let file = if path == Path::new(STDIN) {
                FileSource::of_reader(STDIN.into(), io::stdin())
            } else {
                FileSource::of_path(path, settings.follow, store)
            };
            let failed = |error| LogError::Disk(format!("cannot read {}: {error}", path.display()));
            files.push(file.map_err(failed)?);
        }
        Ok(Self::of_files(files, settings.first_source))
    }

    /// Reads lines of anything, to its end, as the one source of this name. The reader is left to
    /// a thread of its own that ends with it: one that blocks for ever ends with the process.
    pub fn of_reader(
        name: impl Into<Arc<str>>,
        reader: impl io::Read + Send + 'static,
    ) -> Result<Self, LogError> {
        let file = FileSource::of_reader(name.into(), reader)
            .map_err(|error| LogError::Disk(error.to_string()))?;
        Ok(Self::of_files(vec![file], 0))
    }

    const fn of_files(files: Vec<FileSource>, first_source: u16) -> Self {
        Self { files, first_source, turn: 0, is_assigned: false, is_busy: false }
    }

    fn partition(&self, place: usize) -> LogPartition {
        let place = u16::try_from(place).unwrap_or(u16::MAX);
        LogPartition { source: self.first_source.saturating_add(place), number: 0 }
    }

    fn assignment(&self, place: usize) -> Option<Assignment> {
        let file = self.files.get(place)?;
        let partition = self.partition(place);
        // Files keep no record time and are read by nobody else in order: no floor holds for them.
        let (tenure, start) = (file.tenure(), file.start());
        Some(Assignment { partition, tenure, start, committed: None, parts: 1 })
    }

    /// What there is without waiting.
    pub(super) fn take(
        &mut self,
        batch: &mut RecordBatch,
        room: usize,
    ) -> Result<Option<Polled>, LogError> {
        self.is_busy = false;
        if !self.is_assigned {
            self.is_assigned = true;
            let all = 0..self.files.len();
            let assignments = all.filter_map(|place| self.assignment(place)).collect();
            return Ok(Some(Polled::Assigned(assignments)));
        }
        if let Some(place) = self.files.iter_mut().position(FileSource::take_renewal) {
            return Ok(Some(Polled::Assigned(self.assignment(place).into_iter().collect())));
        }
        if room == 0 {
            return Ok(None);
        }
        let before = batch.len();
        let full = batch.bytes().saturating_add(room);
        let count = self.files.len();
        for step in 0..count {
            let place = (self.turn + step) % count;
            if self.take_of(place, batch, full)? == Taken::Replaced && batch.len() == before {
                if let Some(file) = self.files.get_mut(place) {
                    file.on_revoked();
                }
                return Ok(Some(Polled::Revoked(vec![self.partition(place)])));
            }
        }
        self.turn = (self.turn + 1) % count.max(1);
        if batch.len() > before {
            return Ok(Some(Polled::Records));
        }
        Ok(self.files.iter().all(FileSource::is_ended).then_some(Polled::Ended))
    }

    /// A few stretches of one file. One that was replaced says so again at the next look, until it
    /// is revoked: what was read of it goes out first.
    fn take_of(
        &mut self,
        place: usize,
        batch: &mut RecordBatch,
        full: usize,
    ) -> Result<Taken, LogError> {
        let partition = self.partition(place);
        let Some(file) = self.files.get_mut(place) else { return Ok(Taken::Ended) };
        for _ in 0..STRETCHES_MAX {
            if batch.bytes() >= full {
                break;
            }
            let name = file.name();
            let taken = file
                .take(partition, batch)
                .map_err(|error| LogError::Disk(format!("cannot read {name}: {error}")))?;
            if taken != Taken::Some {
                return Ok(taken);
            }
            self.is_busy = true;
        }
        Ok(Taken::Some)
    }

    /// Waits until it makes sense to look again.
    pub(super) async fn ready(&mut self) {
        if self.is_busy {
            tokio::task::yield_now().await;
            return;
        }
        let mut look = std::pin::pin!(tokio::time::sleep(LOOK_EVERY));
        let files = &mut self.files;
        std::future::poll_fn(|context| {
            let mut is_ready = look.as_mut().poll(context).is_ready();
            for file in files.iter_mut() {
                is_ready |= file.poll_block(context).is_ready();
            }
            if is_ready { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    fn file_of(&mut self, partition: LogPartition) -> Option<&mut FileSource> {
        let place = partition.source.checked_sub(self.first_source)?;
        self.files.get_mut(usize::from(place))
    }
}

impl EventLog for FileLog {
    fn sources(&self) -> Vec<Arc<str>> {
        self.files.iter().map(FileSource::name).collect()
    }

    async fn next(&mut self, batch: &mut RecordBatch, room: usize) -> Result<Polled, LogError> {
        loop {
            if let Some(polled) = self.take(batch, room)? {
                return Ok(polled);
            }
            self.ready().await;
        }
    }

    fn commit(&mut self, commits: &[Commit]) {
        for commit in commits {
            if let Some(file) = self.file_of(commit.partition) {
                file.commit(commit);
            }
        }
    }

    async fn hand_back(&mut self, commits: &[Commit]) {
        for commit in commits {
            if let Some(file) = self.file_of(commit.partition) {
                file.commit_for_good(commit).await;
            }
        }
        for file in self.files.iter_mut().filter(|file| file.is_revoked()) {
            file.renew().await;
        }
    }

    fn ends(&self) -> Vec<LogEnd> {
        let end = |(place, file): (usize, &FileSource)| {
            file.end().map(|end| LogEnd { partition: self.partition(place), end })
        };
        self.files.iter().enumerate().filter_map(end).collect()
    }

    async fn close(mut self, commits: &[Commit]) -> Result<(), LogError> {
        for commit in commits {
            if let Some(file) = self.file_of(commit.partition) {
                file.commit_for_good(commit).await;
            }
        }
        Ok(())
    }
}
