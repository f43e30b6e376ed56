//! Conditions on a relation that speak of the id behind it.

use serde_json::Value as Json;

use crate::item::Column;

use super::coerce::is_wrapper;
use super::condition::Condition;
use super::dialect::Dialect;
use super::operator::{Allowed, condition};
use super::refusal::LanguageError;

/// Reads the condition of a relation: id forms, or `{"_id": condition}`.
pub(super) fn relation_condition(
    dialect: Dialect,
    relation: Column,
    id: Column,
    value: &Json,
) -> Result<Condition, LanguageError> {
    let of_id = |value| condition(dialect, relation, value, Allowed::OfIds);
    let Json::Object(object) = value else { return of_id(value) };
    if is_wrapper(object) || object.contains_key("_type") {
        return of_id(value);
    }
    let mut conditions = object.iter();
    match (conditions.next(), conditions.next()) {
        (Some((name, inner)), None) if name == "_id" => of_id(inner),
        (first, second) => match [first, second].into_iter().flatten().find(|(n, _)| *n != "_id") {
            Some((name, _)) => Err(LanguageError::RelationColumn {
                column: relation.name(),
                id: id.name(),
                name: name.clone(),
            }),
            None => Err(LanguageError::Condition {
                column: relation.name().to_owned(),
                expected: "expected an id or {\"_id\": condition}",
            }),
        },
    }
}
