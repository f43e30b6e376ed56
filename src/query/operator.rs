//! One condition of `query`: plain values, null, lists, wrappers and operators → a typed condition.

use serde_json::{Map, Value as Json};

use super::coerce::{Target, operand, text};
use super::condition::{Comparison, Condition, NullRule, TextMatch};
use super::dialect::Dialect;
use super::refusal::LanguageError;
use super::text_match::Needle;
use super::value::Operand;

/// What an operator's name means and which fields it takes.
#[derive(Clone, Copy)]
enum Operator {
    Compare(Comparison, NullRule),
    Between,
    AnyOf,
    NoneOf,
    Null(Nullness),
    Text(TextMatch),
}

#[derive(Clone, Copy)]
enum Nullness {
    Is,
    Not,
}

/// All operators that stand under a column, in the order in which refusals list them.
const OPERATORS: [(&str, Operator); 19] = {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    use NullRule::{Fails, Matches};
    use Operator::{AnyOf, Between, Compare, NoneOf, Null, Text};
    [
        ("EqualTo", Compare(Equal, Fails)),
        ("NotEqual", Compare(NotEqual, Fails)),
        ("EqualToOrNull", Compare(Equal, Matches)),
        ("GreaterThan", Compare(Greater, Fails)),
        ("GreaterThanOrEqual", Compare(GreaterOrEqual, Fails)),
        ("LessThan", Compare(Less, Fails)),
        ("LessThanOrEqual", Compare(LessOrEqual, Fails)),
        ("GreaterThanOrNull", Compare(Greater, Matches)),
        ("LessThanOrNull", Compare(Less, Matches)),
        ("InBetween", Between),
        ("Includes", AnyOf),
        ("IncludesAll", AnyOf),
        ("IncludesNone", NoneOf),
        ("IsNull", Null(Nullness::Is)),
        ("NotNull", Null(Nullness::Not)),
        ("Search", Text(TextMatch::Contains)),
        ("StartsWith", Text(TextMatch::StartsWith)),
        ("EndsWith", Text(TextMatch::EndsWith)),
        ("NotContains", Text(TextMatch::NotContains)),
    ]
};

/// Operators that compare the id behind a relation.
const ID_OPERATORS: [&str; 6] =
    ["EqualTo", "NotEqual", "Includes", "IncludesNone", "IsNull", "NotNull"];

/// Which operators a condition may use.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Allowed {
    /// All of them: an own column.
    All,
    /// Those that compare ids: a relation.
    OfIds,
}

impl Allowed {
    fn names(self) -> impl Iterator<Item = &'static str> {
        OPERATORS
            .iter()
            .map(|(name, _)| *name)
            .filter(move |name| self == Self::All || ID_OPERATORS.contains(name))
    }
}

/// Reads the condition of one column.
pub(super) fn condition(
    dialect: Dialect,
    column: Target<'_>,
    value: &Json,
    allowed: Allowed,
) -> Result<Condition, LanguageError> {
    match value {
        Json::Null => Ok(Condition::IsNull),
        Json::Array(values) => list(dialect, column, values).map(Condition::AnyOf),
        Json::Object(object) if !column.is_wrapper(object) => {
            with_operator(dialect, column, object, allowed)
        }
        Json::Object(_) | Json::Bool(_) | Json::Number(_) | Json::String(_) => {
            operand(dialect, column, value).map(Condition::equal)
        }
    }
}

fn with_operator(
    dialect: Dialect,
    column: Target<'_>,
    object: &Map<String, Json>,
    allowed: Allowed,
) -> Result<Condition, LanguageError> {
    let sent = object.get("_type").and_then(Json::as_str).unwrap_or_default();
    if sent == "MultiSearch" {
        return Err(LanguageError::Condition {
            column: column.name().to_owned(),
            expected: "MultiSearch stands under a name that is no column",
        });
    }
    let known = allowed.names().find(|name| *name == sent);
    let operator = OPERATORS.iter().find(|(name, _)| Some(*name) == known);
    let Some((_, operator)) = operator else {
        return Err(LanguageError::UnknownOperator {
            name: sent.to_owned(),
            column: column.name().to_owned(),
            known: allowed.names().collect::<Vec<_>>().join(", "),
        });
    };
    let fields = Fields { dialect, column, object };
    Ok(match operator {
        Operator::Compare(by, null) => {
            Condition::Compare { by: *by, operand: fields.operand("value")?, null: *null }
        }
        Operator::Between => Condition::Between {
            start: fields.bound("startValue")?,
            end: fields.bound("endValue")?,
        },
        Operator::AnyOf => Condition::AnyOf(fields.list()?),
        Operator::NoneOf => Condition::NoneOf(fields.list()?),
        Operator::Null(Nullness::Is) => Condition::IsNull,
        Operator::Null(Nullness::Not) => Condition::NotNull,
        Operator::Text(by) => Condition::Text { by: *by, needle: fields.needle()? },
    })
}

/// The fields of one operator.
struct Fields<'a> {
    dialect: Dialect,
    column: Target<'a>,
    object: &'a Map<String, Json>,
}

impl Fields<'_> {
    fn operand(&self, name: &'static str) -> Result<Operand, LanguageError> {
        operand(self.dialect, self.column, self.object.get(name).unwrap_or(&Json::Null))
    }

    fn bound(&self, name: &'static str) -> Result<Operand, LanguageError> {
        if self.is_empty(name) { Ok(Operand::Nothing) } else { self.operand(name) }
    }

    /// Whether a field is not there and reads as empty.
    fn is_empty(&self, name: &str) -> bool {
        !self.object.contains_key(name) && self.dialect.rules().missing_value_is_empty()
    }

    fn list(&self) -> Result<Vec<Operand>, LanguageError> {
        if self.is_empty("value") {
            return Ok(Vec::new());
        }
        match self.object.get("value") {
            Some(Json::Array(values)) => list(self.dialect, self.column, values),
            _ => Err(self.refused("a list of values")),
        }
    }

    fn needle(&self) -> Result<Needle, LanguageError> {
        let sought = match self.object.get("value") {
            None if self.is_empty("value") => "",
            value => value.and_then(text).ok_or_else(|| self.refused("text"))?,
        };
        Ok(self.dialect.rules().needle(sought))
    }

    fn refused(&self, expected: &'static str) -> LanguageError {
        LanguageError::Value { column: self.column.name().to_owned(), expected }
    }
}

fn list(
    dialect: Dialect,
    column: Target<'_>,
    values: &[Json],
) -> Result<Vec<Operand>, LanguageError> {
    values.iter().map(|value| operand(dialect, column, value)).collect()
}
