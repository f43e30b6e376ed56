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
    let plan: Arc<str> = "us-carrier".into();
    let head = Head { plan: Arc::clone(&plan), number: 1, effective_from: YEAR, backdate: false };
    let rounding = Rounding { mode: Mode::Up, decimals: 6 };
    let slab =
        Slab { from: 0, rate: Price::parse("0.0130").unwrap(), unit: 60, increment: 60_000_000 };
    let band = Band {
        at: BandTime::default(),
        days: DaysOfWeek::ALL,
        date: None,
        connect_fee: Price::default(),
        slabs: [slab].into(),
    };
    let rate = Rate {
        prefix: Prefix::parse("1").unwrap(),
        name: None,
        effective_from: None,
        effective_to: None,
        bands: [band].into(),
    };
    let version = Version::new(head, Terms { rounding, ..Terms::default() }, vec![rate]);
    let usd = Currency::parse("USD").unwrap();
    Book::new(Tariff {
        plans: vec![Plan {
            id: Arc::clone(&plan),
            currency: usd,
            versions: vec![Arc::new(version)],
        }],
        assignments: vec![Assignment {
            project: None,
            gateway: Gateway::Kind("twilio".into()),
            plan,
            effective_from: YEAR,
        }],
        exchanges: vec![Exchange {
            currency: Currency::parse("EUR").unwrap(),
            usd: Price::parse("1.0850").unwrap(),
            effective_from: YEAR,
        }],
    })
}
