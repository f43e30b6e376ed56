//! Which band applies at an instant: local day and time in the plan's zone, from the instant.
//! It knows no prices.

use std::fmt;

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;

use crate::value::{Day, MICROS_PER_DAY, Micros};

use super::money::SECOND;
use super::plan::Band;

const MINUTE: i64 = 60 * SECOND;

/// Days of the week, 1 = Monday … 7 = Sunday, as a set.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct DaysOfWeek(u8);

impl DaysOfWeek {
    /// Every day.
    pub const ALL: Self = Self(0b1111_1110);

    /// From day numbers; `None` if one is not 1…7 or there is none.
    pub fn new(days: &[u8]) -> Option<Self> {
        let bits = days.iter().try_fold(0_u8, |bits, day| Some(bits | Self::bit(*day)?))?;
        (bits != 0).then_some(Self(bits))
    }

    /// Whether the day (1…7) is in the set.
    pub fn has(self, day: u8) -> bool {
        Self::bit(day).is_some_and(|bit| self.0 & bit != 0)
    }

    /// The days, ascending.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        (1..=7).filter(move |day| self.has(*day))
    }

    fn bit(day: u8) -> Option<u8> {
        (1..=7).contains(&day).then(|| 1_u8.wrapping_shl(u32::from(day)))
    }
}

/// A day of every year.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct MonthDay {
    /// 1…12.
    pub month: u8,
    /// 1…31.
    pub day: u8,
}

impl MonthDay {
    /// Reads `MM-DD`; 02-29 is a day, 02-30 is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (month, day) = text.split_once('-')?;
        let (month, day) = (two_digits(month)?, two_digits(day)?);
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 => 29,
            _ => return None,
        };
        (1..=days).contains(&day).then_some(Self { month, day })
    }
}

/// `01-31`.
impl fmt::Display for MonthDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

/// A local time of day in whole minutes, 00:00…23:59.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct BandTime(u16);

impl BandTime {
    /// Reads `HH:MM`.
    pub fn parse(text: &str) -> Option<Self> {
        let (hour, minute) = text.split_once(':')?;
        let (hour, minute) = (two_digits(hour)?, two_digits(minute)?);
        let minutes = u16::from(hour).checked_mul(60)?.checked_add(u16::from(minute))?;
        (hour < 24 && minute < 60).then_some(Self(minutes))
    }

    /// Whether it is 00:00.
    pub const fn is_midnight(self) -> bool {
        self.0 == 0
    }

    fn micros(self) -> i64 {
        i64::from(self.0).saturating_mul(MINUTE)
    }
}

/// `08:00`.
impl fmt::Display for BandTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0.div_euclid(60), self.0.rem_euclid(60))
    }
}

fn two_digits(text: &str) -> Option<u8> {
    (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// An instant as a clock on the wall of some zone shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Local {
    day: Day,
    /// Microseconds since local midnight.
    of_day: i64,
}

impl Local {
    pub(super) fn of(zone: Tz, at: Micros) -> Self {
        let shown = Micros::new(at.get().saturating_add(offset(zone, at)));
        Self { day: shown.day(), of_day: shown.since(shown.day().start()) }
    }

    fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday, day 4.
        let since_monday = i64::from(self.day.get()).saturating_add(3).rem_euclid(7);
        u8::try_from(since_monday.saturating_add(1)).unwrap_or(1)
    }

    fn is_on(self, date: MonthDay) -> bool {
        let [_, month, day] = self.day.civil();
        month == i64::from(date.month) && day == i64::from(date.day)
    }
}

/// `2026-03-29 07:10:45 (day 7)`.
impl fmt::Display for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.of_day.div_euclid(SECOND);
        let (hour, minute) = (seconds.div_euclid(3_600), seconds.div_euclid(60).rem_euclid(60));
        let second = seconds.rem_euclid(60);
        write!(f, "{} {hour:02}:{minute:02}:{second:02} (day {})", self.day, self.weekday())
    }
}

/// Index of the band in force: of those that fit the local day and have begun, one with a date
/// before one without, then the latest, then the first in the file.
pub(super) fn choose(bands: &[Band], local: Local) -> Option<usize> {
    let weekday = local.weekday();
    let mut best: Option<(usize, (bool, BandTime))> = None;
    for (index, band) in bands.iter().enumerate() {
        let fits = band.days.has(weekday)
            && band.at.micros() <= local.of_day
            && band.date.is_none_or(|date| local.is_on(date));
        let rank = (band.date.is_some(), band.at);
        if fits && best.is_none_or(|(_, found)| rank > found) {
            best = Some((index, rank));
        }
    }
    best.map(|(index, _)| index)
}

/// The first instant after `at` at which another band may apply: a band's time, local midnight,
/// or a change of the zone's offset, whichever comes first.
pub(super) fn next_change(bands: &[Band], zone: Tz, at: Micros) -> Micros {
    let local = Local::of(zone, at);
    let starts = bands.iter().map(|band| band.at.micros());
    let border = starts.filter(|start| *start > local.of_day).min().unwrap_or(MICROS_PER_DAY);
    let border = at.get().saturating_add(border.saturating_sub(local.of_day));
    let now = offset(zone, at);
    if offset(zone, Micros::new(border)) == now {
        return Micros::new(border);
    }
    // The clocks change before the border: halve the stretch until the instant is found.
    let (mut before, mut after) = (at.get(), border);
    while after.saturating_sub(before) > 1 {
        let middle = before.midpoint(after);
        if offset(zone, Micros::new(middle)) == now {
            before = middle;
        } else {
            after = middle;
        }
    }
    Micros::new(after)
}

/// Microseconds that the zone is ahead of UTC; 0 beyond the years that chrono can tell.
fn offset(zone: Tz, at: Micros) -> i64 {
    if zone == Tz::UTC {
        return 0;
    }
    let seconds = DateTime::from_timestamp(at.get().div_euclid(SECOND), 0)
        .map_or(0, |utc| zone.offset_from_utc_datetime(&utc.naive_utc()).fix().local_minus_utc());
    i64::from(seconds).saturating_mul(SECOND)
}
