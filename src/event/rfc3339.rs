//! RFC 3339 text to an instant, exactly and without a calendar library.
//! It does not judge whether a time is plausible (`judge` does).

use crate::value::Micros;

/// Reads `YYYY-MM-DDThh:mm:ss`, then 1 to 9 fraction digits behind a point or none, then `Z` or
/// `±hh:mm`; cuts to whole milliseconds. Leap seconds and days no calendar has are `None`.
pub(super) fn parse(text: &str) -> Option<Micros> {
    let (head, rest) = text.as_bytes().split_first_chunk::<19>()?;
    let [y1, y2, y3, y4, b'-', mo1, mo2, b'-', d1, d2, b'T', h1, h2, b':', mi1, mi2, b':', s1, s2] =
        *head
    else {
        return None;
    };
    let year = two(y1, y2)?.checked_mul(100)?.checked_add(two(y3, y4)?)?;
    let (month, day) = (two(mo1, mo2)?, two(d1, d2)?);
    let (hour, minute, second) = (two(h1, h2)?, two(mi1, mi2)?, two(s1, s2)?);
    let fits = hour < 24 && minute < 60 && second < 60;
    if !fits || day < 1 || day > days_in_month(year, month) {
        return None;
    }
    let (millis, zone) = fraction(rest)?;
    let minutes = days_from_civil(year, month, day)
        .checked_mul(1_440)?
        .checked_add(hour.checked_mul(60)?)?
        .checked_add(minute)?
        .checked_sub(offset_minutes(zone)?)?;
    let ms = minutes.checked_mul(60)?.checked_add(second)?.checked_mul(1_000)?;
    Some(Micros::from_ms(ms.checked_add(millis)?))
}

fn digit(byte: u8) -> Option<i64> {
    let digit = byte.wrapping_sub(b'0');
    (digit < 10).then(|| i64::from(digit))
}

fn two(tens: u8, ones: u8) -> Option<i64> {
    digit(tens)?.checked_mul(10)?.checked_add(digit(ones)?)
}

/// Milliseconds of the fraction, cut, and what follows it.
fn fraction(rest: &[u8]) -> Option<(i64, &[u8])> {
    let Some((b'.', rest)) = rest.split_first() else {
        return Some((0, rest));
    };
    let count = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    if !(1..=9).contains(&count) {
        return None;
    }
    let (digits, zone) = rest.split_at_checked(count)?;
    let padded = digits.iter().copied().chain([b'0', b'0']).take(3);
    let millis =
        padded.map(digit).try_fold(0_i64, |sum, d| sum.checked_mul(10)?.checked_add(d?))?;
    Some((millis, zone))
}

/// Minutes east of UTC.
fn offset_minutes(zone: &[u8]) -> Option<i64> {
    let (sign, [h1, h2, b':', m1, m2]) = (match zone {
        b"Z" => return Some(0),
        [sign, rest @ ..] => (sign, <[u8; 5]>::try_from(rest).ok()?),
        [] => return None,
    }) else {
        return None;
    };
    let (hours, minutes) = (two(h1, h2)?, two(m1, m2)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let offset = hours.checked_mul(60)?.checked_add(minutes)?;
    match sign {
        b'+' => Some(offset),
        b'-' => offset.checked_neg(),
        _ => None,
    }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    let is_leap =
        year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0);
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => 0,
    }
}

/// Days since 1970-01-01. Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms",
/// `days_from_civil`; with four-digit years nothing comes near the limits of `i64`.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month <= 2 {
        (year.saturating_sub(1), month.saturating_add(9))
    } else {
        (year, month.saturating_sub(3))
    };
    let of_era = year.rem_euclid(400);
    let day_of_year = month
        .saturating_mul(153)
        .saturating_add(2)
        .div_euclid(5)
        .saturating_add(day.saturating_sub(1));
    let day_of_era = of_era
        .saturating_mul(365)
        .saturating_add(of_era.div_euclid(4))
        .saturating_sub(of_era.div_euclid(100))
        .saturating_add(day_of_year);
    year.div_euclid(400).saturating_mul(146_097).saturating_add(day_of_era).saturating_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> Option<i64> {
        parse(text).map(Micros::ms)
    }

    #[test]
    fn times_are_cut_to_milliseconds_and_taken_to_utc() {
        assert_eq!(ms("2026-03-28T22:15:03Z"), Some(1_774_736_103_000));
        assert_eq!(ms("2026-03-29T08:10:10.537999+02:00"), Some(1_774_764_610_537));
        assert_eq!(ms("2026-12-31T23:59:59.999999Z"), Some(1_798_761_599_999));
        assert_eq!(ms("2026-03-28T22:15:03.5-00:00"), Some(1_774_736_103_500));
        assert_eq!(ms("1969-12-31T23:59:59.9Z"), Some(-100));
        assert_eq!(ms("2000-02-29T00:00:00.000000001Z"), Some(951_782_400_000));
    }

    #[test]
    fn every_civil_day_reads_as_it_prints() {
        for day in (-719_528..2_932_896).step_by(17) {
            let start = crate::value::Day::new(day).start();
            assert_eq!(parse(&start.to_string()), Some(start), "{start}");
        }
    }

    #[test]
    fn what_is_no_rfc_3339_time_of_the_calendar_is_refused() {
        for text in [
            "",
            "2026-03-28",
            "2026-03-28T22:15:03",
            "2026-03-28 22:15:03Z",
            "2026-03-28t22:15:03z",
            "2026-03-28T22:15:60Z",
            "2026-03-28T24:00:00Z",
            "2026-03-28T22:60:00Z",
            "2026-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-03-28T22:15:03.Z",
            "2026-03-28T22:15:03.1234567890Z",
            "2026-03-28T22:15:03+0200",
            "2026-03-28T22:15:03+24:00",
            "2026-03-28T22:15:03+02:60",
            "2026-03-28T22:15:03ZZ",
            "2026-03-28T22:15:03 Z",
            "+026-03-28T22:15:03Z",
            "2026-03-28T22:15:03é",
            "1774736103",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
