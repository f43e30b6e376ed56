//! The whole filter of a request: does an item stay? It does not say which rows to read (`plan`).

use crate::dial::ItemKey;
use crate::item::{Column, Item};
use crate::relation::{InnerColumn, ReferenceKind};

use super::condition::{Condition, TextMatch};
use super::joins::{Joins, related_id};
use super::text_match::Needle;
use super::value::{Value, value_of, value_of_key};

/// All conditions of a request; every one must hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    /// One per column named; several names may mean one column (`user` and `userId`).
    pub conditions: Vec<(Column, Condition)>,
    /// Searches over several columns.
    pub searches: Vec<MultiSearch>,
    /// Conditions on what relations lead to.
    pub relations: Vec<RelationFilter>,
}

/// What must be true of the reference that a relation leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RelationFilter {
    /// Which relation.
    pub kind: ReferenceKind,
    /// Conditions on its columns; all must hold.
    pub conditions: Vec<(InnerColumn, Condition)>,
}

/// At least one of the columns contains the text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MultiSearch {
    /// Where to look.
    pub columns: Vec<Column>,
    /// What for.
    pub needle: Needle,
}

impl Filter {
    /// Whether the key of a row decides, so that no item has to be looked at.
    pub fn is_of_keys(&self) -> bool {
        let of_keys = [Column::Id, Column::CreatedAt, Column::Project, Column::ProjectId];
        self.searches.is_empty()
            && self.relations.is_empty()
            && self.conditions.iter().all(|(column, _)| of_keys.contains(column))
    }

    /// Whether a row stays as far as its key says.
    pub fn keeps_key(&self, key: &ItemKey) -> bool {
        self.conditions.iter().all(|(column, condition)| {
            value_of_key(key, *column).is_none_or(|value| condition.accepts(&value))
        })
    }

    /// The kinds of references of which columns of the record are looked at.
    pub fn records(&self) -> impl Iterator<Item = ReferenceKind> {
        let looks = |relation: &&RelationFilter| {
            relation.conditions.iter().any(|(column, _)| column.is_of_record())
        };
        self.relations.iter().filter(looks).map(|relation| relation.kind)
    }

    /// Whether the item stays once it is known that what its relations lead to does.
    pub fn keeps_joined(&self, item: &Item, joins: &Joins) -> bool {
        self.relations.iter().all(|relation| relation.keeps(item, joins))
    }

    /// Whether the item stays as far as its own columns say.
    pub fn keeps(&self, item: &Item) -> bool {
        self.conditions
            .iter()
            .all(|(column, condition)| condition.accepts(&value_of(item, *column)))
            && self.searches.iter().all(|search| search.finds(item))
    }
}

impl RelationFilter {
    /// Of a reference that is not known, and where there is none, every column is null.
    fn keeps(&self, item: &Item, joins: &Joins) -> bool {
        let known = related_id(item, self.kind).and_then(|id| joins.of(self.kind, id));
        self.conditions.iter().all(|(column, condition)| {
            let value = known.and_then(|known| known.value(*column));
            condition.accepts(value.unwrap_or(&Value::Null))
        })
    }
}

impl MultiSearch {
    fn finds(&self, item: &Item) -> bool {
        self.columns.iter().any(|column| {
            value_of(item, *column)
                .text()
                .is_some_and(|text| self.needle.matches(TextMatch::Contains, &text))
        })
    }
}
