//! The integration tests: one binary, a module per subject.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    reason = "tests fail by panicking"
)]

mod architecture;
mod cli;
mod codec;
mod contract;
mod deploy;
mod docs;
mod e2e;
mod embedded;
mod engines;
mod erasure;
mod escalation;
mod files;
mod hard_cases;
mod http;
mod ingest;
mod language;
mod language_drop_in;
mod laws;
mod matrix;
mod memory;
mod model;
mod openapi;
mod oracle;
mod rating;
mod recovery;
mod schemas;
mod sim;
mod support;
