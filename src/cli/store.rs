//! The store that commands work on: the CQL store, or the local one while nothing runs on it.
//! It has every port of a store, so that commands and queries need not know which it is.

use std::sync::Arc;

use uuid::Uuid;

use super::exit::Failure;
use crate::access::ApiKeyRecord;
use crate::app;
use crate::config::{Settings, StoreKind};
use crate::cql::CqlStore;
use crate::dial::ItemKey;
use crate::dial::event::GatewayStarted;
use crate::dial::row::{EditWrite, Row};
use crate::embedded::Embedded;
use crate::ports::registry::{CallScan, KeyUses, Registry};
use crate::ports::renderings::{Renderings, StoredRendering};
use crate::ports::store::{
    Atomicity, Cursor, DayRange, DialStore, Directory, ItemReader, KeyPage, PageCursor, ReadError,
    RowPage, WriteError, WriteUnit,
};
use crate::ports::tariffs::{NewPart, PartName, TariffRegistry};
use crate::relation::{Reference, ReferenceKind};
use crate::supervisor::Exit;
use crate::system::SystemClock;
use crate::tariff::PartKind;
use crate::value::{CallId, Day, ItemId, Micros, ProjectId};

/// The store of the settings.
#[derive(Debug)]
pub(super) enum AnyStore {
    Local(Embedded),
    Cql(CqlStore),
}

/// The same call on whichever store it is.
macro_rules! on {
    ($any:expr, $store:ident => $call:expr) => {
        match $any {
            AnyStore::Local($store) => $call,
            AnyStore::Cql($store) => $call,
        }
    };
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

    /// Takes what was overwritten off our own disk. A CQL store compacts in its own time.
    pub(super) async fn purge(&self) -> Result<(), Failure> {
        match self {
            Self::Local(store) => store.purge().await.map_err(write_failure),
            Self::Cql(_) => Ok(()),
        }
    }

    pub(super) async fn put_key(&self, key: &ApiKeyRecord) -> Result<(), Failure> {
        on!(self, store => store.put_key(key).await).map_err(write_failure)
    }

    pub(super) async fn get_key(&self, key_id: &str) -> Result<Option<ApiKeyRecord>, Failure> {
        on!(self, store => store.get_key(key_id).await).map_err(read_failure)
    }

    pub(super) async fn list_keys(
        &self,
        project: Option<ProjectId>,
    ) -> Result<Vec<ApiKeyRecord>, Failure> {
        on!(self, store => store.list_keys(project).await).map_err(read_failure)
    }
}

/// How a command ends when the store does not read.
#[expect(clippy::needless_pass_by_value, reason = "maps an error away")]
pub(super) fn read_failure(error: ReadError) -> Failure {
    Failure::new(Exit::Failed, error.to_string())
}

/// How a command ends when the store does not write.
#[expect(clippy::needless_pass_by_value, reason = "maps an error away")]
pub(super) fn write_failure(error: WriteError) -> Failure {
    Failure::new(Exit::Failed, error.to_string())
}

impl TariffRegistry for AnyStore {
    async fn append_parts(&self, parts: &[NewPart]) -> Result<(), WriteError> {
        on!(self, store => store.append_parts(parts).await)
    }

    async fn list_parts(&self) -> Result<Vec<PartName>, ReadError> {
        on!(self, store => store.list_parts().await)
    }

    async fn get_part(&self, kind: PartKind, id: &str) -> Result<Option<String>, ReadError> {
        on!(self, store => store.get_part(kind, id).await)
    }
}

impl CallScan for AnyStore {
    async fn find_calls(
        &self,
        is_wanted: &(dyn Fn(&Reference) -> bool + Send + Sync),
    ) -> Result<Vec<Reference>, ReadError> {
        on!(self, store => store.find_calls(is_wanted).await)
    }
}

impl Renderings for AnyStore {
    async fn projects(&self) -> Result<Vec<ProjectId>, ReadError> {
        on!(self, store => store.projects().await)
    }

    async fn renderings(&self, range: &DayRange) -> Result<Vec<StoredRendering>, ReadError> {
        on!(self, store => store.renderings(range).await)
    }

    async fn put_rendering(&self, rendering: &StoredRendering) -> Result<(), WriteError> {
        on!(self, store => store.put_rendering(rendering).await)
    }
}

impl DialStore for AnyStore {
    fn atomicity(&self) -> Atomicity {
        on!(self, store => store.atomicity())
    }

    async fn load(&self, keys: &[ItemKey]) -> Result<Vec<Option<Row>>, ReadError> {
        on!(self, store => store.load(keys).await)
    }

    async fn write(&self, unit: &WriteUnit) -> Result<(), WriteError> {
        on!(self, store => store.write(unit).await)
    }

    async fn edit(&self, edit: &EditWrite) -> Result<(), WriteError> {
        on!(self, store => store.edit(edit).await)
    }

    async fn cursors(&self, source: &str) -> Result<Vec<Cursor>, ReadError> {
        on!(self, store => store.cursors(source).await)
    }
}

impl ItemReader for AnyStore {
    async fn get(&self, key: &ItemKey) -> Result<Option<Row>, ReadError> {
        on!(self, store => store.get(key).await)
    }

    async fn locate(&self, project: ProjectId, item: ItemId) -> Result<Option<Micros>, ReadError> {
        on!(self, store => store.locate(project, item).await)
    }

    async fn slices(&self, project: ProjectId, call: CallId) -> Result<Vec<Micros>, ReadError> {
        on!(self, store => store.slices(project, call).await)
    }

    async fn day(
        &self,
        range: &DayRange,
        after: Option<PageCursor>,
        size: usize,
    ) -> Result<RowPage, ReadError> {
        on!(self, store => store.day(range, after, size).await)
    }

    async fn keys(
        &self,
        range: &DayRange,
        after: Option<PageCursor>,
        size: usize,
    ) -> Result<KeyPage, ReadError> {
        on!(self, store => store.keys(range, after, size).await)
    }
}

impl Directory for AnyStore {
    async fn days(&self, project: ProjectId, from: Day, to: Day) -> Result<Vec<Day>, ReadError> {
        on!(self, store => store.days(project, from, to).await)
    }

    async fn is_empty(&self) -> Result<bool, ReadError> {
        on!(self, store => store.is_empty().await)
    }
}

impl Registry for AnyStore {
    async fn put_key(&self, key: &ApiKeyRecord) -> Result<(), WriteError> {
        on!(self, store => store.put_key(key).await)
    }

    async fn get_key(&self, key_id: &str) -> Result<Option<ApiKeyRecord>, ReadError> {
        on!(self, store => store.get_key(key_id).await)
    }

    async fn list_keys(&self, project: Option<ProjectId>) -> Result<Vec<ApiKeyRecord>, ReadError> {
        on!(self, store => store.list_keys(project).await)
    }

    async fn put_reference(&self, reference: &Reference) -> Result<(), WriteError> {
        on!(self, store => store.put_reference(reference).await)
    }

    async fn references(
        &self,
        kind: ReferenceKind,
        project: ProjectId,
        ids: &[Uuid],
    ) -> Result<Vec<Reference>, ReadError> {
        on!(self, store => store.references(kind, project, ids).await)
    }

    async fn put_gateway_start(&self, start: &GatewayStarted) -> Result<(), WriteError> {
        on!(self, store => store.put_gateway_start(start).await)
    }

    async fn gateway_starts(&self) -> Result<Vec<GatewayStarted>, ReadError> {
        on!(self, store => store.gateway_starts().await)
    }
}

impl KeyUses for AnyStore {
    async fn put_key_use(&self, key_id: &str, day: Day) -> Result<(), WriteError> {
        on!(self, store => store.put_key_use(key_id, day).await)
    }

    async fn get_key_use(&self, key_id: &str) -> Result<Option<Day>, ReadError> {
        on!(self, store => store.get_key_use(key_id).await)
    }
}
