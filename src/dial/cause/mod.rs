//! What codes of an end mean, per source of the code. Called by `reason` when an item is rendered,
//! never when an event is decoded: these tables may grow, and then apply to old items too.
//! A code that is not named here gives no answer.

pub mod q850;
pub mod sip;
pub mod vendor;
