//! An exact fraction ≥ 0 without a bound: for the rare plan whose units have so few common
//! factors that 128 bits do not hold the sum. Slow and simple; it is never the first choice.

use std::cmp::Ordering;

/// A natural number: 32-bit limbs, the smallest first, no leading zero limb.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Natural(Vec<u32>);

impl Natural {
    /// From a number; negative ones are 0.
    pub(super) fn from_i128(value: i128) -> Self {
        let mut rest = u128::try_from(value).unwrap_or(0);
        let mut limbs = Vec::with_capacity(4);
        while rest > 0 {
            limbs.push(low(rest));
            rest = rest.wrapping_shr(32);
        }
        Self(limbs)
    }

    /// Whether it is 0.
    pub(super) const fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    /// Sum.
    pub(super) fn plus(&self, other: &Self) -> Self {
        let count = self.0.len().max(other.0.len()).saturating_add(1);
        let mut carry: u64 = 0;
        let limbs = (0..count).map(|i| {
            let sum = self.limb(i).wrapping_add(other.limb(i)).wrapping_add(carry);
            carry = sum.wrapping_shr(32);
            low(u128::from(sum))
        });
        Self::trimmed(limbs.collect())
    }

    /// Difference; `other` must not be greater.
    pub(super) fn minus(&self, other: &Self) -> Self {
        let mut borrow: u64 = 0;
        let limbs = (0..self.0.len()).map(|i| {
            let taken = other.limb(i).wrapping_add(borrow);
            borrow = u64::from(self.limb(i) < taken);
            low(u128::from(self.limb(i).wrapping_sub(taken)))
        });
        Self::trimmed(limbs.collect())
    }

    /// Product.
    pub(super) fn times(&self, other: &Self) -> Self {
        let mut sum = Self(Vec::new());
        for (zeros, factor) in other.0.iter().enumerate() {
            let mut limbs = vec![0; zeros];
            let mut carry: u64 = 0;
            for limb in self.0.iter().chain(std::iter::once(&0)) {
                // Below 2^64: (2^32 − 1)² + 2^32.
                let product = u64::from(*limb).wrapping_mul(u64::from(*factor));
                let product = product.wrapping_add(carry);
                carry = product.wrapping_shr(32);
                limbs.push(low(u128::from(product)));
            }
            sum = sum.plus(&Self::trimmed(limbs));
        }
        sum
    }

    fn limb(&self, index: usize) -> u64 {
        self.0.get(index).copied().map_or(0, u64::from)
    }

    fn trimmed(mut limbs: Vec<u32>) -> Self {
        while limbs.last() == Some(&0) {
            limbs.pop();
        }
        Self(limbs)
    }
}

impl Ord for Natural {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_size = self.0.len().cmp(&other.0.len());
        by_size.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn low(value: u128) -> u32 {
    u32::try_from(value & u128::from(u32::MAX)).unwrap_or(0)
}

/// `num` ÷ `den`, den > 0; never reduced.
#[derive(Clone, Debug)]
pub(super) struct Wide {
    /// Numerator.
    pub(super) num: Natural,
    /// Denominator.
    pub(super) den: Natural,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Two of them multiply within 128 bits.
    const HALF: u64 = u64::MAX.wrapping_shr(1);

    fn natural(value: u64) -> Natural {
        Natural::from_i128(i128::from(value))
    }

    proptest! {
        #[test]
        fn naturals_calculate_as_integers_do(
            a in 0..=HALF, b in 0..=HALF, c in 0_u64..1_000,
        ) {
            let (low, high) = (a.min(b), a.max(b));
            prop_assert_eq!(natural(high).minus(&natural(low)), natural(high.abs_diff(low)));
            prop_assert_eq!(natural(a).cmp(&natural(b)), a.cmp(&b));
            let product = i128::from(a).checked_mul(i128::from(b));
            let expected = Natural::from_i128(product.unwrap_or(0));
            prop_assert_eq!(natural(a).times(&natural(b)), expected);
            // (a + b) · b · c = a·b·c + b·b·c, far beyond 128 bits when b is large.
            let many = natural(b).times(&natural(b)).times(&natural(b)).times(&natural(c));
            let left = natural(a).plus(&natural(b)).times(&many);
            let right = natural(a).times(&many).plus(&natural(b).times(&many));
            prop_assert_eq!(left, right);
        }
    }
}
