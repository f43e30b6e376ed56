//! What the contract asks of JSON and a JSON parser does not check: a name at most once in one
//! object, bounded depth, text that is Unicode. It reads text that is already known to be JSON.

use std::borrow::Cow;

/// One open array or object.
struct Open {
    is_object: bool,
    /// Numbers the objects, so that names can be sorted per object.
    number: u32,
    expects_name: bool,
}

/// Whether the value keeps the rules; `depth` is how deep it may go, itself included.
pub(super) fn keeps_rules(json: &str, depth: usize) -> bool {
    let bytes = json.as_bytes();
    let mut open: Vec<Open> = Vec::new();
    let mut names: Vec<(u32, Cow<'_, str>)> = Vec::new();
    let mut number = 0_u32;
    let mut at = 0_usize;
    while let Some(byte) = bytes.get(at) {
        at = at.saturating_add(1);
        match byte {
            b'{' | b'[' => {
                if open.len() >= depth {
                    return false;
                }
                number = number.saturating_add(1);
                let is_object = *byte == b'{';
                open.push(Open { is_object, number, expects_name: is_object });
            }
            b'}' | b']' => drop(open.pop()),
            b',' => expect_name(&mut open, true),
            b':' => expect_name(&mut open, false),
            b'"' => {
                let Some((text, end)) = text_from(json, at) else {
                    return false;
                };
                at = end;
                if let Some(top) = open.last().filter(|top| top.expects_name) {
                    names.push((top.number, text));
                }
            }
            _ => {}
        }
    }
    all_differ(&mut names)
}

/// Whether no two are equal.
pub(super) fn all_differ<T: Ord>(names: &mut [T]) -> bool {
    names.sort_unstable();
    !names.windows(2).any(|pair| pair.first() == pair.last())
}

/// The text of a JSON string, quotes included; `None` if it is no Unicode (a lone surrogate).
pub(super) fn unescape(quoted: &str) -> Option<Cow<'_, str>> {
    let inner = quoted.get(1..quoted.len().checked_sub(1)?)?;
    if inner.contains('\\') {
        serde_json::from_str::<String>(quoted).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner))
    }
}

fn expect_name(open: &mut [Open], expected: bool) {
    if let Some(top) = open.last_mut() {
        top.expects_name = expected && top.is_object;
    }
}

/// The string whose opening quote lies just before `start`, and where what follows it begins.
fn text_from(json: &str, start: usize) -> Option<(Cow<'_, str>, usize)> {
    let mut end = start;
    loop {
        match json.as_bytes().get(end)? {
            b'"' => break,
            b'\\' => end = end.saturating_add(2),
            _ => end = end.saturating_add(1),
        }
    }
    let after = end.saturating_add(1);
    let text = unescape(json.get(start.checked_sub(1)?..after)?)?;
    Some((text, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_return_in_another_object_but_not_in_its_own() {
        for good in [
            r#"{"a":{"a":1},"b":[{"a":1},{"a":2}]}"#,
            r#"{"a":"b","b":"a","c":["a","a"]}"#,
            r#"{"a":"\",\"a\":1"}"#,
            "[]",
            r#""text""#,
        ] {
            assert!(keeps_rules(good, 32), "{good}");
        }
        for bad in [
            r#"{"a":1,"a":2}"#,
            r#"{"x":[{"a":null,"b":{},"a":null}]}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"":1,"":2}"#,
        ] {
            assert!(!keeps_rules(bad, 32), "{bad}");
        }
    }

    #[test]
    fn depth_counts_arrays_and_objects() {
        assert!(keeps_rules("[[{}]]", 3));
        assert!(!keeps_rules("[[{}]]", 2));
        assert!(keeps_rules("1", 0));
    }

    #[test]
    fn half_of_a_surrogate_pair_is_no_text() {
        assert!(keeps_rules(r#"["\ud83d\ude00"]"#, 1));
        assert!(!keeps_rules(r#"["\ud83d"]"#, 1));
        assert!(!keeps_rules(r#"{"\ude00":1}"#, 1));
    }
}
