//! An exact fraction ≥ 0 in 128 bits, every operation checked. It does not round to decimals by
//! itself (`amount.rs`).

use std::cmp::Ordering;

/// `num` ÷ `den`, num ≥ 0, den > 0. Reduced only when an operation would not fit otherwise:
/// prices of a plan share their denominators, so most sums never need it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ratio {
    num: i128,
    den: i128,
}

impl Ratio {
    /// `None` unless num ≥ 0 and den > 0.
    pub(super) fn new(num: i128, den: i128) -> Option<Self> {
        (num >= 0 && den > 0).then_some(Self { num, den })
    }

    /// Numerator.
    pub(super) const fn num(self) -> i128 {
        self.num
    }

    /// Denominator.
    pub(super) const fn den(self) -> i128 {
        self.den
    }

    /// Sum; `None` if it does not fit even when reduced.
    pub(super) fn plus(self, other: Self) -> Option<Self> {
        self.try_plus(other).or_else(|| self.reduced().try_plus(other.reduced()))
    }

    /// Product; `None` if it does not fit even when reduced.
    pub(super) fn times(self, other: Self) -> Option<Self> {
        self.try_times(other).or_else(|| {
            // Cross-reduced, the product is in lowest terms: nothing smaller can hold it.
            let left = Self { num: self.num, den: other.den }.reduced();
            let right = Self { num: other.num, den: self.den }.reduced();
            left.try_times(right)
        })
    }

    /// Comparison; `None` if the cross products do not fit even when reduced.
    pub(super) fn compare(self, other: Self) -> Option<Ordering> {
        self.try_compare(other).or_else(|| self.reduced().try_compare(other.reduced()))
    }

    fn try_plus(self, other: Self) -> Option<Self> {
        if self.den == other.den {
            return Some(Self { num: self.num.checked_add(other.num)?, den: self.den });
        }
        if other.den.checked_rem(self.den) == Some(0) {
            let scale = other.den.checked_div(self.den)?;
            let num = self.num.checked_mul(scale)?.checked_add(other.num)?;
            return Some(Self { num, den: other.den });
        }
        let common = gcd(self.den, other.den);
        let scale = other.den.checked_div(common)?;
        let other_scale = self.den.checked_div(common)?;
        let num = self.num.checked_mul(scale)?;
        let num = num.checked_add(other.num.checked_mul(other_scale)?)?;
        Some(Self { num, den: self.den.checked_mul(scale)? })
    }

    fn try_times(self, other: Self) -> Option<Self> {
        let num = self.num.checked_mul(other.num)?;
        Some(Self { num, den: self.den.checked_mul(other.den)? })
    }

    fn try_compare(self, other: Self) -> Option<Ordering> {
        Some(self.num.checked_mul(other.den)?.cmp(&other.num.checked_mul(self.den)?))
    }

    fn reduced(self) -> Self {
        let common = gcd(self.num, self.den);
        Self {
            num: self.num.checked_div(common).unwrap_or(self.num),
            den: self.den.checked_div(common).unwrap_or(self.den),
        }
    }
}

/// Greatest common divisor by Euclid; at least 1.
fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a, b);
    while let Some(rest) = a.checked_rem(b) {
        (a, b) = (b, rest);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(num: i128, den: i128) -> Ratio {
        Ratio::new(num, den).unwrap()
    }

    #[test]
    fn sums_and_products_are_exact() {
        let third = ratio(1, 3);
        let sum = third.plus(ratio(1, 6)).unwrap();
        assert_eq!(sum.compare(ratio(1, 2)), Some(Ordering::Equal));
        let sixth = third.times(ratio(1, 2)).unwrap();
        assert_eq!(sixth.compare(ratio(2, 12)), Some(Ordering::Equal));
        assert_eq!(third.compare(ratio(333, 1_000)), Some(Ordering::Greater));
    }

    #[test]
    fn what_fits_when_reduced_is_not_refused() {
        let big = 10_i128.pow(30);
        let one = ratio(big, big);
        let two = one.plus(ratio(big.checked_mul(7).unwrap(), big.checked_mul(7).unwrap()));
        assert_eq!(two.unwrap().compare(ratio(2, 1)), Some(Ordering::Equal));
        assert_eq!(one.times(one).unwrap().compare(ratio(0, 1)), Some(Ordering::Greater));
    }

    #[test]
    fn what_does_not_fit_is_refused_not_wrong() {
        let p = ratio(1, 170_141_183_460_469_231_731_687_303_715_884_105_727);
        assert!(p.plus(ratio(1, 3)).is_none());
        assert!(p.times(p).is_none());
        assert!(Ratio::new(-1, 3).is_none() && Ratio::new(1, 0).is_none());
    }
}
