//! Prices: the sample tariff, and one that changes at given instants.

use std::fmt::Write;
use std::sync::LazyLock;

use ringfold::tariff::{Book, read_files};
use ringfold::value::Micros;

static SAMPLE: LazyLock<Book> =
    LazyLock::new(|| book(include_str!("../../data/events/tariff.toml")));

fn book(text: &str) -> Book {
    read_files(&[("tariff.toml", text)], &|_| None).unwrap().0
}

/// The sample tariff: in March 2026, twilio dials to North America cost 0.0130 USD per started
/// minute, and a euro is 1.0850 USD.
pub fn sample() -> &'static Book {
    &SAMPLE
}

/// Plan `us-carrier` for twilio dials, with version 1, 2, … from each of these instants on.
pub fn us_carrier_from(instants: &[Micros]) -> Book {
    let mut text = "format = 'ringfold-tariff-1'\n[[assign]]\nproject = '*'\ngateway = 'twilio'\n\
                    plan = 'us-carrier'\neffective_from = 2026-01-01T00:00:00Z\n\
                    [[plan]]\nid = 'us-carrier'\ncurrency = 'USD'\n"
        .to_owned();
    for (number, from) in (1..).zip(instants) {
        write!(
            text,
            "[[plan.version]]\nnumber = {number}\neffective_from = {from}\n\
             rate = [{{ prefix = '1', rate = '0.0130' }}]\n"
        )
        .unwrap();
    }
    book(&text)
}
