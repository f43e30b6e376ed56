//! Small records by key: API keys, references, gateway starts.

use std::future::Future;

use uuid::Uuid;

use crate::access::ApiKeyRecord;
use crate::dial::event::GatewayStarted;
use crate::relation::{Reference, ReferenceKind};
use crate::value::{Day, ProjectId};

use super::store::{ReadError, WriteError};

/// Small records by key. Writes are durable when they return; repeats are free.
pub trait Registry: Send + Sync {
    /// Puts or replaces an API key (its hash, never its secret).
    fn put_key(&self, key: &ApiKeyRecord) -> impl Future<Output = Result<(), WriteError>> + Send;

    /// One API key by its id.
    fn get_key(
        &self,
        key_id: &str,
    ) -> impl Future<Output = Result<Option<ApiKeyRecord>, ReadError>> + Send;

    /// API keys of a project; `None` = gateway keys of all projects.
    fn list_keys(
        &self,
        project: Option<ProjectId>,
    ) -> impl Future<Output = Result<Vec<ApiKeyRecord>, ReadError>> + Send;

    /// Puts a reference; the better of two states stays ([`Reference::rank`]).
    fn put_reference(
        &self,
        reference: &Reference,
    ) -> impl Future<Output = Result<(), WriteError>> + Send;

    /// References of one kind and project: those of `ids`, in any order; unknown ones are missing.
    fn references(
        &self,
        kind: ReferenceKind,
        project: ProjectId,
        ids: &[Uuid],
    ) -> impl Future<Output = Result<Vec<Reference>, ReadError>> + Send;

    /// Puts a gateway start; the latest of an instance (and project) stays.
    fn put_gateway_start(
        &self,
        start: &GatewayStarted,
    ) -> impl Future<Output = Result<(), WriteError>> + Send;

    /// All gateway starts.
    fn gateway_starts(&self)
    -> impl Future<Output = Result<Vec<GatewayStarted>, ReadError>> + Send;
}

/// Calls of all projects, for commands that look for what no id names.
pub trait CallScan: Send + Sync {
    /// The references of calls that are wanted, in any order. Walks every call of every project.
    fn find_calls(
        &self,
        is_wanted: &(dyn Fn(&Reference) -> bool + Send + Sync),
    ) -> impl Future<Output = Result<Vec<Reference>, ReadError>> + Send;
}

/// When API keys were last used: beside the keys, since whoever puts a key does not know.
pub trait KeyUses: Send + Sync {
    /// Notes that a known API key was used on this day; the latest day stays.
    fn put_key_use(
        &self,
        key_id: &str,
        day: Day,
    ) -> impl Future<Output = Result<(), WriteError>> + Send;

    /// The last day on which an API key was used, as far as it was noted.
    fn get_key_use(
        &self,
        key_id: &str,
    ) -> impl Future<Output = Result<Option<Day>, ReadError>> + Send;
}
