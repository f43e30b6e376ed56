//! Create, update and delete of the API, import and erasure → the cells to write. Values are
//! already checked (the edges do); nothing is read or written here.

use std::sync::Arc;

use crate::value::{CallId, MicroUsd, Micros, Phone, RuleId, UserId};

use super::event::Started;
use super::fact::{Fact, Provenance};
use super::facts::Facts;
use super::identity::ItemKey;
use super::render::{View, rendered, to_keep};
use super::row::{Deletion, EditWrite, Edits, Erasure, FoldWrite, Row};
use super::version::State;

/// Who makes an edit, and when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stamp {
    /// The server's clock.
    pub now: Micros,
    /// Id of the API key.
    pub by: Arc<str>,
}

/// The seven columns a client may change: `None` = not sent, the inner `None` = null.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[expect(clippy::option_option, reason = "null is a value of an edited column")]
pub struct Changes {
    /// `status`.
    pub status: Option<Arc<str>>,
    /// `statusMessage`.
    pub status_message: Option<Option<Arc<str>>>,
    /// `dialDurationInSeconds`.
    pub dial_duration_s: Option<Option<i64>>,
    /// `callCostInUSDCents`.
    pub cost: Option<Option<MicroUsd>>,
    /// `startedAt`.
    pub started_at: Option<Option<Micros>>,
    /// `endedAt`.
    pub ended_at: Option<Option<Micros>>,
    /// `isAnswered`.
    pub is_answered: Option<bool>,
}

/// An item to be made outside the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewItem {
    /// Its key: the id carries the time, or it is an import that says it.
    pub key: ItemKey,
    /// `incomingCallLogId`.
    pub call: Option<CallId>,
    /// `incomingCallPolicyEscalationRuleId`.
    pub rule: Option<RuleId>,
    /// `userId`.
    pub user: Option<UserId>,
    /// `userPhoneNumber`.
    pub phone: Option<Phone>,
    /// The columns that were sent.
    pub columns: Changes,
    /// Who makes it.
    pub origin: Origin,
}

/// Who makes an item outside the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// An API create: updated when it was created.
    Api,
    /// An import, with the `updatedAt` it says.
    Import {
        /// `updatedAt`.
        updated_at: Micros,
    },
}

/// A new item: revision 0 and one edit. Its parents and number fill the register *started*, below
/// whatever an event says of them; the columns that were sent are edits.
pub fn create(new: NewItem, stamp: &Stamp, view: &View<'_>) -> EditWrite {
    let NewItem { key, call, rule, user, phone, columns, origin } = new;
    let (provenance, at) = match origin {
        Origin::Api => (Provenance::Api, key.created_at),
        Origin::Import { updated_at } => (Provenance::Import, updated_at),
    };
    let said = Started { call, rule, user, phone, gateway: None, ring_timeout_s: None };
    let facts = Facts { started: Some(Fact { at: None, provenance, said }), ..Facts::default() };
    let state = State { facts, revision: 0 };
    let rendered = rendered(&key, &state, &View { now: key.created_at, ..*view });
    EditWrite {
        key,
        create: Some(FoldWrite { key, state, rendered }),
        edits: columns.into_edits(at.cut_to_ms(), &stamp.by, 1),
        deletion: None,
        erasure: None,
        provisional: None,
        wall: EditWrite::wall(stamp.now, &key, None),
    }
}

/// Changes to a row as it was read: only what was sent. `None` if the item was deleted.
pub fn update(row: &Row, changes: Changes, stamp: &Stamp) -> Option<EditWrite> {
    if row.deletion.is_some() {
        return None;
    }
    // A server whose clock is behind does not make the item look older than it was.
    let at = row.edits.at.map_or(stamp.now, |last| last.max(stamp.now)).cut_to_ms();
    let count = row.edits.count.saturating_add(1);
    Some(EditWrite { edits: changes.into_edits(at, &stamp.by, count), ..untouched(row, stamp.now) })
}

/// The deletion of a row as it was read: hides it for ever and empties what is personal. `None` if
/// it was deleted before.
pub fn delete(row: &Row, stamp: &Stamp) -> Option<EditWrite> {
    if row.deletion.is_some() {
        return None;
    }
    Some(EditWrite {
        edits: emptied_text(row),
        deletion: Some(Deletion { at: stamp.now.cut_to_ms(), by: Arc::clone(&stamp.by) }),
        ..untouched(row, stamp.now)
    })
}

/// The erasure of a row as it was read: empties what is personal and keeps the rating that the
/// number had, so that the item shows the same cost. `None` if nothing personal is there and
/// nothing may be told again: it was deleted or erased before.
pub fn erase(row: &Row, now: Micros, view: &View<'_>) -> Option<EditWrite> {
    let text = row.edits.status_message.as_ref().and_then(Option::as_deref);
    let is_bare = !row.state.facts.tells_persons() && text.is_none_or(str::is_empty);
    if row.deletion.is_some() || (row.erased_at.is_some() && is_bare) {
        return None;
    }
    // A number that was cut before kept its rating then.
    let cut = row.erased_at.and(row.kept_rating.clone());
    let kept_rating = cut.unwrap_or_else(|| to_keep(row, view).rating);
    Some(EditWrite {
        edits: emptied_text(row),
        erasure: Some(Erasure { at: now.cut_to_ms(), kept_rating }),
        ..untouched(row, now)
    })
}

/// What a client wrote about the item may name people. An empty text, not a null: a null is
/// forgotten by the store, and the old text comes back.
fn emptied_text(row: &Row) -> Edits {
    let status_message = row.edits.status_message.as_ref().map(|_| Some("".into()));
    Edits { status_message, ..Edits::default() }
}

fn untouched(row: &Row, now: Micros) -> EditWrite {
    EditWrite {
        key: row.key,
        create: None,
        edits: Edits::default(),
        deletion: None,
        erasure: None,
        provisional: None,
        wall: EditWrite::wall(now, &row.key, row.newest_wall),
    }
}

impl Changes {
    fn into_edits(self, at: Micros, by: &Arc<str>, count: u32) -> Edits {
        Edits {
            status: self.status,
            status_message: self.status_message,
            dial_duration_s: self.dial_duration_s,
            cost: self.cost,
            started_at: self.started_at,
            ended_at: self.ended_at,
            is_answered: self.is_answered,
            at: Some(at),
            by: Some(Arc::clone(by)),
            count,
        }
    }
}

impl Row {
    /// The row as the next reader sees it once `write`, made from this very row, is written.
    #[must_use]
    pub fn edited_by(mut self, write: &EditWrite) -> Self {
        let new = write.edits.clone();
        let held = &mut self.edits;
        held.status = new.status.or_else(|| held.status.take());
        held.status_message = new.status_message.or_else(|| held.status_message.take());
        held.dial_duration_s = new.dial_duration_s.or(held.dial_duration_s);
        held.cost = new.cost.or(held.cost);
        held.started_at = new.started_at.or(held.started_at);
        held.ended_at = new.ended_at.or(held.ended_at);
        held.is_answered = new.is_answered.or(held.is_answered);
        if new.at.is_some() {
            (held.at, held.by, held.count) = (new.at, new.by, new.count);
        }
        if let Some(deletion) = &write.deletion {
            self.deletion = Some(deletion.clone());
            self.state.facts.forget_persons();
        }
        if let Some(Erasure { at, kept_rating }) = &write.erasure {
            self.erased_at = Some(*at);
            self.kept_rating = Some(kept_rating.clone());
            self.state.facts.forget_persons();
        }
        self.provisional = write.provisional.or(self.provisional);
        self.newest_wall = self.newest_wall.max(Some(write.wall));
        self
    }
}
