//! Starts every task and thread, joins them all, and turns "one died" into a stop.
//! It does not know what components do or in which order they stop (`app` does).

use std::collections::BTreeMap;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use futures::FutureExt;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How the process ends: the exit codes that scripts and service managers act on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Exit {
    /// Done; a clean stop.
    Done,
    /// Failed; the message says at what.
    Failed,
    /// Wrong arguments.
    Usage,
    /// Worked, and found something.
    Found,
    /// Log or store not reachable in time.
    Unreachable,
    /// An invariant broke.
    Invariant,
    /// The local disk failed.
    Disk,
    /// Log and store answer, but nothing moves; a restart replays safely.
    Wedged,
    /// Credentials, rights or schema.
    Refused,
    /// Settings invalid.
    Settings,
}

impl Exit {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 10] = [
        Self::Done,
        Self::Failed,
        Self::Usage,
        Self::Found,
        Self::Unreachable,
        Self::Invariant,
        Self::Disk,
        Self::Wedged,
        Self::Refused,
        Self::Settings,
    ];

    /// The code of the process.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Found => 3,
            Self::Unreachable => 69,
            Self::Invariant => 70,
            Self::Disk => 74,
            Self::Wedged => 75,
            Self::Refused => 77,
            Self::Settings => 78,
        }
    }
}

/// Why a component ended. The process ends with its code and text.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{what}")]
pub struct ComponentError {
    /// How the process is to end.
    pub exit: Exit,
    /// What failed; lower case, no secret, no phone number.
    pub what: String,
}

impl ComponentError {
    /// An error with its exit code.
    pub fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self { exit, what: what.into() }
    }
}

/// Whether the end of a component outside a stop is the end of the process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Life {
    /// Lives as long as the process.
    Component,
    /// May end by itself.
    Errand,
}

#[derive(Debug)]
enum Note {
    Started { id: u64, name: &'static str, life: Life },
    Thread(JoinHandle<()>),
    Ended { id: u64, result: Result<(), ComponentError> },
}

/// Starts components. Cloneable: components may start others.
#[derive(Clone, Debug)]
pub struct Spawner {
    stop: CancellationToken,
    notes: mpsc::UnboundedSender<Note>,
    ids: Arc<AtomicU64>,
}

impl Spawner {
    /// Starts a task that lives until the stop. If it ends before, the process stops with its name.
    pub fn task(
        &self,
        name: &'static str,
        fut: impl Future<Output = Result<(), ComponentError>> + Send + 'static,
    ) {
        self.launch(name, Life::Component, fut);
    }

    /// Starts a task that may end at any time. It is joined at the stop; its panic is an error log.
    pub fn errand(&self, name: &'static str, fut: impl Future<Output = ()> + Send + 'static) {
        self.launch(name, Life::Errand, fut.map(Ok));
    }

    /// Starts an OS thread that lives until the stop, like [`Spawner::task`].
    pub fn thread(
        &self,
        name: &'static str,
        f: impl FnOnce() -> Result<(), ComponentError> + Send + 'static,
    ) {
        let id = self.begin(name, Life::Component);
        let notes = self.notes.clone();
        let body = move || {
            let result = catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|_| Err(panicked(name)));
            send(&notes, Note::Ended { id, result });
        };
        let spawned = std::thread::Builder::new().name(name.to_owned()).spawn(body);
        match spawned {
            Ok(handle) => send(&self.notes, Note::Thread(handle)),
            Err(error) => {
                let what = format!("cannot start the thread {name}: {error}");
                let result = Err(ComponentError::new(Exit::Failed, what));
                send(&self.notes, Note::Ended { id, result });
            }
        }
    }

    /// Is cancelled when the process is to stop; whoever cancels it stops the process cleanly.
    pub fn token(&self) -> CancellationToken {
        self.stop.clone()
    }

    fn begin(&self, name: &'static str, life: Life) -> u64 {
        let id = self.ids.fetch_add(1, Ordering::Relaxed);
        send(&self.notes, Note::Started { id, name, life });
        id
    }

    fn launch(
        &self,
        name: &'static str,
        life: Life,
        fut: impl Future<Output = Result<(), ComponentError>> + Send + 'static,
    ) {
        let id = self.begin(name, life);
        let notes = self.notes.clone();
        let task = async move {
            let result = AssertUnwindSafe(fut).catch_unwind().await;
            let result = result.unwrap_or_else(|_| Err(panicked(name)));
            send(&notes, Note::Ended { id, result });
        };
        #[expect(clippy::disallowed_methods, reason = "the supervisor is what joins tasks")]
        drop(tokio::spawn(task));
    }
}

fn panicked(name: &str) -> ComponentError {
    ComponentError::new(Exit::Failed, format!("{name} panicked"))
}

/// A closed channel means that the supervisor is gone: the process ends, nobody listens.
fn send(notes: &mpsc::UnboundedSender<Note>, note: Note) {
    drop(notes.send(note));
}

/// Owns the life of all components.
#[derive(Debug)]
pub struct Supervisor {
    spawner: Spawner,
    notes: mpsc::UnboundedReceiver<Note>,
    live: BTreeMap<u64, (&'static str, Life)>,
    threads: Vec<JoinHandle<()>>,
    failure: Option<ComponentError>,
}

impl Default for Supervisor {
    fn default() -> Self {
        Self::new()
    }
}

impl Supervisor {
    /// A supervisor with nothing to watch. It does not listen for signals yet.
    pub fn new() -> Self {
        let (sender, notes) = mpsc::unbounded_channel();
        let ids = Arc::new(AtomicU64::new(0));
        let spawner = Spawner { stop: CancellationToken::new(), notes: sender, ids };
        Self { spawner, notes, live: BTreeMap::new(), threads: Vec::new(), failure: None }
    }

    /// What starts components.
    pub fn spawner(&self) -> Spawner {
        self.spawner.clone()
    }

    /// Is cancelled when the process is to stop.
    pub fn token(&self) -> CancellationToken {
        self.spawner.token()
    }

    /// From now on SIGTERM and SIGINT stop the process: the first one cleanly, the second at once.
    /// Wants a tokio runtime.
    pub fn listen_for_signals(&self) -> Result<(), ComponentError> {
        let refused = |error: std::io::Error| {
            ComponentError::new(Exit::Failed, format!("cannot listen for signals: {error}"))
        };
        let mut signals = Signals::new().map_err(refused)?;
        let stop = self.token();
        let listen = async move {
            let name = signals.next().await;
            tracing::info!(signal = name, "stopping; a second signal stops at once");
            stop.cancel();
            let name = signals.next().await;
            tracing::warn!(signal = name, "stopping at once: what was not written is read again");
            std::process::exit(i32::from(Exit::Failed.code()));
        };
        #[expect(clippy::disallowed_methods, reason = "lives as long as the process, by design")]
        drop(tokio::spawn(listen));
        Ok(())
    }

    /// Waits for the stop, then at most `grace` for all components. `Err` tells the first one that
    /// failed, ended outside a stop, or did not end in time.
    pub async fn run_to_end(mut self, grace: Duration) -> Result<(), ComponentError> {
        let stop = self.token();
        while !stop.is_cancelled() {
            tokio::select! {
                biased;
                () = stop.cancelled() => {}
                note = self.notes.recv() => self.on_note(note),
            }
        }
        let deadline = Instant::now() + grace;
        self.take_ready_notes();
        while !self.live.is_empty() {
            match tokio::time::timeout_at(deadline, self.notes.recv()).await {
                Ok(note) => self.on_note(note),
                Err(_) => return Err(self.overdue(grace)),
            }
            self.take_ready_notes();
        }
        // All of them have told their end: joining takes no time.
        for thread in self.threads {
            drop(thread.join());
        }
        self.failure.map_or(Ok(()), Err)
    }

    fn take_ready_notes(&mut self) {
        while let Ok(note) = self.notes.try_recv() {
            self.on_note(Some(note));
        }
    }

    fn on_note(&mut self, note: Option<Note>) {
        match note {
            Some(Note::Started { id, name, life }) => {
                self.live.insert(id, (name, life));
            }
            Some(Note::Thread(handle)) => self.threads.push(handle),
            Some(Note::Ended { id, result }) => self.on_ended(id, result),
            None => {}
        }
    }

    fn on_ended(&mut self, id: u64, result: Result<(), ComponentError>) {
        let Some((name, life)) = self.live.remove(&id) else { return };
        let stop = self.token();
        let error = match (result, life) {
            (Ok(()), Life::Errand) => return,
            (Ok(()), Life::Component) if stop.is_cancelled() => return,
            (Ok(()), Life::Component) => {
                ComponentError::new(Exit::Failed, format!("{name} ended without being asked to"))
            }
            (Err(error), Life::Errand) => {
                tracing::error!(component = name, error = %error, "an errand failed");
                return;
            }
            (Err(error), Life::Component) => {
                ComponentError::new(error.exit, format!("{name}: {}", error.what))
            }
        };
        tracing::error!(component = name, error = %error, "a component ended; stopping");
        self.failure.get_or_insert(error);
        stop.cancel();
    }

    fn overdue(self, grace: Duration) -> ComponentError {
        let names: Vec<&str> = self.live.values().map(|(name, _)| *name).collect();
        let late = format!("did not stop within {grace:?}: {}", names.join(", "));
        tracing::error!(components = names.join(", "), "did not stop in time");
        self.failure.unwrap_or_else(|| ComponentError::new(Exit::Failed, late))
    }
}

/// SIGTERM and SIGINT.
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let terminate = signal(SignalKind::terminate())?;
        Ok(Self { terminate, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

#[cfg(test)]
mod tests;
