//! Log, store and world in memory: for tests and the simulator, and nothing else. They keep the
//! promises of the ports, no more: cells with last-write-wins, log partitions that change hands,
//! answers that get lost.

mod cells;
mod changes;
mod dead_letters;
mod faults;
mod letters;
mod log;
mod member;
mod reader;
mod registry;
mod renderings;
mod shared;
mod sink;
mod store;
mod tables;
mod tariffs;
mod world;

pub use changes::MemoryChanges;
pub use dead_letters::MemoryDeadLetters;
pub use faults::{Faults, ReadFault, WriteFault};
pub use letters::MemoryLetters;
pub use log::{Kept, MemberId, MemoryBroker};
pub use member::MemoryLog;
pub(crate) use shared::Shared;
pub use sink::MemorySink;
pub use store::MemoryStore;
pub use world::{HandClock, SeededEntropy};
