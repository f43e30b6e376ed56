//! Rule R1: what one dial costs under one version. Each step sees only what the steps before it
//! left; nothing is rounded between them. It picks no version and knows no dollars (`book.rs`).

use std::cmp::Ordering;
use std::sync::Arc;

use crate::value::Micros;

use super::amount::Amount;
use super::calendar::{Local, choose};
use super::explain::{self, Bound, Silent, Trace};
use super::money::{Decimal, NANOS, Price, SECOND, Seconds};
use super::plan::{Band, GraceMode, MaxStrategy, Rate, Version};
use super::prefix::Digits;
use super::ratio::Ratio;
use super::runs::{Run, Runs};
use super::unrated::Unrated;
use super::wide::Wide;

/// What is rated.
#[derive(Clone, Copy)]
pub struct Talk<'a> {
    /// The dialed number; no `Debug`, it is personal.
    pub number: Option<&'a str>,
    /// Whether somebody answered.
    pub answered: bool,
    /// When it was answered, else when it started: decides rate, band and exchange rate.
    pub at: Micros,
    /// Microseconds of talk; negative counts as 0.
    pub micros: i64,
}

impl std::fmt::Debug for Talk<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Talk({} us at {:?})", self.micros, self.at)
    }
}

/// Which texts are numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Numbers {
    /// `+` and 2…15 digits, the first not 0.
    #[default]
    E164,
    /// Digits only: for comparison with engines that dial "1002".
    Digits,
}

/// The charge in the plan's currency.
#[derive(Clone, Debug)]
pub struct Bill<'v> {
    /// The version it was rated by.
    pub version: &'v Version,
    /// The rate that matched.
    pub rate: &'v Rate,
    /// The band at the answer; `None` where the rule ended before it.
    pub band: Option<&'v Band>,
    /// Billed time.
    pub billed: Seconds,
    /// After the one rounding.
    pub cost: Decimal,
}

impl Bill<'_> {
    /// The prefix that matched, shared.
    pub const fn prefix(&self) -> &Arc<str> {
        self.rate.prefix.text()
    }
}

impl Version {
    /// Rates one dial: the rule R1.
    pub fn rate(&self, talk: &Talk<'_>, numbers: Numbers) -> Result<Bill<'_>, Unrated> {
        self.rate_traced(talk, numbers, &mut Silent)
    }

    /// As [`Self::rate`], telling `trace` each step.
    pub(super) fn rate_traced<T: Trace>(
        &self,
        talk: &Talk<'_>,
        numbers: Numbers,
        trace: &mut T,
    ) -> Result<Bill<'_>, Unrated> {
        let digits = digits(talk.number, numbers)?;
        let rate = self.find(digits, talk.at).ok_or(Unrated::NoRate)?;
        trace.say(|| explain::matched(rate));
        let free = |band| Bill {
            version: self,
            rate,
            band,
            billed: Seconds::default(),
            cost: Decimal::ZERO,
        };
        if !talk.answered {
            trace.say(explain::unanswered);
            return Ok(free(None));
        }
        let Some(time) = self.billable(talk, trace) else { return Ok(free(None)) };
        let zone = self.terms().time_zone;
        let first = if rate.is_same_all_day() {
            0
        } else {
            choose(&rate.bands, Local::of(zone, talk.at)).ok_or(Unrated::NoBand)?
        };
        let band = rate.bands.get(first).ok_or(Unrated::NoBand)?;
        trace.say(|| explain::band(band, zone, Local::of(zone, talk.at)));
        let call = Call { version: self, rate, band: first, at: talk.at, time };
        let (cost, billed) = match call.price::<Ratio, T>(trace) {
            Err(Stop::TooLarge) => {
                trace.say(explain::too_large);
                call.price::<Wide, T>(trace)
            }
            priced => priced,
        }
        .map_err(|stop| match stop {
            Stop::Unrated(reason) => reason,
            Stop::TooLarge => Unrated::Overflow,
        })?;
        Ok(Bill { billed: Seconds::from_micros(billed), cost, ..free(Some(band)) })
    }

    /// Steps 4 and 5: the time to bill; `None` = nothing, not even a connect fee.
    fn billable<T: Trace>(&self, talk: &Talk<'_>, trace: &mut T) -> Option<i64> {
        let terms = self.terms();
        let time = terms.duration_rounding.apply(talk.micros.max(0));
        trace.say(|| explain::duration(talk.micros, terms.duration_rounding, time));
        if time == 0 {
            return None;
        }
        let Some(grace) = terms.grace else { return Some(time) };
        let left = match grace.mode {
            GraceMode::Threshold => (time > grace.time).then_some(time),
            GraceMode::Deduct => Some(time.saturating_sub(grace.time).max(0)),
        };
        trace.say(|| explain::grace(grace, left));
        left
    }
}

/// Step 1.
fn digits(number: Option<&str>, numbers: Numbers) -> Result<Digits, Unrated> {
    let number = number.ok_or(Unrated::NoNumber)?;
    let digits = match numbers {
        Numbers::Digits => Some(number).filter(|n| !n.is_empty()),
        Numbers::E164 => number
            .strip_prefix('+')
            .filter(|digits| (2..=15).contains(&digits.len()) && !digits.starts_with('0')),
    };
    digits.and_then(Digits::pack).ok_or(Unrated::InvalidNumber)
}

/// Why a sum did not come out.
enum Stop {
    Unrated(Unrated),
    /// It does not fit into this kind of number.
    TooLarge,
}

/// An answered call with time to bill and its first band.
struct Call<'v> {
    version: &'v Version,
    rate: &'v Rate,
    band: usize,
    at: Micros,
    time: i64,
}

impl Call<'_> {
    /// Steps 7 to 12: the cost, and the billed microseconds.
    fn price<A: Amount, T: Trace>(&self, trace: &mut T) -> Result<(Decimal, i64), Stop> {
        let terms = self.version.terms();
        let band = self.rate.bands.get(self.band).ok_or(Stop::Unrated(Unrated::NoBand))?;
        let mut cost = A::from_ratio(money(band.connect_fee).ok_or(Stop::TooLarge)?);
        trace.say(|| explain::connect_fee(band.connect_fee));
        let mut billed: i64 = 0;
        for run in Runs::new(terms, self.rate, self.band, self.at).over(self.time) {
            let run = run.map_err(Stop::Unrated)?;
            cost = run_cost(&run).and_then(|part| cost.plus(part)).ok_or(Stop::TooLarge)?;
            billed = billed.saturating_add(run.billed);
            trace.say(|| explain::run(&run));
        }
        trace.say(|| explain::billed(billed));
        let cost = self.bounded(cost, trace).ok_or(Stop::TooLarge)?;
        let rounded = cost.round(terms.rounding).ok_or(Stop::TooLarge)?;
        trace.say(|| explain::rounded(terms.rounding, rounded));
        Ok((rounded, billed))
    }

    /// Steps 9 to 11.
    fn bounded<A: Amount, T: Trace>(&self, mut cost: A, trace: &mut T) -> Option<A> {
        let terms = self.version.terms();
        if let Some(least) = terms.min_cost {
            let bound = money(least)?;
            let effect = Bound::applies_at(cost.compare(bound)?, Ordering::Less);
            trace.say(|| explain::minimum(least, effect));
            if effect == Bound::Applies {
                cost = A::from_ratio(bound);
            }
        }
        if let Some(most) = terms.max_cost {
            let bound = money(most.amount)?;
            let effect = match most.strategy {
                MaxStrategy::Free => Bound::applies_at(cost.compare(bound)?, Ordering::Greater),
                MaxStrategy::Disconnect => Bound::Idle,
            };
            trace.say(|| explain::maximum(most, effect));
            if effect == Bound::Applies {
                cost = A::from_ratio(bound);
            }
        }
        if terms.surcharge_percent > Price::default() {
            let hundred = NANOS.checked_mul(100)?;
            let percent = i128::from(terms.surcharge_percent.nanos());
            trace.say(|| explain::surcharge(terms.surcharge_percent));
            cost = cost.times(Ratio::new(hundred.checked_add(percent)?, hundred)?)?;
        }
        Some(cost)
    }
}

fn money(price: Price) -> Option<Ratio> {
    Ratio::new(i128::from(price.nanos()), NANOS)
}

/// Price × billed time ÷ unit.
fn run_cost(run: &Run<'_>) -> Option<Ratio> {
    let num = i128::from(run.slab.rate.nanos()).checked_mul(i128::from(run.billed))?;
    let unit = NANOS.checked_mul(i128::from(SECOND))?;
    Ratio::new(num, unit.checked_mul(i128::from(run.slab.unit))?)
}
