//! Rating a dial allocates nothing. A binary of its own: its allocator counts, and nothing else may
//! run beside it.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::alloc::System;

use ringfold::tariff::{Book, RatedDial, Unrated, read_files};
use ringfold::value::{Micros, ProjectId};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use uuid::Uuid;

#[global_allocator]
static COUNTING: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Bands and slabs, split and whole, minimum and surcharge, in a foreign currency, longest prefix.
const TARIFF: &str = r#"
format = "ringfold-tariff-1"
[[plan]]
id = "eu"
currency = "EUR"
[[plan.version]]
number = 1
effective_from = 2026-01-01T00:00:00Z
time_zone = "Europe/London"
time_of_day = "split"
grace = { seconds = 2, mode = "threshold" }
min_cost = "0.001"
max_cost = { amount = "90", strategy = "free" }
surcharge_percent = "7.5"
rate = [
  { prefix = "*", rate = "0.03", minimum = 30, increment = 6 },
  { prefix = "44", slabs = [
    { from = 0, rate = "0.02", unit = 60, increment = 1 },
    { from = 60, rate = "0.015", unit = 60, increment = 7 },
  ] },
  { prefix = "4420", band = [
    { at = "00:00", rate = "0.012", minimum = 30, increment = 6 },
    { at = "08:00", days = [1, 2, 3, 4, 5], connect_fee = "0.01", rate = "0.03" },
  ] },
]
[[assign]]
plan = "eu"
effective_from = 2026-01-01T00:00:00Z
[[exchange]]
currency = "EUR"
usd = "1.0850"
effective_from = 2026-01-01T00:00:00Z
"#;

fn dial(phone: Option<&str>, seconds: i64) -> RatedDial<'_> {
    RatedDial {
        project: ProjectId::new(Uuid::nil()),
        gateway: Some("twilio/us1"),
        phone,
        answered: seconds > 0,
        // 2026-03-30T06:59:30Z, half a minute before eight in London.
        at: Micros::from_ms(1_774_853_970_000),
        talk_micros: seconds * 1_000_000,
    }
}

/// Allocations while all dials are rated; what comes out is compared afterwards.
fn allocations(book: &Book, dials: &[RatedDial<'_>]) -> usize {
    let region = Region::new(COUNTING);
    for dial in dials {
        drop(std::hint::black_box(book.rate(std::hint::black_box(dial))));
    }
    let change = region.change();
    change.allocations + change.reallocations
}

#[test]
fn rating_allocates_nothing() {
    let (book, _) = read_files(&[("t.toml", TARIFF)], &|_| None).unwrap();
    let numbers = [Some("+442079460018"), Some("+447700900001"), Some("+12025550143")];
    let mut dials: Vec<RatedDial<'_>> = numbers
        .into_iter()
        .flat_map(|number| [0, 1, 31, 47, 3_600, 86_400].map(|seconds| dial(number, seconds)))
        .collect();
    let rated = dials.iter().filter(|dial| book.rate(dial).is_ok()).count();
    assert_eq!(rated, dials.len());
    dials.extend([dial(None, 5), dial(Some("020"), 5)]);
    assert_eq!(book.rate(&dials[dials.len() - 1]), Err(Unrated::InvalidNumber));
    // The test harness may allocate once in a while: one quiet round is proof.
    let least = (0..10).map(|_| allocations(&book, &dials)).min();
    assert_eq!(least, Some(0));
    // That the allocator counts at all.
    let region = Region::new(COUNTING);
    drop(std::hint::black_box(Vec::<u8>::with_capacity(64)));
    assert!(region.change().allocations > 0);
}
