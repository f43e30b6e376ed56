//! The log of the settings as something that is read again.

use std::sync::Arc;

use super::super::exit::Failure;
use crate::app;
use crate::config::{LogKind, Settings};
use crate::embedded::Embedded;
use crate::kafka::{KafkaStretches, OpenError, Position};
use crate::ports::stretch::{Bounds, Stretch};
use crate::supervisor::Exit;
use crate::system::SystemClock;

/// The log, wherever it is.
#[derive(Debug)]
pub(super) enum AnySource {
    Kafka(Box<KafkaStretches>),
    Local(Embedded),
}

impl AnySource {
    pub(super) fn open(settings: &Settings) -> Result<Self, Failure> {
        match settings.log.kind {
            LogKind::Kafka => {
                let kafka = app::kafka_settings(settings, Position::Group);
                // A broker that is away answers late; nothing else runs yet.
                let found = tokio::task::block_in_place(|| KafkaStretches::open(&kafka));
                Ok(Self::Kafka(Box::new(opened(found)?)))
            }
            LogKind::Local => {
                let found = app::open_embedded(settings, Arc::new(SystemClock));
                let store = found.map_err(|error| {
                    Failure::from(error).remedy("stop the process that runs on this directory")
                })?;
                Ok(Self::Local(store))
            }
        }
    }

    /// The stretches of all log partitions.
    pub(super) fn find(&self, bounds: Bounds) -> Result<Vec<Stretch>, Failure> {
        match self {
            Self::Kafka(kafka) => opened(tokio::task::block_in_place(|| kafka.find(bounds))),
            Self::Local(store) => store
                .stretches(bounds)
                .map_err(|error| Failure::new(Exit::Disk, format!("the local log: {error}"))),
        }
    }

    /// Takes from the stretches what the consumer group has not read yet.
    pub(super) fn leave_to_group(&self, stretches: &mut [Stretch]) -> Result<(), Failure> {
        let Self::Kafka(kafka) = self else { return Ok(()) };
        let committed = opened(tokio::task::block_in_place(|| kafka.committed(stretches)))?;
        for (stretch, committed) in stretches.iter_mut().zip(committed) {
            stretch.end = stretch.end.min(committed.unwrap_or(0));
        }
        Ok(())
    }
}

pub(super) fn opened<T>(result: Result<T, OpenError>) -> Result<T, Failure> {
    result.map_err(|error| Failure::from(app::kafka_error(error)))
}
