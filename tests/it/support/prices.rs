//! A small tariff: twilio dials to North America cost 0.0130 USD per started minute.

use std::sync::Arc;

use ringfold::tariff::{
    Assignment, Band, BandTime, Book, Currency, DaysOfWeek, Exchange, Gateway, Head, Mode, Plan,
    Prefix, Price, Rate, Rounding, Slab, Tariff, Terms, Version,
};
use ringfold::value::Micros;

/// 2026-01-01T00:00:00Z.
const YEAR: Micros = Micros::from_ms(1_767_225_600_000);

/// The book of plan `us-carrier`, version 1.
pub fn us_carrier() -> Book {
    us_carrier_from(&[YEAR])
}

/// The book of plan `us-carrier` with a version from each of these instants on.
pub fn us_carrier_from(instants: &[Micros]) -> Book {
    let plan: Arc<str> = "us-carrier".into();
    let versions = (1..).zip(instants).map(|(number, effective_from)| {
        let plan = Arc::clone(&plan);
        let head = Head { plan, number, effective_from: *effective_from, backdate: false };
        let rounding = Rounding { mode: Mode::Up, decimals: 6 };
        Arc::new(Version::new(head, Terms { rounding, ..Terms::default() }, vec![rate()]))
    });
    let plan = Plan {
        id: Arc::clone(&plan),
        currency: Currency::parse("USD").unwrap(),
        versions: versions.collect(),
    };
    let assignment = Assignment {
        project: None,
        gateway: Gateway::Kind("twilio".into()),
        plan: Arc::clone(&plan.id),
        effective_from: YEAR,
    };
    let euro = Exchange {
        currency: Currency::parse("EUR").unwrap(),
        usd: Price::parse("1.0850").unwrap(),
        effective_from: YEAR,
    };
    Book::new(Tariff { plans: vec![plan], assignments: vec![assignment], exchanges: vec![euro] })
}

fn rate() -> Rate {
    let slab =
        Slab { from: 0, rate: Price::parse("0.0130").unwrap(), unit: 60, increment: 60_000_000 };
    let band = Band {
        at: BandTime::default(),
        days: DaysOfWeek::ALL,
        date: None,
        connect_fee: Price::default(),
        slabs: [slab].into(),
    };
    Rate {
        prefix: Prefix::parse("1").unwrap(),
        name: None,
        effective_from: None,
        effective_to: None,
        bands: [band].into(),
    }
}
