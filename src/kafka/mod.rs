//! The event log and the dead letters on Kafka, through librdkafka.
//!
//! One thread polls the consumer's main queue and does nothing else; every log partition has a
//! queue of its own that the worker drains. Back-pressure is not draining: membership is kept.
//!
//! **Architecture invariant:** an offset is stored only by `KafkaLog::commit` and `hand_back`, and
//! always with its metadata.

mod context;
mod dead_letters;
mod letters;
mod poll;
mod settings;
mod sink;
mod source;
mod stretch;

pub use dead_letters::KafkaDeadLetters;
pub use letters::KafkaLetters;
pub use settings::{KafkaSettings, Position, consumer_config, is_fixed, producer_config};
pub use sink::KafkaSink;
pub use source::{KafkaLog, OpenError};
pub use stretch::{KafkaStretch, KafkaStretches};
