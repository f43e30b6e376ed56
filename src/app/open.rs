//! Opens what the settings name, within the start-up deadline, and says how the process ends where
//! it cannot.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::config::Settings;
use crate::cql::{ConnectError, CqlStore};
use crate::embedded::{Embedded, FileLog, FileLogSettings, Follow, OpenError as EmbeddedOpenError};
use crate::ingest::WorkerError;
use crate::kafka::OpenError;
use crate::ports::log::LogError;
use crate::ports::world::WallClock;
use crate::supervisor::{ComponentError, Exit};

use super::adapters;

const AGAIN: Duration = Duration::from_millis(500);

/// Opens the local store. Also used by commands that work on its files.
pub fn embedded(
    settings: &Settings,
    clock: Arc<dyn WallClock>,
) -> Result<Embedded, ComponentError> {
    // Reading back a journal blocks for a second at most, and nothing else runs yet.
    Embedded::open(&adapters::embedded(settings), clock).map_err(|error| {
        let exit = match error {
            EmbeddedOpenError::Locked { .. } => Exit::Failed,
            EmbeddedOpenError::Disk { .. } => Exit::Disk,
            EmbeddedOpenError::Format { .. } => Exit::Refused,
        };
        ComponentError::new(exit, format!("data.dir: {error}"))
    })
}

/// Opens the files that are followed beside the local log, if any are named.
pub(super) fn files(
    settings: &Settings,
    store: &Embedded,
) -> Result<Option<FileLog>, ComponentError> {
    let paths = settings.log.files.clone();
    if paths.is_empty() {
        return Ok(None);
    }
    let files = FileLogSettings { paths, follow: Follow::ByName, first_source: 1 };
    let opened = FileLog::open(&files, Some(store));
    opened
        .map(Some)
        .map_err(|error| ComponentError::new(Exit::Disk, format!("log.local.files: {error}")))
}

/// Connects to the CQL store; a node that does not answer is asked again until the deadline.
pub async fn cql(settings: &Settings) -> Result<CqlStore, ComponentError> {
    let deadline = Instant::now() + settings.startup_deadline.0;
    let target = adapters::cql(settings);
    loop {
        match CqlStore::connect(&target).await {
            Ok(store) => return Ok(store),
            Err(error @ ConnectError::Unreachable { .. }) if Instant::now() + AGAIN < deadline => {
                tracing::warn!(%error, "waiting for the store");
                tokio::time::sleep(AGAIN).await;
            }
            Err(error) => return Err(cql_error(&error)),
        }
    }
}

/// How the process ends when the store cannot be used.
pub fn cql_error(error: &ConnectError) -> ComponentError {
    let (exit, key) = match error {
        ConnectError::Unreachable { .. } => (Exit::Unreachable, "cql.nodes"),
        ConnectError::Refused { .. } => (Exit::Refused, "cql.user"),
        ConnectError::Tls { .. } => (Exit::Settings, "cql.tls"),
        ConnectError::Schema { .. } => (Exit::Refused, "cql.keyspace"),
    };
    ComponentError::new(exit, format!("{key}: {error}"))
}

/// How the process ends when Kafka cannot be used.
#[expect(clippy::needless_pass_by_value, reason = "maps an error away")]
pub fn kafka_error(error: OpenError) -> ComponentError {
    let (exit, key) = match error {
        OpenError::Unreachable { .. } => (Exit::Unreachable, "kafka.brokers"),
        OpenError::Refused { .. } => (Exit::Refused, "kafka.security"),
        OpenError::NoTopic(_) => (Exit::Refused, "kafka.topics"),
        OpenError::Setting(_) => (Exit::Settings, "kafka.client"),
    };
    ComponentError::new(exit, format!("{key}: {error}"))
}

/// How the process ends when the worker does.
#[expect(clippy::needless_pass_by_value, reason = "maps an error away")]
pub fn worker_error(error: WorkerError) -> ComponentError {
    let exit = match &error {
        WorkerError::Wedged { .. } => Exit::Wedged,
        WorkerError::Log(LogError::Refused(_)) => Exit::Refused,
        WorkerError::Log(LogError::Disk(_)) => Exit::Disk,
        WorkerError::Task(_) | WorkerError::Log(LogError::Fatal(_)) => Exit::Failed,
    };
    ComponentError::new(exit, error.to_string())
}

/// Binds a listener; `key` is the setting that names the address.
pub(super) async fn listen(address: SocketAddr, key: &str) -> Result<TcpListener, ComponentError> {
    TcpListener::bind(address).await.map_err(|error| {
        ComponentError::new(Exit::Failed, format!("{key}: cannot listen on {address}: {error}"))
    })
}
