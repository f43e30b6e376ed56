//! Writes JSON bytes. It knows values of columns, not profiles.

use std::io::Write as _;

use crate::query::Value;
use crate::relation::InnerColumn;

/// JSON under construction.
#[derive(Debug, Default)]
pub struct JsonWriter {
    bytes: Vec<u8>,
}

impl JsonWriter {
    /// The bytes written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Punctuation and other text that is JSON already.
    pub fn raw(&mut self, json: &str) {
        self.bytes.extend_from_slice(json.as_bytes());
    }

    /// A number.
    pub fn number(&mut self, number: u64) {
        self.display(&number);
    }

    /// A number that was read, or null where none could be.
    pub fn echo(&mut self, number: Option<i64>) {
        match number {
            Some(number) => self.display(&number),
            None => self.raw("null"),
        }
    }

    /// JSON as a client sent it.
    pub fn sent(&mut self, json: &serde_json::Value) {
        // Writing to memory cannot fail.
        drop(serde_json::to_writer(&mut self.bytes, json));
    }

    /// A relation of which only the id is shown.
    pub fn id_object(&mut self, id: &Value) {
        self.raw("{\"_id\":");
        self.plain(id);
        self.raw("}");
    }

    /// What a relation leads to: `_id`, then the columns behind it, written as the profile does.
    pub fn relation(
        &mut self,
        id: &Value,
        behind: &[(InnerColumn, Value)],
        write: fn(&mut Self, InnerColumn, &Value),
    ) {
        self.raw("{\"_id\":");
        self.plain(id);
        for (column, value) in behind {
            self.name(column.name, 1);
            write(self, *column, value);
        }
        self.raw("}");
    }

    /// A value in the wrapper of its kind, if that has one; null never has.
    pub fn wrapped(&mut self, value: &Value) {
        let wrapper = match value {
            Value::Id(_) => "ObjectID",
            Value::Date(_) => "DateTime",
            Value::Phone(_) => "Phone",
            Value::Null
            | Value::Integer(_)
            | Value::Cents(_)
            | Value::Text(_)
            | Value::Boolean(_) => return self.plain(value),
        };
        self.wrapped_in(wrapper, value);
    }

    /// A value in a wrapper; null never has one.
    pub fn wrapped_in(&mut self, wrapper: &str, value: &Value) {
        if value.is_null() {
            return self.plain(value);
        }
        self.raw("{\"_type\":");
        self.string(wrapper);
        self.raw(",\"value\":");
        self.plain(value);
        self.raw("}");
    }

    /// A string with its quotes.
    pub fn string(&mut self, text: &str) {
        // Writing to memory cannot fail.
        drop(serde_json::to_writer(&mut self.bytes, text));
    }

    /// `"name":`, behind a comma unless it is the first.
    pub fn name(&mut self, name: &str, place: usize) {
        if place > 0 {
            self.raw(",");
        }
        self.string(name);
        self.raw(":");
    }

    /// A value in its plain form.
    pub fn plain(&mut self, value: &Value) {
        match value {
            Value::Null => self.raw("null"),
            Value::Id(id) => self.quoted(&id.hyphenated()),
            Value::Date(at) => self.quoted(at),
            Value::Integer(number) => self.display(number),
            Value::Cents(cents) => self.display(&cents.cents()),
            Value::Phone(phone) => self.string(phone.reveal()),
            Value::Text(text) => self.string(text),
            Value::Boolean(true) => self.raw("true"),
            Value::Boolean(false) => self.raw("false"),
        }
    }

    /// Text that needs no escapes.
    fn quoted(&mut self, text: &impl std::fmt::Display) {
        self.raw("\"");
        self.display(text);
        self.raw("\"");
    }

    fn display(&mut self, text: &impl std::fmt::Display) {
        // Writing to memory cannot fail.
        drop(write!(self.bytes, "{text}"));
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use crate::value::{MicroUsd, Micros, Phone};

    use super::*;

    #[test]
    fn every_value_has_one_plain_form() {
        for (value, json) in [
            (Value::Null, "null"),
            (Value::Id(Uuid::from_u128(1)), "\"00000000-0000-0000-0000-000000000001\""),
            (Value::Date(Micros::from_ms(1_774_736_103_000)), "\"2026-03-28T22:15:03.000Z\""),
            (Value::Integer(-3), "-3"),
            (Value::Cents(MicroUsd::new(23_750)), "2.375"),
            (Value::Phone(Phone::new("+1 \"2\"")), "\"+1 \\\"2\\\"\""),
            (Value::Text("é\n\u{1F4DE}\u{1}".into()), "\"é\\n\u{1F4DE}\\u0001\""),
            (Value::Boolean(true), "true"),
        ] {
            let mut writer = JsonWriter::default();
            writer.plain(&value);
            assert_eq!(String::from_utf8(writer.into_bytes()).unwrap(), json);
        }
    }
}
