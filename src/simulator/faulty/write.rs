//! What becomes of one write on its way, and the checks of the moment at which it is applied.

use std::time::Duration;

use crate::dial::Row;
use crate::dial::row::{EditWrite, FoldWrite};
use crate::ports::store::{WriteError, WriteUnit};

use super::super::checks;
use super::super::fault::Fault;
use super::super::hub::{Hub, Late};
use super::super::invariant::Invariant;
use super::super::trace::Actor;

/// What is told to the sender once the write was applied, or was not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fate {
    /// Applied and acknowledged.
    Fine,
    /// Applied; the acknowledgement takes so long.
    Slow(Duration),
    NotApplied,
    AnswerLost,
    RequestLost,
    /// Unknown; it arrives after so long.
    Late(Duration),
    Overloaded,
    Refused,
}

impl Fate {
    pub(super) fn draw(hub: &Hub) -> Self {
        if hub.lasts(Fault::StoreDown) {
            return if hub.draw(|luck| luck.percent(50)) {
                Self::NotApplied
            } else {
                Self::RequestLost
            };
        }
        if hub.lasts(Fault::StoreRefuses) {
            return Self::Refused;
        }
        let fates = [
            (Fault::WriteNotApplied, Self::NotApplied),
            (Fault::WriteAnswerLost, Self::AnswerLost),
            (Fault::WriteRequestLost, Self::RequestLost),
            (Fault::WriteOverloaded, Self::Overloaded),
        ];
        if let Some((_, fate)) = fates.into_iter().find(|(fault, _)| hub.strikes(*fault)) {
            return fate;
        }
        if hub.strikes(Fault::WriteSlow) {
            return Self::Slow(hub.some_ms(6_000));
        }
        if hub.strikes(Fault::WriteLate) {
            return Self::Late(hub.some_ms(15_000));
        }
        Self::Fine
    }

    /// Does it to the store; what the sender is told.
    pub(super) async fn befall(
        self,
        hub: &Hub,
        actor: Actor,
        late: Late,
    ) -> Result<(), WriteError> {
        let text = || "on the way".to_owned();
        match self {
            Self::Fine => hub.apply(actor, &late),
            Self::Slow(span) => {
                hub.apply(actor, &late);
                tokio::time::sleep(span).await;
            }
            Self::NotApplied => return Err(WriteError::NotApplied(text())),
            Self::AnswerLost => {
                hub.apply(actor, &late);
                return Err(WriteError::Unknown(text()));
            }
            Self::RequestLost => return Err(WriteError::Unknown(text())),
            Self::Late(span) => {
                hub.keep_back(late, span);
                tokio::time::sleep(hub.some_ms(500)).await;
                return Err(WriteError::Unknown(text()));
            }
            Self::Overloaded => {
                if hub.draw(|luck| luck.percent(50)) {
                    hub.apply(actor, &late);
                }
                return Err(WriteError::Overloaded(text()));
            }
            Self::Refused => return Err(WriteError::Refused(text())),
        }
        Ok(())
    }
}

impl Hub {
    /// A write arrives at the store.
    pub(in crate::simulator) fn apply(&self, actor: Actor, late: &Late) {
        match late {
            Late::Write(unit) => self.apply_unit(actor, unit),
            Late::Edit(edit) => self.apply_edit(actor, edit),
        }
    }

    fn apply_unit(&self, actor: Actor, unit: &WriteUnit) {
        let writes = || unit.batches.iter().flat_map(|batch| &batch.rows);
        let before: Vec<Option<Row>> = writes().map(|write| self.store.row(&write.key)).collect();
        self.store.apply(unit);
        for (write, before) in writes().zip(before) {
            self.after_fold(actor, write, before.as_ref());
        }
        if !self.state.with(|state| state.produced.is_any_torn()) {
            self.expect(Invariant::I13, checks::no_tie(self.store.ties()));
        }
    }

    fn after_fold(&self, actor: Actor, write: &FoldWrite, before: Option<&Row>) {
        let (item, revision) = (write.key.item, write.state.revision);
        let after = self.store.row(&write.key);
        let held = before.map_or(0, |row| row.state.revision);
        self.trace(actor, format_args!("row {item} of {revision} over {held}"));
        if before.is_some() && revision < held {
            self.mark("an older write lost to a newer one");
        }
        if self.state.with(|state| state.produced.is_torn(&write.key)) {
            return;
        }
        self.expect(Invariant::I6, checks::never_down(before, after.as_ref()));
        if let (Some(before), Some(after)) = (before, &after) {
            self.expect(Invariant::I13, checks::loser_changes_nothing(write, before, after));
        }
    }

    fn apply_edit(&self, actor: Actor, edit: &EditWrite) {
        let before = self.store.row(&edit.key);
        self.store.apply_edit(edit);
        let after = self.store.row(&edit.key);
        self.trace(actor, format_args!("edit of {} at {}", edit.key.item, edit.wall));
        self.expect(Invariant::I6, checks::never_down(before.as_ref(), after.as_ref()));
    }
}
