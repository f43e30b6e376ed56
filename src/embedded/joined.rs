//! The local log and files beside it, as one log: the worker reads both.

use std::sync::Arc;

use crate::ports::log::{Commit, EventLog, LogEnd, LogError, Polled, RecordBatch};

use super::file::FileLog;
use super::log::LocalLog;

/// Source 0 is the local log, the files follow.
#[derive(Debug)]
pub struct LocalAndFiles {
    local: LocalLog,
    files: FileLog,
    turn: Turn,
}

/// Who is asked first by the next poll.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Turn {
    Local,
    Files,
}

impl LocalAndFiles {
    /// Joins them; the files were opened with `first_source` 1.
    pub const fn new(local: LocalLog, files: FileLog) -> Self {
        Self { local, files, turn: Turn::Local }
    }

    /// Files that have ended end nothing: the local log goes on.
    fn take_lines(
        &mut self,
        batch: &mut RecordBatch,
        room: usize,
    ) -> Result<Option<Polled>, LogError> {
        Ok(self.files.take(batch, room)?.filter(|polled| !matches!(polled, Polled::Ended)))
    }

    fn take(&mut self, batch: &mut RecordBatch, room: usize) -> Result<Option<Polled>, LogError> {
        let turn = self.turn;
        self.turn = if turn == Turn::Local { Turn::Files } else { Turn::Local };
        let first = match turn {
            Turn::Local => self.local.take(batch, room)?,
            Turn::Files => self.take_lines(batch, room)?,
        };
        match (first, turn) {
            (Some(polled), _) => Ok(Some(polled)),
            (None, Turn::Local) => self.take_lines(batch, room),
            (None, Turn::Files) => self.local.take(batch, room),
        }
    }

    fn split(commits: &[Commit]) -> (Vec<Commit>, Vec<Commit>) {
        commits.iter().partition(|commit| commit.partition.source == 0)
    }
}

impl EventLog for LocalAndFiles {
    fn sources(&self) -> Vec<Arc<str>> {
        let mut sources = self.local.sources();
        sources.extend(self.files.sources());
        sources
    }

    async fn next(&mut self, batch: &mut RecordBatch, room: usize) -> Result<Polled, LogError> {
        loop {
            if let Some(polled) = self.take(batch, room)? {
                return Ok(polled);
            }
            tokio::select! {
                ready = self.local.ready() => ready?,
                () = self.files.ready() => {}
            }
        }
    }

    fn commit(&mut self, commits: &[Commit]) {
        let (local, files) = Self::split(commits);
        self.local.commit(&local);
        self.files.commit(&files);
    }

    /// Only files are ever revoked.
    async fn hand_back(&mut self, commits: &[Commit]) {
        let (local, files) = Self::split(commits);
        self.local.commit(&local);
        self.files.hand_back(&files).await;
    }

    fn ends(&self) -> Vec<LogEnd> {
        let mut ends = self.local.ends();
        ends.extend(self.files.ends());
        ends
    }

    async fn close(self, commits: &[Commit]) -> Result<(), LogError> {
        let (local, files) = Self::split(commits);
        let closed = self.files.close(&files).await;
        self.local.close(&local).await.and(closed)
    }
}
