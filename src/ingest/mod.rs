//! From records to rows: a pure machine that says what to do, and the driver that does it.
//!
//! **Architecture invariant:** only `worker` may await; the machine takes time as an argument and
//! returns effects. An offset is complete only once the store (or the dead letters) answered.
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

pub mod batch;
pub mod budget;
pub mod cache;
pub mod counts;
pub mod effect;
pub mod floor;
pub mod ledger;
pub mod machine;
mod patience;
mod report;
pub mod retry;
pub mod vitals;
pub mod watchdog;
pub mod worker;

pub use machine::{Machine, Settings};
pub use worker::{Worker, WorkerError};
