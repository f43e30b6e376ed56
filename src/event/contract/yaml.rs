//! JSON values as YAML text: block style, strings quoted unless they are plain words.

use serde_json::Value;

/// The document, ended by a line break.
pub(super) fn text(value: &Value) -> String {
    let mut out = String::new();
    block(&mut out, value, 0);
    out
}

/// Writes the entries of a map or list, each on lines of its own.
fn block(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                line_start(out, indent);
                out.push_str(&scalar_text(name));
                out.push(':');
                entry(out, value, indent.saturating_add(2));
            }
        }
        Value::Array(items) => {
            for item in items {
                let mut text = String::new();
                if is_block(item) {
                    block(&mut text, item, indent.saturating_add(2));
                } else {
                    text = format!("{}\n", scalar(item));
                }
                // What stands behind a dash begins on its line.
                line_start(out, indent);
                out.push_str("- ");
                out.push_str(text.trim_start());
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.push_str(&scalar(value));
            out.push('\n');
        }
    }
}

/// Writes what stands behind a name: on the same line if it has no entries.
fn entry(out: &mut String, value: &Value, indent: usize) {
    if is_block(value) {
        out.push('\n');
        block(out, value, indent);
    } else {
        out.push(' ');
        out.push_str(&scalar(value));
        out.push('\n');
    }
}

fn is_block(value: &Value) -> bool {
    match value {
        Value::Object(fields) => !fields.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn line_start(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => scalar_text(text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            value.to_string()
        }
    }
}

/// Plain if nobody could take it for anything but that text; else in double quotes, whose escapes
/// YAML shares with JSON.
fn scalar_text(text: &str) -> String {
    let mut chars = text.chars();
    let begins_plain = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '$');
    let goes_on_plain =
        chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/' | '.'));
    let lower = text.to_ascii_lowercase();
    let is_word = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    if begins_plain && goes_on_plain && !is_word.contains(&lower.as_str()) {
        text.to_owned()
    } else {
        Value::from(text).to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn maps_lists_and_scalars_are_written_in_block_style() {
        let value =
            json!({"a": {"b": [1, {"c": "no", "d": []}], "e": {}}, "$ref": "#/x y", "f": null});
        let expected = "\
a:
  b:
    - 1
    - c: \"no\"
      d: []
  e: {}
$ref: \"#/x y\"
f: null
";
        assert_eq!(text(&value), expected);
    }
}
