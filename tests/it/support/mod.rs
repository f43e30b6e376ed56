//! What tests of several subjects share: builders of events, prices, orders.

pub mod dials;
pub mod engines;
pub mod orders;
pub mod prices;
