//! The built binary, end to end: events in, items out over HTTP, on every pair of log and store.

mod bounds;
mod cases;
mod disk;
mod dlq;
mod edits;
mod embedded;
mod erase;
mod escalation;
mod faults;
mod forged;
mod kafka_local;
mod keys;
mod large;
mod outcome;
mod rejects;
mod reload;
mod replay;
mod schedule;
mod tariff;
