//! API keys, references, gateway starts.

use uuid::Uuid;

use crate::access::{ApiKeyRecord, KeyReach};
use crate::dial::event::GatewayStarted;
use crate::ports::registry::{CallScan, KeyUses, Registry};
use crate::ports::store::{ReadError, WriteError};
use crate::relation::{Reference, ReferenceKind};
use crate::value::{Day, ProjectId};

use super::database::Space;
use super::handle::{Embedded, unavailable, unreadable};
use super::layout::{key, registry};
use super::writer::{Unit, Work};

impl Registry for Embedded {
    async fn put_key(&self, key: &ApiKeyRecord) -> Result<(), WriteError> {
        let place = key.key_id.as_bytes().into();
        let puts = vec![(Space::ApiKey, place, registry::encode_key(key).into())];
        Ok(self.work(Work::Unit(Unit { puts, ..Unit::default() })).await?)
    }

    async fn get_key(&self, key_id: &str) -> Result<Option<ApiKeyRecord>, ReadError> {
        let value = self.spaces().get(Space::ApiKey).get(key_id.as_bytes());
        let value = value.map_err(|error| unavailable(&error))?;
        let key = value.map(|value| registry::decode_key(key_id, &value));
        key.transpose().map_err(|error| unreadable(&error))
    }

    /// Walks all keys: there are few.
    async fn list_keys(&self, project: Option<ProjectId>) -> Result<Vec<ApiKeyRecord>, ReadError> {
        let mut keys = Vec::new();
        for guard in self.spaces().get(Space::ApiKey).iter() {
            let (place, value) = guard.into_inner().map_err(|error| unavailable(&error))?;
            let key_id = std::str::from_utf8(&place).map_err(|error| unreadable(&error))?;
            let key = registry::decode_key(key_id, &value).map_err(|error| unreadable(&error))?;
            let is_wanted = match (&key.reach, project) {
                (KeyReach::Project(of), Some(project)) => *of == project,
                (KeyReach::Gateway(of), None) => of.is_empty(),
                (KeyReach::Gateway(of), Some(project)) => of.contains(&project),
                (KeyReach::Project(_), None) => false,
            };
            if is_wanted {
                keys.push(key);
            }
        }
        Ok(keys)
    }

    async fn put_reference(&self, reference: &Reference) -> Result<(), WriteError> {
        Ok(self.work(Work::Reference(reference.clone())).await?)
    }

    async fn references(
        &self,
        kind: ReferenceKind,
        project: ProjectId,
        ids: &[Uuid],
    ) -> Result<Vec<Reference>, ReadError> {
        let mut found = Vec::new();
        for id in ids {
            let value = self.spaces().get(Space::Reference).get(key::reference(kind, project, id));
            let Some(value) = value.map_err(|error| unavailable(&error))? else { continue };
            let reference = registry::decode_reference(kind, project, *id, &value);
            found.push(reference.map_err(|error| unreadable(&error))?);
        }
        Ok(found)
    }

    async fn put_gateway_start(&self, start: &GatewayStarted) -> Result<(), WriteError> {
        Ok(self.work(Work::Start(start.clone())).await?)
    }

    async fn gateway_starts(&self) -> Result<Vec<GatewayStarted>, ReadError> {
        let mut starts = Vec::new();
        for guard in self.spaces().get(Space::GatewayStart).iter() {
            let value = guard.value().map_err(|error| unavailable(&error))?;
            starts.push(registry::decode_start(&value).map_err(|error| unreadable(&error))?);
        }
        Ok(starts)
    }
}

impl CallScan for Embedded {
    async fn find_calls(
        &self,
        is_wanted: &(dyn Fn(&Reference) -> bool + Send + Sync),
    ) -> Result<Vec<Reference>, ReadError> {
        let mut found = Vec::new();
        for guard in self.spaces().get(Space::Reference).prefix(key::CALLS) {
            let (place, value) = guard.into_inner().map_err(|error| unavailable(&error))?;
            let (project, id) =
                key::read_reference(&place).ok_or_else(|| unreadable(&"a reference key"))?;
            let call = registry::decode_reference(ReferenceKind::Call, project, id, &value);
            let call = call.map_err(|error| unreadable(&error))?;
            if is_wanted(&call) {
                found.push(call);
            }
        }
        Ok(found)
    }
}

impl KeyUses for Embedded {
    async fn put_key_use(&self, key_id: &str, day: Day) -> Result<(), WriteError> {
        let place = key::key_use(key_id).into();
        let greater = vec![(Space::Meta, place, registry::encode_day(day).into())];
        Ok(self.work(Work::Unit(Unit { greater, ..Unit::default() })).await?)
    }

    async fn get_key_use(&self, key_id: &str) -> Result<Option<Day>, ReadError> {
        let value = self.spaces().get(Space::Meta).get(key::key_use(key_id));
        let value = value.map_err(|error| unavailable(&error))?;
        let day = value.map(|value| registry::decode_day(&value));
        day.transpose().map_err(|error| unreadable(&error))
    }
}
