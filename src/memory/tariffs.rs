//! The tariff of the in-memory store.

use std::sync::Arc;

use crate::ports::store::{ReadError, WriteError};
use crate::ports::tariffs::{NewPart, PartName, TariffRegistry};
use crate::tariff::PartKind;

use super::store::MemoryStore;

impl TariffRegistry for MemoryStore {
    async fn append_parts(&self, parts: &[NewPart]) -> Result<(), WriteError> {
        let parts = parts.to_vec();
        self.change(move |tables| {
            for NewPart { part, added_at } in parts {
                let new = (added_at, Arc::from(part.body));
                let held = tables.tariff.entry((part.kind, part.id.into()));
                let held = held.or_insert_with(|| new.clone());
                if new.0 < held.0 {
                    *held = new;
                }
            }
        })
        .await
    }

    async fn list_parts(&self) -> Result<Vec<PartName>, ReadError> {
        let mut names: Vec<PartName> = self
            .read(|tables| {
                let parts = tables.tariff.iter();
                parts
                    .map(|((kind, id), (added_at, _))| PartName {
                        added_at: *added_at,
                        kind: *kind,
                        id: Arc::clone(id),
                    })
                    .collect()
            })
            .await?;
        names.sort_unstable();
        Ok(names)
    }

    async fn get_part(&self, kind: PartKind, id: &str) -> Result<Option<String>, ReadError> {
        self.read(|tables| {
            tables.tariff.get(&(kind, Arc::from(id))).map(|(_, body)| body.to_string())
        })
        .await
    }
}
