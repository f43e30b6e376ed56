//! Money shown to people: whole micro-USD, exact to and from decimal US cents.
//! It does not rate and does not round (`tariff` does, once per call).

use std::fmt;

/// Millionths of a US dollar. 10,000 of them are one US cent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct MicroUsd(i64);

/// Why a decimal text is no exact number of micro-USD.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ParseCentsError {
    /// Not a plain decimal number.
    #[error("not a decimal number")]
    Malformed,
    /// More than four digits behind the point that are not zero.
    #[error("more than 4 decimal places")]
    TooPrecise,
    /// Too large for 64 bits.
    #[error("out of range")]
    OutOfRange,
}

impl MicroUsd {
    /// From micro-USD.
    pub const fn new(micro: i64) -> Self {
        Self(micro)
    }

    /// Micro-USD.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Reads US cents from a JSON number's text (sign, digits, fraction, exponent), exactly.
    pub fn from_cents_text(text: &str) -> Result<Self, ParseCentsError> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => {
                let exponent = exponent.strip_prefix('+').unwrap_or(exponent).parse::<i32>();
                (mantissa, exponent.map_err(|_| ParseCentsError::Malformed)?)
            }
            None => (text, 0),
        };
        let (negative, digits) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_number = !whole.is_empty()
            && (digits.len() == whole.len() || !fraction.is_empty())
            && whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit());
        if !is_number {
            return Err(ParseCentsError::Malformed);
        }
        let fraction_digits =
            i32::try_from(fraction.len()).map_err(|_| ParseCentsError::TooPrecise)?;
        // value = digits · 10^(exponent − fraction digits) cents = … · 10^4 micro-USD
        let shift = exponent.saturating_sub(fraction_digits).saturating_add(4);
        let mut digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        if digits.iter().all(|d| *d == b'0') {
            return Ok(Self(0));
        }
        if shift >= 0 {
            let zeros = usize::try_from(shift).unwrap_or(usize::MAX);
            if zeros > 40 {
                return Err(ParseCentsError::OutOfRange);
            }
            digits.resize(digits.len().saturating_add(zeros), b'0');
        } else {
            for _ in 0..shift.unsigned_abs() {
                match digits.pop() {
                    Some(b'0') => {}
                    _ => return Err(ParseCentsError::TooPrecise),
                }
            }
        }
        let magnitude = digits.iter().try_fold(0_i64, |sum, digit| {
            sum.checked_mul(10)?.checked_add(i64::from(digit.saturating_sub(b'0')))
        });
        let magnitude = magnitude.ok_or(ParseCentsError::OutOfRange)?;
        Ok(Self(if negative { magnitude.saturating_neg() } else { magnitude }))
    }

    /// US cents as the shortest exact decimal: `0`, `12`, `2.375`, `-0.5`.
    pub fn cents(self) -> impl fmt::Display {
        Cents(self.0)
    }
}

struct Cents(i64);

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        write!(f, "{}", magnitude.div_euclid(10_000))?;
        let fraction = format!("{:04}", magnitude.rem_euclid(10_000));
        let fraction = fraction.trim_end_matches('0');
        if fraction.is_empty() { Ok(()) } else { write!(f, ".{fraction}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cents_are_exact_both_ways() {
        for (text, micro) in [
            ("0", 0),
            ("2.375", 23_750),
            ("18.24", 182_400),
            ("-0.5", -5_000),
            ("100", 1_000_000),
            ("0.0001", 1),
        ] {
            assert_eq!(MicroUsd::from_cents_text(text), Ok(MicroUsd::new(micro)), "{text}");
            assert_eq!(MicroUsd::new(micro).cents().to_string(), text);
        }
        assert_eq!(MicroUsd::from_cents_text("1.5e2"), Ok(MicroUsd::new(1_500_000)));
        assert_eq!(MicroUsd::from_cents_text("2.50000"), Ok(MicroUsd::new(25_000)));
        assert_eq!(MicroUsd::from_cents_text("0e999999"), Ok(MicroUsd::new(0)));
    }

    #[test]
    fn what_is_not_exact_is_refused() {
        assert_eq!(MicroUsd::from_cents_text("1.23456"), Err(ParseCentsError::TooPrecise));
        assert_eq!(MicroUsd::from_cents_text("1e99"), Err(ParseCentsError::OutOfRange));
        for text in ["", ".", "1.", ".5", "0x1", "1e", "--1", "NaN"] {
            assert_eq!(MicroUsd::from_cents_text(text), Err(ParseCentsError::Malformed), "{text}");
        }
    }
}
