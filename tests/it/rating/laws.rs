//! Properties of the rule over random plans and calls.

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use ringfold::tariff::{
    Band, Book, Decimal, Detail, Mode, Price, Rate, RatedDial, Rounding, Slab, Unrated, Version,
    read_files,
};
use ringfold::value::{Micros, ProjectId};
use uuid::Uuid;

use super::plans::{CallSpec, VersionSpec, version, version_and_call, version_and_calls};
use super::slow;

/// `many` where CI asks for it, else few enough to wait for; `PROPTEST_CASES` overrules both.
fn config(many: u32) -> ProptestConfig {
    let mut config = ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    };
    let is_set = |name: &str, value: Option<&str>| {
        #[expect(clippy::disallowed_methods, reason = "tests choose their size by the environment")]
        let found = std::env::var(name);
        found.is_ok_and(|found| value.is_none_or(|value| found == value))
    };
    if !is_set("PROPTEST_CASES", None) {
        config.cases = if is_set("CI", Some("true")) { many } else { 1_000 };
    }
    config
}

fn book(spec: &VersionSpec) -> Book {
    let text = spec.toml();
    let read = read_files(&[("random.toml", &text)], &|_| None);
    read.map_err(|faults| format!("{}\n{text}", faults[0])).unwrap().0
}

fn dial(call: &CallSpec) -> RatedDial<'_> {
    RatedDial {
        project: ProjectId::new(Uuid::nil()),
        gateway: None,
        phone: Some(&call.number),
        answered: call.answered,
        at: Micros::from_ms(call.at_ms),
        talk_micros: call.talk * 1_000,
    }
}

fn rate(spec: &VersionSpec, call: &CallSpec) -> Result<Detail, Unrated> {
    book(spec).detail(&dial(call))
}

proptest! {
    #![proptest_config(config(100_000))]

    /// A million plans × calls in CI.
    #[test]
    fn a_second_rater_agrees_to_the_last_digit((spec, calls) in version_and_calls(10)) {
        let book = book(&spec);
        for call in &calls {
            same_as_slow(&book, &spec, call)?;
        }
    }

    #[test]
    fn cost_and_billed_time_never_fall_as_talk_grows(
        (spec, call) in version_and_call(), more in 0..100_000_i64,
    ) {
        let longer = CallSpec { talk: call.talk + more, ..call.clone() };
        let book = book(&spec);
        let (short, long) = (book.rate(&dial(&call)), book.rate(&dial(&longer)));
        if let (Ok(short), Ok(long)) = (short, long) {
            prop_assert!(short.cost.get() >= 0);
            prop_assert!(short.cost <= long.cost);
            prop_assert!(short.billed_ms <= long.billed_ms);
        }
    }

    /// Whatever is asked, there is an answer, and what does not fit is no price: a longer talk does
    /// not fit either.
    #[test]
    fn what_is_too_dear_has_a_reason_and_no_price(
        (spec, call) in version_and_call(), talk in 0..i64::MAX / 1_000, more in 0..i64::MAX / 2_000,
    ) {
        // What is split has a bound of its own.
        let book = book(&VersionSpec { split: false, ..spec });
        let at = |talk: i64| {
            let call = CallSpec { talk: talk.min(i64::MAX / 1_000), ..call.clone() };
            (book.rate(&dial(&call)).map(|charge| charge.cost), book.detail(&dial(&call)))
        };
        let ((short, detail), (long, _)) = (at(talk), at(talk.saturating_add(more)));
        if short == Err(Unrated::Overflow) {
            prop_assert!(long.is_err(), "{:?}", long);
            prop_assert!(!detail.is_ok_and(|detail| detail.usd.is_some()));
        }
    }

    #[test]
    fn all_time_beyond_the_grace_is_billed((spec, call) in version_and_call()) {
        let spec = VersionSpec { duration_rounding: "none", ..spec };
        if let Ok(detail) = rate(&spec, &call) {
            let is_free = !call.answered || call.talk <= 0;
            let least = match spec.grace {
                _ if is_free => 0,
                Some((grace, "threshold")) if call.talk <= grace => 0,
                Some((grace, "deduct")) => (call.talk - grace).max(0),
                _ => call.talk,
            };
            prop_assert!(detail.billed.micros() >= least * 1_000);
        }
    }

    #[test]
    fn a_slab_cut_into_two_equal_ones_costs_the_same(
        (spec, call) in version_and_call(), steps in 1..50_i64,
    ) {
        let whole = rebuilt(&book(&spec), |slabs| slabs[..1].to_vec(), None);
        let cut = rebuilt(&book(&spec), |slabs| {
            let first = slabs[0];
            vec![first, Slab { from: steps * first.increment, ..first }]
        }, None);
        if spec.rule == "slab" {
            prop_assert_eq!(costs(&whole, &call), costs(&cut, &call));
        }
    }

    #[test]
    fn ten_times_the_prices_are_ten_times_the_cost((spec, call) in version_and_call()) {
        let spec = VersionSpec { min_cost: None, max_cost: None, ..spec };
        let at = |decimals| Some(Rounding { mode: Mode::Down, decimals });
        let once = rebuilt(&book(&spec), <[Slab]>::to_vec, at(20));
        let ten = rebuilt(&book(&spec), |slabs| {
            let dearer = |slab: &Slab| Slab { rate: times_ten(slab.rate), ..*slab };
            slabs.iter().map(dearer).collect()
        }, at(19));
        let (once, ten) = (costs(&once, &call), costs(&ten, &call));
        let tenfold = once.map(|(cost, billed)| {
            (slow::decimal(&cost.to_string()) * slow::decimal("10"), billed)
        });
        prop_assert_eq!(tenfold, ten.map(|(c, billed)| (slow::decimal(&c.to_string()), billed)));
    }

    #[test]
    fn the_order_of_rates_in_the_file_means_nothing(spec in version(), seed: u64) {
        let mut shuffled = spec.clone();
        let count = shuffled.rates.len();
        shuffled.rates.rotate_left(usize::try_from(seed % 7).unwrap() % count);
        if seed % 2 == 0 {
            shuffled.rates.reverse();
        }
        prop_assert_eq!(only_version(&book(&spec)), only_version(&book(&shuffled)));
    }
}

fn same_as_slow(book: &Book, spec: &VersionSpec, call: &CallSpec) -> Result<(), TestCaseError> {
    let (charge, detail) = (book.rate(&dial(call)), book.detail(&dial(call)));
    match (slow::rate(spec, call), charge, detail) {
        (Err(label), Err(reason), Err(same)) => {
            prop_assert_eq!((label, reason), (reason.label(), same));
        }
        (Ok(slow), Ok(charge), Ok(detail)) => {
            prop_assert_eq!(slow::decimal(&detail.cost.to_string()), slow.cost);
            prop_assert_eq!(charge.cost.get().to_string(), slow.micro_usd.to_string());
            prop_assert_eq!(charge.billed_ms, slow.billed_ms);
            prop_assert_eq!(&*charge.prefix, slow.prefix);
            prop_assert_eq!(detail.usd, Some(charge.cost));
        }
        // Beyond 64 bits of micro-USD it says so: nine million millions of dollars.
        (Ok(slow), Err(Unrated::Overflow), Err(Unrated::Overflow))
            if i64::try_from(&slow.micro_usd).is_err() => {}
        (slow, charge, detail) => {
            prop_assert!(false, "{slow:?} against {charge:?} and {detail:?} for {call:?}");
        }
    }
    Ok(())
}

fn only_version(book: &Book) -> Version {
    (*book.tariff().plans[0].versions[0]).clone()
}

/// Ten times the price; with the fee below it, what scales all prices.
fn times_ten(price: Price) -> Price {
    Price::from_nanos(price.nanos() * 10)
}

/// The version with other slabs and, if told, another rounding; then fees are scaled like slabs.
fn rebuilt(
    book: &Book,
    slabs: impl Fn(&[Slab]) -> Vec<Slab>,
    rounding: Option<Rounding>,
) -> Version {
    let version = only_version(book);
    let is_scaled = rounding.is_some_and(|rounding| rounding.decimals == 19);
    let rates = version.rates().iter().map(|rate| {
        let bands = rate.bands.iter().map(|band| Band {
            slabs: slabs(&band.slabs).into(),
            connect_fee: if is_scaled { times_ten(band.connect_fee) } else { band.connect_fee },
            ..band.clone()
        });
        Rate { bands: bands.collect(), ..rate.clone() }
    });
    let mut terms = version.terms().clone();
    terms.rounding = rounding.unwrap_or(terms.rounding);
    Version::new(version.head().clone(), terms, rates.collect())
}

fn costs(version: &Version, call: &CallSpec) -> Result<(Decimal, String), Unrated> {
    let talk = ringfold::tariff::Talk {
        number: Some(&call.number),
        answered: call.answered,
        at: Micros::from_ms(call.at_ms),
        micros: call.talk * 1_000,
    };
    let bill = version.rate(&talk, ringfold::tariff::Numbers::E164)?;
    Ok((bill.cost, bill.billed.to_string()))
}
