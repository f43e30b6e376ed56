//! The day on which each API key was last used: noted behind the requests, at most once per key,
//! day and process. Best effort: a note that is lost is made on another day.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::ports::registry::KeyUses;
use crate::value::Day;

use super::app::App;

/// Notes that wait.
const OPEN_MAX: usize = 1_024;
const TRIES: u32 = 3;
const TRY_MAX: Duration = Duration::from_secs(2);
const WAIT: Duration = Duration::from_secs(1);
const NEVER: i32 = i32::MIN;

/// The last day that this process has noted of one key.
#[derive(Debug)]
pub(super) struct UsedOn(AtomicI32);

impl Default for UsedOn {
    fn default() -> Self {
        Self(AtomicI32::new(NEVER))
    }
}

/// Days that wait to be noted.
#[derive(Debug)]
pub(super) struct Uses {
    open: mpsc::Sender<(Arc<str>, Day)>,
    /// Locked by the one loop that notes them.
    to_note: Mutex<mpsc::Receiver<(Arc<str>, Day)>>,
}

impl Default for Uses {
    fn default() -> Self {
        let (open, to_note) = mpsc::channel(OPEN_MAX);
        Self { open, to_note: Mutex::new(to_note) }
    }
}

impl Uses {
    /// A key was used on a day; never waits.
    pub(super) fn note(&self, used: &UsedOn, key_id: &Arc<str>, day: Day) {
        if used.0.load(Ordering::Relaxed) == day.get()
            || used.0.swap(day.get(), Ordering::Relaxed) == day.get()
        {
            return;
        }
        if self.open.try_send((Arc::clone(key_id), day)).is_err() {
            used.0.store(NEVER, Ordering::Relaxed);
        }
    }
}

impl<S: KeyUses, K> App<S, K> {
    /// Notes uses one after the other until the stop, and then what still waits.
    pub(super) async fn note_uses(&self, stop: CancellationToken) {
        let mut to_note = self.auth.uses().to_note.lock().await;
        loop {
            let next = tokio::select! {
                biased;
                next = to_note.recv() => next,
                () = stop.cancelled() => None,
            };
            let Some((key_id, day)) = next else { return };
            let is_noted = self.note_use(&key_id, day, &stop).await;
            if !is_noted && stop.is_cancelled() {
                return;
            }
        }
    }

    async fn note_use(&self, key_id: &str, day: Day, stop: &CancellationToken) -> bool {
        for _ in 0..TRIES {
            if let Ok(Ok(())) = timeout(TRY_MAX, self.api.store.put_key_use(key_id, day)).await {
                return true;
            }
            if stop.is_cancelled() || timeout(WAIT, stop.cancelled()).await.is_ok() {
                break;
            }
        }
        tracing::warn!(key_id, %day, "the last use of an API key could not be noted");
        false
    }
}
