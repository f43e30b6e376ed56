//! The HTTP side in process, over the store and the log in memory.

mod call;
mod documented;
mod drop_in;
mod edits;
mod intake;
mod isolation;
mod limits;
mod relations;
pub mod setup;
mod sockets;
