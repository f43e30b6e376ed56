//! Traffic as real gateways make it, from a seed: for the demo, for benchmarks, for trying out.
//!
//! **Architecture invariant:** one seed, one sequence of bytes.

pub mod traffic;
