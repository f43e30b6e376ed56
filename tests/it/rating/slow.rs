//! A second rater, written from the rule as it stands in words: unbounded fractions, one
//! increment after the other, nothing shared with the program.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Timelike};
use chrono_tz::Tz;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};

use super::plans::{BandSpec, CallSpec, RateSpec, SlabSpec, VersionSpec};

/// What comes out.
#[derive(PartialEq, Eq, Debug)]
pub struct Answer {
    pub cost: BigRational,
    pub micro_usd: BigInt,
    pub billed_ms: i64,
    pub prefix: String,
}

/// The rule, step by step; the reason's label if there is no charge.
pub fn rate(version: &VersionSpec, call: &CallSpec) -> Result<Answer, &'static str> {
    let digits = e164(&call.number).ok_or("invalid_number")?;
    let rate = find(version, &digits, call.at_ms).ok_or("no_rate")?;
    let free = Ok(answer(version, rate, BigRational::zero(), 0));
    if !call.answered {
        return free;
    }
    let mut time = rounded_time(version.duration_rounding, call.talk.max(0));
    if time == 0 {
        return free;
    }
    match version.grace {
        Some((grace, "threshold")) if time <= grace => return free,
        Some((grace, "deduct")) => time = (time - grace).max(0),
        _ => {}
    }
    let first = band(version, rate, call.at_ms).ok_or("no_band")?;
    let (sum, billed) = match version.rule {
        "slab" => slabs(version, rate, call.at_ms, time)?,
        rule => whole(rule, &rate.bands[first].slabs, time),
    };
    let mut cost = decimal(&rate.bands[first].fee) + sum;
    if let Some(least) = &version.min_cost {
        cost = cost.max(decimal(least));
    }
    if let Some((most, "free")) = &version.max_cost {
        cost = cost.min(decimal(most));
    }
    if let Some(percent) = &version.surcharge {
        cost *= BigRational::one() + decimal(percent) / integer(100);
    }
    Ok(answer(version, rate, round(&cost, version.mode, version.decimals), billed))
}

fn answer(version: &VersionSpec, rate: &RateSpec, cost: BigRational, billed_ms: i64) -> Answer {
    let micro = &cost * decimal(&version.usd) * integer(1_000_000);
    let micro_usd = round(&micro, "half_even", 0).to_integer();
    Answer { cost, micro_usd, billed_ms, prefix: rate.prefix.to_owned() }
}

fn e164(number: &str) -> Option<String> {
    let digits = number.strip_prefix('+')?;
    let fits = digits.len() >= 2
        && digits.len() <= 15
        && digits.chars().all(|c| c.is_ascii_digit())
        && !digits.starts_with('0');
    fits.then(|| digits.to_owned())
}

fn find<'v>(version: &'v VersionSpec, digits: &str, at_ms: i64) -> Option<&'v RateSpec> {
    let length = |rate: &RateSpec| if rate.prefix == "*" { 0 } else { rate.prefix.len() };
    let mut fitting: Vec<&RateSpec> = version
        .rates
        .iter()
        .filter(|r| r.prefix == "*" || digits.starts_with(r.prefix))
        .filter(|r| r.from.unwrap_or(i64::MIN / 1_000) * 1_000 <= at_ms)
        .filter(|r| r.to.is_none_or(|to| at_ms < to * 1_000))
        .collect();
    fitting.sort_by_key(|r| (length(r), r.from.unwrap_or(i64::MIN)));
    fitting.last().copied()
}

fn rounded_time(rounding: &str, ms: i64) -> i64 {
    let (whole, rest) = (ms / 1_000 * 1_000, ms % 1_000);
    match rounding {
        "none" => ms,
        "up" if rest > 0 => whole + 1_000,
        "half_up" if rest >= 500 => whole + 1_000,
        "half_down" if rest > 500 => whole + 1_000,
        _ => whole,
    }
}

fn band(version: &VersionSpec, rate: &RateSpec, at_ms: i64) -> Option<usize> {
    let zone: Tz = version.zone.parse().unwrap();
    let local = DateTime::from_timestamp_millis(at_ms).unwrap().with_timezone(&zone);
    let today = local.weekday().number_from_monday();
    let seconds = i64::from(local.num_seconds_from_midnight());
    let fits = |band: &BandSpec| {
        band.days.contains(&today)
            && band.date.is_none_or(|date| date == (local.month(), local.day()))
            && band.at * 60 <= seconds
    };
    let mut fitting: Vec<usize> = (0..rate.bands.len()).filter(|i| fits(&rate.bands[*i])).collect();
    fitting.sort_by_key(|i| {
        let band = &rate.bands[*i];
        (band.date.is_none(), -band.at, *i)
    });
    fitting.first().copied()
}

fn slabs(
    version: &VersionSpec,
    rate: &RateSpec,
    at_ms: i64,
    time: i64,
) -> Result<(BigRational, i64), &'static str> {
    let mut counts: BTreeMap<(usize, usize), i64> = BTreeMap::new();
    let mut position = 0;
    while position < time {
        let now = if version.split { at_ms + position } else { at_ms };
        let band = band(version, rate, now).ok_or("no_band")?;
        let slabs = &rate.bands[band].slabs;
        let slab = (0..slabs.len()).rfind(|i| slabs[*i].from <= position).unwrap();
        *counts.entry((band, slab)).or_default() += 1;
        position += slabs[slab].increment;
    }
    let sum = counts.iter().map(|((band, slab), count)| {
        let slab = &rate.bands[*band].slabs[*slab];
        price(slab, slab.increment * count)
    });
    Ok((sum.sum(), position))
}

fn whole(rule: &str, slabs: &[SlabSpec], time: i64) -> (BigRational, i64) {
    if time == 0 {
        return (BigRational::zero(), 0);
    }
    let (minimum, further) = (slabs[0].increment, slabs[slabs.len() - 1].increment);
    let multiple = (time + further - 1) / further * further;
    let billed = match rule {
        "total_multiple" if time <= minimum => minimum,
        "total_multiple" => multiple,
        _ => multiple.max(minimum),
    };
    (price(&slabs[0], billed), billed)
}

fn price(slab: &SlabSpec, ms: i64) -> BigRational {
    decimal(&slab.rate) * integer(ms) / integer(1_000 * slab.unit)
}

fn integer(value: i64) -> BigRational {
    BigRational::from_integer(BigInt::from(value))
}

/// Digits and point, as a fraction.
pub fn decimal(text: &str) -> BigRational {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits: BigInt = format!("{whole}{part}").parse().unwrap();
    BigRational::new(digits, BigInt::from(10).pow(u32::try_from(part.len()).unwrap()))
}

fn round(value: &BigRational, mode: &str, decimals: u32) -> BigRational {
    let scale = BigRational::from_integer(BigInt::from(10).pow(decimals));
    let scaled = value * &scale;
    let (down, rest) = (scaled.floor(), scaled.fract());
    let half = BigRational::new(BigInt::one(), BigInt::from(2));
    let odd = !(down.to_integer() % BigInt::from(2)).is_zero();
    let goes_up = match mode {
        "up" => !rest.is_zero(),
        "half_up" => rest >= half,
        "half_down" => rest > half,
        "half_even" => rest > half || (rest == half && odd),
        _ => false,
    };
    (if goes_up { down + BigRational::one() } else { down }) / scale
}
