//! Stretches of the local log, read beside its cursors, which stay where they are.

use std::sync::Arc;

use crate::ports::log::{
    Commit, EventLog, LogEnd, LogError, LogPartition, Offset, Polled, RecordBatch,
};
use crate::ports::store::ReadError;
use crate::ports::stretch::{Bounds, Place, Stretch};

use super::database::Space;
use super::handle::{Embedded, unavailable, unreadable};
use super::layout::codec::DecodeError;
use super::layout::{key, record};
use super::log::{LOCAL_SOURCE, disk};
use super::rewind::first_since;

/// Records taken in one poll: bounds how long reading holds the runtime.
const POLL_RECORDS_MAX: usize = 4_096;

impl Embedded {
    /// The stretches of all log partitions of the local log; empty ones too.
    pub fn stretches(&self, bounds: Bounds) -> Result<Vec<Stretch>, ReadError> {
        let (spaces, ends) = (self.spaces(), self.progress().borrow().ends.clone());
        let mut stretches = Vec::new();
        for (number, end) in (0_u16..).zip(ends) {
            let place = |place: Option<Place>, without: Offset| match place {
                None => Ok(without),
                Some(Place::Offset(offset)) => Ok(offset),
                Some(Place::Time(time)) => first_since(spaces, number, time, end)
                    .map_err(|fault| ReadError::Unavailable(format!("the local log: {fault:?}"))),
            };
            let oldest = self.oldest(number)?.unwrap_or(end);
            stretches.push(Stretch {
                source: LOCAL_SOURCE.into(),
                partition: LogPartition { source: 0, number },
                parts: spaces.log_partitions,
                next: place(bounds.from, oldest)?.max(oldest),
                end: place(bounds.to, end)?.min(end),
            });
        }
        Ok(stretches)
    }

    fn oldest(&self, number: u16) -> Result<Option<Offset>, ReadError> {
        let range = key::record(number, 0)..=key::record(number, u64::MAX);
        let Some(guard) = self.spaces().get(Space::Log).range(range).next() else {
            return Ok(None);
        };
        let place = guard.key().map_err(|error| unavailable(&error))?;
        key::read_offset(&place).map(Some).ok_or_else(|| unreadable(&DecodeError::Short))
    }

    /// A reader of one stretch.
    pub fn read_stretch(&self, stretch: &Stretch) -> LocalStretch {
        LocalStretch { store: self.clone(), stretch: stretch.clone(), is_assigned: false }
    }
}

/// One stretch as a log that ends.
#[derive(Debug)]
pub struct LocalStretch {
    store: Embedded,
    /// What is left of it.
    stretch: Stretch,
    is_assigned: bool,
}

impl LocalStretch {
    fn take(&mut self, batch: &mut RecordBatch, room: usize) -> Result<(), LogError> {
        let LogPartition { number, .. } = self.stretch.partition;
        let range = key::record(number, self.stretch.next)..key::record(number, self.stretch.end);
        let full = batch.bytes().saturating_add(room);
        for guard in self.store.spaces().get(Space::Log).range(range) {
            if batch.bytes() >= full || batch.len() >= POLL_RECORDS_MAX {
                return Ok(());
            }
            let (place, value) = guard.into_inner().map_err(|error| disk(&error))?;
            let offset = key::read_offset(&place).ok_or_else(|| disk(&DecodeError::Short))?;
            record::push(&value, self.stretch.partition, offset, batch)
                .map_err(|error| disk(&error))?;
            self.stretch.next = offset + 1;
        }
        self.stretch.next = self.stretch.end;
        Ok(())
    }
}

impl EventLog for LocalStretch {
    fn sources(&self) -> Vec<Arc<str>> {
        vec![LOCAL_SOURCE.into()]
    }

    async fn next(&mut self, batch: &mut RecordBatch, room: usize) -> Result<Polled, LogError> {
        if !self.is_assigned {
            self.is_assigned = true;
            return Ok(Polled::Assigned(vec![self.stretch.assignment()]));
        }
        if room == 0 {
            std::future::pending::<()>().await;
        }
        if !self.stretch.is_empty() {
            self.take(batch, room)?;
        }
        Ok(if batch.is_empty() { Polled::Ended } else { Polled::Records })
    }

    /// The cursors of the local log stay: the position of a replay is its own.
    fn commit(&mut self, _commits: &[Commit]) {}

    async fn hand_back(&mut self, _commits: &[Commit]) {}

    fn ends(&self) -> Vec<LogEnd> {
        vec![LogEnd { partition: self.stretch.partition, end: self.stretch.end }]
    }

    async fn close(self, _commits: &[Commit]) -> Result<(), LogError> {
        Ok(())
    }
}
