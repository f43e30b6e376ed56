//! A small seeded generator (`SplitMix64` of S. Vigna): fast, and the same everywhere.
//! Not for secrets.

use super::traffic::Share;

/// A source of numbers that look random.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A source for one thing among many, the same each time.
    pub(super) fn of(seed: u64, kind: u64, number: u64) -> Self {
        let mut random = Self(seed ^ kind.rotate_left(32) ^ number.wrapping_mul(0x9E6D_5AFC_1D2F));
        random.next();
        random
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 to `bound` − 1; 0 for bound 0.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(bound);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// From `least` to `most`.
    pub(super) fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.below(most.saturating_sub(least) + 1)
    }

    pub(super) fn happens(&mut self, share: Share) -> bool {
        share.0 > 0 && self.below(1_000_000) < u64::from(share.0)
    }

    pub(super) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of them.
    pub(super) fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let count = u64::try_from(of.len()).unwrap_or(0);
        usize::try_from(self.below(count)).ok().and_then(|at| of.get(at))
    }

    /// 16 random bytes with the marks of a UUID version 4.
    pub(super) fn uuid_v4(&mut self) -> [u8; 16] {
        let wide = (u128::from(self.next()) << 64) | u128::from(self.next());
        marked(wide.to_be_bytes(), 0x40)
    }

    /// A UUID version 7: the time, then random bits.
    pub(super) fn uuid_v7(&mut self, ms: i64) -> [u8; 16] {
        let wide = (u128::from(self.next()) << 64) | u128::from(self.next());
        let mut bytes = wide.to_be_bytes();
        for (byte, time) in bytes.iter_mut().zip(ms.to_be_bytes().into_iter().skip(2)) {
            *byte = time;
        }
        marked(bytes, 0x70)
    }
}

fn marked(bytes: [u8; 16], version: u8) -> [u8; 16] {
    let mut at = 0;
    bytes.map(|byte| {
        at += 1;
        match at {
            7 => (byte & 0x0F) | version,
            9 => (byte & 0x3F) | 0x80,
            _ => byte,
        }
    })
}
