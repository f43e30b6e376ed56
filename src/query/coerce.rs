//! Plain and wrapped JSON values → operands, per kind of column.
//! It knows single values only; lists and operators are `operator`'s.

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::item::{Column, Kind};
use crate::relation::{InnerColumn, InnerKind};

use super::dialect::Dialect;
use super::number::Exact;
use super::refusal::LanguageError;
use super::value::Operand;

/// What a condition is about: an own column, or one behind a relation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target<'a> {
    name: &'a str,
    kind: Kind,
    own: Option<Column>,
    /// The `_type` that values of a column behind a relation may come in.
    wrapper: Option<&'static str>,
}

impl<'a> Target<'a> {
    /// A column behind a relation, under the name that refusals tell.
    pub(super) const fn inner(name: &'a str, column: InnerColumn) -> Self {
        Self {
            name,
            kind: kind_of_inner(column.kind),
            own: None,
            wrapper: wrapper_behind(column.kind),
        }
    }

    /// The name that refusals tell.
    pub(super) const fn name(&self) -> &'a str {
        self.name
    }

    /// Whether an object wraps a value of the column (and is no operator).
    pub(super) fn is_wrapper(&self, object: &Map<String, Json>) -> bool {
        is_wrapper(object) || self.is_own_wrapper(object)
    }

    fn is_own_wrapper(&self, object: &Map<String, Json>) -> bool {
        self.wrapper.is_some() && object.get("_type").and_then(Json::as_str) == self.wrapper
    }

    /// The value without its wrapper; `None` = a wrapper that does not fit.
    fn plain<'v>(&self, value: &'v Json) -> Option<&'v Json> {
        match value {
            Json::Object(wrapper) if self.is_own_wrapper(wrapper) => {
                wrapper.get("value").filter(|_| wrapper.len() == 2)
            }
            Json::Null
            | Json::Bool(_)
            | Json::Number(_)
            | Json::String(_)
            | Json::Array(_)
            | Json::Object(_) => without_wrapper(self.kind, value),
        }
    }
}

impl From<Column> for Target<'static> {
    fn from(column: Column) -> Self {
        Self { name: column.name(), kind: column.kind(), own: Some(column), wrapper: None }
    }
}

/// How values of a column behind a relation are read. References hold texts of any length.
const fn kind_of_inner(kind: InnerKind) -> Kind {
    match kind {
        InnerKind::ObjectId => Kind::ObjectId,
        InnerKind::Text | InnerKind::Name | InnerKind::Email => {
            Kind::Text { units_max: usize::MAX }
        }
        InnerKind::Phone => Kind::Phone,
        InnerKind::Number => Kind::Integer,
        InnerKind::Boolean => Kind::Boolean,
        InnerKind::Date => Kind::Date,
    }
}

/// The `_type` of the wrapper that values behind a relation may come in.
pub const fn wrapper_behind(kind: InnerKind) -> Option<&'static str> {
    match kind {
        InnerKind::Name => Some("Name"),
        InnerKind::Email => Some("Email"),
        InnerKind::ObjectId
        | InnerKind::Text
        | InnerKind::Phone
        | InnerKind::Number
        | InnerKind::Boolean
        | InnerKind::Date => wrapper_of(kind_of_inner(kind)),
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
    target: Target<'_>,
    value: &Json,
) -> Result<Operand, LanguageError> {
    let Target { name, kind, own, .. } = target;
    let plain = target.plain(value);
    let operand = plain.and_then(|plain| dialect.rules().plain(kind, plain));
    match operand {
        Some(Operand::Nothing) if own == Some(Column::Id) => {
            Err(misfit(dialect, kind, name, value))
        }
        Some(operand) => Ok(operand),
        None => Err(misfit(dialect, kind, name, plain.unwrap_or(value))),
    }
}

/// The refusal of a value that does not fit.
pub(super) fn misfit(dialect: Dialect, kind: Kind, column: &str, value: &Json) -> LanguageError {
    match kind {
        Kind::Phone => dialect.rules().misfit_phone(column, value),
        Kind::ObjectId
        | Kind::Relation { .. }
        | Kind::Date
        | Kind::Integer
        | Kind::Decimal
        | Kind::Boolean
        | Kind::Text { .. } => {
            LanguageError::Value { column: column.to_owned(), expected: expected(kind) }
        }
    }
}

/// A value without its wrapper; `None` = a wrapper that does not fit the kind.
pub(super) fn without_wrapper(kind: Kind, value: &Json) -> Option<&Json> {
    match value {
        Json::Object(wrapper) => unwrapped(kind, wrapper),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => {
            Some(value)
        }
    }
}

/// The value inside a wrapper that fits the kind: exactly `_type` and `value`.
fn unwrapped(kind: Kind, wrapper: &Map<String, Json>) -> Option<&Json> {
    let name = wrapper.get("_type").and_then(Json::as_str)?;
    let fits = wrapper.len() == 2 && wrapper_of(kind) == Some(name);
    wrapper.get("value").filter(|_| fits)
}

/// Text without NUL: no store column holds one.
pub(super) fn text(value: &Json) -> Option<&str> {
    value.as_str().filter(|text| !text.contains('\0'))
}

pub(super) fn number(value: &Json) -> Option<Exact> {
    value.as_number().and_then(|number| Exact::parse(number.as_str()))
}

/// `8-4-4-4-12` hex digits in any letter case; no version or variant is asked for.
pub(super) fn parse_uuid(text: &str) -> Option<Uuid> {
    // Of the forms that `uuid` reads only the hyphenated one has 36 characters.
    if text.len() == 36 { Uuid::try_parse(text).ok() } else { None }
}

/// A number as people write it: `30`, `0.5`, `-2.375`. Beyond 60 places it stays as it was sent.
pub(super) fn number_text(sent: &str) -> String {
    expanded(sent).unwrap_or_else(|| sent.to_owned())
}

fn expanded(sent: &str) -> Option<String> {
    const PLACES_MAX: i64 = 60;
    let (mantissa, exponent) = match sent.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (sent, 0),
    };
    let (sign, digits) = match mantissa.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", mantissa),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    // Where the point stands, counted from the left of all digits.
    let point = i64::try_from(whole.len()).ok()?.checked_add(exponent)?;
    if !(PLACES_MAX.saturating_neg()..=PLACES_MAX).contains(&point) {
        return None;
    }
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
    let all = format!("{}{whole}{fraction}", zeros(point.saturating_neg()));
    let length = i64::try_from(all.len()).ok()?;
    let all = format!("{all}{}", zeros(point.saturating_sub(length)));
    let (whole, fraction) = all.split_at_checked(usize::try_from(point.max(0)).ok()?)?;
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    Some(match (whole, fraction.trim_end_matches('0')) {
        ("0", "") => "0".to_owned(),
        (whole, "") => format!("{sign}{whole}"),
        (whole, fraction) => format!("{sign}{whole}.{fraction}"),
    })
}

pub(super) const fn expected(kind: Kind) -> &'static str {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_text() {
        for (sent, text) in [
            ("30", "30"),
            ("30.0", "30"),
            ("3e1", "30"),
            ("-2.3750", "-2.375"),
            ("2375E-3", "2.375"),
            ("1e-4", "0.0001"),
            ("-0", "0"),
            ("0.10", "0.1"),
            ("1.5e+2", "150"),
            ("1e999", "1e999"),
        ] {
            assert_eq!(number_text(sent), text, "{sent}");
        }
    }
}
