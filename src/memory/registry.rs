//! API keys, references and gateway starts of the in-memory store.

use std::sync::Arc;

use uuid::Uuid;

use crate::access::{ApiKeyRecord, KeyReach};
use crate::dial::event::GatewayStarted;
use crate::ports::registry::{CallScan, KeyUses, Registry};
use crate::ports::store::{ReadError, WriteError};
use crate::relation::{Reference, ReferenceKind};
use crate::value::{Day, ProjectId};

use super::store::MemoryStore;

impl Registry for MemoryStore {
    async fn put_key(&self, key: &ApiKeyRecord) -> Result<(), WriteError> {
        let key = key.clone();
        self.change(move |tables| {
            tables.keys.insert(Arc::clone(&key.key_id), key);
        })
        .await
    }

    async fn get_key(&self, key_id: &str) -> Result<Option<ApiKeyRecord>, ReadError> {
        self.read(|tables| tables.keys.get(key_id).cloned()).await
    }

    async fn list_keys(&self, project: Option<ProjectId>) -> Result<Vec<ApiKeyRecord>, ReadError> {
        let is_wanted = |key: &&ApiKeyRecord| match (&key.reach, project) {
            (KeyReach::Project(of), wanted) => Some(*of) == wanted,
            (KeyReach::Gateway(of), Some(project)) => of.contains(&project),
            (KeyReach::Gateway(of), None) => of.is_empty(),
        };
        self.read(|tables| tables.keys.values().filter(is_wanted).cloned().collect()).await
    }

    async fn put_reference(&self, reference: &Reference) -> Result<(), WriteError> {
        let new = reference.clone();
        self.change(move |tables| {
            let held = tables.references.entry((new.kind, new.project, new.id));
            let held = held.or_insert_with(|| new.clone());
            if new.rank(held).is_gt() {
                *held = new;
            }
        })
        .await
    }

    async fn references(
        &self,
        kind: ReferenceKind,
        project: ProjectId,
        ids: &[Uuid],
    ) -> Result<Vec<Reference>, ReadError> {
        self.read(|tables| {
            let found = ids.iter().filter_map(|id| tables.references.get(&(kind, project, *id)));
            found.cloned().collect()
        })
        .await
    }

    async fn put_gateway_start(&self, start: &GatewayStarted) -> Result<(), WriteError> {
        let new = start.clone();
        self.change(move |tables| {
            let held = tables.starts.entry((new.project, new.gateway.as_str().into()));
            let held = held.or_insert_with(|| new.clone());
            if (new.at, &new.live) > (held.at, &held.live) {
                *held = new;
            }
        })
        .await
    }

    async fn gateway_starts(&self) -> Result<Vec<GatewayStarted>, ReadError> {
        self.read(|tables| tables.starts.values().cloned().collect()).await
    }
}

impl CallScan for MemoryStore {
    async fn find_calls(
        &self,
        is_wanted: &(dyn Fn(&Reference) -> bool + Send + Sync),
    ) -> Result<Vec<Reference>, ReadError> {
        self.read(|tables| {
            let calls = tables.references.values().filter(|held| held.kind == ReferenceKind::Call);
            calls.filter(|call| is_wanted(call)).cloned().collect()
        })
        .await
    }
}

impl KeyUses for MemoryStore {
    async fn put_key_use(&self, key_id: &str, day: Day) -> Result<(), WriteError> {
        let key_id: Arc<str> = key_id.into();
        self.change(move |tables| {
            let held = tables.key_uses.entry(key_id).or_insert(day);
            *held = day.max(*held);
        })
        .await
    }

    async fn get_key_use(&self, key_id: &str) -> Result<Option<Day>, ReadError> {
        self.read(|tables| tables.key_uses.get(key_id).copied()).await
    }
}
