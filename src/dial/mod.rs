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

mod canonical;
pub mod cause;
mod cost;
pub mod edit;
pub mod event;
pub mod fact;
pub mod facts;
pub mod fold;
pub mod gateway;
pub mod identity;
pub mod limits;
pub mod reason;
pub mod registers;
pub mod render;
pub mod row;
pub mod times;
pub mod version;
pub mod wording;

pub use event::{DialEvent, Said};
pub use facts::Facts;
pub use fold::{fold, inject_into_row};
pub use identity::ItemKey;
pub use limits::Limits;
pub use registers::{Injected, RegisterName, Registers};
pub use render::{View, as_rated, item, latest_fact, rendered, to_keep};
pub use row::{DayBatch, Edits, FoldWrite, Row, Standing};
pub use version::State;
