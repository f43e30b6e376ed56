//! Who may do what: API keys, grants and the decision.
//!
//! **Architecture invariant:** a decision is made before any value is read.
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

mod base62;
mod column;
mod decide;
mod grant;
mod key;
mod record;

pub use column::{ColumnGroup, decide_column};
pub use decide::{Refusal, decide, decide_record, is_live, may_post_for};
pub use grant::{Grant, GrantRules, Operation};
pub use key::{IssuedKey, KEY_RANDOM_BYTES, PresentedKey};
pub use record::{ApiKeyRecord, KeyReach};
