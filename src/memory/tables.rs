//! What the in-memory store holds. Everything is ordered: a run can be repeated.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use uuid::Uuid;

use crate::access::ApiKeyRecord;
use crate::dial::ItemKey;
use crate::dial::event::GatewayStarted;
use crate::dial::identity::time_of_id;
use crate::dial::row::{DayBatch, EditWrite, Locator, Row};
use crate::ports::store::{Cursor, WriteUnit};
use crate::relation::{Reference, ReferenceKind};
use crate::tariff::PartKind;
use crate::value::{CallId, Day, ItemId, Micros, ProjectId};

use super::cells::MemoryRow;

/// Orders rows as a page gives them.
pub(super) type RowPlace = (ProjectId, Day, Reverse<Micros>, ItemId);

/// Where a row lies.
pub(super) fn place(key: &ItemKey) -> RowPlace {
    (key.project, key.day(), Reverse(key.created_at), key.item)
}

/// All tables.
#[derive(Default)]
pub(super) struct Tables {
    pub(super) rows: BTreeMap<RowPlace, MemoryRow>,
    pub(super) days: BTreeSet<(ProjectId, Day)>,
    /// By slice: the earliest is the one that is read.
    pub(super) items: BTreeMap<(ProjectId, ItemId, Micros), Micros>,
    pub(super) calls: BTreeSet<(ProjectId, CallId, Micros)>,
    pub(super) cursors: BTreeMap<(Arc<str>, u16), Cursor>,
    pub(super) keys: BTreeMap<Arc<str>, ApiKeyRecord>,
    pub(super) key_uses: BTreeMap<Arc<str>, Day>,
    pub(super) references: BTreeMap<(ReferenceKind, ProjectId, Uuid), Reference>,
    pub(super) starts: BTreeMap<(Option<ProjectId>, Arc<str>), GatewayStarted>,
    /// Parts of the tariff, with the time they were appended.
    pub(super) tariff: BTreeMap<(PartKind, Arc<str>), (Micros, Arc<str>)>,
    /// Writes whose facts differ from others of the same version.
    pub(super) ties: u64,
}

impl Tables {
    pub(super) fn write(&mut self, unit: &WriteUnit) {
        for batch in &unit.batches {
            self.write_batch(batch);
        }
        for cursor in &unit.cursors {
            self.cursors.insert((Arc::clone(&cursor.source), cursor.number), cursor.clone());
        }
    }

    fn write_batch(&mut self, batch: &DayBatch) {
        if batch.directory == crate::dial::row::DirectoryRow::Missing {
            self.days.insert((batch.project, batch.day));
        }
        for locator in &batch.locators {
            self.put_locator(batch.project, locator);
        }
        for write in &batch.rows {
            let row = self.rows.entry(place(&write.key)).or_default();
            self.ties += u64::from(row.put_fold(write));
        }
    }

    pub(super) fn edit(&mut self, edit: &EditWrite) {
        if let Some(create) = &edit.create {
            self.days.insert((edit.key.project, edit.key.day()));
            for locator in Locator::all_of(&create.key, &create.state) {
                self.put_locator(edit.key.project, &locator);
            }
        }
        let row = self.rows.entry(place(&edit.key)).or_default();
        self.ties += u64::from(row.put_edit(edit));
    }

    fn put_locator(&mut self, project: ProjectId, locator: &Locator) {
        match *locator {
            Locator::Item { item, created_at } => {
                let held = self.items.entry((project, item, created_at.slice()));
                let held = held.or_insert(created_at);
                *held = created_at.max(*held);
            }
            Locator::Call { call, slice } => {
                self.calls.insert((project, call, slice));
            }
        }
    }

    pub(super) fn get(&self, key: &ItemKey) -> Option<Row> {
        self.rows.get(&place(key)).map(|row| row.read(*key))
    }

    pub(super) fn locate(&self, project: ProjectId, item: ItemId) -> Option<Micros> {
        let of_item = (project, item, Micros::MIN)..=(project, item, Micros::MAX);
        self.items.range(of_item).next().map(|(_, created_at)| *created_at)
    }

    pub(super) fn load(&self, key: &ItemKey) -> Option<Row> {
        if time_of_id(key.item.uuid()).is_some() {
            return self.get(key);
        }
        let created_at = self.locate(key.project, key.item)?;
        self.get(&ItemKey { created_at, ..*key })
    }
}
