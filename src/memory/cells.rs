//! A row as typed cells, each with its write timestamp: the greater stays, as in the real engines.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::dial::row::{Deletion, EditWrite, Edits, Erasure, FoldWrite, ProvisionalEnd, Row};
use crate::dial::{ItemKey, State};
use crate::item::{Rating, Rendered};
use crate::value::{MicroUsd, Micros, Phone, UserId};

/// A value and its write timestamp in µs.
#[derive(Clone, Debug)]
struct Cell<T> {
    written: i64,
    value: T,
}

/// What putting a cell did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Put {
    /// It stays, or the one that was there does, as timestamps say.
    Ranked,
    /// Equal timestamps, different values: one of them stays. Never for facts of one release.
    Tied,
}

type Slot<T> = Option<Cell<T>>;

fn put_by<T: PartialEq>(
    slot: &mut Slot<T>,
    cell: Cell<T>,
    tie: impl FnOnce(&T, &T) -> Ordering,
) -> Put {
    let Some(held) = slot else {
        *slot = Some(cell);
        return Put::Ranked;
    };
    let tied = cell.written == held.written && cell.value != held.value;
    let order = cell.written.cmp(&held.written);
    if order.then_with(|| tie(&cell.value, &held.value)).is_gt() {
        *held = cell;
    }
    if tied { Put::Tied } else { Put::Ranked }
}

fn put<T: Ord>(slot: &mut Slot<T>, written: i64, value: T) {
    put_by(slot, Cell { written, value }, T::cmp);
}

/// Orders values that have no order of their own by what they print: any fixed order will do.
fn by_print<T: std::fmt::Debug>(a: &T, b: &T) -> Ordering {
    format!("{a:?}").cmp(&format!("{b:?}"))
}

/// The personal attributes of a state, which a deletion or an erasure empties.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
struct Personal {
    user: Option<UserId>,
    phone: Option<Phone>,
    vendor_reason: Option<Arc<str>>,
}

impl Personal {
    /// Takes them out of a state.
    fn split(state: &mut State) -> Self {
        let started = state.facts.started.as_mut().map(|fact| &mut fact.said);
        let (user, phone) =
            started.map_or((None, None), |said| (said.user.take(), said.phone.take()));
        let ended = state.facts.ended.as_mut().map(|fact| &mut fact.said);
        let vendor_reason = ended.and_then(|said| said.vendor_reason.take());
        Self { user, phone, vendor_reason }
    }

    /// Puts them back.
    fn join(&self, state: &mut State) {
        if let Some(fact) = &mut state.facts.started {
            fact.said.user = self.user;
            fact.said.phone.clone_from(&self.phone);
        }
        if let Some(fact) = &mut state.facts.ended {
            fact.said.vendor_reason.clone_from(&self.vendor_reason);
        }
    }
}

/// All cells of a row.
#[derive(Clone, Debug, Default)]
pub(super) struct MemoryRow {
    facts: Slot<State>,
    personal: Slot<Personal>,
    rendered: Slot<Rendered>,
    status: Slot<Arc<str>>,
    status_message: Slot<Option<Arc<str>>>,
    dial_duration_s: Slot<Option<i64>>,
    cost: Slot<Option<MicroUsd>>,
    started_at: Slot<Option<Micros>>,
    ended_at: Slot<Option<Micros>>,
    is_answered: Slot<bool>,
    edit_at: Slot<Micros>,
    edit_by: Slot<Option<Arc<str>>>,
    edit_count: Slot<u32>,
    deleted_at: Slot<Micros>,
    deleted_by: Slot<Arc<str>>,
    erased_at: Slot<Micros>,
    kept_rating: Slot<Rating>,
    provisional_at: Slot<Micros>,
    provisional_revision: Slot<u32>,
}

impl MemoryRow {
    /// Puts a fold write. Says whether its facts tied with other facts of the same version.
    pub(super) fn put_fold(&mut self, write: &FoldWrite) -> bool {
        let written = write.state.version(write.key.created_at);
        let mut state = write.state.clone();
        let personal = Personal::split(&mut state);
        put(&mut self.personal, written, personal);
        let rendered = Cell { written, value: write.rendered.clone() };
        put_by(&mut self.rendered, rendered, by_print);
        put_by(&mut self.facts, Cell { written, value: state }, by_print) == Put::Tied
    }

    /// Puts an edit, all at its wall but for the state it creates.
    pub(super) fn put_edit(&mut self, edit: &EditWrite) -> bool {
        let tied = edit.create.as_ref().is_some_and(|create| self.put_fold(create));
        self.put_columns(&edit.edits, edit.wall);
        if let Some(Deletion { at, by }) = &edit.deletion {
            put(&mut self.deleted_at, edit.wall, *at);
            put(&mut self.deleted_by, edit.wall, Arc::clone(by));
            put(&mut self.personal, edit.wall, Personal::default());
        }
        if let Some(Erasure { at, kept_rating }) = &edit.erasure {
            put(&mut self.erased_at, edit.wall, *at);
            let rating = Cell { written: edit.wall, value: kept_rating.clone() };
            put_by(&mut self.kept_rating, rating, by_print);
            put(&mut self.personal, edit.wall, Personal::default());
        }
        if let Some(ProvisionalEnd { at, revision }) = edit.provisional {
            put(&mut self.provisional_at, edit.wall, at);
            put(&mut self.provisional_revision, edit.wall, revision);
        }
        tied
    }

    fn put_columns(&mut self, edits: &Edits, wall: i64) {
        fn sent<T: Ord + Clone>(slot: &mut Slot<T>, wall: i64, value: Option<&T>) {
            if let Some(value) = value {
                put(slot, wall, value.clone());
            }
        }
        sent(&mut self.status, wall, edits.status.as_ref());
        sent(&mut self.status_message, wall, edits.status_message.as_ref());
        sent(&mut self.dial_duration_s, wall, edits.dial_duration_s.as_ref());
        sent(&mut self.cost, wall, edits.cost.as_ref());
        sent(&mut self.started_at, wall, edits.started_at.as_ref());
        sent(&mut self.ended_at, wall, edits.ended_at.as_ref());
        sent(&mut self.is_answered, wall, edits.is_answered.as_ref());
        if let Some(at) = edits.at {
            put(&mut self.edit_at, wall, at);
            put(&mut self.edit_by, wall, edits.by.clone());
            put(&mut self.edit_count, wall, edits.count);
        }
    }

    /// The row as a reader gets it.
    pub(super) fn read(&self, key: ItemKey) -> Row {
        fn value<T: Clone>(slot: Option<&Cell<T>>) -> Option<T> {
            slot.map(|cell| cell.value.clone())
        }
        let mut state = value(self.facts.as_ref()).unwrap_or_default();
        value(self.personal.as_ref()).unwrap_or_default().join(&mut state);
        let edits = Edits {
            status: value(self.status.as_ref()),
            status_message: value(self.status_message.as_ref()),
            dial_duration_s: value(self.dial_duration_s.as_ref()),
            cost: value(self.cost.as_ref()),
            started_at: value(self.started_at.as_ref()),
            ended_at: value(self.ended_at.as_ref()),
            is_answered: value(self.is_answered.as_ref()),
            at: value(self.edit_at.as_ref()),
            by: value(self.edit_by.as_ref()).flatten(),
            count: value(self.edit_count.as_ref()).unwrap_or(0),
        };
        let deleted_by = value(self.deleted_by.as_ref()).unwrap_or_default();
        let provisional =
            value(self.provisional_at.as_ref()).zip(value(self.provisional_revision.as_ref()));
        Row {
            edits,
            deletion: value(self.deleted_at.as_ref()).map(|at| Deletion { at, by: deleted_by }),
            erased_at: value(self.erased_at.as_ref()),
            kept_rating: value(self.kept_rating.as_ref()),
            provisional: provisional.map(|(at, revision)| ProvisionalEnd { at, revision }),
            newest_wall: self.newest_wall(),
            ..Row::of(key, state)
        }
    }

    /// As `WRITETIME` of the cells that are no facts gives it.
    fn newest_wall(&self) -> Option<i64> {
        fn written<T>(slot: Option<&Cell<T>>) -> Option<i64> {
            slot.map(|cell| cell.written)
        }
        let walls = [
            written(self.personal.as_ref()),
            written(self.rendered.as_ref()),
            written(self.status.as_ref()),
            written(self.status_message.as_ref()),
            written(self.dial_duration_s.as_ref()),
            written(self.cost.as_ref()),
            written(self.started_at.as_ref()),
            written(self.ended_at.as_ref()),
            written(self.is_answered.as_ref()),
            written(self.edit_at.as_ref()),
            written(self.deleted_at.as_ref()),
            written(self.erased_at.as_ref()),
            written(self.provisional_at.as_ref()),
        ];
        walls.into_iter().flatten().max()
    }

    /// The rendering kept for other programs, with its write timestamp.
    pub(super) fn rendered(&self) -> Option<(&Rendered, i64)> {
        self.rendered.as_ref().map(|cell| (&cell.value, cell.written))
    }

    /// Puts a rendering alone.
    pub(super) fn put_rendered(&mut self, value: Rendered, written: i64) {
        put_by(&mut self.rendered, Cell { written, value }, by_print);
    }
}
