//! What a reader sees of a dial: the item, its statuses, flags and finality.
//!
//! **Architecture invariant:** nothing here knows how an item came about.
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

mod column;
mod cost_sum;
mod end_reason;
#[expect(clippy::module_inception, reason = "the item is what the module is named for")]
mod item;
mod rendered;
mod status;

pub use column::{Column, ColumnSet, Columns, Kind, Writable};
pub use cost_sum::{CostSum, Total};
pub use end_reason::EndReason;
pub use item::{Item, Kept};
pub use rendered::{CostSource, Flags, Rating, Rendered};
pub use status::{Finality, Status};
