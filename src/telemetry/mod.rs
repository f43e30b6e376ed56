//! What the process tells about itself: metrics and logs.
//!
//! **Architecture invariant:** no metric and no log line carries a phone number, a secret, a body,
//! or the id of a project, user, call or item as a label.

pub mod logs;
pub mod metrics;
