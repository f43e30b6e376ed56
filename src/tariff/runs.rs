//! The increments of a call, counted in closed form: a day in steps of a millisecond costs no
//! more than a minute. It gives stretches of billed time with their slab; it adds no money.

use crate::value::Micros;

use super::calendar::{Local, choose, next_change};
use super::plan::{Band, IncrementRule, Rate, Slab, Terms, TimeOfDay};
use super::unrated::Unrated;

/// Stretches that a call may be split into: a year of hours. Whoever says that a call lasted longer
/// is not to hold up the dials behind it.
const STRETCHES_MAX: u32 = 10_000;

/// Increments of one slab in a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run<'v> {
    /// Price and step.
    pub(super) slab: &'v Slab,
    /// Microseconds billed before.
    pub(super) from: i64,
    /// Microseconds billed by this run.
    pub(super) billed: i64,
}

/// Walks over `time` microseconds of a call from its start.
#[derive(Debug)]
pub(super) struct Runs<'v> {
    terms: &'v Terms,
    bands: &'v [Band],
    /// The band in force at the answer.
    first: usize,
    at: Micros,
    time: i64,
    position: i64,
    is_split: bool,
    stretches: u32,
}

impl<'v> Runs<'v> {
    pub(super) fn new(terms: &'v Terms, rate: &'v Rate, first: usize, at: Micros) -> Self {
        let is_split = terms.time_of_day == TimeOfDay::Split && !rate.is_same_all_day();
        let bands = &rate.bands;
        Self { terms, bands, first, at, time: 0, position: 0, is_split, stretches: 0 }
    }

    /// For this many microseconds.
    pub(super) fn over(self, time: i64) -> Self {
        Self { time, ..self }
    }

    /// Band at the position, and the position at which another may apply.
    fn band(&self) -> Result<(usize, i64), Unrated> {
        if !self.is_split {
            return Ok((self.first, i64::MAX));
        }
        let now = Micros::new(self.at.get().saturating_add(self.position));
        let zone = self.terms.time_zone;
        let band = choose(self.bands, Local::of(zone, now)).ok_or(Unrated::NoBand)?;
        Ok((band, next_change(self.bands, zone, now).since(self.at)))
    }

    fn run(&self) -> Result<Run<'v>, Unrated> {
        let (place, band_end) = self.band()?;
        let band = self.bands.get(place).ok_or(Unrated::NoBand)?;
        if self.terms.increment_rule != IncrementRule::Slab {
            let (slab, billed) = self.whole(band).ok_or(Unrated::NoBand)?;
            return Ok(Run { slab, from: 0, billed });
        }
        let next = band.slabs.partition_point(|slab| slab.from <= self.position);
        let slab = next.checked_sub(1).and_then(|i| band.slabs.get(i)).ok_or(Unrated::NoBand)?;
        let slab_end = band.slabs.get(next).map_or(i64::MAX, |slab| slab.from);
        let end = self.time.min(slab_end).min(band_end);
        let billed = steps(end.saturating_sub(self.position), slab.increment);
        Ok(Run { slab, from: self.position, billed })
    }

    /// The whole call at the first slab's price, by one of the two other rules.
    fn whole(&self, band: &'v Band) -> Option<(&'v Slab, i64)> {
        let slab = band.slabs.first()?;
        let minimum = slab.increment;
        let further = band.slabs.get(1).map_or(minimum, |second| second.increment);
        let multiple = steps(self.time, further);
        let is_short = self.time <= minimum;
        let billed = match self.terms.increment_rule {
            IncrementRule::Slab | IncrementRule::MaxOf => minimum.max(multiple),
            IncrementRule::TotalMultiple if is_short => minimum,
            IncrementRule::TotalMultiple => multiple,
        };
        Some((slab, billed))
    }
}

impl<'v> Iterator for Runs<'v> {
    type Item = Result<Run<'v>, Unrated>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.position >= self.time {
            return None;
        }
        self.stretches = self.stretches.saturating_add(1);
        let is_endless = self.is_split && self.stretches > STRETCHES_MAX;
        let run = if is_endless { Err(Unrated::Overflow) } else { self.run() };
        // After a failure nothing follows.
        self.position = run.map_or(i64::MAX, |run| run.from.saturating_add(run.billed));
        Some(run)
    }
}

/// `time` > 0 rounded up to whole increments; at least one, so that a walk always moves on.
fn steps(time: i64, increment: i64) -> i64 {
    let increment = increment.max(1);
    let begun = time.saturating_sub(1).max(0).div_euclid(increment).saturating_add(1);
    begun.saturating_mul(increment)
}
