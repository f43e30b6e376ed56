//! Rating: what a dial costs. The rule, R1, is a pure function of a plan's version, a number,
//! whether it was answered, the instant and the talk time.
//!
//! | file | what |
//! |---|---|
//! | `money.rs` | prices (10⁻⁹ of a currency), currencies, exact decimals |
//! | `plan.rs`, `prefix.rs` | plan, version, rate, band, slab; the longest prefix in force |
//! | `few.rs` | short lists in place: bands of a rate, slabs of a band |
//! | `calendar.rs` | which band applies at an instant, in the plan's time zone |
//! | `runs.rs`, `charge.rs` | increments; rule R1 step by step |
//! | `ratio.rs`, `wide.rs` | exact sums: 128 bits, and without a bound where those do not do |
//! | `rounding.rs` | the named modes |
//! | `book.rs` | assignments, versions and exchange rates in force at an instant |
//! | `explain.rs` | the steps in words |
//! | `source.rs` | reads and checks tariff files and rate sheets |
//! | `diff.rs` | what a version changes against the one it replaces |
//! | `append.rs` | what may join a kept tariff |
//! | `part.rs`, `write.rs` | a tariff in parts to keep, as files that read back |
//!
//! **Architecture invariant:** no float, and one rounding per dial. Nothing here reads a clock
//! or a file: texts and instants are handed in. Nothing is guessed: a dial without a charge has
//! a reason ([`Unrated`]), never a cost of 0.
//!
//! ```
//! use ringfold::tariff::{RatedDial, read_files};
//! use ringfold::value::{Micros, ProjectId};
//!
//! let file = r#"
//! format = "ringfold-tariff-1"
//! [[plan]]
//! id = "carrier"
//! [[plan.version]]
//! number = 1
//! effective_from = 2026-01-01T00:00:00Z
//! rate = [{ prefix = "1", rate = "0.006", minimum = 30, increment = 6 }]
//! [[assign]]
//! plan = "carrier"
//! effective_from = 2026-01-01T00:00:00Z
//! "#;
//! let (book, _warnings) = read_files(&[("carrier.toml", file)], &|_| None).unwrap();
//! let charge = book.rate(&RatedDial {
//!     project: ProjectId::new(uuid::Uuid::nil()),
//!     gateway: None,
//!     phone: Some("+14165550123"),
//!     answered: true,
//!     at: Micros::from_ms(1_768_392_000_000),
//!     talk_micros: 32_000_000,
//! });
//! let charge = charge.unwrap();
//! assert_eq!((charge.billed_ms, charge.cost.get()), (36_000, 3_600));
//! ```
#![deny(
    clippy::arithmetic_side_effects,
    clippy::float_arithmetic,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable
)]

mod amount;
mod append;
mod book;
mod calendar;
mod charge;
mod diff;
mod explain;
mod few;
mod money;
mod part;
mod plan;
mod prefix;
mod ratio;
mod rounding;
mod runs;
mod source;
mod unrated;
mod wide;
mod write;

pub use append::{Addition, Past, Refusal, Why, append};
pub use book::{Assignment, Book, Charge, Detail, Exchange, Explained, Gateway, RatedDial, Tariff};
pub use calendar::{BandTime, DaysOfWeek, MonthDay};
pub use charge::{Bill, Numbers, Talk};
pub use diff::{RateChange, rate_changes};
pub use few::{OneOrMore, TwoOrMore};
pub use money::{Currency, Decimal, Price, Seconds};
pub use part::{PIECE_BYTES_MAX, Part, PartKind};
pub use plan::{
    Band, Grace, GraceMode, Head, IncrementRule, MaxCost, MaxStrategy, Plan, Rate, Slab, Terms,
    TimeOfDay, Version,
};
pub use prefix::Prefix;
pub use rounding::{DurationRounding, Mode, Rounding};
pub use source::{
    Columns, Extra, FORMAT, Fault, Finding, Places, ReadTariff, SheetVersion, Warning, read_files,
    read_part, read_sheet, read_tariff,
};
pub use unrated::Unrated;
