//! SIGHUP: the settings are read again, and what can change while the process runs is put in force.
//! Whatever else was changed is named. What is broken changes nothing. (Tariffs: `prices`.)

use std::collections::BTreeMap;
use std::fmt;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::config::{Fault, Settings};
use crate::http::Live;
use crate::supervisor::{ComponentError, Exit, Spawner};
use crate::telemetry::logs::LogLevel;

use super::adapters;

/// Settings that can change while the process runs. Files of the tariff are read again as well, but
/// not the list of them.
const RELOADED: [&str; 4] =
    ["http.cors_origins", "http.rate.per_key", "http.rate.per_project", "telemetry.log.level"];

/// Reads the settings again, as they were read at the start.
type Load = Box<dyn Fn() -> Result<Settings, Vec<Fault>> + Send + Sync>;

/// How a process comes to its settings again.
pub struct Reload {
    /// Reads them.
    pub load: Load,
    /// Changes the level of the log.
    pub level: LogLevel,
}

impl fmt::Debug for Reload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reload").finish_non_exhaustive()
    }
}

/// Follows SIGHUP from now on.
pub(super) fn follow(
    spawner: &Spawner,
    settings: Settings,
    live: Live,
    reload: Reload,
) -> Result<(), ComponentError> {
    let hangup = signal(SignalKind::hangup()).map_err(|error| {
        ComponentError::new(Exit::Failed, format!("cannot listen for SIGHUP: {error}"))
    })?;
    let stop = spawner.token();
    let mut reloader = Reloader { settings, live, reload };
    spawner.task("settings", async move {
        reloader.follow(hangup, stop).await;
        Ok(())
    });
    Ok(())
}

struct Reloader {
    /// As they were read last.
    settings: Settings,
    live: Live,
    reload: Reload,
}

impl Reloader {
    async fn follow(&mut self, mut hangup: Signal, stop: CancellationToken) {
        loop {
            let asked = tokio::select! {
                biased;
                () = stop.cancelled() => None,
                asked = hangup.recv() => asked,
            };
            if asked.is_none() {
                return;
            }
            match (self.reload.load)() {
                Ok(settings) => self.put_in_force(settings),
                Err(faults) => {
                    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
                    let faults = faults.join("; ");
                    tracing::error!(faults, "the settings stay as they are");
                }
            }
        }
    }

    fn put_in_force(&mut self, settings: Settings) {
        if let Err(error) = self.reload.level.change(&settings.telemetry.log_level) {
            tracing::error!(%error, "the settings stay as they are");
            return;
        }
        self.live.change(&adapters::api(&settings));
        for key in changed(&self.settings, &settings) {
            if RELOADED.contains(&key.as_str()) {
                tracing::info!(key, "a setting was changed");
            } else {
                tracing::warn!(key, "a changed setting needs a restart");
            }
        }
        self.settings = settings;
    }
}

/// Keys whose values differ.
fn changed(before: &Settings, after: &Settings) -> Vec<String> {
    let values = |settings: &Settings| -> BTreeMap<String, String> {
        settings.shown().into_iter().map(|shown| (shown.key, shown.value)).collect()
    };
    let (before, after) = (values(before), values(after));
    let keys = before.keys().chain(after.keys().filter(|key| !before.contains_key(*key)));
    keys.filter(|key| before.get(*key) != after.get(*key)).cloned().collect()
}
