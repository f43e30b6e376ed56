//! Conditions on relations: on the id behind one, or on columns of what it leads to. One level
//! deep, and only on exposed columns: that is decided before any value is looked at.

use serde_json::{Map, Value as Json};

use crate::item::Column;
use crate::relation::{InnerColumn, ReferenceKind};

use super::coerce::{Target, is_wrapper};
use super::dialect::{Clause, Dialect};
use super::filter::{Filter, RelationFilter};
use super::joins::kind_of_relation;
use super::operator::{Allowed, condition};
use super::refusal::LanguageError;

/// Reads the condition of a relation: id forms, `{"_id": condition}`, or columns behind it.
pub(super) fn relation_condition(
    dialect: Dialect,
    (relation, id): (Column, Column),
    value: &Json,
    filter: &mut Filter,
) -> Result<(), LanguageError> {
    let of_id = |value| condition(dialect, relation.into(), value, Allowed::OfIds);
    let object = match value {
        Json::Object(object) if !is_wrapper(object) && !object.contains_key("_type") => object,
        Json::Null
        | Json::Bool(_)
        | Json::Number(_)
        | Json::String(_)
        | Json::Array(_)
        | Json::Object(_) => {
            filter.conditions.push((id, of_id(value)?));
            return Ok(());
        }
    };
    // Of the project only its id can be asked for: there is but the caller's.
    let names_more = object.keys().any(|name| name != "_id");
    let kind = kind_of_relation(relation)
        .filter(|kind| !object.is_empty() && (*kind != ReferenceKind::Project || !names_more))
        .ok_or_else(|| LanguageError::Condition {
            column: relation.name().to_owned(),
            expected: "expected an id or {\"_id\": condition}",
        })?;
    let columns = exposed_columns(dialect, (relation, kind), object)?;
    if let Some(inner) = object.get("_id") {
        filter.conditions.push((id, of_id(inner)?));
    }
    let mut conditions = Vec::new();
    for (column, value) in columns {
        if value.as_object().is_some_and(|object| !object.contains_key("_type")) {
            let (relation, name) = (relation.name(), column.name.to_owned());
            return Err(LanguageError::DeepRelation { clause: Clause::Query, relation, name });
        }
        let name = format!("{}.{}", relation.name(), column.name);
        let target = Target::inner(&name, column);
        conditions.push((column, condition(dialect, target, value, Allowed::All)?));
    }
    if !conditions.is_empty() {
        filter.relations.push(RelationFilter { kind, conditions });
    }
    Ok(())
}

/// The columns that are named, `_id` apart; every one must be exposed.
fn exposed_columns(
    dialect: Dialect,
    relation: (Column, ReferenceKind),
    object: &Map<String, Json>,
) -> Result<Vec<(InnerColumn, &Json)>, LanguageError> {
    let named = object.iter().filter(|(name, _)| *name != "_id");
    let found = named.map(|(name, value)| {
        inner_column(dialect, relation, name, Clause::Query).map(|column| (column, value))
    });
    found.collect()
}

/// The column of a name, if it may be read through the relation.
pub(super) fn inner_column(
    dialect: Dialect,
    (relation, kind): (Column, ReferenceKind),
    name: &str,
    clause: Clause,
) -> Result<InnerColumn, LanguageError> {
    let readable = dialect.columns_behind(kind).find(|column| column.name == name);
    let is_known =
        kind.hidden().contains(&name) || kind.readable().any(|column| column.name == name);
    let (relation, related) = (relation.name(), kind.title());
    readable.ok_or_else(|| {
        let name = name.to_owned();
        if is_known {
            LanguageError::InnerHidden { clause, relation, related, name }
        } else {
            LanguageError::InnerUnknown { clause, relation, related, name }
        }
    })
}
