//! Prefixes of phone numbers, and the longest one that matches. It knows no prices.

use std::fmt;
use std::sync::Arc;

/// Most digits of an E.164 number, and so of a prefix.
const DIGITS_MAX: usize = 15;

/// Up to 15 digits, packed so that numbers compare as texts do: four bits a digit from the top,
/// 1…10 for 0…9, and 0 behind the end. A prefix therefore stands right before what it begins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Digits(u64);

impl Digits {
    /// Packs the first 15 digits; `None` if a byte is no digit.
    pub(super) fn pack(text: &str) -> Option<Self> {
        let mut packed: u64 = 0;
        let mut count: u32 = 0;
        for byte in text.bytes() {
            if !byte.is_ascii_digit() {
                return None;
            }
            if usize::try_from(count).is_ok_and(|count| count < DIGITS_MAX) {
                let digit = u64::from(byte.wrapping_sub(b'0').wrapping_add(1));
                packed = packed.wrapping_shl(4) | digit;
                count = count.wrapping_add(1);
            }
        }
        let free = 16_u32.saturating_sub(count).saturating_mul(4);
        Some(Self(packed.checked_shl(free).unwrap_or(0)))
    }

    /// Whether `number` begins with these digits.
    pub(super) fn begins(self, number: Self) -> bool {
        // Empty nibbles at the end; all 16 of them in the empty prefix `*`.
        let free = self.0.trailing_zeros() & !3;
        (self.0 ^ number.0).checked_shr(free).unwrap_or(0) == 0
    }
}

/// The prefix of a rate: 1…15 digits, or `*`, which every number begins with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prefix {
    text: Arc<str>,
    digits: Digits,
}

impl Prefix {
    /// Reads `*` or 1…15 digits; a leading `+` is dropped.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self { text: text.into(), digits: Digits(0) });
        }
        let text = text.strip_prefix('+').unwrap_or(text);
        let digits = Digits::pack(text)?;
        (1..=DIGITS_MAX).contains(&text.len()).then(|| Self { text: text.into(), digits })
    }

    /// As written, without a `+`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The shared text.
    pub const fn text(&self) -> &Arc<str> {
        &self.text
    }

    pub(super) const fn digits(&self) -> Digits {
        self.digits
    }

    /// Whether every number that begins with `other` begins with this prefix too.
    pub fn begins(&self, other: &Self) -> bool {
        self.digits.begins(other.digits)
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// All prefixes of a version, sorted; each knows the longest other one it begins with, so one
/// binary search finds every prefix of a number.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct PrefixIndex {
    prefixes: Vec<Digits>,
    /// Where the next shorter prefix stands.
    parents: Vec<Option<u32>>,
}

impl PrefixIndex {
    /// Takes distinct prefixes in ascending order.
    pub(super) fn new(prefixes: Vec<Digits>) -> Self {
        let mut open: Vec<(u32, Digits)> = Vec::with_capacity(DIGITS_MAX);
        let mut parents = Vec::with_capacity(prefixes.len());
        for (place, prefix) in (0_u32..).zip(&prefixes) {
            while open.last().is_some_and(|(_, parent)| !parent.begins(*prefix)) {
                open.pop();
            }
            parents.push(open.last().map(|(place, _)| *place));
            open.push((place, *prefix));
        }
        Self { prefixes, parents }
    }

    /// Places of the prefixes of `number`, the longest first.
    pub(super) fn matches(&self, number: Digits) -> impl Iterator<Item = usize> {
        let place = self.prefixes.partition_point(|prefix| *prefix <= number).checked_sub(1);
        std::iter::successors(place, |place| self.parent(*place))
            .filter(move |place| self.prefixes.get(*place).is_some_and(|p| p.begins(number)))
    }

    fn parent(&self, place: usize) -> Option<usize> {
        usize::try_from(self.parents.get(place).copied()??).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_prefix_is_digits_or_a_star() {
        assert_eq!(Prefix::parse("+44").unwrap().as_str(), "44");
        assert_eq!(Prefix::parse("123456789012345").unwrap().as_str(), "123456789012345");
        for bad in ["", "+", "4a", "1234567890123456", "**", "+*", "٤٤"] {
            assert_eq!(Prefix::parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn the_index_finds_what_a_scan_finds(
            texts in prop::collection::btree_set("[0-2]{1,6}|[0-9]{14,15}|\\*", 0..60),
            number in "[0-2]{2,15}",
        ) {
            let mut prefixes: Vec<_> =
                texts.iter().map(|text| Prefix::parse(text).unwrap()).collect();
            prefixes.sort_by_key(Prefix::digits);
            let index = PrefixIndex::new(prefixes.iter().map(Prefix::digits).collect());
            let digits = Digits::pack(&number).unwrap();
            let found: Vec<_> = index.matches(digits).map(|i| prefixes[i].to_string()).collect();
            let mut scanned: Vec<_> =
                texts.iter().filter(|t| *t == "*" || number.starts_with(*t)).cloned().collect();
            scanned.sort_by_key(|t| std::cmp::Reverse(if t == "*" { 0 } else { t.len() }));
            prop_assert_eq!(found, scanned);
        }
    }
}
