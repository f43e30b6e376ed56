//! What a dial costs, and who says so: the carrier, else the tariff. It does not know edits.

use std::sync::Arc;

use crate::item::{CostSource, Finality, Flags, Rating};
use crate::tariff::{Book, Charge, RatedDial, Unrated};
use crate::value::{MicroUsd, Micros, Phone};

use super::event::Gateway;
use super::facts::Facts;
use super::identity::ItemKey;
use super::times::{self, Spans};

/// What an estimate is made of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Basis<'a> {
    /// The facts, the dialed number among them.
    Facts,
    /// The number was erased or cut: the rating it had then.
    Kept(&'a Rating),
    /// The number is gone and had no rating.
    Erased,
    /// The facts, by the version of this rating, whatever is in force now.
    Rated(&'a Rating),
}

/// Cost and estimate of a dial.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Costing {
    pub(super) rating: Rating,
    pub(super) cost: Option<MicroUsd>,
    pub(super) source: Option<CostSource>,
    pub(super) flags: Flags,
}

/// The dial to be rated: its facts, and what was made of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dial<'a> {
    pub(super) key: &'a ItemKey,
    pub(super) facts: &'a Facts,
    pub(super) finality: Finality,
    pub(super) spans: &'a Spans,
}

impl Dial<'_> {
    /// Cost by the facts: the carrier's price if it can be converted, else the estimate.
    pub(super) fn costing(&self, basis: Basis<'_>, book: &Book) -> Costing {
        let rating = self.rating(basis, book);
        let carrier = self.facts.cost.as_ref().map(|fact| {
            let price = &fact.said;
            book.to_usd(price.micro, price.currency.as_str(), self.rated_at())
        });
        let (cost, source) = match (carrier.flatten(), rating.estimate) {
            (Some(cost), _) => (Some(cost), Some(CostSource::Carrier)),
            (None, Some(estimate)) => (Some(estimate), Some(CostSource::Tariff)),
            (None, None) => (None, None),
        };
        let mut flags = Flags::default();
        if carrier.is_some_and(|cost| cost.is_none()) {
            flags = flags.with(Flags::COST_UNCONVERTED);
        }
        if rating.unrated == Some(Unrated::Overflow) {
            flags = flags.with(Flags::RATING_OVERFLOW);
        }
        Costing { rating, cost, source, flags }
    }

    /// The instant whose rates and exchange rates count.
    fn rated_at(&self) -> Micros {
        times::answered_at(self.facts)
            .or_else(|| times::started_at(self.facts))
            .or_else(|| times::ended_at(self.facts))
            .unwrap_or(self.key.created_at)
    }

    /// The estimate exists only where an end was reported.
    fn rating(&self, basis: Basis<'_>, book: &Book) -> Rating {
        if self.facts.ended.is_none() {
            return unrated(match self.finality {
                Finality::Open => Unrated::Open,
                Finality::Provisional => Unrated::Provisional,
                Finality::Final => Unrated::NoEvent,
            });
        }
        let is_answered = self.facts.answered.is_some();
        let talk_micros = match (is_answered, self.spans.talk_micros) {
            (true, Some(talk)) => talk,
            (true, None) => return unrated(Unrated::NoAnswerTime),
            (false, _) => 0,
        };
        match basis {
            Basis::Facts => self.estimate(talk_micros, book),
            Basis::Rated(rating) => self.estimate_again(rating, talk_micros, book),
            Basis::Kept(rating) if is_of_an_end(rating) => rating.clone(),
            Basis::Kept(_) | Basis::Erased => unrated(Unrated::NoNumber),
        }
    }

    fn rated_dial(&self, talk_micros: i64) -> RatedDial<'_> {
        let attributes = self.facts.started.as_ref().map(|fact| &fact.said);
        let gateway = attributes.and_then(|told| told.gateway.as_ref()).map(Gateway::as_str);
        let phone = attributes.and_then(|told| told.phone.as_ref()).map(Phone::reveal);
        RatedDial {
            project: self.key.project,
            gateway,
            phone,
            answered: self.facts.answered.is_some(),
            at: self.rated_at(),
            talk_micros,
        }
    }

    fn estimate(&self, talk_micros: i64, book: &Book) -> Rating {
        let dial = self.rated_dial(talk_micros);
        match book.rate(&dial) {
            Ok(charge) => charged(charge),
            // The plan that lacks the price stands beside the reason: it is what has to be mended.
            Err(reason) => Rating { tariff: book.asked(&dial), ..unrated(reason) },
        }
    }

    /// The estimate by the version that made `rating`. Without a version there was nothing to rate
    /// by: that is as it was. A version that is not kept gives no estimate.
    fn estimate_again(&self, rating: &Rating, talk_micros: i64, book: &Book) -> Rating {
        let Some(label) = &rating.tariff else {
            let is_as_it_was = rating.unrated == Some(Unrated::NoTariff);
            return if is_as_it_was { rating.clone() } else { self.estimate(talk_micros, book) };
        };
        match book.rate_by(label, &self.rated_dial(talk_micros)) {
            Some(Ok(charge)) => charged(charge),
            Some(Err(reason)) => Rating { tariff: Some(Arc::clone(label)), ..unrated(reason) },
            None => unrated(Unrated::NoTariff),
        }
    }
}

fn charged(charge: Charge) -> Rating {
    Rating {
        estimate: Some(charge.cost),
        billed_ms: Some(charge.billed_ms),
        tariff: Some(charge.tariff),
        prefix: Some(charge.prefix),
        unrated: None,
    }
}

fn unrated(reason: Unrated) -> Rating {
    Rating { unrated: Some(reason), ..Rating::default() }
}

/// Whether a rating was made after the dial's end: one made before it says nothing of the price.
fn is_of_an_end(rating: &Rating) -> bool {
    !matches!(rating.unrated, Some(Unrated::Open | Unrated::Provisional | Unrated::NoEvent))
}
