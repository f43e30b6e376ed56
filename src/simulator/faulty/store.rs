//! The store as one process sees it.

use tokio::time::sleep;
use uuid::Uuid;

use crate::access::ApiKeyRecord;
use crate::dial::ItemKey;
use crate::dial::event::GatewayStarted;
use crate::dial::row::{EditWrite, Row};
use crate::ports::registry::Registry;
use crate::ports::store::{
    Atomicity, Cursor, DayRange, DialStore, Directory, ItemReader, KeyPage, PageCursor, ReadError,
    RowPage, WriteError, WriteUnit,
};
use crate::relation::{Reference, ReferenceKind};
use crate::value::{CallId, Day, ItemId, Micros, ProjectId};

use super::super::checks;
use super::super::fault::Fault;
use super::super::hub::Late;
use super::super::invariant::Invariant;
use super::super::plant::Plant;
use super::super::point::Point;
use super::super::produced::dial_of;
use super::Side;
use super::write::Fate;

/// A store behind an unreliable network.
#[derive(Clone)]
pub(in crate::simulator) struct FaultyStore(pub(in crate::simulator) Side);

impl FaultyStore {
    /// The way to the store or back.
    async fn travel(&self) {
        let Side { hub, gate, .. } = &self.0;
        gate.pass().await;
        if !hub.plan.has(Point::NoLatency) {
            sleep(hub.some_ms(12)).await;
        }
    }

    /// A read, if it is answered.
    async fn read<T>(
        &self,
        take: impl Future<Output = Result<T, ReadError>>,
    ) -> Result<T, ReadError> {
        self.travel().await;
        let Side { hub, gate, .. } = &self.0;
        if hub.lasts(Fault::StoreDown) || hub.strikes(Fault::ReadUnavailable) {
            return Err(ReadError::Unavailable("on the way".to_owned()));
        }
        if hub.lasts(Fault::StoreRefuses) {
            return Err(ReadError::Refused("on the way".to_owned()));
        }
        if hub.strikes(Fault::ReadSlow) {
            sleep(hub.some_ms(4_000)).await;
        }
        let taken = take.await;
        self.travel().await;
        gate.pass().await;
        taken
    }

    /// A small put beside the rows.
    async fn put(
        &self,
        what: &str,
        put: impl Future<Output = Result<(), WriteError>>,
    ) -> Result<(), WriteError> {
        self.travel().await;
        let Side { hub, actor, gate, .. } = &self.0;
        match Fate::draw(hub) {
            Fate::NotApplied | Fate::Overloaded => Err(WriteError::NotApplied(what.to_owned())),
            Fate::Refused => Err(WriteError::Refused(what.to_owned())),
            Fate::RequestLost | Fate::Late(_) => Err(WriteError::Unknown(what.to_owned())),
            fate @ (Fate::Fine | Fate::Slow(_) | Fate::AnswerLost) => {
                put.await?;
                hub.trace(*actor, format_args!("puts a {what}"));
                self.travel().await;
                gate.pass().await;
                if fate == Fate::AnswerLost {
                    return Err(WriteError::Unknown(what.to_owned()));
                }
                Ok(())
            }
        }
    }

    /// I11 of the rows that are sent without a look at what is there; says of each row whether it
    /// was sent before.
    fn check_new(&self, unit: &WriteUnit) -> Vec<bool> {
        let Side { hub, life, .. } = &self.0;
        let mut again = Vec::new();
        let wrong: Vec<_> = hub.state.with(|state| {
            let mut wrong = Vec::new();
            for write in unit.batches.iter().flat_map(|batch| &batch.rows) {
                let dial = dial_of(&write.key);
                let is_again = state.accounts.sends(*life, dial, write.state.revision);
                again.push(is_again);
                for (partition, tenure) in state.accounts.of(*life) {
                    let is_known = !tenure.known.insert(dial);
                    if !is_again && !is_known && !state.produced.is_torn(&write.key) {
                        let first = state.produced.first_of(&write.key, partition);
                        wrong.extend(checks::new_means_new(&write.key, tenure, first).err());
                    }
                }
            }
            wrong
        });
        for text in wrong {
            hub.expect(Invariant::I11, Err(text));
        }
        again
    }
}

impl DialStore for FaultyStore {
    fn atomicity(&self) -> Atomicity {
        Atomicity::PerDay
    }

    async fn load(&self, keys: &[ItemKey]) -> Result<Vec<Option<Row>>, ReadError> {
        let Side { hub, actor, life, .. } = &self.0;
        hub.trace(*actor, format_args!("loads {} rows", keys.len()));
        let mut rows = self.read(hub.store.load(keys)).await?;
        self.0.tamper_loaded(&mut rows);
        hub.state.with(|state| state.accounts.loaded(*life, keys));
        Ok(rows)
    }

    async fn write(&self, unit: &WriteUnit) -> Result<(), WriteError> {
        let again = self.check_new(unit);
        let Side { hub, actor, .. } = &self.0;
        let rows: usize = unit.batches.iter().map(|batch| batch.rows.len()).sum();
        let must_split = hub.plan.has(Point::BatchSplit) && !hub.is_calm();
        if rows > 1 && (must_split || hub.strikes(Fault::WriteTooLarge)) {
            hub.mark(Point::BatchSplit.label());
            return Err(WriteError::Invalid("too many rows".to_owned()));
        }
        let fate = Fate::draw(hub);
        hub.trace(*actor, format_args!("writes {rows} rows: {fate:?}"));
        self.travel().await;
        let mut unit = unit.clone();
        if hub.plan.has(Point::RowsReordered) {
            unit.batches.iter_mut().for_each(|batch| batch.rows.reverse());
        } else {
            self.0.tamper_unit(&mut unit, &again);
        }
        if hub.plan.is_planted(Plant::CommitBeforeWrite) {
            hub.keep_back(Late::Write(unit), hub.some_ms(2_000));
            return Ok(());
        }
        let told = self.0.tamper_told(fate.befall(hub, *actor, Late::Write(unit)).await);
        if hub.plan.has(Point::WritesAnsweredInReverse) {
            sleep(hub.some_ms(200)).await;
        }
        self.travel().await;
        self.0.gate.pass().await;
        hub.trace(*actor, format_args!("is told of {rows} rows: {}", name(&told)));
        told
    }

    async fn edit(&self, edit: &EditWrite) -> Result<(), WriteError> {
        let Side { hub, actor, .. } = &self.0;
        if let Some(create) = &edit.create {
            let (dial, made) = (dial_of(&edit.key), create.state.clone());
            hub.state.with(|state| state.created.insert(dial, made));
        }
        let fate = Fate::draw(hub);
        hub.trace(*actor, format_args!("edits {}: {fate:?}", edit.key.item));
        self.travel().await;
        let mut sent = Box::new(edit.clone());
        self.0.tamper_edit(&mut sent);
        let told = fate.befall(hub, *actor, Late::Edit(sent)).await;
        self.0.tamper_deletion(edit);
        self.travel().await;
        self.0.gate.pass().await;
        hub.trace(
            *actor,
            format_args!("is told of the edit of {}: {}", edit.key.item, name(&told)),
        );
        match told {
            Err(WriteError::Unknown(text)) if self.0.is(Plant::UnknownToldAsNothing) => {
                Err(WriteError::NotApplied(text))
            }
            told => told,
        }
    }

    async fn cursors(&self, _source: &str) -> Result<Vec<Cursor>, ReadError> {
        Ok(Vec::new())
    }
}

fn name(told: &Result<(), WriteError>) -> &'static str {
    told.as_ref().err().map_or("done", WriteError::kind)
}

impl ItemReader for FaultyStore {
    async fn get(&self, key: &ItemKey) -> Result<Option<Row>, ReadError> {
        let row = self.read(self.0.hub.store.get(key)).await?;
        if row.is_none() && self.0.is(Plant::ForeignRows) {
            let mut rows = self.0.hub.store.rows().into_iter();
            return Ok(rows.find(|row| row.key.item == key.item));
        }
        Ok(self.0.tamper_read(row))
    }

    async fn locate(&self, project: ProjectId, item: ItemId) -> Result<Option<Micros>, ReadError> {
        self.read(self.0.hub.store.locate(project, item)).await
    }

    async fn slices(&self, project: ProjectId, call: CallId) -> Result<Vec<Micros>, ReadError> {
        if self.0.is(Plant::NextSliceNotRead) {
            return Ok(Vec::new());
        }
        self.read(self.0.hub.store.slices(project, call)).await
    }

    async fn day(
        &self,
        range: &DayRange,
        after: Option<PageCursor>,
        size: usize,
    ) -> Result<RowPage, ReadError> {
        let hub = &self.0.hub;
        let is_short = hub.plan.has(Point::PageOfOneRow) || hub.strikes(Fault::ShortPage);
        let size = if is_short { size.min(1) } else { size };
        let mut page = self.read(hub.store.day(range, after, size)).await?;
        if self.0.is(Plant::PageLosesItsLast) && page.next.is_some() {
            page.rows.pop();
        }
        Ok(page)
    }

    async fn keys(
        &self,
        range: &DayRange,
        after: Option<PageCursor>,
        size: usize,
    ) -> Result<KeyPage, ReadError> {
        let RowPage { rows, next } = self.day(range, after, size).await?;
        let shown = rows.into_iter().filter(|row| row.deletion.is_none());
        Ok(KeyPage { keys: shown.map(|row| row.key).collect(), next })
    }
}

impl Directory for FaultyStore {
    async fn days(&self, project: ProjectId, from: Day, to: Day) -> Result<Vec<Day>, ReadError> {
        self.read(self.0.hub.store.days(project, from, to)).await
    }

    async fn is_empty(&self) -> Result<bool, ReadError> {
        self.read(self.0.hub.store.is_empty()).await
    }
}

impl Registry for FaultyStore {
    async fn put_key(&self, key: &ApiKeyRecord) -> Result<(), WriteError> {
        self.put("key", self.0.hub.store.put_key(key)).await
    }

    async fn get_key(&self, key_id: &str) -> Result<Option<ApiKeyRecord>, ReadError> {
        self.read(self.0.hub.store.get_key(key_id)).await
    }

    async fn list_keys(&self, project: Option<ProjectId>) -> Result<Vec<ApiKeyRecord>, ReadError> {
        self.read(self.0.hub.store.list_keys(project)).await
    }

    async fn put_reference(&self, reference: &Reference) -> Result<(), WriteError> {
        self.put("reference", self.0.hub.store.put_reference(reference)).await
    }

    async fn references(
        &self,
        kind: ReferenceKind,
        project: ProjectId,
        ids: &[Uuid],
    ) -> Result<Vec<Reference>, ReadError> {
        self.read(self.0.hub.store.references(kind, project, ids)).await
    }

    async fn put_gateway_start(&self, start: &GatewayStarted) -> Result<(), WriteError> {
        self.put("gateway start", self.0.hub.store.put_gateway_start(start)).await
    }

    async fn gateway_starts(&self) -> Result<Vec<GatewayStarted>, ReadError> {
        self.read(self.0.hub.store.gateway_starts()).await
    }
}
