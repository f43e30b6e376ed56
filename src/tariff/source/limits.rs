//! Texts of a tariff file or sheet → values within their limits. Where the text stands is not
//! its business.

use std::sync::Arc;

use chrono::DateTime;
use uuid::Uuid;

use crate::tariff::book::Gateway;
use crate::tariff::calendar::{BandTime, MonthDay};
use crate::tariff::money::{Currency, Decimal, Price, Seconds};
use crate::tariff::prefix::Prefix;
use crate::value::{Micros, ProjectId};

use super::finding::{Problem, suggest};

/// Rates of one version.
pub(super) const RATES_MAX: usize = 200_000;
const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 86_400_000_000;

/// Prices, fees and amounts: 0 ≤ x < 10,000, at most 9 decimals.
pub(super) fn price(text: &str) -> Result<Price, Problem> {
    let limit = Price::from_nanos(10_000_000_000_000);
    Price::parse(text).filter(|price| *price < limit).ok_or_else(|| {
        Problem::new(
            format!("`{text}` is no price"),
            "write a decimal from 0 to below 10000 with at most 9 decimals and a point, as \
             \"0.0125\"",
        )
    })
}

/// Dollars of a unit of currency: a price above 0.
pub(super) fn usd(text: &str) -> Result<Price, Problem> {
    let usd = price(text)?;
    if usd == Price::default() {
        return Err(Problem::new("a currency worth nothing makes every cost 0", "state its price"));
    }
    Ok(usd)
}

/// Percent: 0…1000, at most 4 decimals.
pub(super) fn percent(text: &str) -> Result<Price, Problem> {
    let limit = Price::from_nanos(1_000_000_000_000);
    let has_few_decimals = Decimal::parse(text).is_some_and(|percent| percent.places() <= 4);
    Price::parse(text).filter(|percent| has_few_decimals && *percent <= limit).ok_or_else(|| {
        Problem::new(
            format!("`{text}` is no percentage"),
            "write a decimal from 0 to 1000 with at most 4 decimals, as \"7.5\"",
        )
    })
}

/// Minimum or increment: 0.001…86,400 s.
pub(super) fn increment(text: &str) -> Result<i64, Problem> {
    milliseconds(text).filter(|time| (1..=DAY).contains(time)).ok_or_else(|| {
        Problem::new(
            format!("`{text}` is no billing step"),
            "write seconds from 0.001 to 86400 with at most 3 decimals",
        )
    })
}

/// Where a slab begins.
pub(super) fn slab_from(text: &str) -> Result<i64, Problem> {
    milliseconds(text).ok_or_else(|| {
        Problem::new(
            format!("`{text}` is no place in a call"),
            "write seconds from 0 on with at most 3 decimals",
        )
    })
}

/// Grace: at most an hour.
pub(super) fn grace(text: &str) -> Result<i64, Problem> {
    milliseconds(text).filter(|time| *time <= HOUR).ok_or_else(|| {
        Problem::new(
            format!("`{text}` is no grace"),
            "write seconds from 0 to 3600 with at most 3 decimals",
        )
    })
}

fn milliseconds(text: &str) -> Option<i64> {
    let time = Seconds::parse(text)?.micros();
    (time >= 0 && time.rem_euclid(1_000) == 0 && !text.starts_with('-')).then_some(time)
}

/// Seconds that a rate is for: 1…86,400.
pub(super) fn unit(text: &str) -> Result<u32, Problem> {
    whole(text, 1, 86_400, "unit")
}

/// Digits kept of a cost: 0…20.
pub(super) fn decimals(text: &str) -> Result<u32, Problem> {
    whole(text, 0, Decimal::PLACES_MAX, "number of decimals")
}

/// Number of a version: from 1 on.
pub(super) fn version_number(text: &str) -> Result<u32, Problem> {
    whole(text, 1, u32::MAX, "version number")
}

fn whole(text: &str, least: u32, most: u32, noun: &str) -> Result<u32, Problem> {
    let is_plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = text.parse().ok().filter(|number| is_plain && (least..=most).contains(number));
    number.ok_or_else(|| {
        Problem::new(
            format!("`{text}` is no {noun}"),
            format!("write a whole number from {least} to {most}"),
        )
    })
}

/// `*` or 1…15 digits, the first not 0.
pub(super) fn prefix(text: &str) -> Result<Prefix, Problem> {
    let prefix = Prefix::parse(text).filter(|prefix| !prefix.as_str().starts_with('0'));
    prefix.ok_or_else(|| {
        Problem::new(
            format!("`{text}` is no prefix"),
            "write `*` or 1 to 15 digits with the country code first, none of 0 before it",
        )
    })
}

/// RFC 3339 with a zone.
pub(super) fn instant(text: &str) -> Result<Micros, Problem> {
    let parsed = DateTime::parse_from_rfc3339(text);
    parsed.map(|at| Micros::new(at.timestamp_micros())).map_err(|_| {
        Problem::new(
            format!("`{text}` is no instant"),
            "write date, time and zone, as 2026-01-01T00:00:00Z",
        )
    })
}

/// `[a-z0-9][a-z0-9-]{0,63}`.
pub(super) fn plan_id(text: &str) -> Result<Arc<str>, Problem> {
    let fits = (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if fits && !text.starts_with('-') {
        return Ok(text.into());
    }
    let remedy = "write 1 to 64 of a-z, 0-9 and -, not beginning with -";
    Err(Problem::new(format!("`{text}` is no id of a plan"), remedy))
}

/// Three capitals.
pub(super) fn currency(text: &str) -> Result<Currency, Problem> {
    Currency::parse(text).ok_or_else(|| {
        Problem::new(format!("`{text}` is no currency"), "write its ISO 4217 code, as \"EUR\"")
    })
}

/// An IANA zone.
pub(super) fn time_zone(text: &str) -> Result<chrono_tz::Tz, Problem> {
    text.parse().map_err(|_| {
        let zones = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
        let remedy = suggest(text, zones, "write an IANA zone");
        Problem::new(format!("`{text}` is no time zone"), remedy)
    })
}

/// `HH:MM`.
pub(super) fn band_time(text: &str) -> Result<BandTime, Problem> {
    BandTime::parse(text).ok_or_else(|| {
        Problem::new(format!("`{text}` is no time of day"), "write HH:MM from 00:00 to 23:59")
    })
}

/// `MM-DD`.
pub(super) fn month_day(text: &str) -> Result<MonthDay, Problem> {
    MonthDay::parse(text).ok_or_else(|| {
        Problem::new(format!("`{text}` is no day of the year"), "write MM-DD, as \"12-25\"")
    })
}

/// A project id, or `*` = `None`.
pub(super) fn project(text: &str) -> Result<Option<ProjectId>, Problem> {
    if text == "*" {
        return Ok(None);
    }
    text.parse::<Uuid>().map(|uuid| Some(ProjectId::new(uuid))).map_err(|_| {
        Problem::new(format!("`{text}` is no project id"), "write its UUID, or `*` for all")
    })
}

/// `*`, a kind or `kind/instance`.
pub(super) fn gateway(text: &str) -> Result<Gateway, Problem> {
    let is_kind = |kind: &str| {
        (1..=32).contains(&kind.len())
            && kind.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let is_instance = |instance: &str| {
        (1..=64).contains(&instance.len())
            && instance.bytes().all(|b| b.is_ascii_alphanumeric() || b"._:-".contains(&b))
    };
    match text.split_once('/') {
        None if text == "*" => Ok(Gateway::Any),
        None if is_kind(text) => Ok(Gateway::Kind(text.into())),
        Some((kind, instance)) if is_kind(kind) && is_instance(instance) => {
            Ok(Gateway::Instance(text.into()))
        }
        _ => Err(Problem::new(
            format!("`{text}` is no gateway"),
            "write a kind as \"twilio\", one gateway as \"asterisk/pbx-2\", or `*` for all",
        )),
    }
}

/// One of a closed list of words.
pub(super) fn word<T: Copy>(words: &'static [(&'static str, T)], text: &str) -> Result<T, Problem> {
    let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    found.ok_or_else(|| {
        let remedy = suggest(text, words.iter().map(|(word, _)| *word), "leave it out");
        Problem::new(format!("`{text}` is not known here"), remedy)
    })
}
