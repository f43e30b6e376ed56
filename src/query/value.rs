//! Values of an item's columns, operands of conditions, and how they compare.
//! It knows no JSON (`coerce` reads it).

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use uuid::Uuid;

use crate::dial::ItemKey;
use crate::item::{Column, Item};
use crate::value::{CallId, MicroUsd, Micros, Phone, RuleId, UserId};

use super::number::Exact;

/// The value of one column of one item. Of a relation it is the id that leads there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    /// Null.
    Null,
    /// A UUID.
    Id(Uuid),
    /// An instant.
    Date(Micros),
    /// A whole number.
    Integer(i64),
    /// US cents.
    Cents(MicroUsd),
    /// A phone number as stored.
    Phone(Phone),
    /// Text.
    Text(Arc<str>),
    /// Yes or no.
    Boolean(bool),
}

/// What a value is compared with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Operand {
    /// A UUID.
    Id(Uuid),
    /// An instant, whole milliseconds.
    Date(Micros),
    /// A number.
    Number(Exact),
    /// A phone number without separators, compared with numbers without theirs.
    Phone(Phone),
    /// A phone number as it is stored.
    StoredPhone(Phone),
    /// Text.
    Text(Arc<str>),
    /// Yes or no.
    Boolean(bool),
    /// No value of the column: no order, and nothing equals it.
    Nothing,
}

/// The value of a column.
pub fn value_of(item: &Item, column: Column) -> Value {
    let id = |uuid: Option<Uuid>| uuid.map_or(Value::Null, Value::Id);
    let date = |at: Option<Micros>| at.map_or(Value::Null, Value::Date);
    match column {
        Column::Id => Value::Id(item.id.uuid()),
        Column::CreatedAt => Value::Date(item.created_at),
        Column::UpdatedAt => Value::Date(item.updated_at),
        Column::DeletedAt => Value::Null, // deleted items are never shown
        Column::Version => Value::Integer(i64::try_from(item.version).unwrap_or(i64::MAX)),
        Column::Project | Column::ProjectId => Value::Id(item.project.uuid()),
        Column::Call | Column::CallId => id(item.call.map(CallId::uuid)),
        Column::Rule | Column::RuleId => id(item.rule.map(RuleId::uuid)),
        Column::User | Column::UserId => id(item.user.map(UserId::uuid)),
        Column::Phone => item.phone.clone().map_or(Value::Null, Value::Phone),
        Column::Status => Value::Text(Arc::clone(&item.status)),
        Column::StatusMessage => item.status_message.clone().map_or(Value::Null, Value::Text),
        Column::DialDuration => item.dial_duration_s.map_or(Value::Null, Value::Integer),
        Column::Cost => item.cost.map_or(Value::Null, Value::Cents),
        Column::StartedAt => date(item.started_at),
        Column::EndedAt => date(item.ended_at),
        Column::IsAnswered => Value::Boolean(item.is_answered),
    }
}

/// The value of a column that the key of a row tells; `None` = it tells none.
pub(super) fn value_of_key(key: &ItemKey, column: Column) -> Option<Value> {
    match column {
        Column::Id => Some(Value::Id(key.item.uuid())),
        Column::CreatedAt => Some(Value::Date(key.created_at)),
        Column::Project | Column::ProjectId => Some(Value::Id(key.project.uuid())),
        Column::UpdatedAt
        | Column::DeletedAt
        | Column::Version
        | Column::Call
        | Column::CallId
        | Column::Rule
        | Column::RuleId
        | Column::User
        | Column::UserId
        | Column::Phone
        | Column::Status
        | Column::StatusMessage
        | Column::DialDuration
        | Column::Cost
        | Column::StartedAt
        | Column::EndedAt
        | Column::IsAnswered => None,
    }
}

impl Value {
    /// Whether it is null.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// How the value compares with an operand of its kind; `None` for null.
    pub fn order_with(&self, operand: &Operand) -> Option<Ordering> {
        match (self, operand) {
            (Self::Id(own), Operand::Id(other)) => Some(own.cmp(other)),
            (Self::Date(own), Operand::Date(other)) => Some(own.cut_to_ms().cmp(other)),
            (Self::Integer(own), Operand::Number(other)) => Some(other.order_of_whole(*own)),
            (Self::Cents(own), Operand::Number(other)) => Some(other.order_of_parts(own.get())),
            (Self::Phone(own), Operand::Phone(other)) => {
                Some(without_separators(own.reveal()).as_bytes().cmp(other.reveal().as_bytes()))
            }
            (Self::Phone(own), Operand::StoredPhone(other)) => {
                Some(own.reveal().as_bytes().cmp(other.reveal().as_bytes()))
            }
            (Self::Text(own), Operand::Text(other)) => Some(own.as_bytes().cmp(other.as_bytes())),
            (Self::Boolean(own), Operand::Boolean(other)) => Some(own.cmp(other)),
            _ => None,
        }
    }

    /// How two values of one column compare; `None` if either is null.
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Id(a), Self::Id(b)) => Some(a.cmp(b)),
            (Self::Date(a), Self::Date(b)) => Some(a.cmp(b)),
            (Self::Integer(a), Self::Integer(b)) => Some(a.cmp(b)),
            (Self::Cents(a), Self::Cents(b)) => Some(a.cmp(b)),
            (Self::Phone(a), Self::Phone(b)) => Some(a.cmp(b)),
            (Self::Text(a), Self::Text(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
            (Self::Boolean(a), Self::Boolean(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }

    /// The text that text operators look at; `None` for null.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        Some(match self {
            Self::Null => return None,
            Self::Id(id) => Cow::Owned(id.hyphenated().to_string()),
            Self::Date(at) => Cow::Owned(at.to_string()),
            Self::Integer(number) => Cow::Owned(number.to_string()),
            Self::Cents(cents) => Cow::Owned(cents.cents().to_string()),
            Self::Phone(phone) => Cow::Borrowed(phone.reveal()),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Boolean(true) => Cow::Borrowed("true"),
            Self::Boolean(false) => Cow::Borrowed("false"),
        })
    }
}

/// A phone number without blanks, `-`, `.`, `(` and `)`.
pub(super) fn without_separators(text: &str) -> Cow<'_, str> {
    const SEPARATORS: [char; 5] = [' ', '-', '.', '(', ')'];
    if text.contains(SEPARATORS) {
        Cow::Owned(text.replace(SEPARATORS, ""))
    } else {
        Cow::Borrowed(text)
    }
}
