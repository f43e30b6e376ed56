//! What the machine wants done. The driver does it through ports and reports the result.

use std::sync::Arc;

use crate::dial::ItemKey;
use crate::dial::event::GatewayStarted;
use crate::ports::changes::ChangeNotice;
use crate::ports::log::{Commit, DeadLetter, LogPartition};
use crate::ports::store::WriteUnit;
use crate::relation::Reference;

use super::ledger::Slot;

/// Names a write; never used twice.
pub type UnitId = u64;
/// Names a load; never used twice.
pub type LoadId = u64;

/// A record's place in the ledger of a tenure. Answers of older tenures are dropped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ticket {
    /// The log partition.
    pub partition: LogPartition,
    /// The tenure in which the record was read.
    pub tenure: u64,
    /// Its place.
    pub slot: Slot,
}

/// Something to do. Each is issued once for one cause.
#[derive(Debug)]
pub enum Effect {
    /// Read these rows; answer with `on_loaded` or `on_load_failed`.
    Load(LoadId, Vec<ItemKey>),
    /// Write this; answer with `on_written` or `on_write_failed`.
    Write(UnitId, Arc<WriteUnit>),
    /// Keep this reject; answer with `on_completed` once it is durable.
    DeadLetter(Ticket, Box<DeadLetter>),
    /// Keep this reference; answer with `on_completed`.
    Reference(Ticket, Box<Reference>),
    /// Keep this gateway start; answer with `on_completed`.
    GatewayStart(Ticket, Box<GatewayStarted>),
    /// Hand these frontiers to the log.
    Commit(Vec<Commit>),
    /// The revoked log partitions are drained (or their time is up): commit and let go.
    HandBack(Vec<Commit>),
    /// Tell followers.
    Publish(Vec<ChangeNotice>),
}
