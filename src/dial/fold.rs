//! One event into the facts of its dial; many events into facts per dial.
//! It does not say what facts mean to a reader (`render` does).

use std::collections::BTreeMap;

use crate::value::Micros;

use super::event::{AnsweredBy, DialEvent, Ended, Said};
use super::fact::{Canonical, Fact, Preference, Provenance};
use super::facts::{Facts, Joined, Register, join_borrowed};
use super::identity::ItemKey;
use super::reason;
use super::registers::{Injected, RegisterName};
use super::row::{Row, Standing};
use super::version::State;

/// Folds events in log order into the state of each dial.
pub fn fold<'a>(events: impl IntoIterator<Item = &'a DialEvent>) -> BTreeMap<ItemKey, State> {
    let mut states: BTreeMap<ItemKey, State> = BTreeMap::new();
    for event in events {
        states.entry(event.key).or_default().inject(event);
    }
    states
}

/// Injects an event into a loaded row: a deleted item folds nothing, an erased one nothing that is
/// personal.
pub fn inject_into_row(row: &mut Row, event: &DialEvent) -> Injected {
    let standing = row.standing();
    row.state.inject_as(event, standing)
}

impl State {
    /// Joins what one record of the log says; the revision rises by 1 if any register changed.
    pub fn inject(&mut self, event: &DialEvent) -> Injected {
        self.inject_as(event, Standing::Whole)
    }

    /// As [`State::inject`], for a row whose personal data may be gone. What was erased is not
    /// told again: `started` is frozen, and an end goes without the vendor's free text (else a
    /// replay would find the emptied attributes changed).
    pub fn inject_as(&mut self, event: &DialEvent, standing: Standing) -> Injected {
        let mut joining = Joining { facts: &mut self.facts, done: Injected::default() };
        match standing {
            Standing::Whole => {
                joining.start(event);
                joining.said(event, None);
            }
            Standing::Erased => joining.said(event, without_vendor_reason(event).as_ref()),
            Standing::Deleted => {}
        }
        let done = joining.done;
        if done.is_change() {
            self.revision = self.revision.saturating_add(1);
        }
        done
    }
}

fn without_vendor_reason(event: &DialEvent) -> Option<Ended> {
    match &event.said {
        Said::Ended { said, .. } => Some(Ended { vendor_reason: None, ..said.clone() }),
        Said::Started | Said::Ringing { .. } | Said::Answered { .. } | Said::Cost { .. } => None,
    }
}

/// Facts being joined with one event, and what that did.
struct Joining<'a> {
    facts: &'a mut Facts,
    done: Injected,
}

impl Joining<'_> {
    /// The register *started*: told by `dial.started`, carried by every other kind.
    fn start(&mut self, event: &DialEvent) {
        let provenance = match event.said {
            Said::Started => event.provenance,
            Said::Ringing { .. }
            | Said::Answered { .. }
            | Said::Ended { .. }
            | Said::Cost { .. } => Provenance::Carried,
        };
        let fact = Fact { at: event.started_at, provenance, said: &event.attributes };
        join(
            (&mut self.done, RegisterName::Started),
            &mut self.facts.started,
            fact,
            Preference::Earlier,
        );
    }

    /// All other registers. `cut` stands in for the end that the event tells.
    fn said(&mut self, event: &DialEvent, cut: Option<&Ended>) {
        if let Some(dial) = &event.dial {
            let joined = self.facts.join_dial(dial);
            note(&mut self.done, RegisterName::Dial, joined);
        }
        let provenance = event.provenance;
        match &event.said {
            Said::Started => {}
            Said::Ringing { at } => self.ringing(*at, provenance),
            Said::Answered { at, detected } => {
                self.answered(Some(*at), provenance);
                self.detected(*detected, provenance);
            }
            Said::Ended { at, said, ringing_at, answered_at, detected } => {
                if let Some(at) = ringing_at {
                    self.ringing(*at, Provenance::Carried);
                }
                if answered_at.is_some() || reason::says_answered(said) {
                    self.answered(*answered_at, Provenance::Carried);
                }
                self.detected(*detected, Provenance::Carried);
                let fact = Fact { at: Some(*at), provenance, said: cut.unwrap_or(said) };
                let to = (&mut self.done, RegisterName::Ended);
                join(to, &mut self.facts.ended, fact, Preference::Later);
            }
            Said::Cost { at, price } => {
                let fact = Fact { at: Some(*at), provenance, said: price };
                let to = (&mut self.done, RegisterName::Cost);
                join(to, &mut self.facts.cost, fact, Preference::Newest);
            }
        }
    }

    fn ringing(&mut self, at: Micros, provenance: Provenance) {
        let fact = Fact { at: Some(at), provenance, said: &() };
        let to = (&mut self.done, RegisterName::Ringing);
        join(to, &mut self.facts.ringing, fact, Preference::Earlier);
    }

    fn answered(&mut self, at: Option<Micros>, provenance: Provenance) {
        let fact = Fact { at, provenance, said: &() };
        let to = (&mut self.done, RegisterName::Answered);
        join(to, &mut self.facts.answered, fact, Preference::Earlier);
    }

    fn detected(&mut self, told: Option<(Micros, AnsweredBy)>, provenance: Provenance) {
        if let Some((at, by)) = told {
            let fact = Fact { at: Some(at), provenance, said: &by };
            let to = (&mut self.done, RegisterName::Detected);
            join(to, &mut self.facts.detected, fact, Preference::Later);
        }
    }
}

/// Joins a fact into a register and notes what that did. The loser counts only if it contradicts
/// the winner: a carried start that is silent about most attributes is no conflict.
fn join<S: Canonical + Clone>(
    (done, name): (&mut Injected, RegisterName),
    register: &mut Register<S>,
    fact: Fact<&S>,
    preference: Preference,
) {
    let contradicts_new = register.as_ref().is_some_and(|held| held.as_ref().contradicts(&fact));
    let contradicts_held = register.as_ref().is_some_and(|held| fact.contradicts(&held.as_ref()));
    match join_borrowed(register, fact, preference) {
        joined @ (Joined::Filled | Joined::Same) => note(done, name, joined),
        Joined::Replaced if contradicts_new => note(done, name, Joined::Replaced),
        Joined::Replaced => done.changed.insert(name),
        Joined::Kept if contradicts_held => note(done, name, Joined::Kept),
        Joined::Kept => {}
    }
}

fn note(done: &mut Injected, name: RegisterName, joined: Joined) {
    match joined {
        Joined::Filled => done.changed.insert(name),
        Joined::Replaced => {
            done.changed.insert(name);
            done.replaced.insert(name);
        }
        Joined::Kept => done.lost.insert(name),
        Joined::Same => {}
    }
}
