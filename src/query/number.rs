//! Decimal numbers of requests, exact to ten-thousandths and honest about what lies beyond.
//! No binary float is involved.

use std::cmp::Ordering;

/// A decimal number: the greatest count of ten-thousandths that is not above it, and whether it
/// lies above that. Far outside of what a column can hold it saturates.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Exact {
    /// Ten-thousandths, rounded down.
    floor: i128,
    /// Whether digits were cut off.
    is_above_floor: bool,
}

const SCALE: i32 = 4;
const ONE: i128 = 10_000;
/// More digits than any column holds, few enough for 128 bits.
const DIGITS_MAX: i64 = 30;
const FAR: i128 = i128::MAX / 2;

impl Exact {
    /// Reads a JSON number's text.
    pub fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (text, 0),
        };
        let (is_negative, digits) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_number = !whole.is_empty()
            && (digits.len() == whole.len() || !fraction.is_empty())
            && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
        if !is_number {
            return None;
        }
        let places = i64::try_from(fraction.len()).unwrap_or(i64::MAX);
        let shift = exponent.saturating_sub(places).saturating_add(i64::from(SCALE));
        let digits = whole.bytes().chain(fraction.bytes()).skip_while(|digit| *digit == b'0');
        Some(Self::of_magnitude(&digits.collect::<Vec<_>>(), shift).signed(is_negative))
    }

    /// `digits · 10^shift` ten-thousandths; the digits do not begin with 0.
    fn of_magnitude(digits: &[u8], shift: i64) -> Self {
        let length = i64::try_from(digits.len()).unwrap_or(i64::MAX);
        let kept = length.saturating_add(shift);
        if length == 0 {
            return Self { floor: 0, is_above_floor: false };
        }
        if kept > DIGITS_MAX {
            return Self { floor: FAR, is_above_floor: false };
        }
        let kept = usize::try_from(kept).unwrap_or(0);
        let cut = digits.get(kept..).unwrap_or_default();
        let floor = digits.iter().copied().chain(std::iter::repeat(b'0')).take(kept).fold(
            0_i128,
            |sum, digit| {
                sum.saturating_mul(10).saturating_add(i128::from(digit.saturating_sub(b'0')))
            },
        );
        Self { floor, is_above_floor: cut.iter().any(|digit| *digit != b'0') }
    }

    fn signed(self, is_negative: bool) -> Self {
        if !is_negative {
            return self;
        }
        let below = i128::from(self.is_above_floor);
        Self { floor: self.floor.saturating_neg().saturating_sub(below), ..self }
    }

    /// Whether it is a whole number.
    pub fn is_whole(self) -> bool {
        !self.is_above_floor && (self.floor.rem_euclid(ONE) == 0 || self.floor.abs() >= FAR)
    }

    /// The whole number it is, if it is one that a column could hold.
    pub fn to_whole(self) -> Option<i64> {
        let whole = self.floor.div_euclid(ONE);
        i64::try_from(whole).ok().filter(|_| self.is_whole())
    }

    /// Whether it has digits behind the fourth place.
    pub const fn has_finer_digits(self) -> bool {
        self.is_above_floor
    }

    /// Ten-thousandths, rounded down and kept within what a column could hold.
    pub fn to_parts(self) -> i64 {
        let far = if self.floor < 0 { i64::MIN } else { i64::MAX };
        i64::try_from(self.floor).unwrap_or(far)
    }

    /// How a whole number compares with this one.
    pub fn order_of_whole(self, whole: i64) -> Ordering {
        self.order_of(i128::from(whole).saturating_mul(ONE))
    }

    /// How a number of ten-thousandths compares with this one.
    pub fn order_of_parts(self, parts: i64) -> Ordering {
        self.order_of(i128::from(parts))
    }

    fn order_of(self, parts: i128) -> Ordering {
        let above = if self.is_above_floor { Ordering::Less } else { Ordering::Equal };
        parts.cmp(&self.floor).then(above)
    }
}

/// Exponents beyond any use are cut: the number is 0 or far away either way.
fn parse_exponent(text: &str) -> Option<i64> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let size = digits.parse::<i64>().unwrap_or(i64::MAX.div_euclid(4));
    is_number.then(|| if is_negative { size.saturating_neg() } else { size })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;

    fn exact(text: &str) -> Exact {
        Exact::parse(text).unwrap()
    }

    #[test]
    fn numbers_compare_by_their_exact_value() {
        for (text, parts, order) in [
            ("2.375", 23_750, Ordering::Equal),
            ("2.3750", 23_750, Ordering::Equal),
            ("2375e-3", 23_750, Ordering::Equal),
            ("2.37500000000000000000000000000000001", 23_750, Ordering::Less),
            ("-2.37500000000000000000000000000000001", -23_750, Ordering::Greater),
            ("-0", 0, Ordering::Equal),
            ("1e999999999999999999999", i64::MAX, Ordering::Less),
            ("-1e400", i64::MIN, Ordering::Greater),
            ("1e-400", 0, Ordering::Less),
            ("-1e-400", 0, Ordering::Greater),
            ("0e99999", 0, Ordering::Equal),
        ] {
            assert_eq!(exact(text).order_of_parts(parts), order, "{text}");
        }
        assert_eq!(exact("30").order_of_whole(30), Ordering::Equal);
        assert_eq!(exact("29.99").order_of_whole(30), Ordering::Greater);
    }

    #[test]
    fn whole_numbers_are_told_by_value() {
        for text in ["30", "30.0", "3e1", "0", "-4", "1e99"] {
            assert!(exact(text).is_whole(), "{text}");
        }
        for text in ["0.5", "1e-9", "30.00001"] {
            assert!(!exact(text).is_whole(), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_numbers() {
        for text in ["", "-", ".5", "1.", "1e", "0x1", "1e+-2", "NaN", " 1"] {
            assert_eq!(Exact::parse(text), None, "{text}");
        }
    }
}
