//! Which instant's prices count, and what is left of a price when the number is gone.

use proptest::prelude::*;
use ringfold::dial::{Limits, Row, State, View, item};
use ringfold::item::{CostSource, Finality, Flags, Item, Rating};
use ringfold::tariff::{Book, Unrated, read_files};
use ringfold::value::MicroUsd;

use crate::support::dials::{Told, a, at, c, e, item_of_time, key, r, s};
use crate::support::prices::{sample, us_carrier_from};

fn row(events: &[Told]) -> Row {
    let mut state = State::default();
    for event in events {
        state.inject(&event.0);
    }
    Row::of(events.first().map_or(key(), |event| event.0.key), state)
}

fn seen(row: &Row, book: &Book) -> Item {
    let limits = Limits::default();
    item(row, &View { book, limits: &limits, now: at(3_600_000) })
}

/// A second costs this much of a currency that is worth so many dollars.
fn dear(rate: i64, usd: i64) -> Book {
    let from = "effective_from = 2026-01-01T00:00:00Z";
    let text = format!(
        "format = \"ringfold-tariff-1\"\n[[plan]]\nid = \"gold\"\ncurrency = \"XAU\"\n\
         [[plan.version]]\nnumber = 1\n{from}\nrate = [{{ prefix = \"*\", rate = {rate}, unit = 1, \
         minimum = 1, increment = 1 }}]\n[[assign]]\nplan = \"gold\"\n{from}\n[[exchange]]\n\
         currency = \"XAU\"\nusd = {usd}\n{from}\n"
    );
    read_files(&[("gold.toml", &text)], &|_| None).unwrap().0
}

fn completed() -> Told {
    e(75_500).reason("completed")
}

#[test]
fn prices_are_those_in_force_at_the_answer_else_the_start_else_the_end() {
    // Version n is in force from the (n − 1)th of these instants on.
    let book = us_carrier_from(&[at(-60_000), at(-10), at(5_000), at(50_000)]);
    let version = |events: &[Told]| seen(&row(events), &book).kept.rendered.rating.tariff.unwrap();
    assert_eq!(&*version(&[s(), a(9_250), completed()]), "us-carrier@3");
    assert_eq!(&*version(&[s(), e(75_500).reason("busy")]), "us-carrier@2");
    let startless = e(75_500).reason("busy").full().item_of(item_of_time(-30));
    assert_eq!(&*version(&[startless]), "us-carrier@4");
}

#[test]
fn a_foreign_price_is_converted_at_the_same_instant() {
    let shown = seen(&row(&[s(), a(9_250), completed(), c(80_000, 28_800, "EUR")]), sample());
    // 0.0288 EUR × 1.0850 = 0.031248 USD.
    assert_eq!(shown.cost, Some(MicroUsd::new(31_248)));
    assert_eq!(shown.kept.rendered.cost_source, Some(CostSource::Carrier));
    assert_eq!(shown.kept.rendered.rating.estimate, Some(MicroUsd::new(26_000)));
}

#[test]
fn an_erased_number_keeps_the_rating_it_had() {
    let book = sample();
    let mut ended = row(&[s(), a(9_250), completed()]);
    let had = seen(&ended, book);
    ended.kept_rating = Some(had.kept.rendered.rating.clone());
    ended.erased_at = Some(at(100_000));
    ended.state.facts.forget_persons();
    let shown = seen(&ended, book);
    assert_eq!(shown.cost, had.cost);
    assert_eq!(shown.kept.rendered, had.kept.rendered);
    assert_eq!((shown.user, shown.phone), (None, None));
}

#[test]
fn a_number_erased_before_the_end_is_not_rated() {
    let book = sample();
    let mut open = row(&[s(), r(2_000), a(9_250)]);
    open.kept_rating = Some(seen(&open, book).kept.rendered.rating);
    open.erased_at = Some(at(20_000));
    open.state.facts.forget_persons();
    let unrated = |row: &Row| seen(row, book).kept.rendered.rating.unrated;
    assert_eq!(unrated(&open), Some(Unrated::Open));
    open.state.inject_as(&completed().0, open.standing());
    assert_eq!(unrated(&open), Some(Unrated::NoNumber));
    open.kept_rating = None;
    assert_eq!(unrated(&open), Some(Unrated::NoNumber));
    let priced = c(80_000, 28_800, "USD");
    open.state.inject_as(&priced.0, open.standing());
    assert_eq!(seen(&open, book).cost, Some(MicroUsd::new(28_800)));
}

#[test]
fn a_kept_rating_means_nothing_while_the_number_is_there() {
    let mut row = row(&[s(), a(9_250), completed()]);
    row.kept_rating = Some(Rating::default());
    assert_eq!(seen(&row, sample()).cost, Some(MicroUsd::new(26_000)));
}

#[test]
fn a_provisional_item_shows_the_carriers_price_and_no_estimate() {
    let book = sample();
    let row = row(&[s(), r(2_000), c(3_000, 28_800, "USD")]);
    let shown = seen(&row, book);
    assert_eq!(shown.kept.rendered.finality, Finality::Provisional);
    assert_eq!(shown.cost, Some(MicroUsd::new(28_800)));
    assert_eq!(shown.kept.rendered.rating.unrated, Some(Unrated::Provisional));
}

proptest! {
    #[test]
    fn a_longer_talk_never_costs_less(talks in (0_i64..600_000, 0_i64..600_000)) {
        let book = sample();
        let cost = |talk| seen(&row(&[s(), a(1_000), e(1_000 + talk).reason("completed")]), book);
        let (shorter, longer) = (talks.0.min(talks.1), talks.0.max(talks.1));
        prop_assert!(cost(shorter).cost.unwrap() <= cost(longer).cost.unwrap());
    }

    /// A price is exact or, where 64 bits do not hold it, none: the reason and a flag say so, and
    /// the item is there with everything else.
    #[test]
    fn a_price_that_does_not_fit_takes_nothing_else_from_the_item(
        (rate, usd) in (1_i64..10_000, 1_i64..10_000), talk_s in 1_i64..40_000_000,
    ) {
        let book = dear(rate, usd);
        let row = row(&[s(), a(0), e(talk_s * 1_000).reason("completed")]);
        let shown = seen(&row, &book);
        let exact = i128::from(rate) * i128::from(usd) * i128::from(talk_s) * 1_000_000;
        let flags = shown.kept.rendered.flags;
        let fits = i64::try_from(exact).ok().map(MicroUsd::new);
        let unrated = fits.is_none().then_some(Unrated::Overflow);
        prop_assert_eq!((shown.cost, shown.kept.rendered.rating.unrated), (fits, unrated));
        prop_assert_eq!(flags.has(Flags::RATING_OVERFLOW), fits.is_none());
        let without = seen(&row, &Book::default());
        prop_assert_eq!(
            (&shown.status, shown.dial_duration_s, shown.ended_at, shown.version),
            (&without.status, without.dial_duration_s, without.ended_at, without.version)
        );
    }

    #[test]
    fn a_price_alone_never_makes_an_answer_or_an_end(micro in 0_i64..1_000_000) {
        let shown = seen(&row(&[c(80_000, micro, "USD").full()]), sample());
        prop_assert_eq!((shown.is_answered, shown.ended_at), (false, None));
        prop_assert_eq!(shown.cost, Some(MicroUsd::new(micro)));
    }
}
