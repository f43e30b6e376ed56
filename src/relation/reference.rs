//! One reference record and the join that keeps the better of two.

use std::cmp::Ordering;
use std::sync::Arc;

use uuid::Uuid;

use crate::value::{Micros, ProjectId};

/// Which relation a record feeds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ReferenceKind {
    /// `user`.
    User,
    /// `project`.
    Project,
    /// `incomingCallPolicyEscalationRule`.
    Rule,
    /// `incomingCallLog`.
    Call,
}

impl ReferenceKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::User, Self::Project, Self::Rule, Self::Call];

    /// The word in event kinds (`user.upserted`).
    pub const fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Project => "project",
            Self::Rule => "escalation-rule",
            Self::Call => "call-log",
        }
    }
}

/// The full state of one reference, as its newest event gave it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reference {
    /// What it is.
    pub kind: ReferenceKind,
    /// The project it is known in.
    pub project: ProjectId,
    /// Its id; of a project the project's own.
    pub id: Uuid,
    /// When it became so.
    pub at: Micros,
    /// Canonical JSON of the exposed columns (names sorted, no blanks); `None` = the reference is
    /// gone.
    pub body: Option<Arc<str>>,
}

impl Reference {
    /// Orders two states of one reference; the greater is kept: time, then gone over present, then
    /// the canonical body.
    pub fn rank(&self, other: &Self) -> Ordering {
        self.at
            .cmp(&other.at)
            .then_with(|| self.body.is_none().cmp(&other.body.is_none()))
            .then_with(|| self.body.cmp(&other.body))
    }
}
