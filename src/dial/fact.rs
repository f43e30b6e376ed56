//! One timed statement about a dial, who made it, and which of two statements is the better one.
//! It does not know registers of a whole dial (`facts`) or what a fact means (`render`).

use std::cmp::Ordering;

use crate::value::Micros;

/// Who says so; ranks facts of one register. Higher is better (`docs/architecture.md`, the fold).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Provenance {
    /// An imported item.
    Import,
    /// The parent ids and the number given to an API create.
    Api,
    /// Told along by an event of another kind.
    Carried,
    /// Reconstructed afterwards: polled, taken from call records.
    Sync,
    /// Told by the gateway as it happened.
    Live,
}

impl Provenance {
    /// The rank as stores keep it, 0 to 4.
    pub const fn rank(self) -> i8 {
        match self {
            Self::Import => 0,
            Self::Api => 1,
            Self::Carried => 2,
            Self::Sync => 3,
            Self::Live => 4,
        }
    }

    /// The provenance of a stored rank.
    pub const fn from_rank(rank: i8) -> Option<Self> {
        match rank {
            0 => Some(Self::Import),
            1 => Some(Self::Api),
            2 => Some(Self::Carried),
            3 => Some(Self::Sync),
            4 => Some(Self::Live),
            _ => None,
        }
    }
}

/// A statement: when, by whom, and what. `at` is `None` where nobody said when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fact<S> {
    /// When it happened, by the gateway's clock; whole milliseconds.
    pub at: Option<Micros>,
    /// Who says so.
    pub provenance: Provenance,
    /// The attributes.
    pub said: S,
}

/// Attributes that can be ordered as their canonical bytes: the attributes as text in a fixed
/// order, absent = empty, joined by U+001F, compared as unsigned bytes. Texts hold no control
/// characters, so comparing attribute by attribute gives the same order without building them.
pub trait Canonical {
    /// Orders by canonical bytes.
    fn canonical_cmp(&self, other: &Self) -> Ordering;

    /// Whether everything these attributes say is said by `other` too. Silence is no contradiction.
    fn is_told_by(&self, other: &Self) -> bool;
}

impl Canonical for () {
    fn canonical_cmp(&self, _other: &Self) -> Ordering {
        Ordering::Equal
    }

    fn is_told_by(&self, _other: &Self) -> bool {
        true
    }
}

impl<S: Canonical> Canonical for &S {
    fn canonical_cmp(&self, other: &Self) -> Ordering {
        S::canonical_cmp(self, other)
    }

    fn is_told_by(&self, other: &Self) -> bool {
        S::is_told_by(self, other)
    }
}

/// Which of two times of equal provenance is the better one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Preference {
    /// What happens once and may be reported again: started, ringing, answered.
    Earlier,
    /// What may be superseded: detected, ended.
    Later,
    /// The newest counts, whoever tells it: cost.
    Newest,
}

impl<S> Fact<S> {
    /// The same fact with its attributes borrowed.
    pub const fn as_ref(&self) -> Fact<&S> {
        Fact { at: self.at, provenance: self.provenance, said: &self.said }
    }
}

impl<S: Canonical> Fact<S> {
    /// Whether this fact says something that `other` denies: another time, another attribute.
    pub fn contradicts(&self, other: &Self) -> bool {
        let times_differ = self.at.is_some() && other.at.is_some() && self.at != other.at;
        times_differ || !self.said.is_told_by(&other.said)
    }

    /// Orders two facts of one register: the greater is kept. A known time beats an unknown one;
    /// then provenance, time and canonical bytes (`Newest`: time before provenance).
    pub fn rank(&self, other: &Self, preference: Preference) -> Ordering {
        let known = self.at.is_some().cmp(&other.at.is_some());
        let provenance = self.provenance.cmp(&other.provenance);
        let time = match preference {
            Preference::Earlier => other.at.cmp(&self.at),
            Preference::Later | Preference::Newest => self.at.cmp(&other.at),
        };
        let by_rank = match preference {
            Preference::Newest => time.then(provenance),
            Preference::Earlier | Preference::Later => provenance.then(time),
        };
        known.then(by_rank).then_with(|| self.said.canonical_cmp(&other.said))
    }
}
