//! What the parts that do work need from the outside: small traits that belong to their user.
//! No code, no adapters. Every method says what is durable when it returns, what an error means,
//! whether a repeat is free and what order holds. One contract suite runs over every adapter.

pub mod changes;
pub mod letters;
pub mod log;
mod records;
pub mod registry;
pub mod renderings;
pub mod store;
pub mod stretch;
pub mod tariffs;
pub mod world;
