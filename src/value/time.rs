//! Instants and UTC days. No clock is read here: every time is handed in.
//! It does not parse text (the edges do, each by its own rules); it writes one form.

use std::fmt;
use std::time::Duration;

/// Microseconds of a day.
pub const MICROS_PER_DAY: i64 = 86_400_000_000;
/// A slice: ten minutes of `createdAt`, in microseconds (`docs`: items of a call are found by it).
pub const SLICE_MICROS: i64 = 600_000_000;

/// An instant: microseconds since 1970-01-01T00:00:00Z. Times of events are whole milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Micros(i64);

impl Micros {
    /// The earliest instant that can be told: below every time of an event.
    pub const MIN: Self = Self(i64::MIN);
    /// The latest instant that can be told.
    pub const MAX: Self = Self(i64::MAX);

    /// From microseconds since 1970.
    pub const fn new(micros: i64) -> Self {
        Self(micros)
    }

    /// From milliseconds since 1970, saturating.
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms.saturating_mul(1_000))
    }

    /// Microseconds since 1970.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Whole milliseconds since 1970, rounded down.
    pub const fn ms(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// The same instant cut to whole milliseconds.
    #[must_use]
    pub const fn cut_to_ms(self) -> Self {
        Self::from_ms(self.ms())
    }

    /// The UTC day that holds the instant.
    pub fn day(self) -> Day {
        // An i64 of microseconds spans ± 107 million days: it always fits.
        Day(i32::try_from(self.0.div_euclid(MICROS_PER_DAY)).unwrap_or(0))
    }

    /// Start of the ten-minute slice that holds the instant.
    #[must_use]
    pub const fn slice(self) -> Self {
        Self(self.0.div_euclid(SLICE_MICROS).saturating_mul(SLICE_MICROS))
    }

    /// Later by `span`, saturating.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }

    /// Earlier by `span`, saturating.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }

    /// Signed microseconds from `earlier` to this instant, saturating.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Year, month, day, hour, minute, second, millisecond in UTC (proleptic Gregorian).
    pub fn civil(self) -> [i64; 7] {
        let [year, month, day] = self.day().civil();
        let of_day = self.0.rem_euclid(MICROS_PER_DAY);
        let parts = [of_day.div_euclid(3_600_000_000), of_day.div_euclid(60_000_000)];
        [
            year,
            month,
            day,
            parts[0],
            parts[1].rem_euclid(60),
            of_day.div_euclid(1_000_000).rem_euclid(60),
            of_day.div_euclid(1_000).rem_euclid(1_000),
        ]
    }
}

/// RFC 3339 in UTC with exactly three fraction digits, e.g. `2026-05-14T08:15:30.250Z`.
impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [year, month, day, hour, minute, second, ms] = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
    }
}

impl fmt::Debug for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}µs", self.0)
    }
}

/// A UTC day, counted from 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Day(i32);

impl Day {
    /// From days since 1970-01-01.
    pub const fn new(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    pub const fn get(self) -> i32 {
        self.0
    }

    /// Midnight UTC at which the day begins.
    pub fn start(self) -> Micros {
        Micros(i64::from(self.0).saturating_mul(MICROS_PER_DAY))
    }

    /// Midnight UTC at which the day ends, that is the start of the next one.
    pub fn end(self) -> Micros {
        Micros(self.start().0.saturating_add(MICROS_PER_DAY))
    }

    /// Year, month, day. Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms",
    /// `civil_from_days`; all intermediate values are far inside `i64`.
    pub fn civil(self) -> [i64; 3] {
        let z = i64::from(self.0).saturating_add(719_468);
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let leap_corrected = doe
            .saturating_sub(doe.div_euclid(1_460))
            .saturating_add(doe.div_euclid(36_524))
            .saturating_sub(doe.div_euclid(146_096));
        let yoe = leap_corrected.div_euclid(365);
        let days_before_year = yoe
            .saturating_mul(365)
            .saturating_add(yoe.div_euclid(4))
            .saturating_sub(yoe.div_euclid(100));
        let doy = doe.saturating_sub(days_before_year);
        let mp = doy.saturating_mul(5).saturating_add(2).div_euclid(153);
        let days_before_month = mp.saturating_mul(153).saturating_add(2).div_euclid(5);
        let day = doy.saturating_sub(days_before_month).saturating_add(1);
        let month = if mp < 10 { mp.saturating_add(3) } else { mp.saturating_sub(9) };
        let year = era.saturating_mul(400).saturating_add(yoe);
        [if month <= 2 { year.saturating_add(1) } else { year }, month, day]
    }
}

/// `2026-05-14`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [year, month, day] = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_prints_as_rfc_3339_with_three_digits() {
        assert_eq!(Micros::from_ms(1_774_736_103_000).to_string(), "2026-03-28T22:15:03.000Z");
        assert_eq!(Micros::new(-1).to_string(), "1969-12-31T23:59:59.999Z");
        assert_eq!(Micros::from_ms(951_782_400_000).to_string(), "2000-02-29T00:00:00.000Z");
    }

    #[test]
    fn days_and_slices_round_down() {
        assert_eq!(Micros::new(-1).day().get(), -1);
        assert_eq!(Micros::new(SLICE_MICROS + 1).slice().get(), SLICE_MICROS);
        assert_eq!(Day::new(20_540).start().day().get(), 20_540);
    }

    #[test]
    fn every_day_of_four_centuries_is_the_next_civil_day() {
        let mut previous = Day::new(-1).civil();
        for days in 0..146_097 {
            let civil = Day::new(days).civil();
            assert!(civil > previous, "{civil:?} after {previous:?}");
            previous = civil;
        }
        assert_eq!(previous, [2369, 12, 31]);
    }
}
