//! Small types that every other module speaks: ids, times, money, phone numbers, text.
//!
//! **Architecture invariant:** nothing here knows a dial, an item or the outside world.
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

mod id;
mod money;
mod phone;
mod text;
mod time;

pub use id::{CallId, DialId, ItemId, ProjectId, RuleId, UserId};
pub use money::{MicroUsd, ParseCentsError};
pub use phone::Phone;
pub use text::utf16_len;
pub use time::{Day, MICROS_PER_DAY, Micros, SLICE_MICROS};
