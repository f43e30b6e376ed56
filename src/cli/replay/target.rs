//! The store that a replay writes into, and what it counts there. Cursors stay where they are, and
//! rejects are counted, not kept.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use arc_swap::ArcSwap;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::super::progress::Progress;
use super::super::store::AnyStore;
use crate::access::ApiKeyRecord;
use crate::dial::ItemKey;
use crate::dial::event::GatewayStarted;
use crate::dial::row::{EditWrite, Row};
use crate::ports::log::{AppendError, DeadLetter, DeadLetters};
use crate::ports::registry::Registry;
use crate::ports::store::{
    Atomicity, Cursor, DialStore, Directory, ReadError, WriteError, WriteUnit,
};
use crate::relation::{Reference, ReferenceKind};
use crate::value::{Day, ProjectId};

/// What became of the records.
pub(super) struct Tally {
    records: AtomicU64,
    changed: AtomicU64,
    same: AtomicU64,
    reasons: ArcSwap<BTreeMap<String, u64>>,
    /// `None` once it has ended.
    progress: Mutex<Option<Progress>>,
}

impl Tally {
    /// Begins with the rejects of an earlier run of the same replay.
    pub(super) fn new(reasons: BTreeMap<String, u64>, progress: Progress) -> Self {
        Self {
            records: AtomicU64::new(0),
            changed: AtomicU64::new(0),
            same: AtomicU64::new(0),
            reasons: ArcSwap::from_pointee(reasons),
            progress: Mutex::new(Some(progress)),
        }
    }

    pub(super) fn read(&self, records: usize) {
        self.records.fetch_add(u64::try_from(records).unwrap_or(u64::MAX), Relaxed);
        // Nobody else ever holds it.
        if let Ok(mut progress) = self.progress.try_lock()
            && let Some(progress) = &mut *progress
        {
            (0..records).for_each(|_| progress.step());
        }
    }

    fn reject(&self, reason: &str) {
        self.reasons.rcu(|reasons| {
            let mut reasons = BTreeMap::clone(reasons);
            *reasons.entry(reason.to_owned()).or_default() += 1;
            reasons
        });
    }

    /// Nothing more is read.
    pub(super) async fn end(&self) {
        if let Some(progress) = self.progress.lock().await.take() {
            progress.finish();
        }
    }

    /// Records read; rows changed or made; rows that stayed as they are.
    pub(super) fn counts(&self) -> (u64, u64, u64) {
        (self.records.load(Relaxed), self.changed.load(Relaxed), self.same.load(Relaxed))
    }

    /// Rejects by reason.
    pub(super) fn reasons(&self) -> BTreeMap<String, u64> {
        BTreeMap::clone(&self.reasons.load())
    }
}

/// Who else writes into the store.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Company {
    /// Nobody: in an empty store every dial is new.
    Alone,
    /// Perhaps somebody: every dial is loaded.
    Others,
}

/// The store.
#[derive(Clone)]
pub(super) struct Target(Arc<Inner>);

struct Inner {
    store: AnyStore,
    company: Company,
    tally: Arc<Tally>,
    /// Revisions of rows that were loaded and not written since.
    loaded: Mutex<BTreeMap<ItemKey, u32>>,
}

impl Target {
    pub(super) fn new(store: AnyStore, company: Company, tally: &Arc<Tally>) -> Self {
        let (tally, loaded) = (Arc::clone(tally), Mutex::default());
        Self(Arc::new(Inner { store, company, tally, loaded }))
    }

    pub(super) fn tally(&self) -> &Arc<Tally> {
        &self.0.tally
    }
}

impl DialStore for Target {
    fn atomicity(&self) -> Atomicity {
        self.0.store.atomicity()
    }

    async fn load(&self, keys: &[ItemKey]) -> Result<Vec<Option<Row>>, ReadError> {
        let rows = self.0.store.load(keys).await?;
        let mut loaded = self.0.loaded.lock().await;
        // A deleted row is not written again.
        for row in rows.iter().flatten().filter(|row| row.deletion.is_none()) {
            loaded.insert(row.key, row.state.revision);
        }
        Ok(rows)
    }

    /// Writes the rows; the cursors of a local store are those of its own reader.
    async fn write(&self, unit: &WriteUnit) -> Result<(), WriteError> {
        let rows = WriteUnit { batches: unit.batches.clone(), cursors: Vec::new() };
        self.0.store.write(&rows).await?;
        let mut loaded = self.0.loaded.lock().await;
        for row in unit.batches.iter().flat_map(|batch| &batch.rows) {
            let is_same = loaded.remove(&row.key) == Some(row.state.revision);
            let count = if is_same { &self.0.tally.same } else { &self.0.tally.changed };
            count.fetch_add(1, Relaxed);
        }
        Ok(())
    }

    async fn edit(&self, edit: &EditWrite) -> Result<(), WriteError> {
        self.0.store.edit(edit).await
    }

    async fn cursors(&self, _source: &str) -> Result<Vec<Cursor>, ReadError> {
        Ok(Vec::new())
    }
}

impl Directory for Target {
    async fn days(&self, project: ProjectId, from: Day, to: Day) -> Result<Vec<Day>, ReadError> {
        self.0.store.days(project, from, to).await
    }

    async fn is_empty(&self) -> Result<bool, ReadError> {
        match self.0.company {
            Company::Alone => self.0.store.is_empty().await,
            Company::Others => Ok(false),
        }
    }
}

impl Registry for Target {
    async fn put_key(&self, key: &ApiKeyRecord) -> Result<(), WriteError> {
        Registry::put_key(&self.0.store, key).await
    }

    async fn get_key(&self, key_id: &str) -> Result<Option<ApiKeyRecord>, ReadError> {
        Registry::get_key(&self.0.store, key_id).await
    }

    async fn list_keys(&self, project: Option<ProjectId>) -> Result<Vec<ApiKeyRecord>, ReadError> {
        Registry::list_keys(&self.0.store, project).await
    }

    async fn put_reference(&self, reference: &Reference) -> Result<(), WriteError> {
        self.0.store.put_reference(reference).await
    }

    async fn references(
        &self,
        kind: ReferenceKind,
        project: ProjectId,
        ids: &[Uuid],
    ) -> Result<Vec<Reference>, ReadError> {
        self.0.store.references(kind, project, ids).await
    }

    async fn put_gateway_start(&self, start: &GatewayStarted) -> Result<(), WriteError> {
        self.0.store.put_gateway_start(start).await
    }

    async fn gateway_starts(&self) -> Result<Vec<GatewayStarted>, ReadError> {
        self.0.store.gateway_starts().await
    }
}

/// Counts rejects: they are dead letters since the log was read first.
#[derive(Clone)]
pub(super) struct Dry(pub(super) Arc<Tally>);

impl DeadLetters for Dry {
    async fn put(&self, letter: &DeadLetter) -> Result<(), AppendError> {
        self.0.reject(letter.reason);
        Ok(())
    }
}
