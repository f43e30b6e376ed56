//! The ingest machine under arbitrary schedules: its promises, and its parts on their own.

mod driver;
mod ledger;
mod schedule;
mod signs;
mod world;
