//! What is wrong with settings, where, and what to do; and where a value came from.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Where a value came from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The settings file.
    File {
        /// The file.
        file: Arc<Path>,
        /// The line, from 1.
        line: usize,
    },
    /// An environment variable.
    Env(Arc<str>),
    /// A flag of the command line.
    Flag(Arc<str>),
}

/// `ringfold.toml:12`, `RINGFOLD__HTTP__LISTEN`, `--log`, `default`.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { file, line } => write!(f, "{}:{line}", file.display()),
            Self::Env(name) | Self::Flag(name) => f.write_str(name),
        }
    }
}

/// One thing that is wrong with the settings. Mend it and start again.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{origin}: {key}: {what}; {fix}")]
pub struct Fault {
    /// Where it was set.
    pub origin: Origin,
    /// The setting.
    pub key: String,
    /// What is wrong; never a secret.
    pub what: String,
    /// What to do.
    pub fix: String,
}
