//! ringfold folds telephony dial events from a log into incoming call log items in a store and
//! serves them over HTTP.
//!
//! # Bird's eye
//!
//! ```text
//! log ──► decode ──► fold (join facts per dial) ──► render ──► rows ──► store
//!  ▲                    │ reject → dead letters                  │
//!  └── commit ◄── frontier ◄── acknowledged ◄────────────────────┘        store ──► query ──► http
//! ```
//!
//! # Code map
//!
//! | module | what | pure |
//! |---|---|---|
//! | [`value`] | ids, instants, days, money, phones | yes |
//! | [`item`] | what a reader sees of a dial | yes |
//! | [`tariff`] | rating | yes |
//! | [`dial`] | facts, fold, render | yes |
//! | [`event`] | bytes to events and back, rejects | yes |
//! | [`relation`] | references: users, projects, rules, calls | yes |
//! | [`access`] | API keys and grants | yes |
//! | [`query`] | conditions, plans, pages and totals | yes, but for its driver |
//! | [`ingest`] | from records to rows: the machine and its driver | yes, but for its driver |
//! | [`kafka`] | the log and the dead letters on Kafka | no |
//! | [`http`] | the resource, events over HTTP, probes | no |
//! | [`app`] | composition root | no |
//! | [`ports`] | the traits between work and the outside | no code |
//! | [`supervisor`], [`system`], [`telemetry`] | the process: life, clock, words | no |
//!
//! # Architecture invariants
//!
//! - Everything is a join: nothing is counted up or added in place on the event path.
//! - Items are rendered, never accumulated.
//! - An offset is committed only after the store answered for it.
//! - Time, randomness and I/O are arguments; pure modules have none of them.

pub mod access;
pub mod app;
pub mod cli;
pub mod config;
pub mod cql;
pub mod dial;
pub mod embedded;
pub mod event;
pub mod http;
pub mod ingest;
pub mod item;
pub mod kafka;
pub mod memory;
pub mod ports;
pub mod query;
pub mod relation;
pub mod simulator;
pub mod supervisor;
pub mod system;
pub mod tariff;
pub mod telemetry;
pub mod value;
