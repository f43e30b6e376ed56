//! The steps of the rule in words, for people who ask why a dial costs what it costs. It
//! decides nothing: the rule tells it what it did.

use std::cmp::Ordering;

use chrono_tz::Tz;

use crate::value::MicroUsd;

use super::calendar::{DaysOfWeek, Local};
use super::money::{Currency, Decimal, Price, Seconds};
use super::plan::{Band, Grace, GraceMode, MaxCost, MaxStrategy, Rate, Version};
use super::rounding::{DurationRounding, Mode, Rounding};
use super::runs::Run;

/// Hears each step of the rule.
pub(super) trait Trace {
    /// One step; the words are made only if somebody listens.
    fn say(&mut self, words: impl FnOnce() -> String);
}

/// Nobody listens.
#[derive(Debug)]
pub(super) struct Silent;

impl Trace for Silent {
    fn say(&mut self, _: impl FnOnce() -> String) {}
}

impl Trace for Vec<String> {
    fn say(&mut self, words: impl FnOnce() -> String) {
        self.push(words());
    }
}

/// The word of a value in files.
pub(super) fn word<T: Copy + PartialEq>(
    words: &'static [(&'static str, T)],
    value: T,
) -> &'static str {
    words.iter().find(|(_, known)| *known == value).map_or("", |(word, _)| word)
}

pub(super) fn matched(rate: &Rate) -> String {
    let name = rate.name.as_deref().map(|name| format!(" ({name})")).unwrap_or_default();
    format!("rate: longest prefix in force {}{name}", rate.prefix)
}

pub(super) fn unanswered() -> String {
    "not answered: nothing is billed".to_owned()
}

pub(super) fn duration(talk: i64, rounding: DurationRounding, time: i64) -> String {
    let rounding = word(&DurationRounding::WORDS, rounding);
    let (talk, time) = (Seconds::from_micros(talk), Seconds::from_micros(time));
    let end = if time == Seconds::default() { ": nothing is billed" } else { "" };
    format!("duration: {talk} s of talk, rounding {rounding}: {time} s{end}")
}

pub(super) fn grace(grace: Grace, left: Option<i64>) -> String {
    let mode = word(&GraceMode::WORDS, grace.mode);
    let time = Seconds::from_micros(grace.time);
    match left.map(Seconds::from_micros) {
        None => format!("grace: {mode} {time} s not exceeded: nothing is billed"),
        Some(left) => format!("grace: {mode} {time} s: {left} s go on"),
    }
}

pub(super) fn band(band: &Band, zone: Tz, local: Local) -> String {
    format!("band: {} at {local} {}", band_name(band), zone.name())
}

/// `07:00`, `08:00 on days 1 2 3 4 5`, `00:00 on 01-01`.
pub(super) fn band_name(band: &Band) -> String {
    let mut name = band.at.to_string();
    if band.days != DaysOfWeek::ALL {
        let days: Vec<String> = band.days.iter().map(|day| day.to_string()).collect();
        name.push_str(" on days ");
        name.push_str(&days.join(" "));
    }
    if let Some(date) = band.date {
        name.push_str(" on ");
        name.push_str(&date.to_string());
    }
    name
}

pub(super) fn connect_fee(fee: Price) -> String {
    format!("connect fee: {fee}")
}

pub(super) fn run(run: &Run<'_>) -> String {
    let (from, billed) = (Seconds::from_micros(run.from), Seconds::from_micros(run.billed));
    let step = Seconds::from_micros(run.slab.increment);
    let (rate, unit) = (run.slab.rate, run.slab.unit);
    format!("slab: from {from} s {billed} s in steps of {step} s at {rate} per {unit} s")
}

pub(super) fn billed(billed: i64) -> String {
    format!("billed: {} s", Seconds::from_micros(billed))
}

/// What a bound does to a cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Bound {
    Applies,
    Idle,
}

impl Bound {
    /// It applies to a cost on one side of it.
    pub(super) fn applies_at(cost: Ordering, side: Ordering) -> Self {
        if cost == side { Self::Applies } else { Self::Idle }
    }
}

pub(super) fn minimum(least: Price, bound: Bound) -> String {
    let verb = match bound {
        Bound::Applies => "raises the cost",
        Bound::Idle => "is reached",
    };
    format!("minimum cost: {least} {verb}")
}

pub(super) fn maximum(most: MaxCost, bound: Bound) -> String {
    let strategy = word(&MaxStrategy::WORDS, most.strategy);
    let verb = match bound {
        Bound::Applies => "lowers the cost",
        Bound::Idle => "changes nothing",
    };
    format!("maximum cost: {} ({strategy}) {verb}", most.amount)
}

pub(super) fn surcharge(percent: Price) -> String {
    format!("surcharge: {percent} %")
}

pub(super) fn rounded(rounding: Rounding, cost: Decimal) -> String {
    let mode = word(&Mode::WORDS, rounding.mode);
    format!("rounding: {mode} at {} decimals: {cost}", rounding.decimals)
}

pub(super) fn too_large() -> String {
    "the exact sum needs more than 128 bits: calculated again without a bound".to_owned()
}

pub(super) fn plan(version: &Version, currency: Currency) -> String {
    format!("plan: {} in {currency}", version.label())
}

pub(super) fn dollars(currency: Currency, usd: Option<Price>, cost: Option<MicroUsd>) -> String {
    let Some(cost) = cost else { return format!("no exchange rate from {currency} to USD") };
    let cost = Seconds::from_micros(cost.get());
    match usd {
        None => format!("in US dollars: {cost}"),
        Some(usd) => format!("in US dollars: {cost} at {usd} per {currency}"),
    }
}
