//! An API key as a registry keeps it: its hash, never its secret.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::value::{Micros, ProjectId};

/// What an API key reaches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeyReach {
    /// The resource of one project.
    Project(ProjectId),
    /// May only post events, of these projects; empty = of all.
    Gateway(BTreeSet<ProjectId>),
}

/// One API key at rest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApiKeyRecord {
    /// Public id, part of the key's text.
    pub key_id: Arc<str>,
    /// What it reaches.
    pub reach: KeyReach,
    /// What people call it.
    pub name: Arc<str>,
    /// SHA-256 of the secret (of the whole text for imported UUID keys).
    pub hash: [u8; 32],
    /// Grants, by name. Unknown names are kept and grant nothing.
    pub allow: BTreeSet<Arc<str>>,
    /// Blocked grants, by name.
    pub block: BTreeSet<Arc<str>>,
    /// When it was made.
    pub created_at: Micros,
    /// Who made it.
    pub created_by: Arc<str>,
    /// From when on it is refused.
    pub expires_at: Option<Micros>,
    /// Since when it is refused.
    pub revoked_at: Option<Micros>,
}
