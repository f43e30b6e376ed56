//! Text of a rejected record → the same without phone numbers and secrets. A reject need not be
//! JSON, so nothing is parsed: what could be a phone number is taken for one. No I/O.

/// Fewer digits are no phone number.
const PHONE_DIGITS_MIN: usize = 7;
/// Digits that stay, as everywhere.
const DIGITS_SHOWN: usize = 4;
const HIDDEN: &str = "•••••";
/// What an API key of ours begins with.
const OUR_KEY: &str = "rfk_";
/// Names that hold one of these are those of secrets.
const SECRET_NAMES: [&str; 6] =
    ["authorization", "cookie", "password", "secret", "token", "apikey"];

/// Masks the value of a header.
pub(super) fn mask_header(name: &str, value: &str) -> String {
    if is_secret(name) { HIDDEN.to_owned() } else { mask(value) }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase().replace(['-', '_'], "");
    SECRET_NAMES.iter().any(|secret| name.contains(secret))
}

/// Masks phone numbers, API keys, and the members of JSON objects that are secrets by their name.
pub(super) fn mask(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (shown, taken) = step(rest, text.len() - rest.len(), text)
            .unwrap_or_else(|| (first.to_string(), first.len_utf8()));
        out.push_str(&shown);
        rest = rest.get(taken..).unwrap_or_default();
    }
    out
}

/// What is shown for the beginning of `rest`, and the bytes that it stands for; `None` = the next
/// character as it is.
fn step(rest: &str, at: usize, text: &str) -> Option<(String, usize)> {
    let before = text.get(..at).and_then(|before| before.chars().next_back());
    if before.is_none_or(|c| !c.is_alphanumeric())
        && let Some(length) = uuid(rest).or_else(|| time(rest))
    {
        return Some((rest.get(..length)?.to_owned(), length));
    }
    if let Some(length) = our_key(rest) {
        return Some((format!("{OUR_KEY}{HIDDEN}"), length));
    }
    secret_member(rest).or_else(|| number(rest))
}

/// Length of a UUID at the beginning. Ids have digits enough for a phone number.
fn uuid(rest: &str) -> Option<usize> {
    let text = rest.get(..36)?;
    let is_ended = rest.chars().nth(36).is_none_or(|c| !c.is_alphanumeric());
    let has_form = text.chars().enumerate().all(|(place, c)| match place {
        8 | 13 | 18 | 23 => c == '-',
        _ => c.is_ascii_hexdigit(),
    });
    (is_ended && has_form).then_some(36)
}

/// Length of a date with its time of day, as RFC 3339 writes it, at the beginning.
fn time(rest: &str) -> Option<usize> {
    let text = rest.get(..19)?;
    let has_form = text.chars().zip("dddd-dd-ddTdd:dd:dd".chars()).all(|(c, form)| match form {
        'd' => c.is_ascii_digit(),
        _ => c == form,
    });
    let tail = rest.get(19..)?;
    let fraction = tail.strip_prefix('.').map_or(0, |tail| {
        tail.bytes().take(9).take_while(u8::is_ascii_digit).count().saturating_add(1)
    });
    has_form.then_some(19_usize.saturating_add(fraction))
}

fn our_key(rest: &str) -> Option<usize> {
    let body = rest.strip_prefix(OUR_KEY)?;
    let length = body.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    (length > 0).then(|| OUR_KEY.len().saturating_add(length))
}

/// A quoted name of a secret with what it stands for.
fn secret_member(rest: &str) -> Option<(String, usize)> {
    let name = quoted(rest)?;
    if !is_secret(name) {
        return None;
    }
    let behind = rest.get(name.len()..)?;
    let value = behind.trim_start().strip_prefix(':')?.trim_start();
    let head = rest.len().saturating_sub(value.len());
    let length = quoted(value)
        .map_or_else(|| value.find([',', '}', ']', '\n']).unwrap_or(value.len()), str::len);
    let shown = format!("{}\"{HIDDEN}\"", rest.get(..head)?);
    Some((shown, head.saturating_add(length)))
}

/// The quoted text at the beginning with its quotes; one that does not end goes to the end.
fn quoted(rest: &str) -> Option<&str> {
    let body = rest.strip_prefix('"')?;
    let mut is_escaped = false;
    let end = body.find(|c| {
        let ends = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    });
    rest.get(..end.map_or(rest.len(), |end| end.saturating_add(2)))
}

/// A run of digits with what people put between them; a long one shows its last digits only.
fn number(rest: &str) -> Option<(String, usize)> {
    let mut digits = String::new();
    let (mut length, mut ahead) = (0, 0);
    while let Some((digit, taken)) = digit(rest.get(ahead..)?) {
        digits.push(digit);
        ahead = ahead.saturating_add(taken);
        length = ahead;
        let between = rest.get(ahead..)?;
        let gap = between.len().saturating_sub(between.trim_start_matches(is_between).len());
        // Long gaps part two numbers.
        ahead = if gap <= 3 { ahead.saturating_add(gap) } else { ahead };
    }
    let count = digits.chars().count();
    if count == 0 {
        return None;
    }
    if count < PHONE_DIGITS_MIN {
        return Some((rest.get(..length)?.to_owned(), length));
    }
    let last: String = digits.chars().skip(count.saturating_sub(DIGITS_SHOWN)).collect();
    Some((format!("{HIDDEN}{last}"), length))
}

const fn is_between(c: char) -> bool {
    matches!(c, ' ' | '-' | '.' | '(' | ')' | '/' | '\u{A0}' | '+')
}

/// A digit of any script, also as JSON escapes it or as URLs do, and the bytes that it takes.
fn digit(rest: &str) -> Option<(char, usize)> {
    let first = rest.chars().next()?;
    if first.is_numeric() {
        return Some((first, first.len_utf8()));
    }
    let escaped = |prefix: &str| {
        let digit = rest.strip_prefix(prefix)?.chars().next().filter(char::is_ascii_digit)?;
        Some((digit, prefix.len().saturating_add(1)))
    };
    escaped("\\u003").or_else(|| escaped("%3"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn phone_numbers_keep_their_last_four_digits() {
        for (text, masked) in [
            (r#"{"userPhoneNumber":"+12025550143"}"#, r#"{"userPhoneNumber":"+•••••0143"}"#),
            ("tel:+1 (202) 555-0143;x", "tel:+•••••0143;x"),
            ("0049.30.901820 call", "•••••1820 call"),
            (r#""+1\u0032025550143""#, r#""+•••••0143""#),
            ("%2B%31%32025550143", "%2B•••••0143"),
            (r"\n12025550143", r"\n•••••0143"),
            ("x12025550143y", "x•••••0143y"),
            ("٠١٢٣٤٥٦٧٨٩", "•••••٦٧٨٩"),
        ] {
            assert_eq!(mask(text), masked);
        }
    }

    #[test]
    fn ids_times_and_short_numbers_stay() {
        for text in [
            r#"{"projectId":"3f2b8c1e-5d74-4a0b-9c1d-7e6f5a4b3c2d","n":480}"#,
            "12345678-1234-1234-1234-123456789012",
            r#""startedAt":"2026-03-30T12:00:00.123456Z","sipCode":486"#,
            "2026-03-30T12:00:00+02:00",
            "{\"cut off",
            "",
        ] {
            assert_eq!(mask(text), text);
        }
    }

    #[test]
    fn secrets_are_hidden() {
        let text = r#"{"apiKey" : "a\"b,c", "n":1, "access_token":7, "x":"y"}"#;
        assert_eq!(mask(text), r#"{"apiKey" : "•••••", "n":1, "access_token":"•••••", "x":"y"}"#);
        assert_eq!(mask(r#"{"password":"cut"#), r#"{"password":"•••••""#);
        assert_eq!(mask("key rfk_0aB1cD2eF3gH_abc0123 end"), "key rfk_••••• end");
        assert_eq!(mask_header("Authorization", "Basic x"), HIDDEN);
        assert_eq!(mask_header("x-api-key", "x"), HIDDEN);
        assert_eq!(mask_header("ce_partitionkey", "x"), "x");
    }

    proptest! {
        #[test]
        fn no_phone_number_is_shown_whatever_surrounds_it(
            before in "[ -~é]{0,20}", number in "\\+?[1-9][0-9]{7,14}", after in "[ -~é]{0,20}",
        ) {
            // Beside a number of its own kind a date could begin in the middle of a number.
            let text = format!("{before}{number}{after}");
            let masked = mask(&text);
            let digits = number.trim_start_matches('+');
            prop_assert!(!masked.contains(digits), "{masked}");
        }
    }
}
