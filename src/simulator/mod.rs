//! What comes from a seed: traffic as real gateways make it, and whole worlds in which the real
//! ingest, query and http meet every fault that the promises are about.
//!
//! **Architecture invariant:** one seed, one sequence of bytes; one seed, one trace.

mod answers;
mod changes;
mod checks;
mod clients;
mod clock;
mod fault;
mod faulty;
mod gate;
mod gateways;
mod group;
mod history;
mod hub;
mod invariant;
mod lives;
mod people;
mod plan;
mod plant;
mod point;
mod produced;
mod random;
mod rest;
mod seeds;
mod servers;
mod strike;
mod trace;
pub mod traffic;
mod world;

pub use invariant::{Invariant, Violation};
pub use plant::{PLANTS, Plant};
pub use seeds::{Seeds, Summary, simulate_all};
pub use trace::{Keep, LINES_KEPT};
pub use world::{NoRuntime, Outcome, simulate};
