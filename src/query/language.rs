//! The `query` object of a request → a typed filter. Every refusal names the column.

use serde_json::{Map, Value as Json};

use crate::item::{Column, Kind};

use super::coerce::text;
use super::dialect::{Clause, Dialect};
use super::filter::{Filter, MultiSearch};
use super::operator::{Allowed, condition};
use super::refusal::LanguageError;
use super::relation::relation_condition;

/// Reads `query`; absent, null and `{}` are no filter.
pub fn filter_from_json(dialect: Dialect, query: Option<&Json>) -> Result<Filter, LanguageError> {
    let conditions = match query {
        None => return Ok(Filter::default()),
        Some(Json::Object(conditions)) => conditions,
        Some(other) if dialect.rules().reads_as_empty(Clause::Query, other) => {
            return Ok(Filter::default());
        }
        // As clients of the resource see it, a text or a list has a column "0".
        Some(_) => return Err(LanguageError::UnknownQueryColumn { name: "0".to_owned() }),
    };
    let mut filter = Filter::default();
    for (name, value) in conditions {
        match dialect.columns().find(name) {
            Some(column) if dialect.rules().is_dropped_from_query(column) => {}
            Some(column) if column.is_relation() && dialect.rules().reads_as_no_filter(value) => {}
            Some(column) => column_condition(dialect, column, value, &mut filter)?,
            None => filter.searches.extend(multi_search(dialect, name, value)?),
        }
    }
    Ok(filter)
}

fn column_condition(
    dialect: Dialect,
    column: Column,
    value: &Json,
    filter: &mut Filter,
) -> Result<(), LanguageError> {
    match column.kind() {
        Kind::Relation { id } => relation_condition(dialect, (column, id), value, filter),
        Kind::ObjectId
        | Kind::Date
        | Kind::Integer
        | Kind::Decimal
        | Kind::Phone
        | Kind::Text { .. }
        | Kind::Boolean => {
            let condition = condition(dialect, column.into(), value, Allowed::All)?;
            filter.conditions.push((column, condition));
            Ok(())
        }
    }
}

/// A search over several columns stands under any name that is no column.
fn multi_search(
    dialect: Dialect,
    name: &str,
    value: &Json,
) -> Result<Option<MultiSearch>, LanguageError> {
    let unknown = |name: &str| LanguageError::UnknownQueryColumn { name: name.to_owned() };
    let object = value.as_object().filter(|object| is_multi_search(object));
    let object = object.ok_or_else(|| unknown(name))?;
    let refused = |expected| LanguageError::Value { column: name.to_owned(), expected };
    let is_lenient = dialect.rules().missing_value_is_empty();
    let sought = match object.get("value") {
        None if is_lenient => "",
        value => value.and_then(text).ok_or_else(|| refused("text"))?,
    };
    let fields = match object.get("fields") {
        None if is_lenient => &Vec::new(),
        Some(Json::Array(fields)) => fields,
        None | Some(_) => return Err(refused("a list of columns in fields")),
    };
    let columns = fields.iter().map(|field| {
        let field = field.as_str().ok_or_else(|| refused("a list of columns in fields"))?;
        let column = dialect.columns().find(field).ok_or_else(|| unknown(field))?;
        if column.is_relation() { Err(refused("no relation in fields")) } else { Ok(column) }
    });
    let columns: Vec<Column> = columns.collect::<Result<_, _>>()?;
    let is_idle = columns.is_empty() || sought.trim().is_empty();
    Ok((!is_idle).then(|| MultiSearch { columns, needle: dialect.rules().needle(sought) }))
}

fn is_multi_search(object: &Map<String, Json>) -> bool {
    object.get("_type").and_then(Json::as_str) == Some("MultiSearch")
}
