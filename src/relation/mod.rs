//! What is known of users, projects, escalation rules and parent calls from reference events.
//!
//! **Architecture invariant:** a reference is only ever joined inside its own project.
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

mod reference;
mod shape;

pub use reference::{Reference, ReferenceKind};
pub use shape::{InnerColumn, InnerKind, RECORD_COLUMNS};
