//! What is known of the references that items lead to, and which ids lead there. It reads no store
//! (`run` does) and never sees a reference of another project.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::item::{Column, Item};
use crate::relation::{InnerColumn, InnerKind, Reference, ReferenceKind};
use crate::value::{CallId, Phone, RuleId, UserId};

use super::date_text::parse_date;
use super::value::Value;

/// The columns of one reference.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Known(BTreeMap<&'static str, Value>);

impl Known {
    /// Reads what is kept of a reference; `None` if it is gone, or nothing can be read of it.
    pub fn of(reference: &Reference) -> Option<Self> {
        let body: Map<String, Json> = serde_json::from_str(reference.body.as_deref()?).ok()?;
        let read = |column: InnerColumn| {
            let value = value(column.kind, body.get(column.name)?)?;
            Some((column.name, value))
        };
        Some(Self(reference.kind.kept().filter_map(read).collect()))
    }

    /// The value of a column; `None` = null.
    pub fn value(&self, column: InnerColumn) -> Option<&Value> {
        self.0.get(column.name)
    }
}

fn value(kind: InnerKind, json: &Json) -> Option<Value> {
    match kind {
        InnerKind::ObjectId => Uuid::try_parse(json.as_str()?).ok().map(Value::Id),
        InnerKind::Text | InnerKind::Name | InnerKind::Email => {
            json.as_str().map(|text| Value::Text(text.into()))
        }
        InnerKind::Phone => json.as_str().map(|text| Value::Phone(Phone::new(text))),
        InnerKind::Number => json.as_i64().map(Value::Integer),
        InnerKind::Boolean => json.as_bool().map(Value::Boolean),
        InnerKind::Date => parse_date(json.as_str()?).map(Value::Date),
    }
}

/// References that were looked up. What was looked up and is not known is there as such.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Joins(BTreeMap<(ReferenceKind, Uuid), Option<Known>>);

impl Joins {
    /// What is known of a reference; `None` = nothing.
    pub fn of(&self, kind: ReferenceKind, id: Uuid) -> Option<&Known> {
        self.0.get(&(kind, id)).and_then(Option::as_ref)
    }

    /// How many were looked up.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none was.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets them.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The ids behind a relation of some items that were not looked up yet, each once.
    pub(super) fn missing<'a>(
        &self,
        kind: ReferenceKind,
        items: impl IntoIterator<Item = &'a Item>,
    ) -> Vec<Uuid> {
        let ids = items.into_iter().filter_map(|item| related_id(item, kind));
        let ids = ids.filter(|id| !self.0.contains_key(&(kind, *id)));
        let ids: std::collections::BTreeSet<Uuid> = ids.collect();
        ids.into_iter().collect()
    }

    /// Takes what the store answered to a look-up of these ids.
    pub(super) fn learn(&mut self, kind: ReferenceKind, asked: &[Uuid], found: &[Reference]) {
        self.0.extend(asked.iter().map(|id| ((kind, *id), None)));
        self.0.extend(found.iter().map(|found| ((kind, found.id), Known::of(found))));
    }
}

/// The id that a relation of an item leads to.
pub fn related_id(item: &Item, kind: ReferenceKind) -> Option<Uuid> {
    match kind {
        ReferenceKind::User => item.user.map(UserId::uuid),
        ReferenceKind::Project => Some(item.project.uuid()),
        ReferenceKind::Rule => item.rule.map(RuleId::uuid),
        ReferenceKind::Call => item.call.map(CallId::uuid),
    }
}

/// The relation that leads to references of a kind.
const fn relation_to(kind: ReferenceKind) -> Column {
    match kind {
        ReferenceKind::User => Column::User,
        ReferenceKind::Project => Column::Project,
        ReferenceKind::Rule => Column::Rule,
        ReferenceKind::Call => Column::Call,
    }
}

/// What a relation leads to; `None` for a column that is none.
pub fn kind_of_relation(column: Column) -> Option<ReferenceKind> {
    ReferenceKind::ALL.into_iter().find(|kind| relation_to(*kind) == column)
}
