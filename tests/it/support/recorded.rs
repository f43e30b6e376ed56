//! A store in front of another: it writes down what queries read.

use std::sync::Arc;

use arc_swap::ArcSwap;
use ringfold::access::ApiKeyRecord;
use ringfold::dial::event::GatewayStarted;
use ringfold::dial::{ItemKey, Row};
use ringfold::ports::registry::Registry;
use ringfold::ports::store::{
    DayRange, Directory, ItemReader, KeyPage, PageCursor, ReadError, RowPage, WriteError,
};
use ringfold::relation::{Reference, ReferenceKind};
use ringfold::value::{CallId, Day, ItemId, Micros, ProjectId};
use uuid::Uuid;

/// One read, as far as two stores may be compared by it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Read {
    Get(ItemKey),
    Locate(ItemId),
    Slices(CallId),
    /// What, the stretch, behind which row, and how many at most.
    Page(&'static str, (Micros, Micros), Option<(Micros, ItemId)>, usize),
    Days(Day, Day),
    References(ReferenceKind, Vec<Uuid>),
}

/// Reads go on to the store.
pub struct Recorded<'a, S> {
    store: &'a S,
    reads: ArcSwap<Vec<Read>>,
}

impl<'a, S> Recorded<'a, S> {
    pub fn new(store: &'a S) -> Self {
        Self { store, reads: ArcSwap::default() }
    }

    /// What was read since it was last asked, in order of the reads themselves: some are made at
    /// once.
    pub fn taken(&self) -> Vec<Read> {
        let mut reads = (*self.reads.swap(Arc::default())).clone();
        reads.sort();
        reads
    }

    fn note(&self, read: &Read) {
        self.reads.rcu(|reads| {
            let mut reads = (**reads).clone();
            reads.push(read.clone());
            reads
        });
    }

    fn page(&self, what: &'static str, range: &DayRange, after: Option<PageCursor>, size: usize) {
        let after = after.map(|after| (after.created_at, after.item));
        self.note(&Read::Page(what, (range.from, range.to), after, size));
    }
}

impl<S: ItemReader> ItemReader for Recorded<'_, S> {
    async fn get(&self, key: &ItemKey) -> Result<Option<Row>, ReadError> {
        self.note(&Read::Get(*key));
        self.store.get(key).await
    }

    async fn locate(&self, project: ProjectId, item: ItemId) -> Result<Option<Micros>, ReadError> {
        self.note(&Read::Locate(item));
        self.store.locate(project, item).await
    }

    async fn slices(&self, project: ProjectId, call: CallId) -> Result<Vec<Micros>, ReadError> {
        self.note(&Read::Slices(call));
        self.store.slices(project, call).await
    }

    async fn day(
        &self,
        range: &DayRange,
        after: Option<PageCursor>,
        size: usize,
    ) -> Result<RowPage, ReadError> {
        self.page("rows", range, after, size);
        self.store.day(range, after, size).await
    }

    async fn keys(
        &self,
        range: &DayRange,
        after: Option<PageCursor>,
        size: usize,
    ) -> Result<KeyPage, ReadError> {
        self.page("keys", range, after, size);
        self.store.keys(range, after, size).await
    }
}

impl<S: Directory> Directory for Recorded<'_, S> {
    async fn days(&self, project: ProjectId, from: Day, to: Day) -> Result<Vec<Day>, ReadError> {
        self.note(&Read::Days(from, to));
        self.store.days(project, from, to).await
    }

    async fn is_empty(&self) -> Result<bool, ReadError> {
        self.store.is_empty().await
    }
}

impl<S: Registry> Registry for Recorded<'_, S> {
    async fn put_key(&self, key: &ApiKeyRecord) -> Result<(), WriteError> {
        self.store.put_key(key).await
    }

    async fn get_key(&self, key_id: &str) -> Result<Option<ApiKeyRecord>, ReadError> {
        self.store.get_key(key_id).await
    }

    async fn list_keys(&self, project: Option<ProjectId>) -> Result<Vec<ApiKeyRecord>, ReadError> {
        self.store.list_keys(project).await
    }

    async fn put_reference(&self, reference: &Reference) -> Result<(), WriteError> {
        self.store.put_reference(reference).await
    }

    async fn references(
        &self,
        kind: ReferenceKind,
        project: ProjectId,
        ids: &[Uuid],
    ) -> Result<Vec<Reference>, ReadError> {
        self.note(&Read::References(kind, ids.to_vec()));
        self.store.references(kind, project, ids).await
    }

    async fn put_gateway_start(&self, start: &GatewayStarted) -> Result<(), WriteError> {
        self.store.put_gateway_start(start).await
    }

    async fn gateway_starts(&self) -> Result<Vec<GatewayStarted>, ReadError> {
        self.store.gateway_starts().await
    }
}
