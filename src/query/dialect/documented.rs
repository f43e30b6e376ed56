//! Values as the public page has them: JSON types, nothing guessed.

use serde_json::Value as Json;

use crate::item::{Column, ColumnSet, Kind};
use crate::value::Phone;

use super::super::coerce::{number, parse_uuid, text};
use super::super::date_text::parse_date;
use super::super::order::Direction;
use super::super::refusal::LanguageError;
use super::super::text_match::Needle;
use super::super::value::{Operand, without_separators};
use super::{Clause, Rules};

/// The public page.
pub(super) struct Documented;

impl Rules for Documented {
    fn columns(&self) -> ColumnSet {
        ColumnSet::Documented
    }

    fn plain(&self, kind: Kind, value: &Json) -> Option<Operand> {
        match kind {
            Kind::ObjectId | Kind::Relation { .. } => parse_uuid(value.as_str()?).map(Operand::Id),
            Kind::Date => parse_date(value.as_str()?).map(Operand::Date),
            Kind::Integer => number(value).filter(|number| number.is_whole()).map(Operand::Number),
            Kind::Decimal => number(value).map(Operand::Number),
            Kind::Boolean => value.as_bool().map(Operand::Boolean),
            Kind::Phone => phone(value.as_str()?).map(Operand::Phone),
            Kind::Text { .. } => text(value).map(|text| Operand::Text(text.into())),
        }
    }

    fn misfit_phone(&self, column: &str, _value: &Json) -> LanguageError {
        let expected = "a phone number of 7 to 15 digits";
        LanguageError::Value { column: column.to_owned(), expected }
    }

    fn reads_as_empty(&self, _clause: Clause, value: &Json) -> bool {
        value.is_null()
    }

    fn is_selected(&self, column: Column, value: &Json) -> Result<bool, LanguageError> {
        match value {
            Json::Bool(is_wanted) => Ok(*is_wanted),
            Json::Object(inner) if column.is_relation() && inner.is_empty() => Ok(true),
            Json::Null | Json::Number(_) | Json::String(_) | Json::Array(_) | Json::Object(_) => {
                Err(LanguageError::SelectValue { column: column.name() })
            }
        }
    }

    fn is_dropped_from_query(&self, _column: Column) -> bool {
        false
    }

    fn reads_as_no_filter(&self, _value: &Json) -> bool {
        false
    }

    fn missing_value_is_empty(&self) -> bool {
        false
    }

    fn needle(&self, text: &str) -> Needle {
        Needle::new(text)
    }

    fn direction(&self, value: &Json) -> Option<Direction> {
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
}

/// An optional `+` and 7 to 15 digits, once the separators are gone.
fn phone(text: &str) -> Option<Phone> {
    let bare = without_separators(text);
    let digits = bare.strip_prefix('+').unwrap_or(&bare);
    let fits = (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| Phone::new(&*bare))
}
