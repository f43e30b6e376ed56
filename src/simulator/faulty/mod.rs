//! The ports of one simulated process: adapters in memory behind everything that may go wrong on
//! the way. What is asked and answered is noted, and checked at once.

mod letters;
mod log;
mod planted;
mod store;
mod write;

pub(super) use letters::FaultyLetters;
pub(super) use log::FaultyLog;
pub(super) use planted::Planted;
pub(super) use store::FaultyStore;

use super::gate::Gate;
use super::hub::Hub;
use super::lives::Life;
use super::trace::Actor;

/// Whose ports these are.
#[derive(Clone)]
pub(super) struct Side {
    pub(super) hub: Hub,
    pub(super) actor: Actor,
    pub(super) life: Life,
    pub(super) gate: Gate,
}
