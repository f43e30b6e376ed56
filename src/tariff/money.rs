//! Amounts of a plan: prices, currencies, and decimals that are exact to the last digit.
//! It does not add or round (`amount.rs`, `rounding.rs`).

use std::fmt;

/// 10⁹: parts of a unit of currency that a price counts.
pub(super) const NANOS: i128 = 1_000_000_000;
/// Microseconds of a second.
pub(super) const SECOND: i64 = 1_000_000;

/// An amount of a plan's currency in billionths, never negative. Files hold at most 9 decimals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Price(i64);

impl Price {
    /// From billionths of a unit of currency; negative ones are 0.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(if nanos < 0 { 0 } else { nanos })
    }

    /// Billionths of a unit of currency.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Reads plain decimal text (`12`, `0.0125`); `None` if it is something else, has more than
    /// 9 decimals or does not fit.
    pub fn parse(text: &str) -> Option<Self> {
        Decimal::parse(text)?.scaled(9).and_then(|nanos| i64::try_from(nanos).ok()).map(Self)
    }
}

/// The shortest exact decimal: `0.0125`.
impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = i128::from(self.0);
        write!(f, "{}", Decimal::new(nanos.div_euclid(NANOS), nanos.rem_euclid(NANOS), 9))
    }
}

/// Microseconds, printed as seconds in the shortest exact decimal: `36`, `0.5`, `-3`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Seconds(i64);

impl Seconds {
    /// From microseconds.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Reads decimal text (`47.613`, `-3`); `None` if it is something else, has more than
    /// 6 decimals or does not fit.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let micros = i64::try_from(Decimal::parse(digits)?.scaled(6)?).ok()?;
        Some(Self(if negative { micros.saturating_neg() } else { micros }))
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = i128::from(self.0.unsigned_abs());
        let sign = if self.0 < 0 { "-" } else { "" };
        let second = i128::from(SECOND);
        let size = Decimal::new(micros.div_euclid(second), micros.rem_euclid(second), 6);
        write!(f, "{sign}{size}")
    }
}

/// A decimal ≥ 0: whole part and digits behind the point. Equal values compare equal only with
/// equal places; print them to compare across places.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Decimal {
    whole: i128,
    /// Below 10^places.
    fraction: i128,
    places: u32,
}

impl Decimal {
    /// Nothing.
    pub const ZERO: Self = Self { whole: 0, fraction: 0, places: 0 };
    /// More digits behind the point are not held.
    pub const PLACES_MAX: u32 = 20;

    /// `whole` + `fraction` ÷ 10^`places`.
    pub(super) const fn new(whole: i128, fraction: i128, places: u32) -> Self {
        Self { whole, fraction, places }
    }

    /// Reads `digits` or `digits.digits`: no sign, no exponent, no spaces.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let is_digits = |part: &str| {
            !part.is_empty() && part.len() <= 30 && part.bytes().all(|b| b.is_ascii_digit())
        };
        if !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        let kept = fraction.trim_end_matches('0');
        let places = u32::try_from(kept.len()).ok().filter(|n| *n <= Self::PLACES_MAX)?;
        let fraction = if kept.is_empty() { 0 } else { kept.parse().ok()? };
        Some(Self { whole: whole.parse().ok()?, fraction, places })
    }

    /// The value × 10^`places`, if that is a whole number that fits.
    pub fn scaled(&self, places: u32) -> Option<i128> {
        let more = places.checked_sub(self.places)?;
        let whole = self.whole.checked_mul(10_i128.checked_pow(places)?)?;
        whole.checked_add(self.fraction.checked_mul(10_i128.checked_pow(more)?)?)
    }

    /// Digits held behind the point, trailing zeros included.
    pub const fn places(&self) -> u32 {
        self.places
    }

    /// The whole part.
    pub const fn whole(&self) -> i128 {
        self.whole
    }

    /// What is behind the point, × 10^[`Self::places`].
    pub const fn fraction(&self) -> i128 {
        self.fraction
    }
}

/// The shortest exact text: `0`, `12`, `0.0036`.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.whole)?;
        if self.fraction == 0 {
            return Ok(());
        }
        let width = usize::try_from(self.places).unwrap_or(0);
        let digits = format!("{:0width$}", self.fraction);
        write!(f, ".{}", digits.trim_end_matches('0'))
    }
}

/// Three capitals of ISO 4217.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The US dollar: needs no exchange rate.
    pub const USD: Self = Self(*b"USD");

    /// Takes exactly three capital letters.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 3] = text.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_uppercase).then_some(Self(bytes))
    }

    /// The letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("")
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_print_as_short_as_they_are_exact() {
        for (text, shown) in
            [("0", "0"), ("007.50", "7.5"), ("0.000000001", "0.000000001"), ("12.0", "12")]
        {
            assert_eq!(Price::parse(text).unwrap().to_string(), shown);
        }
        for (text, micros) in [("47.613", 47_613_000), ("-3", -3_000_000), ("0.000001", 1)] {
            let seconds = Seconds::parse(text).unwrap();
            assert_eq!((seconds.micros(), seconds.to_string().as_str()), (micros, text));
        }
    }

    #[test]
    fn what_is_no_plain_decimal_is_refused() {
        for bad in ["", ".", "1.", ".5", "-1", "+1", "1e3", "0,5", " 1", "1_0", "0x1", "١"] {
            assert_eq!(Price::parse(bad), None, "{bad}");
        }
        assert_eq!(Price::parse("0.0000000001"), None);
        assert_eq!(Seconds::parse("0.0000001"), None);
        assert_eq!(Seconds::parse("--1"), None);
    }
}
