//! What the rule needs of a number: add, multiply, compare, round once. Two kinds of number do
//! it, 128 bits and unbounded; the rule is written once for both. It knows no plan.

use std::cmp::Ordering;

use super::money::Decimal;
use super::ratio::Ratio;
use super::rounding::{Rest, Rounding};
use super::wide::{Natural, Wide};

/// An exact sum ≥ 0. `None` = it does not fit into this kind of number.
pub(super) trait Amount: Sized {
    /// From a fraction.
    fn from_ratio(ratio: Ratio) -> Self;
    /// Sum.
    fn plus(&self, other: Ratio) -> Option<Self>;
    /// Product.
    fn times(&self, factor: Ratio) -> Option<Self>;
    /// Comparison.
    fn compare(&self, other: Ratio) -> Option<Ordering>;
    /// The one rounding.
    fn round(&self, rounding: Rounding) -> Option<Decimal>;
}

impl Amount for Ratio {
    fn from_ratio(ratio: Ratio) -> Self {
        ratio
    }

    fn plus(&self, other: Ratio) -> Option<Self> {
        (*self).plus(other)
    }

    fn times(&self, factor: Ratio) -> Option<Self> {
        (*self).times(factor)
    }

    fn compare(&self, other: Ratio) -> Option<Ordering> {
        (*self).compare(other)
    }

    /// Long division: first as many digits at once as fit, then one by one.
    fn round(&self, rounding: Rounding) -> Option<Decimal> {
        let den = self.den();
        let whole = self.num().checked_div(den)?;
        let mut rest = self.num().checked_rem(den)?;
        let mut fraction: i128 = 0;
        let scale = 10_i128.checked_pow(rounding.decimals)?;
        if let Some(scaled) = rest.checked_mul(scale) {
            fraction = scaled.checked_div(den)?;
            rest = scaled.checked_rem(den)?;
        } else {
            for _ in 0..rounding.decimals {
                rest = rest.checked_mul(10)?;
                fraction = fraction.checked_mul(10)?.checked_add(rest.checked_div(den)?)?;
                rest = rest.checked_rem(den)?;
            }
        }
        let left =
            if rest == 0 { Rest::Nothing } else { Rest::Part(rest.cmp(&den.checked_sub(rest)?)) };
        Some(finish(whole, fraction, rounding, left))
    }
}

impl Amount for Wide {
    fn from_ratio(ratio: Ratio) -> Self {
        Self { num: Natural::from_i128(ratio.num()), den: Natural::from_i128(ratio.den()) }
    }

    fn plus(&self, other: Ratio) -> Option<Self> {
        let other = Self::from_ratio(other);
        if self.den == other.den {
            return Some(Self { num: self.num.plus(&other.num), den: other.den });
        }
        let num = self.num.times(&other.den).plus(&other.num.times(&self.den));
        Some(Self { num, den: self.den.times(&other.den) })
    }

    fn times(&self, factor: Ratio) -> Option<Self> {
        let factor = Self::from_ratio(factor);
        Some(Self { num: self.num.times(&factor.num), den: self.den.times(&factor.den) })
    }

    fn compare(&self, other: Ratio) -> Option<Ordering> {
        let other = Self::from_ratio(other);
        Some(self.num.times(&other.den).cmp(&other.num.times(&self.den)))
    }

    /// Long division by repeated subtraction, one decimal digit after the other.
    fn round(&self, rounding: Rounding) -> Option<Decimal> {
        let ten = Natural::from_i128(10);
        let mut powers = vec![self.den.clone()];
        while let Some(next) = powers.last().map(|p| p.times(&ten)).filter(|p| *p <= self.num) {
            powers.push(next);
        }
        let mut rest = self.num.clone();
        let mut whole: i128 = 0;
        for power in powers.iter().rev() {
            whole = whole.checked_mul(10)?.checked_add(take_digit(&mut rest, power))?;
        }
        let mut fraction: i128 = 0;
        for _ in 0..rounding.decimals {
            rest = rest.times(&ten);
            fraction = fraction.checked_mul(10)?.checked_add(take_digit(&mut rest, &self.den))?;
        }
        let left = if rest.is_zero() {
            Rest::Nothing
        } else {
            Rest::Part(rest.plus(&rest).cmp(&self.den))
        };
        Some(finish(whole, fraction, rounding, left))
    }
}

/// Takes `unit` away as often as it goes, and says how often.
fn take_digit(rest: &mut Natural, unit: &Natural) -> i128 {
    let mut digit: i128 = 0;
    while *rest >= *unit {
        *rest = rest.minus(unit);
        digit = digit.saturating_add(1);
    }
    digit
}

/// Applies the mode and moves a full fraction into the whole part.
fn finish(whole: i128, fraction: i128, rounding: Rounding, rest: Rest) -> Decimal {
    let places = rounding.decimals;
    let last = if places == 0 { whole } else { fraction };
    let carry = rounding.mode.carry(last, rest);
    let full = 10_i128.saturating_pow(places);
    let fraction = fraction.saturating_add(if places == 0 { 0 } else { carry });
    let is_full = places == 0 && carry == 1 || fraction >= full;
    let whole = whole.saturating_add(i128::from(is_full));
    Decimal::new(whole, if fraction >= full { 0 } else { fraction }, places)
}
