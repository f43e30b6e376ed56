//! One file or reader as a source: where it stands, its cursor and its identity in the store.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use fjall::Slice;
use tokio::sync::mpsc;

use crate::ports::log::{Commit, LogPartition, RecordBatch};
use crate::ports::store::Cursor;
use crate::value::Micros;

use super::database::Space;
use super::handle::Embedded;
use super::layout::file::{self, Identity};
use super::layout::{key, record};
use super::lines::{Line, Splitter};
use super::tail::{Follow, Step, Tail};
use super::writer::{Unit, Work};

/// The header that tells a line of a file from a record of a log, and its value.
const LINE_HEADER: (&str, &[u8]) = ("ringfold-form", b"line");
/// Blocks that the thread of a reader may be ahead.
const BLOCKS_AHEAD: usize = 4;
const BLOCK_BYTES: usize = 64 << 10;

type Put = (Space, Slice, Slice);

/// What taking from a source brought.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Taken {
    /// Bytes; perhaps records.
    Some,
    /// Nothing now.
    Nothing,
    /// Nothing any more.
    Ended,
    /// Another file has its name now: it is to be revoked.
    Replaced,
}

enum Input {
    /// A followed file that is not there yet.
    Missing,
    Tail(Box<Tail>),
    Blocks(Blocks),
}

/// What a reader's thread has read.
struct Blocks {
    waiting: mpsc::Receiver<io::Result<Vec<u8>>>,
    /// Was waited for, and is to be taken first.
    next: Option<io::Result<Vec<u8>>>,
    lines: Splitter,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Standing {
    Reading,
    Ended,
    /// Replaced; nothing is read until it was handed back.
    Revoked,
    /// Handed back: to be assigned again.
    Renewed,
}

/// A source.
pub(super) struct FileSource {
    name: Arc<str>,
    path: PathBuf,
    follow: Follow,
    input: Input,
    store: Option<Embedded>,
    /// The identity that the store has.
    kept: Option<Identity>,
    standing: Standing,
    tenure: u64,
    start: u64,
}

impl FileSource {
    /// A file, behind its cursor.
    pub(super) fn of_path(
        path: &Path,
        follow: Follow,
        store: Option<&Embedded>,
    ) -> io::Result<Self> {
        let name: Arc<str> = path.to_string_lossy().into();
        let mut source = Self {
            path: path.to_path_buf(),
            follow,
            input: Input::Missing,
            store: store.cloned(),
            kept: None,
            standing: Standing::Reading,
            tenure: 1,
            start: 0,
            name,
        };
        source.resume()?;
        Ok(source)
    }

    /// Anything that is read to its end, by a thread of its own.
    pub(super) fn of_reader(
        name: Arc<str>,
        mut reader: impl io::Read + Send + 'static,
    ) -> io::Result<Self> {
        let (send, blocks) = mpsc::channel(BLOCKS_AHEAD);
        // Not joined: a read of standard input cannot be ended from here.
        let thread = std::thread::Builder::new().name("ringfold-lines".to_owned());
        thread.spawn(move || {
            loop {
                let mut block = vec![0; BLOCK_BYTES];
                let read = reader.read(&mut block).map(|len| {
                    block.truncate(len);
                    block
                });
                let is_last = read.as_ref().map_or(true, Vec::is_empty);
                if send.blocking_send(read).is_err() || is_last {
                    return;
                }
            }
        })?;
        Ok(Self {
            path: PathBuf::new(),
            follow: Follow::UntilEnd,
            input: Input::Blocks(Blocks {
                waiting: blocks,
                next: None,
                lines: Splitter::default(),
            }),
            store: None,
            kept: None,
            standing: Standing::Reading,
            tenure: 1,
            start: 0,
            name,
        })
    }

    pub(super) fn name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    pub(super) const fn tenure(&self) -> u64 {
        self.tenure
    }

    pub(super) const fn start(&self) -> u64 {
        self.start
    }

    pub(super) fn is_ended(&self) -> bool {
        self.standing == Standing::Ended
    }

    pub(super) fn is_revoked(&self) -> bool {
        self.standing == Standing::Revoked
    }

    pub(super) fn on_revoked(&mut self) {
        self.standing = Standing::Revoked;
    }

    /// Whether it is to be assigned again; says so once.
    pub(super) fn take_renewal(&mut self) -> bool {
        let is_renewed = self.standing == Standing::Renewed;
        if is_renewed {
            self.standing = Standing::Reading;
        }
        is_renewed
    }

    /// Bytes there are, as far as they are known.
    pub(super) fn end(&self) -> Option<u64> {
        match &self.input {
            Input::Tail(tail) => tail.len(),
            Input::Missing | Input::Blocks(_) => None,
        }
    }

    /// Opens the file behind its cursor: the one that the cursor was written for, if it is found.
    fn resume(&mut self) -> io::Result<()> {
        let Some((known, done)) = self.read_cursor()? else { return self.begin() };
        if let Some(tail) = Tail::reopen(&self.path, self.follow, &known, done)? {
            self.kept = Some(known);
            self.start = done;
            self.input = Input::Tail(Box::new(tail));
            return Ok(());
        }
        tracing::warn!(
            path = %self.name, read = done,
            "the file that was read before is not found; the one of its name is read from its start"
        );
        self.begin()
    }

    /// Opens the file at its start.
    fn begin(&mut self) -> io::Result<()> {
        self.start = 0;
        self.kept = None;
        self.input = match Tail::open(&self.path, self.follow, 0) {
            Ok(tail) => Input::Tail(Box::new(tail)),
            Err(error)
                if error.kind() == io::ErrorKind::NotFound && self.follow == Follow::ByName =>
            {
                Input::Missing
            }
            Err(error) => return Err(error),
        };
        Ok(())
    }

    fn read_cursor(&self) -> io::Result<Option<(Identity, u64)>> {
        let Some(store) = &self.store else { return Ok(None) };
        let spaces = store.spaces();
        let identity = spaces.get(Space::Meta).get(key::file_identity(&self.name));
        let cursor = spaces.get(Space::Cursor).get(key::cursor(&self.name, 0));
        let (identity, cursor) =
            (identity.map_err(io::Error::other)?, cursor.map_err(io::Error::other)?);
        let (Some(identity), Some(cursor)) = (identity, cursor) else { return Ok(None) };
        let identity = file::decode(&identity).map_err(io::Error::other)?;
        let cursor = record::decode_cursor(&self.name, 0, &cursor).map_err(io::Error::other)?;
        Ok(Some((identity, cursor.next)))
    }

    /// Takes a stretch of lines.
    pub(super) fn take(
        &mut self,
        partition: LogPartition,
        batch: &mut RecordBatch,
    ) -> io::Result<Taken> {
        if self.standing != Standing::Reading {
            return Ok(if self.is_ended() { Taken::Ended } else { Taken::Nothing });
        }
        let push = |line: Line<'_>| {
            batch.push(partition, line.offset, None, None, Some(line.bytes));
            batch.push_header(LINE_HEADER.0, Some(LINE_HEADER.1));
        };
        let taken = match &mut self.input {
            Input::Missing => {
                self.begin()?;
                return Ok(match self.input {
                    Input::Missing => Taken::Nothing,
                    Input::Tail(_) | Input::Blocks(_) => Taken::Some,
                });
            }
            Input::Tail(tail) => match tail.step(push)? {
                Step::Read => Taken::Some,
                Step::Idle => Taken::Nothing,
                Step::Ended => Taken::Ended,
                Step::Replaced => Taken::Replaced,
            },
            Input::Blocks(blocks) => blocks.take(push)?,
        };
        if taken == Taken::Ended {
            self.standing = Standing::Ended;
        }
        self.keep_identity();
        Ok(taken)
    }

    /// Tells the store which file is read, before any cursor of it can be written; and again while
    /// it is too short to be told from others by how it begins.
    fn keep_identity(&mut self) {
        let (Some(store), Input::Tail(tail)) = (&self.store, &self.input) else { return };
        if self.kept == Some(tail.identity) {
            return;
        }
        let mut puts = self.identity_put(&tail.identity);
        if self.kept.is_none() {
            // A cursor that is there belongs to another file.
            puts.push(self.first_cursor_put());
        }
        if store.send_unanswered(Work::Unit(Unit { puts, ..Unit::default() })) {
            self.kept = Some(tail.identity);
        }
    }

    fn cursor(&self, commit: &Commit) -> Cursor {
        Cursor {
            source: self.name(),
            number: 0,
            next: commit.next,
            floor: commit.metadata.floor,
            parts: commit.metadata.parts,
        }
    }

    /// Cursors that came with rows are there already; these follow without a sync of their own.
    pub(super) fn commit(&self, commit: &Commit) {
        if let Some(store) = &self.store {
            store.send_unanswered(Work::Cursors(vec![self.cursor(commit)]));
        }
    }

    /// The same, durable when it returns.
    pub(super) async fn commit_for_good(&self, commit: &Commit) {
        let Some(store) = &self.store else { return };
        if let Err(fault) = store.work(Work::Cursors(vec![self.cursor(commit)])).await {
            tracing::warn!(?fault, path = %self.name, "the last cursor of a file was not written");
        }
    }

    /// Goes on with the file that has the name now. Its cursor and identity become true together.
    pub(super) async fn renew(&mut self) {
        if let Err(error) = self.begin() {
            tracing::warn!(%error, path = %self.name, "the next file cannot be opened yet");
            self.input = Input::Missing;
        }
        self.tenure += 1;
        self.standing = Standing::Renewed;
        let Some(store) = &self.store else { return };
        let Input::Tail(tail) = &self.input else { return };
        let identity = tail.identity;
        let mut puts = self.identity_put(&identity);
        puts.push(self.first_cursor_put());
        match store.work(Work::Unit(Unit { puts, ..Unit::default() })).await {
            Ok(()) => self.kept = Some(identity),
            Err(fault) => {
                let path = &self.name;
                tracing::warn!(?fault, %path, "the first cursor of a file was not written yet");
            }
        }
    }

    fn identity_put(&self, identity: &Identity) -> Vec<Put> {
        vec![(Space::Meta, key::file_identity(&self.name).into(), file::encode(identity).into())]
    }

    fn first_cursor_put(&self) -> Put {
        let (source, floor) = (self.name(), Micros::MIN);
        let first = Cursor { source, number: 0, next: 0, floor, parts: 1 };
        let place = key::cursor(&self.name, 0).into();
        (Space::Cursor, place, record::encode_cursor(&first).into())
    }

    /// Waits for the next block of a reader; files have nothing to wait for.
    pub(super) fn poll_block(&mut self, context: &mut TaskContext<'_>) -> Poll<()> {
        match &mut self.input {
            Input::Blocks(blocks) if self.standing == Standing::Reading => blocks.poll(context),
            Input::Missing | Input::Tail(_) | Input::Blocks(_) => Poll::Pending,
        }
    }
}

impl Blocks {
    fn take(&mut self, push: impl FnMut(Line<'_>)) -> io::Result<Taken> {
        let block = match self.next.take() {
            Some(block) => block?,
            None => match self.waiting.try_recv() {
                Ok(block) => block?,
                Err(mpsc::error::TryRecvError::Empty) => return Ok(Taken::Nothing),
                // The thread says that it has ended before it does.
                Err(mpsc::error::TryRecvError::Disconnected) => return Ok(Taken::Ended),
            },
        };
        if block.is_empty() {
            self.lines.finish(push);
            return Ok(Taken::Ended);
        }
        self.lines.feed(&block, push);
        Ok(Taken::Some)
    }

    fn poll(&mut self, context: &mut TaskContext<'_>) -> Poll<()> {
        if self.next.is_some() {
            return Poll::Pending;
        }
        self.waiting.poll_recv(context).map(|block| {
            self.next = Some(block.unwrap_or_else(|| Ok(Vec::new())));
        })
    }
}
