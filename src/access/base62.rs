//! Numbers as text over `0–9A–Za–z`, most significant digit first, in a fixed width.
//! It only writes: nothing has to be read back from such text.

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Writes the big-endian number in exactly `width` digits; what does not fit is cut at the front.
pub(super) fn encode(number: &[u8], width: usize) -> String {
    let mut rest = number.to_vec();
    let mut digits: Vec<char> = (0..width).map(|_| next_digit(&mut rest)).collect();
    digits.reverse();
    digits.into_iter().collect()
}

/// Divides the number by 62 in place and gives the digit of the remainder.
fn next_digit(number: &mut [u8]) -> char {
    let mut remainder = 0_u16;
    for byte in number {
        // Below 62 · 256, so it fits; the quotient is below 256.
        let part = remainder.wrapping_shl(8) | u16::from(*byte);
        *byte = u8::try_from(part.div_euclid(62)).unwrap_or(u8::MAX);
        remainder = part.rem_euclid(62);
    }
    char::from(ALPHABET.get(usize::from(remainder)).copied().unwrap_or(b'0'))
}

/// Whether every byte is one of the 62.
pub(super) fn is_base62(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_a_fixed_width() {
        assert_eq!(encode(&[0], 3), "000");
        assert_eq!(encode(&[61], 2), "0z");
        assert_eq!(encode(&[62], 2), "10");
        assert_eq!(encode(&u32::MAX.to_be_bytes(), 6), "4gfFC3");
        assert_eq!(encode(&[0xFF; 32], 43).len(), 43);
        assert_eq!(encode(&[0xFF; 32], 44).chars().next(), Some('0'), "256 bits need 43 digits");
    }
}
