//! One write of the API until its outcome is known: a few tries within the deadline of the request,
//! and, where that does not tell, further ones behind its back.

use std::time::Duration;

use tokio::sync::{Mutex, mpsc};
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::dial::row::EditWrite;
use crate::ports::changes::{Change, ChangeNotice};
use crate::ports::store::{DialStore, WriteError};
use crate::value::Micros;

use super::app::App;
use super::error::{NOTHING_CHANGED, OUTCOME_UNKNOWN, Refused};

const TRIES: u32 = 3;
const WAIT_FIRST: Duration = Duration::from_millis(50);
const WAIT_MAX: Duration = Duration::from_secs(2);
/// Writes of unknown outcome that are remembered.
const OPEN_MAX: usize = 1_024;
/// One try behind the back of a request.
const TRY_MAX: Duration = Duration::from_secs(5);

/// Writes whose outcome is not known yet.
#[derive(Debug)]
pub(super) struct Unsettled {
    open: mpsc::Sender<EditWrite>,
    /// Locked by the one loop that settles them.
    to_settle: Mutex<mpsc::Receiver<EditWrite>>,
}

impl Default for Unsettled {
    fn default() -> Self {
        let (open, to_settle) = mpsc::channel(OPEN_MAX);
        Self { open, to_settle: Mutex::new(to_settle) }
    }
}

impl<S: DialStore, K> App<S, K> {
    /// Durable when it returns `Ok`. A refusal says whether the write may be there.
    pub(super) async fn settled(&self, write: EditWrite, until: Instant) -> Result<(), Refused> {
        let mut may_be_there = false;
        let mut wait = WAIT_FIRST;
        for _ in 0..TRIES {
            let Ok(outcome) = timeout_at(until, self.api.store.edit(&write)).await else {
                may_be_there = true;
                break;
            };
            let Err(error) = outcome else {
                self.tell(&write);
                return Ok(());
            };
            tracing::warn!(%error, hint = "see `/status/ready`", "a write of the API failed");
            match error {
                WriteError::NotApplied(_) => {}
                WriteError::Unknown(_) | WriteError::Overloaded(_) => may_be_there = true,
                WriteError::Refused(_) => break,
                WriteError::Invalid(_) => return Err(Refused::Internal),
            }
            if timeout_at(until, sleep(wait)).await.is_err() {
                break;
            }
            wait *= 2;
        }
        if !may_be_there {
            return Err(Refused::Unavailable(NOTHING_CHANGED));
        }
        if self.unsettled.open.try_send(write).is_err() {
            tracing::warn!(
                open = OPEN_MAX,
                "too many writes of unknown outcome: one is not repeated"
            );
        }
        Err(Refused::Unavailable(OUTCOME_UNKNOWN))
    }

    /// Repeats writes of unknown outcome until the store acknowledges them, one after the other.
    pub async fn settle(&self, stop: CancellationToken) {
        let mut to_settle = self.unsettled.to_settle.lock().await;
        let work = async {
            while let Some(write) = to_settle.recv().await {
                self.settle_one(&write).await;
            }
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            () = work => {}
        }
    }

    /// Tells followers of an edit that is there.
    fn tell(&self, write: &EditWrite) {
        let change = Change::Edit { wall: Micros::new(write.wall) };
        self.api.changes.publish(&[ChangeNotice { key: write.key, change }]);
    }

    async fn settle_one(&self, write: &EditWrite) {
        let mut wait = WAIT_FIRST;
        loop {
            let until = Instant::now() + TRY_MAX;
            match timeout_at(until, self.api.store.edit(write)).await {
                Ok(Ok(())) => return self.tell(write),
                Ok(Err(error @ WriteError::Invalid(_))) => {
                    tracing::warn!(%error, "a write of unknown outcome is given up");
                    return;
                }
                Ok(Err(_)) | Err(_) => {}
            }
            sleep(wait).await;
            wait = (wait * 2).min(WAIT_MAX);
        }
    }
}
