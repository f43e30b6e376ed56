//! A hash over many items that does not depend on their order: two files or stores with the same
//! items have the same. Holds one number, however many items there are.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// The sum of the SHA-256 of every line, modulo 2^256, and how many there were.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Digest {
    sum: [u8; 32],
    count: u64,
}

impl Digest {
    /// One more line.
    pub(super) fn add(&mut self, line: &[u8]) {
        let hash: [u8; 32] = Sha256::digest(line).into();
        let mut carry = 0_u16;
        for (own, new) in self.sum.iter_mut().zip(hash).rev() {
            let sum = u16::from(*own) + u16::from(new) + carry;
            let [high, low] = sum.to_be_bytes();
            (*own, carry) = (low, u16::from(high));
        }
        self.count += 1;
    }

    /// How many lines.
    pub(super) const fn count(&self) -> u64 {
        self.count
    }
}

/// 64 hex digits.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sum.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[&str]) -> Digest {
        let mut digest = Digest::default();
        for line in lines {
            digest.add(line.as_bytes());
        }
        digest
    }

    #[test]
    fn the_order_does_not_count_and_everything_else_does() {
        assert_eq!(of(&["a", "b", "c"]), of(&["c", "a", "b"]));
        assert_ne!(of(&["a", "b"]), of(&["a", "b", "b"]));
        assert_ne!(of(&["a", "b"]), of(&["a", "c"]));
        assert_eq!(of(&[]).to_string(), "0".repeat(64));
        let one = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";
        assert_eq!(of(&["a"]).to_string(), one);
    }
}
