//! Dates as clients write them: a day, or a day and a time, with or without a zone.
//! Events have a stricter form of their own (`event`).

use crate::value::{Day, MICROS_PER_DAY, Micros};

/// Reads `YYYY-MM-DD`, or that and `T`, `t` or a blank and `hh:mm[:ss[.f…]]` with an optional
/// `Z`, `±hh:mm`, `±hhmm` or `±hh`. No zone means UTC; 1 to 9 fraction digits, cut to milliseconds.
pub(super) fn parse_date(text: &str) -> Option<Micros> {
    let (day, rest) = text.split_at_checked(10)?;
    let day = parse_day(day)?;
    if rest.is_empty() {
        return Some(day.start());
    }
    let time = rest.strip_prefix(['T', 't', ' '])?;
    let zone_at = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (time, zone) = time.split_at_checked(zone_at)?;
    let of_day = parse_time(time)?;
    let offset = parse_zone(zone)?;
    let at = day.start().get().checked_add(of_day)?.checked_sub(offset)?;
    Some(Micros::new(at).cut_to_ms())
}

fn digits(text: &str, count: usize) -> Option<i64> {
    let fits = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

fn below(text: &str, limit: i64) -> Option<i64> {
    digits(text, 2).filter(|number| *number < limit)
}

fn parse_day(text: &str) -> Option<Day> {
    let mut parts = text.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = digits(parts.next()?, 2)?;
    let day = digits(parts.next()?, 2)?;
    let candidate = Day::new(days_from_civil(year, month, day)?);
    // The 30th of February comes back as another day.
    (candidate.civil() == [year, month, day]).then_some(candidate)
}

/// Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`. Years
/// have four digits here, so nothing comes near the limits of `i64`.
fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i32> {
    let year = if month <= 2 { year.checked_sub(1)? } else { year };
    let era = year.div_euclid(400);
    let yoe = year.rem_euclid(400);
    let shifted_month = month.checked_add(9)?.rem_euclid(12);
    let doy = shifted_month.checked_mul(153)?.checked_add(2)?.div_euclid(5).checked_add(day)?;
    let leaps = yoe.div_euclid(4).checked_sub(yoe.div_euclid(100))?;
    let doe = yoe.checked_mul(365)?.checked_add(leaps)?.checked_add(doy)?.checked_sub(1)?;
    let days = era.checked_mul(146_097)?.checked_add(doe)?.checked_sub(719_468)?;
    i32::try_from(days).ok()
}

/// Microseconds of the day.
fn parse_time(text: &str) -> Option<i64> {
    let (clock, fraction) = match text.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (text, None),
    };
    let mut parts = clock.split(':');
    let hours = below(parts.next()?, 24)?;
    let minutes = below(parts.next()?, 60)?;
    let seconds = match parts.next() {
        Some(seconds) => below(seconds, 60)?,
        None if fraction.is_some() => return None,
        None => 0,
    };
    if parts.next().is_some() {
        return None;
    }
    let whole = hours.checked_mul(3_600)?.checked_add(minutes.checked_mul(60)?)?;
    let whole = whole.checked_add(seconds)?.checked_mul(1_000_000)?;
    whole.checked_add(fraction.map_or(Some(0), parse_fraction)?)
}

fn parse_fraction(text: &str) -> Option<i64> {
    let fits = (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let ms: String = text.chars().chain("000".chars()).take(3).collect();
    if fits { ms.parse::<i64>().ok()?.checked_mul(1_000) } else { None }
}

/// Microseconds east of UTC.
fn parse_zone(text: &str) -> Option<i64> {
    if text.is_empty() || text == "Z" || text == "z" {
        return Some(0);
    }
    let (sign, zone) = text.split_at_checked(1)?;
    let (hours, minutes) = zone.split_at_checked(2)?;
    let minutes = match minutes.strip_prefix(':').unwrap_or(minutes) {
        "" if minutes.is_empty() => 0,
        minutes => below(minutes, 60)?,
    };
    let east = below(hours, 24)?.checked_mul(60)?.checked_add(minutes)?;
    let east = east.checked_mul(60_000_000)?;
    match sign {
        "+" => Some(east),
        "-" if east < MICROS_PER_DAY => Some(east.saturating_neg()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_accepted_form_reads_as_one_instant() {
        for (text, expected) in [
            ("2026-05-14", "2026-05-14T00:00:00.000Z"),
            ("2026-05-14T08:15", "2026-05-14T08:15:00.000Z"),
            ("2026-05-14 08:15:30", "2026-05-14T08:15:30.000Z"),
            ("2026-05-14t08:15:30.2Z", "2026-05-14T08:15:30.200Z"),
            ("2026-05-14T08:15:30.250999999z", "2026-05-14T08:15:30.250Z"),
            ("2026-05-15 08:30:00+02:00", "2026-05-15T06:30:00.000Z"),
            ("2026-05-15T00:30:00-0130", "2026-05-15T02:00:00.000Z"),
            ("2026-05-15T00:30:00+05", "2026-05-14T19:30:00.000Z"),
            ("2024-02-29", "2024-02-29T00:00:00.000Z"),
            ("1969-12-31T23:59:59.9999", "1969-12-31T23:59:59.999Z"),
            ("0001-01-01", "0001-01-01T00:00:00.000Z"),
            ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
        ] {
            let read = parse_date(text).map(|at| at.to_string());
            assert_eq!(read.as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_dates() {
        for text in [
            "",
            "yesterday",
            "2026-02-30",
            "2026-13-01",
            "2026-00-10",
            "2026-1-1",
            "20260514",
            "1774736103000",
            "2026-05-14T",
            "2026-05-14T24:00",
            "2026-05-14T08:60",
            "2026-05-14T08:15:60",
            "2026-05-14T08:15.5",
            "2026-05-14T08:15:30.",
            "2026-05-14T08:15:30.1234567890",
            "2026-05-14T08:15:30+",
            "2026-05-14T08:15:30+2",
            "2026-05-14T08:15:30+02:",
            "2026-05-14T08:15:30+24:00",
            "2026-05-14T08:15:30 Z",
            "2026-05-14  08:15",
            " 2026-05-14",
            "+002026-05-14",
            "2026-05-14TZ",
        ] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }
}
