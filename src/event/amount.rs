//! Decimal text of a price to millionths of its currency, exactly. It converts no currencies.

/// Reads `[0-9]{1,9}(\.[0-9]{1,12})?` and rounds to six places, half to even.
pub(super) fn micros(text: &str) -> Option<i64> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let fits = |digits: &str, most: usize| {
        (1..=most).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
    };
    if !fits(whole, 9) || !fraction.is_none_or(|digits| fits(digits, 12)) {
        return None;
    }
    let digits = fraction.unwrap_or_default().bytes().chain([b'0'; 12]).take(12);
    let picos = whole.bytes().chain(digits).try_fold(0_i128, |sum, byte| {
        sum.checked_mul(10)?.checked_add(i128::from(byte.saturating_sub(b'0')))
    })?;
    let (micros, rest) = (picos.div_euclid(1_000_000), picos.rem_euclid(1_000_000));
    let goes_up = rest > 500_000 || (rest == 500_000 && micros.rem_euclid(2) == 1);
    i64::try_from(if goes_up { micros.checked_add(1)? } else { micros }).ok()
}

/// The text that reads back as these millionths; `None` for what no text gives.
pub(super) fn text(micros: i64) -> Option<String> {
    let (whole, fraction) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    (0..=999_999_999).contains(&whole).then(|| format!("{whole}.{fraction:06}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_and_round_half_to_even() {
        for (text, expected) in [
            ("0", 0),
            ("0.0288", 28_800),
            ("999999999.999999", 999_999_999_999_999),
            ("007", 7_000_000),
            ("0.0000005", 0),
            ("0.0000015", 2),
            ("0.0000025", 2),
            ("0.000000500001", 1),
            ("0.000000499999", 0),
        ] {
            assert_eq!(micros(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_plain_decimal_is_refused() {
        for text in
            ["", ".5", "1.", "-1", "+1", "1e3", "1,5", "1234567890", "0.1234567890123", " 1", "१"]
        {
            assert_eq!(micros(text), None, "{text}");
        }
    }

    #[test]
    fn text_reads_back() {
        for amount in [0, 1, 28_800, 999_999_999_999_999] {
            assert_eq!(text(amount).as_deref().and_then(micros), Some(amount));
        }
        assert_eq!(text(-1), None);
    }
}
