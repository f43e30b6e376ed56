//! JSON Schemas of single fields: one function for each type of the contract.
//! `null` is allowed wherever a field may be absent, because it means the same.

use serde_json::{Value, json};

use super::super::gateway_v1::LIVE_MAX;
use super::super::reference_v1::{TEXT_MAX, Type};

const UUID: &str = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$";
pub(super) const NIL: &str = "00000000-0000-0000-0000-000000000000";
const TIME: &str = "^\\d{4}-\\d{2}-\\d{2}T([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d\
    (\\.\\d{1,9})?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)$";
const PRINTABLE: &str = "^[^\\u0000-\\u001F\\u007F-\\u009F]*$";

/// A field, whether it must be there, and what it means.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) schema: Value,
    pub(super) is_required: bool,
}

impl Field {
    pub(super) fn required(name: &'static str, schema: Value) -> Self {
        Self { name, schema, is_required: true }
    }

    /// A field that may be absent or `null`.
    pub(super) fn optional(name: &'static str, mut schema: Value) -> Self {
        if let Some(only) = schema.get_mut("type") {
            *only = json!([only.take(), "null"]);
        }
        if let Some(Value::Array(words)) = schema.get_mut("enum") {
            words.push(Value::Null);
        }
        Self { name, schema, is_required: false }
    }
}

/// An id that must name something.
pub(super) fn named_uuid(description: &str) -> Value {
    let not = json!({ "const": NIL });
    json!({
        "description": description, "type": "string", "format": "uuid", "pattern": UUID, "not": not
    })
}

/// An id; the nil UUID means the same as none.
pub(super) fn uuid(description: &str) -> Value {
    json!({ "description": description, "type": "string", "format": "uuid", "pattern": UUID })
}

pub(super) fn time(description: &str) -> Value {
    json!({ "description": description, "type": "string", "format": "date-time", "pattern": TIME })
}

/// Text of a length in characters, without control characters.
pub(super) fn text(description: &str, (least, most): (usize, usize)) -> Value {
    let mut schema = json!({ "description": description, "type": "string", "maxLength": most });
    if let Some(fields) = schema.as_object_mut() {
        if least > 0 {
            fields.insert("minLength".to_owned(), least.into());
        }
        fields.insert("pattern".to_owned(), PRINTABLE.into());
    }
    schema
}

pub(super) fn pattern(description: &str, pattern: &str) -> Value {
    json!({ "description": description, "type": "string", "pattern": pattern })
}

/// A word of an open list: any text is accepted, these mean something.
pub(super) fn open_word(description: &str, words: &[&str]) -> Value {
    json!({ "description": description, "type": "string", "examples": words })
}

/// A word of a closed list.
pub(super) fn closed_word(description: &str, words: &[&str]) -> Value {
    json!({ "description": description, "type": "string", "enum": words })
}

pub(super) fn integer(description: &str, (least, most): (i64, i64)) -> Value {
    json!({ "description": description, "type": "integer", "minimum": least, "maximum": most })
}

/// Ids of dials that go on.
pub(super) fn dial_ids(description: &str) -> Value {
    json!({
        "description": description,
        "type": "array",
        "maxItems": LIVE_MAX,
        "items": text("The gateway's own name of a dial.", (1, 256)),
    })
}

/// A column of a reference.
pub(super) fn column(of_type: Type) -> Value {
    const ID: &str = "The nil UUID means none.";
    match of_type {
        Type::Id => uuid(ID),
        Type::Text => text("Text as it is shown.", (0, TEXT_MAX)),
        Type::Boolean => json!({ "type": "boolean" }),
        Type::Integer => json!({ "description": "A whole number of 64 bits.", "type": "integer" }),
        Type::Time => time("An instant; cut to whole milliseconds."),
    }
}
