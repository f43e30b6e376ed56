//! Small puts beside the rows (dead letters, references, gateway starts): repeated until done.

use std::sync::Arc;

use tokio::time::sleep;

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
