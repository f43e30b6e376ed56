//! One reference record and the join that keeps the better of two.

use std::cmp::Ordering;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::value::{Micros, ProjectId};

use super::InnerKind;

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
    /// Whether a phone column of it holds this very number.
    pub fn holds_phone(&self, number: &str) -> bool {
        self.phones().any(|phone| phone == number)
    }

    /// What is left of it once these phone numbers are taken out, told later than it and than
    /// `now`, so that what it was told of before does not come back. `None` if it holds none.
    #[must_use]
    pub fn without_phones(&self, is_out: impl Fn(&str) -> bool, now: Micros) -> Option<Self> {
        let mut body = self.columns();
        let count = body.len();
        for name in self.phone_columns() {
            if body.get(name).and_then(Value::as_str).is_some_and(&is_out) {
                body.remove(name);
            }
        }
        if body.len() == count {
            return None;
        }
        let body = Value::Object(body).to_string();
        Some(Self { body: Some(body.into()), at: self.later_than(now), ..self.clone() })
    }

    /// That it is gone, told later than it and than `now`.
    #[must_use]
    pub fn gone(&self, now: Micros) -> Self {
        Self { body: None, at: self.later_than(now), ..self.clone() }
    }

    fn later_than(&self, now: Micros) -> Micros {
        now.max(self.at.plus(Duration::from_millis(1))).cut_to_ms()
    }

    fn columns(&self) -> Map<String, Value> {
        let body = self.body.as_deref().and_then(|body| serde_json::from_str(body).ok());
        body.unwrap_or_default()
    }

    fn phone_columns(&self) -> impl Iterator<Item = &'static str> {
        let columns = self.kind.exposed().iter();
        columns.filter(|column| column.kind == InnerKind::Phone).map(|column| column.name)
    }

    fn phones(&self) -> impl Iterator<Item = String> {
        let body = self.columns();
        self.phone_columns().filter_map(move |name| Some(body.get(name)?.as_str()?.to_owned()))
    }

    /// Orders two states of one reference; the greater is kept: time, then gone over present, then
    /// the canonical body.
    pub fn rank(&self, other: &Self) -> Ordering {
        self.at
            .cmp(&other.at)
            .then_with(|| self.body.is_none().cmp(&other.body.is_none()))
            .then_with(|| self.body.cmp(&other.body))
    }
}
