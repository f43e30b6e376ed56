//! Bytes to events and back: what gateways and the on-call product publish, as the core takes it.
//!
//! A record is a `CloudEvent` in binary or structured form; a line may be in the plain form too.
//! [`decode`] and its siblings give an event or a [`Reject`], never a panic, and what they give
//! depends on the record alone. Faults have an order: a whole record is judged, and the first
//! fault of the contract's table is given.
//!
//! **Architecture invariant:** pure; nothing here knows a log, a store or a clock.
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
pub mod contract;
mod decode;
mod decoded;
mod dial_v1;
pub mod encode;
mod envelope;
mod gateway_v1;
mod http;
mod json;
mod judge;
mod kind;
mod media;
mod nested;
mod reference_v1;
mod reject;
mod rfc3339;
mod trace;

pub use decode::{DATA_BYTES_MAX, DecodeLimits, RECORD_BYTES_MAX, RawRecord, decode, decode_line};
pub use decoded::{Decoded, Event, Meta};
pub use http::{HttpEvent, HttpReject, decode_http};
pub use kind::{DialKind, Kind};
pub use reject::{Reason, Reject};
pub use trace::TraceContext;
