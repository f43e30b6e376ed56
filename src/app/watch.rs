//! Turns signs of life into health, and tells the service manager.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::embedded::Embedded;
use crate::http::{Health, Part};
use crate::ingest::vitals::Vitals;
use crate::value::Micros;

const EVERY: Duration = Duration::from_millis(200);

/// Names of the parts.
pub(super) const LOG: &str = "log";
pub(super) const STORE: &str = "store";

const DISK: &str = "disk";
const LOOK_AT_DISK_EVERY: Duration = Duration::from_secs(1);

/// Whose signs of life are followed.
pub(super) struct Watched {
    pub(super) vitals: Arc<Vitals>,
    /// A process that only serves has no worker to wait for.
    pub(super) is_ingesting: bool,
}

/// Follows the worker until the stop; then nothing is ready any more.
pub(super) async fn follow(watched: Watched, health: Health, stop: CancellationToken) {
    let mut interval = tokio::time::interval(EVERY);
    let mut seen = None;
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            _ = interval.tick() => {
                if went_round(&mut seen, watched.vitals.ticked_at()) {
                    health.tick("ingest");
                }
                look(&watched, &health);
            }
        }
    }
    sd_notify::notify(&[sd_notify::NotifyState::Stopping]).ok();
    health.forget_loop("ingest");
    health.set_part(LOG, &Part::NotReady("stopping".into()));
}

/// Follows the room on the local store's disk, for ever. Nobody may need to write to learn of it: a
/// process that is not ready is sent nothing.
pub(super) async fn follow_room(store: &Embedded, health: &Health) {
    let mut interval = tokio::time::interval(LOOK_AT_DISK_EVERY);
    let mut was_full = false;
    loop {
        interval.tick().await;
        let want = store.want_of_room();
        if let (Some(error), false) = (&want, was_full) {
            let hint = "free some space: nothing is written until then, and nothing is lost";
            tracing::warn!(error, hint, "the disk of the local store is full");
        }
        was_full = want.is_some();
        let part = want.map_or(Part::Ready, |reason| Part::NotReady(reason.into()));
        health.set_part(DISK, &part);
    }
}

/// Only a loop that ticked since the last look is alive; an old tick says nothing.
fn went_round(seen: &mut Option<Micros>, ticked_at: Option<Micros>) -> bool {
    let has_moved = *seen != ticked_at;
    *seen = ticked_at;
    has_moved
}

fn look(watched: &Watched, health: &Health) {
    let vitals = &watched.vitals;
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
    if health.live().is_ok() {
        sd_notify::notify(&[sd_notify::NotifyState::Watchdog]).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_that_stands_does_not_go_round() {
        let (mut seen, first, second) = (None, Some(Micros::new(1)), Some(Micros::new(2)));
        assert!(!went_round(&mut seen, None));
        assert!(went_round(&mut seen, first));
        assert!(!went_round(&mut seen, first));
        assert!(went_round(&mut seen, second));
        assert!(!went_round(&mut seen, second));
    }
}
