//! The runtime of commands that wait for something.

use std::future::Future;

use super::exit::Failure;
use crate::supervisor::Exit;

/// Runs a command's future to its end on a runtime of its own.
pub(super) fn block_on<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| {
        Failure::new(Exit::Failed, format!("cannot start the runtime: {error}"))
    })?;
    runtime.block_on(future)
}
