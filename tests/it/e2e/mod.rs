//! The built binary, end to end: events in, items out over HTTP, on every pair of log and store.

mod cases;
mod dlq;
mod edits;
mod embedded;
mod escalation;
mod faults;
mod forged;
mod kafka_local;
mod large;
mod rejects;
mod tariff;
