//! The simulated worlds: that they repeat, that every promise holds in them, and that they would
//! notice.

mod meta;
mod planted;
mod worlds;
