//! The core: events of one dial, folded by a join into facts, rendered into an item.
//!
//! **Architecture invariant:** nothing here knows a time but the one it is given, a log, a store
//! or a wire format.
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

pub mod event;
pub mod fact;
pub mod facts;
pub mod identity;
pub mod row;
pub mod version;

pub use event::{DialEvent, Said};
pub use facts::Facts;
pub use identity::ItemKey;
pub use row::{DayBatch, Edits, FoldWrite, Row};
pub use version::State;
