//! What a plan says: versions, rates, bands, slabs, and the terms that hold for a whole version.
//! It holds and finds; it does not calculate (`charge.rs`), and what is read from a file has
//! been checked there (`source.rs`).

use std::sync::Arc;

use chrono_tz::Tz;

use crate::value::Micros;

use super::calendar::{BandTime, DaysOfWeek, MonthDay};
use super::few::{OneOrMore, TwoOrMore};
use super::money::{Currency, Price};
use super::prefix::{Digits, Prefix, PrefixIndex};
use super::rounding::{DurationRounding, Rounding};

/// One price list: its versions, each complete.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// `[a-z0-9][a-z0-9-]{0,63}`.
    pub id: Arc<str>,
    /// Currency of all its prices.
    pub currency: Currency,
    /// In any order.
    pub versions: Vec<Arc<Version>>,
}

/// Which version it is, and from when on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// Id of the plan.
    pub plan: Arc<str>,
    /// 1, 2, 3 … within the plan.
    pub number: u32,
    /// First instant it applies to.
    pub effective_from: Micros,
    /// Whether it may change the cost of past items.
    pub backdate: bool,
}

/// A plan's content from an instant on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Version {
    head: Head,
    label: Arc<str>,
    terms: Terms,
    /// Sorted by prefix; of one prefix the later `effective_from` first.
    rates: Vec<Rate>,
    index: PrefixIndex,
    /// Where the rates of each prefix begin; one entry more than prefixes.
    starts: Vec<usize>,
}

impl Version {
    /// Orders and indexes the rates.
    pub fn new(head: Head, terms: Terms, mut rates: Vec<Rate>) -> Self {
        rates.sort_by(|a, b| {
            let by_prefix = a.prefix.digits().cmp(&b.prefix.digits());
            by_prefix.then_with(|| b.effective_from.cmp(&a.effective_from))
        });
        let mut prefixes: Vec<Digits> = Vec::with_capacity(rates.len());
        let mut starts = Vec::with_capacity(rates.len());
        for (place, rate) in rates.iter().enumerate() {
            if prefixes.last() != Some(&rate.prefix.digits()) {
                prefixes.push(rate.prefix.digits());
                starts.push(place);
            }
        }
        starts.push(rates.len());
        let label = format!("{}@{}", head.plan, head.number).into();
        Self { head, label, terms, rates, index: PrefixIndex::new(prefixes), starts }
    }

    /// Which version it is.
    pub const fn head(&self) -> &Head {
        &self.head
    }

    /// `plan@number`, shared.
    pub const fn label(&self) -> &Arc<str> {
        &self.label
    }

    /// What holds for all its rates.
    pub const fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Its rates, sorted by prefix.
    pub fn rates(&self) -> &[Rate] {
        &self.rates
    }

    /// Whether the content is the same; whether it may change the past is no content.
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.label == other.label
            && self.head.effective_from == other.head.effective_from
            && self.terms == other.terms
            && self.rates == other.rates
    }

    /// The rate in force at `at` with the longest prefix of the digits.
    pub(super) fn find(&self, digits: Digits, at: Micros) -> Option<&Rate> {
        self.index.matches(digits).find_map(|place| {
            let start = *self.starts.get(place)?;
            let end = *self.starts.get(place.checked_add(1)?)?;
            self.rates.get(start..end)?.iter().find(|rate| rate.is_in_force(at))
        })
    }
}

/// What holds for all rates of a version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Terms {
    /// The one rounding of the cost.
    pub rounding: Rounding,
    /// Talk time to whole seconds.
    pub duration_rounding: DurationRounding,
    /// How increments add up.
    pub increment_rule: IncrementRule,
    /// Free seconds.
    pub grace: Option<Grace>,
    /// Zone of the bands.
    pub time_zone: Tz,
    /// Which band prices a call that crosses into another.
    pub time_of_day: TimeOfDay,
    /// The least an answered call costs.
    pub min_cost: Option<Price>,
    /// The most a call costs.
    pub max_cost: Option<MaxCost>,
    /// Percent on top of the cost, in billionths of a percent as [`Price`] counts.
    pub surcharge_percent: Price,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            rounding: Rounding::default(),
            duration_rounding: DurationRounding::Up,
            increment_rule: IncrementRule::Slab,
            grace: None,
            time_zone: Tz::UTC,
            time_of_day: TimeOfDay::Answer,
            min_cost: None,
            max_cost: None,
            surcharge_percent: Price::from_nanos(0),
        }
    }
}

/// How minimum (m) and further increment (i) make billed time of a duration (d).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum IncrementRule {
    /// m + ⌈(d − m) ÷ i⌉ · i, at least m.
    #[default]
    Slab,
    /// d ≤ m: m; else ⌈d ÷ i⌉ · i.
    TotalMultiple,
    /// max(m, ⌈d ÷ i⌉ · i).
    MaxOf,
}

impl IncrementRule {
    /// Word in files, and the rule.
    pub const WORDS: [(&'static str, Self); 3] =
        [("slab", Self::Slab), ("total_multiple", Self::TotalMultiple), ("max_of", Self::MaxOf)];
}

/// Time that costs nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Grace {
    /// Microseconds.
    pub time: i64,
    /// What happens beyond.
    pub mode: GraceMode,
}

/// What a call longer than the grace pays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GraceMode {
    /// All of it.
    Threshold,
    /// What is longer.
    Deduct,
}

impl GraceMode {
    /// Word in files, and the mode.
    pub const WORDS: [(&'static str, Self); 2] =
        [("threshold", Self::Threshold), ("deduct", Self::Deduct)];
}

/// Which band prices a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum TimeOfDay {
    /// The one at the answer, for the whole call.
    #[default]
    Answer,
    /// At each increment the one in force then.
    Split,
}

impl TimeOfDay {
    /// Word in files, and the choice.
    pub const WORDS: [(&'static str, Self); 2] = [("answer", Self::Answer), ("split", Self::Split)];
}

/// The most a call costs, before the surcharge.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MaxCost {
    /// In the plan's currency.
    pub amount: Price,
    /// What happens at the amount.
    pub strategy: MaxStrategy,
}

/// What happens when the maximum is reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MaxStrategy {
    /// The rest of the call is free.
    Free,
    /// The switch would have cut the call; it has happened, so nothing is cut.
    Disconnect,
}

impl MaxStrategy {
    /// Word in files, and the strategy.
    pub const WORDS: [(&'static str, Self); 2] =
        [("free", Self::Free), ("disconnect", Self::Disconnect)];
}

/// A plan's line for a prefix.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rate {
    /// What a number has to begin with.
    pub prefix: Prefix,
    /// For people.
    pub name: Option<Box<str>>,
    /// First instant, `None` = open.
    pub effective_from: Option<Micros>,
    /// First instant after, `None` = open.
    pub effective_to: Option<Micros>,
    /// In the order of the file.
    pub bands: OneOrMore<Band>,
}

impl Rate {
    /// Whether the window holds the instant.
    pub fn is_in_force(&self, at: Micros) -> bool {
        self.effective_from.is_none_or(|from| from <= at)
            && self.effective_to.is_none_or(|to| at < to)
    }

    /// The one band, if it applies at every instant.
    pub(super) fn is_same_all_day(&self) -> bool {
        matches!(&*self.bands, [band] if band.at.is_midnight()
            && band.days == DaysOfWeek::ALL && band.date.is_none())
    }
}

/// A time of day with its prices.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Band {
    /// Local time from which on it applies, to the next band of that day.
    pub at: BandTime,
    /// Local days it applies on.
    pub days: DaysOfWeek,
    /// Only on this day of the year.
    pub date: Option<MonthDay>,
    /// Once per call.
    pub connect_fee: Price,
    /// The first at 0, then rising; increments above 0.
    pub slabs: TwoOrMore<Slab>,
}

/// A stretch of the call with one price.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slab {
    /// Microseconds of billed time at which it begins.
    pub from: i64,
    /// Price of a unit.
    pub rate: Price,
    /// Whole seconds the price is for.
    pub unit: u32,
    /// Microseconds of a billing step.
    pub increment: i64,
}
