//! The dead letters of the settings: the topic, or the local store while nothing runs on it.

use std::sync::Arc;

use super::super::exit::Failure;
use crate::app;
use crate::config::{LogKind, Settings};
use crate::embedded::LocalLetters;
use crate::kafka::{KafkaLetters, Position};
use crate::ports::letters::{KeptLetter, Letters};
use crate::ports::log::AppendError;
use crate::ports::store::ReadError;
use crate::supervisor::Exit;
use crate::system::SystemClock;
use crate::value::Micros;

/// Dead letters, wherever they lie.
#[derive(Debug)]
pub(super) enum AnyLetters {
    Local(LocalLetters),
    Kafka(Box<KafkaLetters>),
}

/// The same call on whichever they are.
macro_rules! on {
    ($any:expr, $letters:ident => $call:expr) => {
        match $any {
            AnyLetters::Local($letters) => $call,
            AnyLetters::Kafka($letters) => $call,
        }
    };
}

impl AnyLetters {
    pub(super) async fn open(settings: &Settings) -> Result<Self, Failure> {
        match settings.log.kind {
            LogKind::Local => {
                let opened = app::open_embedded(settings, Arc::new(SystemClock));
                let store = opened.map_err(|error| {
                    Failure::from(error).remedy("stop the process that runs on this directory")
                })?;
                Ok(Self::Local(store.letters()))
            }
            LogKind::Kafka => {
                let kafka = app::kafka_settings(settings, Position::Group);
                let opened = KafkaLetters::open(&kafka).await;
                let letters = opened.map_err(|error| Failure::from(app::kafka_error(error)))?;
                Ok(Self::Kafka(Box::new(letters)))
            }
        }
    }

    /// How a command ends when letters cannot be read.
    pub(super) fn read_failure(&self, error: &ReadError) -> Failure {
        let exit = match error {
            ReadError::Unavailable(_) => self.outage(),
            ReadError::Refused(_) => Exit::Refused,
            ReadError::Unreadable(_) => Exit::Failed,
        };
        Failure::new(exit, format!("cannot read the dead letters: {error}"))
    }

    /// How a command ends when the log or the disk does not answer.
    pub(super) const fn outage(&self) -> Exit {
        match self {
            Self::Local(_) => Exit::Disk,
            Self::Kafka(_) => Exit::Unreachable,
        }
    }
}

impl Letters for AnyLetters {
    async fn page(&mut self) -> Result<Vec<KeptLetter>, ReadError> {
        on!(self, letters => letters.page().await)
    }

    fn takes(&self, source: &str) -> bool {
        on!(self, letters => letters.takes(source))
    }

    async fn redrive(&self, letter: &KeptLetter, at: Micros) -> Result<(), AppendError> {
        on!(self, letters => letters.redrive(letter, at).await)
    }
}
