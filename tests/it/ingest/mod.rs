//! The ingest machine under arbitrary schedules: its promises, and its parts on their own.

mod ledger;
mod schedule;
mod signs;
mod world;
