//! How long the worker waits for what lies beside the rows: small puts (dead letters, references,
//! gateway starts) are repeated until done, a look at an assignment is given up soon.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::ports::store::Directory;

use super::floor::StoreContent;
use super::retry::backoff;
use super::vitals::Vitals;
use super::worker::World;

/// What a task that repeats needs.
pub(super) struct Patience {
    pub(super) world: World,
    pub(super) vitals: Arc<Vitals>,
}

impl Patience {
    /// Repeats until it is done: what is put is small and a repeat of it is free.
    pub(super) async fn until_done<E, F: Future<Output = Result<(), E>>>(
        &self,
        what: &'static str,
        put: impl Fn() -> F,
        text: impl Fn(&E) -> String,
    ) {
        let mut attempt = 0_u32;
        while let Err(error) = put().await {
            if attempt == 0 {
                self.vitals.begin_repeating();
            }
            tracing::warn!(what, attempt, error = text(&error), "not kept yet; trying again");
            sleep(backoff(attempt, self.world.jitter())).await;
            attempt = attempt.saturating_add(1);
        }
        if attempt > 0 {
            self.vitals.end_repeating();
        }
    }
}

/// The loop stands still meanwhile: neither probes nor a rebalance may wait for a silent store.
const LOOK_MAX: Duration = Duration::from_secs(2);

/// Whether there is any row yet. A store that does not answer is taken to have some, which costs
/// loads of dials that are new.
pub(super) async fn content(store: &impl Directory) -> StoreContent {
    match timeout(LOOK_MAX, store.is_empty()).await {
        Ok(Ok(true)) => StoreContent::Empty,
        Ok(Ok(false) | Err(_)) | Err(_) => StoreContent::Some,
    }
}
