//! What tests of several subjects share: builders of events, prices, orders.

pub mod broker;
pub mod dials;
pub mod engines;
pub mod orders;
pub mod prices;
pub mod process;
pub mod proxy;
pub mod recorded;
pub mod rows;
pub mod sample;
pub mod tcp;
pub mod verdicts;
pub mod wire;
