//! The cells `rendered` and `kept_rating`. Readers of items never trust the first.

use std::sync::Arc;

use scylla::value::CqlTimestamp;
use scylla::{DeserializeValue, SerializeValue};

use crate::item::{CostSource, Finality, Flags, Rating, Rendered, Status};
use crate::tariff::Unrated;
use crate::value::MicroUsd;

use super::columns::{Unreadable, cql_time, micros_of};

/// `item_rendered`, as it is written for other programs.
#[derive(SerializeValue)]
#[scylla(flavor = "enforce_order")]
pub(super) struct RenderedCell<'a> {
    status: &'static str,
    is_answered: bool,
    finality: i8,
    dial_s: Option<i32>,
    ring_ms: Option<i64>,
    talk_ms: Option<i64>,
    flags: i32,
    updated_at: CqlTimestamp,
    cost_musd: Option<i64>,
    cost_source: Option<&'static str>,
    estimate_musd: Option<i64>,
    billed_ms: Option<i64>,
    tariff: Option<&'a str>,
    rate_prefix: Option<&'a str>,
    unrated: Option<&'static str>,
}

impl<'a> RenderedCell<'a> {
    pub(super) fn of(rendered: &'a Rendered) -> Self {
        let rating = &rendered.rating;
        Self {
            status: rendered.status.word(),
            is_answered: rendered.is_answered,
            finality: rendered.finality.code(),
            dial_s: rendered.dial_duration_s,
            ring_ms: rendered.ring_ms,
            talk_ms: rendered.talk_ms,
            flags: rendered.flags.bits(),
            updated_at: cql_time(rendered.updated_at),
            cost_musd: rendered.cost.map(MicroUsd::get),
            cost_source: rendered.cost_source.map(CostSource::word),
            estimate_musd: rating.estimate.map(MicroUsd::get),
            billed_ms: rating.billed_ms,
            tariff: rating.tariff.as_deref(),
            rate_prefix: rating.prefix.as_deref(),
            unrated: rating.unrated.map(Unrated::label),
        }
    }
}

/// `item_rating`: the rating kept when a number was erased or cut.
#[derive(SerializeValue, DeserializeValue)]
#[scylla(flavor = "enforce_order")]
pub(super) struct RatingCell<'a> {
    estimate_musd: Option<i64>,
    billed_ms: Option<i64>,
    tariff: Option<&'a str>,
    rate_prefix: Option<&'a str>,
    unrated: Option<&'a str>,
}

impl<'a> RatingCell<'a> {
    pub(super) fn of(rating: &'a Rating) -> Self {
        Self {
            estimate_musd: rating.estimate.map(MicroUsd::get),
            billed_ms: rating.billed_ms,
            tariff: rating.tariff.as_deref(),
            rate_prefix: rating.prefix.as_deref(),
            unrated: rating.unrated.map(Unrated::label),
        }
    }
}

/// The rating of a cell.
pub(super) fn rating_of(cell: &RatingCell<'_>) -> Result<Rating, Unreadable> {
    Ok(Rating {
        estimate: cell.estimate_musd.map(MicroUsd::new),
        billed_ms: cell.billed_ms,
        tariff: cell.tariff.map(Arc::from),
        prefix: cell.rate_prefix.map(Arc::from),
        unrated: unrated(cell.unrated, "kept_rating.unrated")?,
    })
}

/// `item_rendered`, as it is read by those who check it.
#[derive(DeserializeValue)]
#[scylla(flavor = "enforce_order")]
pub(super) struct ReadRendered<'a> {
    status: Option<&'a str>,
    is_answered: Option<bool>,
    finality: Option<i8>,
    dial_s: Option<i32>,
    ring_ms: Option<i64>,
    talk_ms: Option<i64>,
    flags: Option<i32>,
    updated_at: Option<CqlTimestamp>,
    cost_musd: Option<i64>,
    cost_source: Option<&'a str>,
    estimate_musd: Option<i64>,
    billed_ms: Option<i64>,
    tariff: Option<&'a str>,
    rate_prefix: Option<&'a str>,
    unrated: Option<&'a str>,
}

/// The rendering of a cell.
pub(super) fn rendered_of(cell: &ReadRendered<'_>) -> Result<Rendered, Unreadable> {
    let status = cell.status.and_then(Status::from_word).ok_or(Unreadable("rendered.status"))?;
    let finality = cell.finality.and_then(Finality::from_code);
    let source = cell.cost_source.map(CostSource::from_word);
    let updated_at = cell.updated_at.ok_or(Unreadable("rendered.updated_at"))?;
    Ok(Rendered {
        status,
        is_answered: cell.is_answered.unwrap_or(false),
        finality: finality.ok_or(Unreadable("rendered.finality"))?,
        dial_duration_s: cell.dial_s,
        ring_ms: cell.ring_ms,
        talk_ms: cell.talk_ms,
        flags: Flags::from_bits(cell.flags.unwrap_or(0)),
        updated_at: micros_of(updated_at),
        cost: cell.cost_musd.map(MicroUsd::new),
        cost_source: match source {
            Some(word) => Some(word.ok_or(Unreadable("rendered.cost_source"))?),
            None => None,
        },
        rating: Rating {
            estimate: cell.estimate_musd.map(MicroUsd::new),
            billed_ms: cell.billed_ms,
            tariff: cell.tariff.map(Arc::from),
            prefix: cell.rate_prefix.map(Arc::from),
            unrated: unrated(cell.unrated, "rendered.unrated")?,
        },
    })
}

fn unrated(label: Option<&str>, column: &'static str) -> Result<Option<Unrated>, Unreadable> {
    label.map(|label| Unrated::parse(label).ok_or(Unreadable(column))).transpose()
}
