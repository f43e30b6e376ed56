//! The registry that commands work on: the CQL store, or the local one while nothing runs on it.

use std::sync::Arc;

use super::exit::Failure;
use crate::access::ApiKeyRecord;
use crate::app;
use crate::config::{Settings, StoreKind};
use crate::cql::CqlStore;
use crate::embedded::Embedded;
use crate::ports::registry::Registry;
use crate::ports::store::{ReadError, WriteError};
use crate::supervisor::Exit;
use crate::system::SystemClock;
use crate::value::ProjectId;

/// The store of the settings.
pub(super) enum AnyStore {
    Local(Embedded),
    Cql(CqlStore),
}

impl AnyStore {
    pub(super) async fn open(settings: &Settings) -> Result<Self, Failure> {
        match settings.store {
            StoreKind::Local => {
                let opened = app::open_embedded(settings, Arc::new(SystemClock));
                let store = opened.map_err(|error| {
                    Failure::from(error).remedy("stop the process that runs on this directory")
                })?;
                Ok(Self::Local(store))
            }
            StoreKind::Cql => Ok(Self::Cql(app::connect_cql(settings).await?)),
        }
    }

    pub(super) async fn put_key(&self, key: &ApiKeyRecord) -> Result<(), Failure> {
        let put = match self {
            Self::Local(store) => store.put_key(key).await,
            Self::Cql(store) => store.put_key(key).await,
        };
        put.map_err(|error: WriteError| Failure::new(Exit::Failed, error.to_string()))
    }

    pub(super) async fn get_key(&self, key_id: &str) -> Result<Option<ApiKeyRecord>, Failure> {
        let got = match self {
            Self::Local(store) => store.get_key(key_id).await,
            Self::Cql(store) => store.get_key(key_id).await,
        };
        got.map_err(read_failure)
    }

    pub(super) async fn list_keys(
        &self,
        project: Option<ProjectId>,
    ) -> Result<Vec<ApiKeyRecord>, Failure> {
        let listed = match self {
            Self::Local(store) => store.list_keys(project).await,
            Self::Cql(store) => store.list_keys(project).await,
        };
        listed.map_err(read_failure)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "maps an error away")]
fn read_failure(error: ReadError) -> Failure {
    Failure::new(Exit::Failed, error.to_string())
}
