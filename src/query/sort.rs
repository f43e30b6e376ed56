//! The `sort` object of a request → a typed sort. Its key order is the priority.

use serde_json::Value as Json;

use super::coerce::Dialect;
use super::order::{Direction, Nulls, Sort, SortKey};
use super::refusal::LanguageError;

/// Reads `sort`; absent, null and `{}` are newest first.
pub fn sort_from_json(dialect: Dialect, sort: Option<&Json>) -> Result<Sort, LanguageError> {
    let wanted = match sort {
        None | Some(Json::Null) => return Ok(Sort::newest_first()),
        Some(Json::Object(wanted)) if wanted.is_empty() => return Ok(Sort::newest_first()),
        Some(Json::Object(wanted)) => wanted,
        Some(_) => return Err(LanguageError::SortShape),
    };
    let keys = wanted.iter().map(|(name, value)| {
        let column = dialect.columns().find(name);
        let column =
            column.ok_or_else(|| LanguageError::UnknownSortColumn { name: name.clone() })?;
        if column.is_relation() {
            return Err(LanguageError::SortOnRelation { column: column.name() });
        }
        let (direction, nulls) = direction_and_nulls(dialect, value)
            .ok_or(LanguageError::SortDirection { column: column.name() })?;
        Ok(SortKey { column, direction, nulls })
    });
    Ok(Sort::by(keys.collect::<Result<_, _>>()?))
}

fn direction_and_nulls(dialect: Dialect, value: &Json) -> Option<(Direction, Nulls)> {
    let Json::Object(parts) = value else {
        return direction(dialect, value).map(|direction| (direction, direction.usual_nulls()));
    };
    let direction = direction(dialect, parts.get("direction")?)?;
    let is_known = parts.keys().all(|name| name == "direction" || name == "nulls");
    let nulls = match parts.get("nulls") {
        None => direction.usual_nulls(),
        Some(Json::String(nulls)) if nulls.eq_ignore_ascii_case("first") => Nulls::First,
        Some(Json::String(nulls)) if nulls.eq_ignore_ascii_case("last") => Nulls::Last,
        Some(_) => return None,
    };
    is_known.then_some((direction, nulls))
}

fn direction(dialect: Dialect, value: &Json) -> Option<Direction> {
    let Dialect::Documented = dialect;
    match value {
        Json::String(word) => match word.as_str() {
            "ASC" | "asc" => Some(Direction::Ascending),
            "DESC" | "desc" => Some(Direction::Descending),
            _ => None,
        },
        Json::Number(number) => match number.as_str() {
            "1" => Some(Direction::Ascending),
            "-1" => Some(Direction::Descending),
            _ => None,
        },
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
    }
}
