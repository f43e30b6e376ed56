//! The `sort` object of a request → a typed sort. Its key order is the priority.

use serde_json::Value as Json;

use super::dialect::{Clause, Dialect};
use super::order::{Direction, Nulls, Sort, SortKey};
use super::refusal::LanguageError;

/// Reads `sort`; absent, null and `{}` are newest first.
pub fn sort_from_json(dialect: Dialect, sort: Option<&Json>) -> Result<Sort, LanguageError> {
    let wanted = match sort {
        None => return Ok(Sort::newest_first()),
        Some(Json::Object(wanted)) if wanted.is_empty() => return Ok(Sort::newest_first()),
        Some(Json::Object(wanted)) => wanted,
        Some(other) if dialect.rules().reads_as_empty(Clause::Sort, other) => {
            return Ok(Sort::newest_first());
        }
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
    let usual = |direction: Direction| (direction, direction.usual_nulls());
    if let Json::Object(parts) = value
        && let Some(wanted) = parts.get("direction")
    {
        let (direction, usual) = usual(dialect.rules().direction(wanted)?);
        let is_known = parts.keys().all(|name| name == "direction" || name == "nulls");
        let nulls = match parts.get("nulls") {
            None => Some(usual),
            Some(Json::String(nulls)) if nulls.eq_ignore_ascii_case("first") => Some(Nulls::First),
            Some(Json::String(nulls)) if nulls.eq_ignore_ascii_case("last") => Some(Nulls::Last),
            Some(_) => None,
        };
        if let Some(nulls) = nulls.filter(|_| is_known) {
            return Some((direction, nulls));
        }
    }
    dialect.rules().direction(value).map(usual)
}
