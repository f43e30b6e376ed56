//! Plain and wrapped JSON values → operands, per kind of column.
//! It knows single values only; lists and operators are `operator`'s.

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::item::{Column, ColumnSet, Kind};
use crate::value::Phone;

use super::date_text::parse_date;
use super::number::Exact;
use super::refusal::LanguageError;
use super::value::{Operand, without_separators};

/// Which reading of values, selects and sorts is in force; follows from the HTTP profile.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    /// The public page, strictly.
    Documented,
}

impl Dialect {
    /// The columns there are.
    pub const fn columns(self) -> ColumnSet {
        match self {
            Self::Documented => ColumnSet::Documented,
        }
    }
}

/// The `_type` of the wrapper that a kind may come in.
const fn wrapper_of(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::ObjectId | Kind::Relation { .. } => Some("ObjectID"),
        Kind::Date => Some("DateTime"),
        Kind::Phone => Some("Phone"),
        Kind::Integer | Kind::Decimal | Kind::Text { .. } | Kind::Boolean => None,
    }
}

/// Whether an object is one of the wrappers (and not an operator).
pub(super) fn is_wrapper(object: &Map<String, Json>) -> bool {
    let name = object.get("_type").and_then(Json::as_str);
    matches!(name, Some("ObjectID" | "DateTime" | "Phone"))
}

/// One value of a column, plain or wrapped.
pub(super) fn operand(
    dialect: Dialect,
    column: Column,
    value: &Json,
) -> Result<Operand, LanguageError> {
    let plain = match value {
        Json::Object(wrapper) => unwrapped(column.kind(), wrapper),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => {
            Some(value)
        }
    };
    plain.and_then(|plain| plain_operand(dialect, column.kind(), plain)).ok_or_else(|| {
        LanguageError::Value { column: column.name().to_owned(), expected: expected(column.kind()) }
    })
}

/// The value inside a wrapper that fits the kind: exactly `_type` and `value`.
fn unwrapped(kind: Kind, wrapper: &Map<String, Json>) -> Option<&Json> {
    let name = wrapper.get("_type").and_then(Json::as_str)?;
    let fits = wrapper.len() == 2 && wrapper_of(kind) == Some(name);
    wrapper.get("value").filter(|_| fits)
}

fn plain_operand(dialect: Dialect, kind: Kind, value: &Json) -> Option<Operand> {
    match (dialect, kind) {
        (Dialect::Documented, Kind::ObjectId | Kind::Relation { .. }) => {
            parse_uuid(value.as_str()?).map(Operand::Id)
        }
        (Dialect::Documented, Kind::Date) => parse_date(value.as_str()?).map(Operand::Date),
        (Dialect::Documented, Kind::Integer) => {
            number(value).filter(|number| number.is_whole()).map(Operand::Number)
        }
        (Dialect::Documented, Kind::Decimal) => number(value).map(Operand::Number),
        (Dialect::Documented, Kind::Boolean) => value.as_bool().map(Operand::Boolean),
        (Dialect::Documented, Kind::Phone) => phone(value.as_str()?).map(Operand::Phone),
        (Dialect::Documented, Kind::Text { .. }) => {
            text(value).map(|text| Operand::Text(text.into()))
        }
    }
}

/// Text without NUL: no store column holds one.
pub(super) fn text(value: &Json) -> Option<&str> {
    value.as_str().filter(|text| !text.contains('\0'))
}

fn number(value: &Json) -> Option<Exact> {
    value.as_number().and_then(|number| Exact::parse(number.as_str()))
}

/// `8-4-4-4-12` hex digits in any letter case; no version or variant is asked for.
fn parse_uuid(text: &str) -> Option<Uuid> {
    // Of the forms that `uuid` reads only the hyphenated one has 36 characters.
    if text.len() == 36 { Uuid::try_parse(text).ok() } else { None }
}

/// An optional `+` and 7 to 15 digits, once the separators are gone.
fn phone(text: &str) -> Option<Phone> {
    let bare = without_separators(text);
    let digits = bare.strip_prefix('+').unwrap_or(&bare);
    let fits = (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| Phone::new(&*bare))
}

const fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::ObjectId | Kind::Relation { .. } => "an ObjectID",
        Kind::Date => "a date",
        Kind::Integer => "a whole number",
        Kind::Decimal => "a number",
        Kind::Boolean => "true or false",
        Kind::Phone => "a phone number of 7 to 15 digits",
        Kind::Text { .. } => "text",
    }
}
