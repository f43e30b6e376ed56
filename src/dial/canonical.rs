//! Canonical order of what events say: as the attributes' text, absent = empty, joined by U+001F,
//! compared as bytes. Nothing is joined or copied for it.

use std::cmp::Ordering;

use super::event::{AnsweredBy, Ended, Gateway, HangupSide, Price, Started};
use super::fact::Canonical;
use crate::value::Phone;

fn text_cmp(a: Option<&str>, b: Option<&str>) -> Ordering {
    a.unwrap_or("").as_bytes().cmp(b.unwrap_or("").as_bytes())
}

/// Orders integers by their decimal text, absent first, as canonical bytes do.
fn decimal_cmp(a: Option<u16>, b: Option<u16>) -> Ordering {
    left_aligned(a).cmp(&left_aligned(b))
}

/// The number times the power of ten that brings it to five digits, and how many digits it had:
/// these compare as the decimal texts do, which compare from the left.
fn left_aligned(number: Option<u16>) -> Option<(u32, u32)> {
    let number = u32::from(number?);
    let digits = number.checked_ilog10().map_or(1, |log| log.saturating_add(1));
    Some((number.saturating_mul(10_u32.saturating_pow(5_u32.saturating_sub(digits))), digits))
}

/// Absent, or the same.
fn agrees<T: PartialEq + Copy>(a: Option<T>, b: Option<T>) -> bool {
    a.is_none() || a == b
}

impl Canonical for Started {
    fn canonical_cmp(&self, other: &Self) -> Ordering {
        fn phone(started: &Started) -> Option<&str> {
            started.phone.as_ref().map(Phone::reveal)
        }
        fn gateway(started: &Started) -> Option<&str> {
            started.gateway.as_ref().map(Gateway::as_str)
        }
        self.call
            .cmp(&other.call)
            .then_with(|| self.rule.cmp(&other.rule))
            .then_with(|| self.user.cmp(&other.user))
            .then_with(|| text_cmp(phone(self), phone(other)))
            .then_with(|| text_cmp(gateway(self), gateway(other)))
            .then_with(|| decimal_cmp(self.ring_timeout_s, other.ring_timeout_s))
    }

    fn is_told_by(&self, other: &Self) -> bool {
        agrees(self.call, other.call)
            && agrees(self.rule, other.rule)
            && agrees(self.user, other.user)
            && agrees(self.phone.as_ref(), other.phone.as_ref())
            && agrees(self.gateway.as_ref(), other.gateway.as_ref())
            && agrees(self.ring_timeout_s, other.ring_timeout_s)
    }
}

impl Canonical for AnsweredBy {
    fn canonical_cmp(&self, other: &Self) -> Ordering {
        self.word().cmp(other.word())
    }

    fn is_told_by(&self, other: &Self) -> bool {
        self == other
    }
}

impl Canonical for Ended {
    fn canonical_cmp(&self, other: &Self) -> Ordering {
        let side = |e: &Self| e.side.map(HangupSide::word);
        text_cmp(self.reason.as_deref(), other.reason.as_deref())
            .then_with(|| text_cmp(self.kind.as_deref(), other.kind.as_deref()))
            .then_with(|| text_cmp(self.status.as_deref(), other.status.as_deref()))
            .then_with(|| decimal_cmp(self.sip, other.sip))
            .then_with(|| decimal_cmp(self.q850.map(u16::from), other.q850.map(u16::from)))
            .then_with(|| text_cmp(side(self), side(other)))
            .then_with(|| text_cmp(self.vendor_reason.as_deref(), other.vendor_reason.as_deref()))
    }

    fn is_told_by(&self, other: &Self) -> bool {
        agrees(self.reason.as_deref(), other.reason.as_deref())
            && agrees(self.kind.as_deref(), other.kind.as_deref())
            && agrees(self.status.as_deref(), other.status.as_deref())
            && agrees(self.sip, other.sip)
            && agrees(self.q850, other.q850)
            && agrees(self.side, other.side)
            && agrees(self.vendor_reason.as_deref(), other.vendor_reason.as_deref())
    }
}

impl Canonical for Price {
    fn canonical_cmp(&self, other: &Self) -> Ordering {
        // Amounts are padded with zeros: their text compares as the number does.
        self.micro.cmp(&other.micro).then_with(|| self.currency.cmp(&other.currency))
    }

    fn is_told_by(&self, other: &Self) -> bool {
        self == other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_compare_as_their_decimal_text() {
        let all = (0..=1_100).chain(9_990..=10_010).chain([3_600, 65_535]).map(Some);
        let all: Vec<Option<u16>> = all.chain([None]).collect();
        let text = |n: Option<u16>| n.map(|n| n.to_string()).unwrap_or_default();
        for a in &all {
            for b in &all {
                assert_eq!(decimal_cmp(*a, *b), text(*a).cmp(&text(*b)), "{a:?} {b:?}");
            }
        }
    }
}
