//! Values as clients of upstream's server send them: numbers and booleans as text, blanks for
//! nothing, wildcards in searches, any direction that is not "down".

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::dial::edit::Changes;
use crate::item::{Column, ColumnSet, Kind, Writable};
use crate::value::{MicroUsd, Phone, ProjectId};

use super::super::coerce::{number, number_text, parse_uuid, text};
use super::super::data::DataError;
use super::super::date_text::parse_date;
use super::super::number::Exact;
use super::super::order::Direction;
use super::super::refusal::LanguageError;
use super::super::text_match::Needle;
use super::super::value::Operand;
use super::{Clause, Rules};

/// Upstream's server.
pub(super) struct DropIn;

impl Rules for DropIn {
    fn columns(&self) -> ColumnSet {
        ColumnSet::DropIn
    }

    fn plain(&self, kind: Kind, value: &Json) -> Option<Operand> {
        match kind {
            Kind::ObjectId | Kind::Relation { .. } => match value.as_str()? {
                "" => Some(Operand::Nothing),
                text => parse_uuid(text).map(Operand::Id),
            },
            Kind::Date => parse_date(value.as_str()?).map(Operand::Date),
            Kind::Integer => {
                any_number(value).filter(|number| number.is_whole()).map(Operand::Number)
            }
            Kind::Decimal => any_number(value).map(Operand::Number),
            Kind::Boolean => boolean(value).map(Operand::Boolean),
            Kind::Phone => match value.as_str()? {
                "" => Some(Operand::Nothing),
                text => phone(text).map(Operand::StoredPhone),
            },
            Kind::Text { .. } => any_text(value).map(Operand::Text),
        }
    }

    fn misfit_phone(&self, column: &str, value: &Json) -> LanguageError {
        match value {
            Json::String(sent) => {
                LanguageError::PhoneFormat { column: column.to_owned(), sent: sent.clone() }
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
                LanguageError::Value { column: column.to_owned(), expected: "a phone number" }
            }
        }
    }

    fn reads_as_empty(&self, clause: Clause, value: &Json) -> bool {
        match value {
            Json::Null | Json::Number(_) => true,
            Json::Bool(_) => clause != Clause::Sort,
            Json::Array(values) => values.is_empty(),
            Json::String(_) | Json::Object(_) => false,
        }
    }

    fn is_selected(&self, column: Column, value: &Json) -> Result<bool, LanguageError> {
        match value {
            _ if column.is_relation() => match value {
                Json::Array(values) if !values.is_empty() => {
                    Err(LanguageError::NoModelType { column: column.name() })
                }
                Json::Null
                | Json::Bool(_)
                | Json::Number(_)
                | Json::String(_)
                | Json::Array(_)
                | Json::Object(_) => Ok(true),
            },
            Json::Bool(is_wanted) => Ok(*is_wanted),
            Json::Number(_) | Json::String(_) => Ok(true),
            Json::Null | Json::Array(_) | Json::Object(_) => {
                Err(LanguageError::NoModelType { column: column.name() })
            }
        }
    }

    fn is_deep(&self, value: &Json) -> bool {
        value.is_null() || value.is_array() || value.is_object()
    }

    fn is_inner_selected(&self, value: &Json) -> Option<bool> {
        Some(value != &Json::Bool(false))
    }

    fn shows_records(&self) -> bool {
        true
    }

    fn is_dropped_from_query(&self, column: Column) -> bool {
        matches!(column, Column::Project | Column::ProjectId)
    }

    fn reads_as_no_filter(&self, value: &Json) -> bool {
        match value {
            Json::Bool(is_wanted) => *is_wanted,
            Json::Object(inner) => inner.is_empty(),
            Json::Null | Json::Number(_) | Json::String(_) | Json::Array(_) => false,
        }
    }

    fn missing_value_is_empty(&self) -> bool {
        true
    }

    fn needle(&self, text: &str) -> Needle {
        Needle::with_wildcards(text)
    }

    fn direction(&self, value: &Json) -> Option<Direction> {
        match value {
            Json::Null => None,
            Json::String(word) if word == "DESC" || word == "desc" => Some(Direction::Descending),
            Json::Number(number) if number.as_str() == "-1" => Some(Direction::Descending),
            Json::Bool(_)
            | Json::Number(_)
            | Json::String(_)
            | Json::Array(_)
            | Json::Object(_) => Some(Direction::Ascending),
        }
    }

    fn status(&self, value: &Json) -> Option<Arc<str>> {
        any_text(value)
    }

    fn status_units_min(&self) -> usize {
        0
    }

    fn number_min(&self) -> i64 {
        i64::from(i32::MIN)
    }

    fn blank_is_null(&self) -> bool {
        true
    }

    fn required(&self) -> &'static [Column] {
        &[Column::ProjectId, Column::CallId, Column::Status]
    }

    fn is_missing(&self, value: &Json) -> bool {
        match value {
            Json::Null | Json::Bool(false) => true,
            Json::Number(number) => number_text(number.as_str()) == "0",
            Json::String(text) => text.is_empty(),
            Json::Bool(true) | Json::Array(_) | Json::Object(_) => false,
        }
    }

    fn looks_into_wrappers_first(&self) -> bool {
        true
    }

    fn data_of(&self, value: Option<&Json>) -> Option<Map<String, Json>> {
        // As upstream reads it, a list is the one thing that has no columns at all.
        (!matches!(value, Some(Json::Array(_)))).then(Map::new)
    }

    fn pass_over(&self, _name: &str) -> Result<(), DataError> {
        Ok(())
    }

    fn is_dropped_from_update(&self, name: &str) -> bool {
        let column = self.columns().find(name);
        column.is_some_and(|column| column.writable() == Writable::Never && !column.is_relation())
    }

    fn unknown_in_update(&self, name: &str) -> DataError {
        DataError::NoMetadata { name: name.to_owned() }
    }

    fn check_project(&self, _sent: &Json, _own: ProjectId) -> Result<(), DataError> {
        Ok(())
    }

    fn not_sent(&self) -> Changes {
        Changes {
            dial_duration_s: Some(Some(0)),
            cost: Some(Some(MicroUsd::new(0))),
            is_answered: Some(false),
            ..Changes::default()
        }
    }
}

/// Text, or a number or boolean as its text.
fn any_text(value: &Json) -> Option<Arc<str>> {
    match value {
        Json::Number(number) => Some(number_text(number.as_str()).into()),
        Json::Bool(true) => Some("true".into()),
        Json::Bool(false) => Some("false".into()),
        Json::Null | Json::String(_) | Json::Array(_) | Json::Object(_) => {
            text(value).map(Arc::from)
        }
    }
}

/// A JSON number, or decimal text.
fn any_number(value: &Json) -> Option<Exact> {
    match value {
        Json::String(text) => Exact::parse(text.trim()),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
            number(value)
        }
    }
}

fn boolean(value: &Json) -> Option<bool> {
    const YES: [&str; 6] = ["true", "t", "yes", "y", "on", "1"];
    const NO: [&str; 6] = ["false", "f", "no", "n", "off", "0"];
    let is_one_of =
        |words: &[&str], text: &str| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    let of_text = |text: &str| match text {
        yes if is_one_of(&YES, yes) => Some(true),
        no if is_one_of(&NO, no) => Some(false),
        _ => None,
    };
    match value {
        Json::Bool(answer) => Some(*answer),
        Json::Number(number) if matches!(number.as_str(), "1" | "0") => of_text(number.as_str()),
        Json::String(text) => of_text(text),
        Json::Null | Json::Number(_) | Json::Array(_) | Json::Object(_) => None,
    }
}

/// The trimmed text of a number in upstream's pattern: groups of 3, 3 and 4 to 7 digits, with one
/// separator between them at most and the first in parentheses or not.
fn phone(text: &str) -> Option<Phone> {
    const BETWEEN: [char; 3] = ['-', ' ', '.'];
    let text = text.trim();
    let optional = |rest: &str, marks: &[char]| {
        let mut chars = rest.chars();
        match chars.next() {
            Some(first) if marks.contains(&first) => chars.as_str().to_owned(),
            _ => rest.to_owned(),
        }
    };
    let digits = |rest: &str, count: usize| {
        let (digits, rest) = rest.split_at_checked(count)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| rest.to_owned())
    };
    let rest = optional(&optional(text, &['+']), &['(']);
    let rest = optional(&optional(&digits(&rest, 3)?, &[')']), &BETWEEN);
    let rest = optional(&digits(&rest, 3)?, &BETWEEN);
    let fits = (4..=7).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| Phone::new(text))
}
