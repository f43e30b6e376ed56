//! Turns signs of life into health, and tells the service manager.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::http::{Health, Part};
use crate::ingest::vitals::Vitals;

const EVERY: Duration = Duration::from_millis(200);

/// Names of the parts.
pub(super) const LOG: &str = "log";
pub(super) const STORE: &str = "store";

/// Whose signs of life are followed.
pub(super) struct Watched {
    pub(super) vitals: Arc<Vitals>,
    /// A process that only serves has no worker to wait for.
    pub(super) is_ingesting: bool,
}

/// Follows the worker until the stop; then nothing is ready any more.
pub(super) async fn follow(watched: Watched, health: Health, stop: CancellationToken) {
    let mut interval = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            _ = interval.tick() => look(&watched, &health),
        }
    }
    sd_notify::notify(&[sd_notify::NotifyState::Stopping]).ok();
    health.forget_loop("ingest");
    health.set_part(LOG, &Part::NotReady("stopping".into()));
}

fn look(watched: &Watched, health: &Health) {
    let vitals = &watched.vitals;
    if vitals.ticked_at().is_some() {
        health.tick("ingest");
    }
    let log = if vitals.was_assigned() || !watched.is_ingesting {
        Part::Ready
    } else {
        Part::NotReady("no log partition is assigned yet".into())
    };
    health.set_part(LOG, &log);
    let store = match vitals.stalled_since() {
        None => Part::Ready,
        Some(_) => Part::NotReady("the store takes no writes".into()),
    };
    health.set_part(STORE, &store);
    sd_notify::notify(&[sd_notify::NotifyState::Watchdog]).ok();
}
