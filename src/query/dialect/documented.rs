//! Values as the public page has them: JSON types, nothing guessed.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::dial::edit::Changes;
use crate::item::{Column, ColumnSet, Kind};
use crate::value::{Phone, ProjectId};

use super::super::coerce::{number, parse_uuid, text, without_wrapper};
use super::super::data::DataError;
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
            Json::Null | Json::Number(_) | Json::String(_) | Json::Array(_) | Json::Object(_) => {
                Err(LanguageError::SelectValue { column: column.name().to_owned() })
            }
        }
    }

    fn is_deep(&self, value: &Json) -> bool {
        value.is_object()
    }

    fn is_inner_selected(&self, value: &Json) -> Option<bool> {
        value.as_bool()
    }

    fn shows_records(&self) -> bool {
        false
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

    fn status(&self, value: &Json) -> Option<Arc<str>> {
        text(value).map(Arc::from)
    }

    fn status_units_min(&self) -> usize {
        1
    }

    fn number_min(&self) -> i64 {
        0
    }

    fn blank_is_null(&self) -> bool {
        false
    }

    fn required(&self) -> &'static [Column] {
        &[Column::CallId, Column::Status, Column::IsAnswered]
    }

    fn is_missing(&self, value: &Json) -> bool {
        value.is_null() || value == ""
    }

    fn looks_into_wrappers_first(&self) -> bool {
        false
    }

    fn data_of(&self, _value: Option<&Json>) -> Option<Map<String, Json>> {
        None
    }

    fn pass_over(&self, name: &str) -> Result<(), DataError> {
        let name = name.to_owned();
        // Names of the other profile and of the id in other resources are no typing errors.
        let is_column = ColumnSet::DropIn.find(&name).is_some() || name == "id";
        Err(if is_column { DataError::CannotSet { name } } else { DataError::Unknown { name } })
    }

    fn is_dropped_from_update(&self, _name: &str) -> bool {
        false
    }

    fn unknown_in_update(&self, name: &str) -> DataError {
        match self.columns().find(name) {
            Some(column) => DataError::NotUpdatable { column: column.name() },
            None => DataError::UnknownInUpdate { name: name.to_owned() },
        }
    }

    fn check_project(&self, sent: &Json, own: ProjectId) -> Result<(), DataError> {
        let column = Column::ProjectId;
        let plain = without_wrapper(column.kind(), sent).unwrap_or(sent);
        let is_own = self.plain(column.kind(), plain) == Some(Operand::Id(own.uuid()));
        if is_own { Ok(()) } else { Err(DataError::OtherProject) }
    }

    fn not_sent(&self) -> Changes {
        Changes::default()
    }
}

/// An optional `+` and 7 to 15 digits, once the separators are gone.
fn phone(text: &str) -> Option<Phone> {
    let bare = without_separators(text);
    let digits = bare.strip_prefix('+').unwrap_or(&bare);
    let fits = (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| Phone::new(&*bare))
}
