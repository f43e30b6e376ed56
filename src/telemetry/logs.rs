//! The log subscriber: readable on a terminal, JSON otherwise; its level can change while it runs.
//! It decides nothing about what is logged.

use std::io::IsTerminal;

use tracing_subscriber::filter::ParseError;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt, reload};

/// How lines look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Readable on a terminal, JSON otherwise.
    Auto,
    /// Readable.
    Pretty,
    /// One JSON object a line.
    Json,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Pretty, Self::Json];

    /// The word in settings.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Pretty => "pretty",
            Self::Json => "json",
        }
    }
}

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogsError {
    /// The level or one of its directives is none.
    #[error("cannot read the log level: {0}")]
    Level(#[from] ParseError),
    /// Another subscriber was installed before.
    #[error("cannot install the log subscriber: {0}")]
    Installed(#[from] TryInitError),
    /// The subscriber is gone.
    #[error("cannot change the log level: {0}")]
    Gone(#[from] reload::Error),
}

/// Changes the level of the running process.
#[derive(Clone, Debug)]
pub struct LogLevel(reload::Handle<EnvFilter, Registry>);

impl LogLevel {
    /// Takes a level (`info`) or directives (`info,ringfold::ingest=debug`).
    pub fn change(&self, level: &str) -> Result<(), LogsError> {
        Ok(self.0.reload(filter(level)?)?)
    }
}

/// Whether a text is a level or a list of directives.
pub fn check_level(level: &str) -> Result<(), LogsError> {
    filter(level)?;
    Ok(())
}

/// Sends log lines to standard error from now on.
pub fn install(format: Format, level: &str) -> Result<LogLevel, LogsError> {
    let is_pretty = match format {
        Format::Auto => std::io::stderr().is_terminal(),
        Format::Pretty => true,
        Format::Json => false,
    };
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = if is_pretty {
        lines.with_ansi(std::io::stderr().is_terminal()).with_target(false).boxed()
    } else {
        lines.json().flatten_event(true).boxed()
    };
    let (filter, handle) = reload::Layer::new(filter(level)?);
    tracing_subscriber::registry().with(filter).with(lines).try_init()?;
    Ok(LogLevel(handle))
}

/// Libraries speak from `warn` on unless they are named: their `info` is our `debug`.
fn filter(level: &str) -> Result<EnvFilter, ParseError> {
    let is_bare = !level.contains(['=', ',']);
    let directives = if is_bare && matches!(level, "info" | "debug" | "trace") {
        format!("warn,ringfold={level}")
    } else {
        level.to_owned()
    };
    EnvFilter::builder().parse(directives)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_directives_are_told_from_nonsense() {
        for level in ["info", "warn", "debug,ringfold::ingest=trace", "off"] {
            assert!(check_level(level).is_ok(), "{level}");
        }
        assert!(check_level("ringfold=loud").is_err());
        assert!(filter("info").unwrap().to_string().contains("ringfold=info"));
    }
}
