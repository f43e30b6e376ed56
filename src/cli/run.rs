//! `run`: the worker, as the settings say.

use super::{Context, Outcome};
use crate::app;
use crate::config::Settings;
use crate::supervisor::{Exit, Supervisor};
use crate::telemetry::{logs, metrics};

use super::exit::Failure;
use super::runtime::block_on;

pub(super) fn run(context: &mut Context) -> Outcome {
    let settings = context.settings()?;
    let telemetry = &settings.telemetry;
    let level = logs::install(telemetry.log_format, &telemetry.log_level)
        .map_err(|error| Failure::new(Exit::Settings, error.to_string()).at("telemetry.log"))?;
    for warning in &settings.warnings {
        tracing::warn!(warning, "settings");
    }
    let text = metrics::install()
        .map_err(|error| Failure::new(Exit::Failed, format!("metrics: {error}")))?;
    let sources = context.sources();
    let reload = app::Reload { load: Box::new(move || Settings::load(&sources)), level };
    block_on(async move {
        let supervisor = Supervisor::new();
        supervisor.listen_for_signals()?;
        app::run(settings, supervisor, text, reload).await?;
        Ok(Exit::Done)
    })
}
