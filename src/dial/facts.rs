//! All registers of a dial and their join. Laws: commutative, associative, idempotent.
//! It does not know events (`fold` injects them) or revisions of rows (`version`).

use std::cmp::Ordering;

use crate::value::DialId;

use super::event::{AnsweredBy, Ended, Price, Started};
use super::fact::{Canonical, Fact, Preference};

/// One register: empty, or the best fact seen.
pub type Register<S> = Option<Fact<S>>;

/// Everything known of a dial from events. `Facts::default()` is bottom.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Facts {
    /// The gateway's name of the dial: the greater text, where two were told.
    pub dial: Option<DialId>,
    /// The dial began; holds its attributes. The time may be unknown.
    pub started: Register<Started>,
    /// The phone rang.
    pub ringing: Register<()>,
    /// The phone was picked up. The time may be unknown.
    pub answered: Register<()>,
    /// Who picked up.
    pub detected: Register<AnsweredBy>,
    /// The dial is over.
    pub ended: Register<Ended>,
    /// The carrier's price.
    pub cost: Register<Price>,
}

/// What a join did to one register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Joined {
    /// The register was empty and is filled.
    Filled,
    /// The new fact is better and replaced the old one.
    Replaced,
    /// The old fact is better; the new one is dropped.
    Kept,
    /// Both say the same.
    Same,
}

impl Joined {
    /// Whether the register changed.
    pub const fn is_change(self) -> bool {
        matches!(self, Self::Filled | Self::Replaced)
    }
}

/// Joins one fact into a register.
pub fn join_register<S: Canonical>(
    register: &mut Register<S>,
    fact: Fact<S>,
    preference: Preference,
) -> Joined {
    let Some(held) = register else {
        *register = Some(fact);
        return Joined::Filled;
    };
    match fact.rank(held, preference) {
        Ordering::Greater => {
            *held = fact;
            Joined::Replaced
        }
        Ordering::Equal => Joined::Same,
        Ordering::Less => Joined::Kept,
    }
}

/// As [`join_register`], with the attributes borrowed: they are cloned only if they are kept.
pub fn join_borrowed<S: Canonical + Clone>(
    register: &mut Register<S>,
    fact: Fact<&S>,
    preference: Preference,
) -> Joined {
    let joined = match register {
        None => Joined::Filled,
        Some(held) => match fact.rank(&held.as_ref(), preference) {
            Ordering::Greater => Joined::Replaced,
            Ordering::Equal => Joined::Same,
            Ordering::Less => Joined::Kept,
        },
    };
    if joined.is_change() {
        *register =
            Some(Fact { at: fact.at, provenance: fact.provenance, said: fact.said.clone() });
    }
    joined
}

impl Facts {
    /// Joins the gateway's name of the dial.
    pub fn join_dial(&mut self, dial: &DialId) -> Joined {
        match &self.dial {
            None => {
                self.dial = Some(dial.clone());
                Joined::Filled
            }
            Some(held) if dial > held => {
                self.dial = Some(dial.clone());
                Joined::Replaced
            }
            Some(held) if dial == held => Joined::Same,
            Some(_) => Joined::Kept,
        }
    }

    /// The join of two states: register by register the better fact.
    #[must_use]
    pub fn join(mut self, other: Self) -> Self {
        if let Some(dial) = &other.dial {
            self.join_dial(dial);
        }
        join_both(&mut self.started, other.started, Preference::Earlier);
        join_both(&mut self.ringing, other.ringing, Preference::Earlier);
        join_both(&mut self.answered, other.answered, Preference::Earlier);
        join_both(&mut self.detected, other.detected, Preference::Later);
        join_both(&mut self.ended, other.ended, Preference::Later);
        join_both(&mut self.cost, other.cost, Preference::Newest);
        self
    }

    /// Whether anything of [`Facts::forget_persons`] is there.
    pub fn tells_persons(&self) -> bool {
        let started = self.started.as_ref().map(|fact| &fact.said);
        let ended = self.ended.as_ref().map(|fact| &fact.said);
        started.is_some_and(|said| said.user.is_some() || said.phone.is_some())
            || ended.is_some_and(|said| said.vendor_reason.is_some())
    }

    /// Empties what names persons: user, number, the vendor's free text.
    pub fn forget_persons(&mut self) {
        if let Some(started) = &mut self.started {
            started.said.user = None;
            started.said.phone = None;
        }
        if let Some(ended) = &mut self.ended {
            ended.said.vendor_reason = None;
        }
    }

    /// `self ⊑ other`: knows no more than `other`.
    pub fn is_within(&self, other: &Self) -> bool {
        self.clone().join(other.clone()) == *other
    }
}

fn join_both<S: Canonical>(held: &mut Register<S>, other: Register<S>, preference: Preference) {
    if let Some(fact) = other {
        join_register(held, fact, preference);
    }
}
