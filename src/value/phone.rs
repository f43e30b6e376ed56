//! Phone numbers. They are personal data: nothing prints more than the last four digits.
//! It does not normalise: what was sent is kept and shown.

use std::fmt;
use std::sync::Arc;

/// A phone number as it was sent, at most 30 characters. `Debug` and `Display` are masked;
/// only [`Phone::reveal`] gives the text, and only the store and the API's answers call it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(Arc<str>);

impl Phone {
    /// Takes the text as it is.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The number itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The digits of an E.164 number (`+`, then 2 to 15 digits, the first not 0), else `None`.
    pub fn e164_digits(&self) -> Option<&str> {
        let digits = self.0.strip_prefix('+')?;
        let fits = (2..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        (fits && !digits.starts_with('0')).then_some(digits)
    }
}

/// `+1•••••0143`: a leading `+` and first digit, then the last four characters.
impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.chars().count();
        if count < 9 {
            return f.write_str("•••••");
        }
        let head: String =
            if self.0.starts_with('+') { self.0.chars().take(2).collect() } else { String::new() };
        let tail: String = self.0.chars().skip(count.saturating_sub(4)).collect();
        write!(f, "{head}•••••{tail}")
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printing_shows_four_digits_at_most() {
        assert_eq!(Phone::new("+12025550143").to_string(), "+1•••••0143");
        assert_eq!(format!("{:?}", Phone::new("2025550143")), "•••••0143");
        assert_eq!(Phone::new("5550143").to_string(), "•••••");
    }

    #[test]
    fn only_e164_has_digits() {
        assert_eq!(Phone::new("+12025550143").e164_digits(), Some("12025550143"));
        for bad in ["2025550143", "+0123", "+1", "+1234567890123456", "+1202x", ""] {
            assert_eq!(Phone::new(bad).e164_digits(), None, "{bad}");
        }
    }
}
