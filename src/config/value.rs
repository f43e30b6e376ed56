//! The kinds of values a setting may have: how each is read and printed.
//! It does not know any setting.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use toml_edit::Value;

/// A value before its setting is known: from a file it has a type, from elsewhere it is text.
#[derive(Clone, Debug)]
pub(super) enum Raw {
    /// From the file.
    Typed(Value),
    /// From the environment or a flag.
    Text(String),
}

impl Raw {
    /// The text, where a text is meant.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Typed(value) => value.as_str(),
            Self::Text(text) => Some(text),
        }
    }

    fn integer(&self) -> Option<i64> {
        match self {
            Self::Typed(value) => value.as_integer(),
            Self::Text(text) => text.parse().ok(),
        }
    }

    /// Elements of a list; of a text those between commas.
    fn elements(&self) -> Option<Vec<Self>> {
        match self {
            Self::Typed(value) => {
                Some(value.as_array()?.iter().map(|v| Self::Typed(v.clone())).collect())
            }
            Self::Text(text) => {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                Some(parts.map(|part| Self::Text(part.to_owned())).collect())
            }
        }
    }
}

/// A value of a setting.
pub(super) trait Setting: Sized {
    /// Reads it; `None` = it is something else than [`Setting::expects`] says.
    fn read(raw: &Raw) -> Option<Self>;
    /// As TOML; empty where it is not set.
    fn print(&self) -> String;
    /// What is expected, to end the sentence "expects …".
    fn expects() -> String;
}

/// A closed set of words.
pub trait Word: Copy + PartialEq + 'static {
    /// All of them.
    const ALL: &'static [Self];
    /// The word in settings.
    fn word(self) -> &'static str;
}

impl<W: Word> Setting for W {
    fn read(raw: &Raw) -> Option<Self> {
        let text = raw.text()?;
        Self::ALL.iter().copied().find(|word| word.word() == text)
    }

    fn print(&self) -> String {
        quoted(self.word())
    }

    fn expects() -> String {
        let words: Vec<String> = Self::ALL.iter().map(|word| quoted(word.word())).collect();
        words.join(" or ")
    }
}

impl Setting for bool {
    fn read(raw: &Raw) -> Option<Self> {
        match raw {
            Raw::Typed(value) => value.as_bool(),
            Raw::Text(text) => text.parse().ok(),
        }
    }

    fn print(&self) -> String {
        self.to_string()
    }

    fn expects() -> String {
        "true or false".to_owned()
    }
}

impl Setting for String {
    fn read(raw: &Raw) -> Option<Self> {
        raw.text().map(str::to_owned)
    }

    fn print(&self) -> String {
        quoted(self)
    }

    fn expects() -> String {
        "a text".to_owned()
    }
}

impl Setting for PathBuf {
    fn read(raw: &Raw) -> Option<Self> {
        raw.text().filter(|text| !text.is_empty()).map(Self::from)
    }

    fn print(&self) -> String {
        quoted(&self.to_string_lossy())
    }

    fn expects() -> String {
        "a path".to_owned()
    }
}

impl Setting for SocketAddr {
    fn read(raw: &Raw) -> Option<Self> {
        raw.text()?.parse().ok()
    }

    fn print(&self) -> String {
        quoted(&self.to_string())
    }

    fn expects() -> String {
        "an address and port like \"127.0.0.1:8080\" or \"[::]:8080\"".to_owned()
    }
}

impl Setting for u64 {
    fn read(raw: &Raw) -> Option<Self> {
        Self::try_from(raw.integer()?).ok()
    }

    fn print(&self) -> String {
        self.to_string()
    }

    fn expects() -> String {
        "a whole number".to_owned()
    }
}

impl<T: Setting> Setting for Vec<T> {
    fn read(raw: &Raw) -> Option<Self> {
        raw.elements()?.iter().map(T::read).collect()
    }

    fn print(&self) -> String {
        let elements: Vec<String> = self.iter().map(T::print).collect();
        format!("[{}]", elements.join(", "))
    }

    fn expects() -> String {
        format!("a list, each {}", T::expects())
    }
}

impl<T: Setting> Setting for Option<T> {
    fn read(raw: &Raw) -> Option<Self> {
        T::read(raw).map(Some)
    }

    fn print(&self) -> String {
        self.as_ref().map(T::print).unwrap_or_default()
    }

    fn expects() -> String {
        T::expects()
    }
}

/// A span of time, written `"5s"`, `"4h5m"`, `"20ms"`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Span(pub Duration);

const SPAN_UNITS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

impl Span {
    /// Whole milliseconds.
    pub const fn from_ms(ms: u64) -> Self {
        Self(Duration::from_millis(ms))
    }

    /// Reads `"4h5m"`: whole numbers with units, without blanks.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text;
        let mut ms = 0_u64;
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (number, tail) = rest.split_at_checked(digits)?;
            let letters = tail.bytes().take_while(u8::is_ascii_alphabetic).count();
            let (unit, tail) = tail.split_at_checked(letters)?;
            let (_, factor) = SPAN_UNITS.into_iter().find(|(name, _)| *name == unit)?;
            ms = ms.checked_add(number.parse::<u64>().ok()?.checked_mul(factor)?)?;
            rest = tail;
        }
        (!text.is_empty()).then_some(Self::from_ms(ms))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut ms = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        if ms == 0 {
            return f.write_str("0s");
        }
        for (unit, factor) in SPAN_UNITS {
            if ms >= factor {
                write!(f, "{}{unit}", ms / factor)?;
                ms %= factor;
            }
        }
        Ok(())
    }
}

impl Setting for Span {
    fn read(raw: &Raw) -> Option<Self> {
        Self::parse(raw.text()?)
    }

    fn print(&self) -> String {
        quoted(&self.to_string())
    }

    fn expects() -> String {
        "a span of time like \"5s\", \"20ms\" or \"4h5m\"".to_owned()
    }
}

/// A number of bytes, written `"64MiB"`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Bytes(pub u64);

const BYTE_UNITS: [(&str, u64); 4] =
    [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

impl Bytes {
    /// As a number that sizes memory.
    pub fn size(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl Setting for Bytes {
    fn read(raw: &Raw) -> Option<Self> {
        let text = raw.text()?;
        let (unit, factor) = BYTE_UNITS.into_iter().find(|(unit, _)| text.ends_with(unit))?;
        let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
        number.checked_mul(factor).map(Self)
    }

    fn print(&self) -> String {
        let unit = BYTE_UNITS.into_iter().find(|(_, factor)| self.0.is_multiple_of(*factor));
        let (unit, factor) = unit.filter(|_| self.0 > 0).unwrap_or(("B", 1));
        quoted(&format!("{}{unit}", self.0 / factor))
    }

    fn expects() -> String {
        "a size like \"64MiB\" (B, KiB, MiB, GiB)".to_owned()
    }
}

/// How often something may happen, written `"100/s"`; `"off"` = without a limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rate(pub Option<u32>);

impl Setting for Rate {
    fn read(raw: &Raw) -> Option<Self> {
        match raw.text()? {
            "off" | "0" => Some(Self(None)),
            text => {
                let per_second: u32 = text.strip_suffix("/s")?.parse().ok()?;
                Some(Self((per_second > 0).then_some(per_second)))
            }
        }
    }

    fn print(&self) -> String {
        self.0.map_or_else(|| quoted("off"), |per_second| quoted(&format!("{per_second}/s")))
    }

    fn expects() -> String {
        "a rate like \"100/s\", or \"off\"".to_owned()
    }
}

/// A TOML string.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text<T: Setting>(text: &str) -> Option<T> {
        T::read(&Raw::Text(text.to_owned()))
    }

    #[test]
    fn spans_are_exact_both_ways() {
        for (span, ms) in
            [("5s", 5_000), ("4h5m", 14_700_000), ("7d", 604_800_000), ("1s5ms", 1_005)]
        {
            assert_eq!(Span::parse(span), Some(Span::from_ms(ms)), "{span}");
            assert_eq!(Span::from_ms(ms).to_string(), span);
        }
        for wrong in ["", "5", "s", "5 s", "-5s", "1.5s", "5y", "99999999999999999999d"] {
            assert_eq!(Span::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn sizes_rates_and_lists_are_read_with_their_units_only() {
        assert_eq!(text::<Bytes>("64MiB"), Some(Bytes(64 << 20)));
        assert_eq!(text::<Bytes>("64"), None);
        assert_eq!(text::<Bytes>("64MB"), None);
        assert_eq!(Bytes(1_500).print(), "\"1500B\"");
        assert_eq!(text::<Rate>("100/s"), Some(Rate(Some(100))));
        assert_eq!(text::<Rate>("100"), None);
        assert_eq!(text::<Vec<String>>("a:1, b:2"), Some(vec!["a:1".to_owned(), "b:2".to_owned()]));
    }
}
