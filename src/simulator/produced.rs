//! The log as it was produced, decoded once by its own record times: what every check of rows is
//! measured against.

use std::collections::BTreeMap;

use crate::dial::{DialEvent, Facts, ItemKey, State};
use crate::event::{Event, RawRecord, decode};
use crate::memory::Kept;
use crate::ports::log::{LogPartition, Offset};
use crate::value::{ItemId, ProjectId};

use super::plan::DECODE;

/// One record of the log.
#[derive(Debug)]
pub(super) struct Produced {
    pub(super) offset: Offset,
    pub(super) says: Says,
}

/// What a record says.
#[derive(Debug)]
pub(super) enum Says {
    /// Something about a dial, and the facts that it alone tells.
    Dial(Box<(DialEvent, Facts)>),
    /// Something about a gateway or a reference.
    Other,
    /// Nothing: it can never be read.
    Reject(&'static str),
}

/// All records so far.
#[derive(Debug, Default)]
pub(super) struct ProducedLog {
    parts: BTreeMap<LogPartition, Vec<Produced>>,
    first: BTreeMap<(Dial, LogPartition), Offset>,
}

/// Names a dial. Its row's `created_at` may be that of another event, where the id has no time.
pub(super) type Dial = (ProjectId, ItemId);

/// The dial of a row.
pub(super) fn dial_of(key: &ItemKey) -> Dial {
    (key.project, key.item)
}

impl ProducedLog {
    /// The offset from which records are not known yet.
    pub(super) fn end(&self, partition: LogPartition) -> Offset {
        let last = self.parts.get(&partition).and_then(|part| part.last());
        last.map_or(0, |last| last.offset + 1)
    }

    /// Takes in the records from there on.
    pub(super) fn extend(&mut self, partition: LogPartition, records: &[Kept]) {
        let part = self.parts.entry(partition).or_default();
        for kept in records {
            let says = says(kept);
            if let Says::Dial(dial) = &says {
                self.first.entry((dial_of(&dial.0.key), partition)).or_insert(kept.offset);
            }
            part.push(Produced { offset: kept.offset, says });
        }
    }

    /// Records of a log partition, from one offset up to another.
    pub(super) fn between(
        &self,
        partition: LogPartition,
        from: Offset,
        to: Offset,
    ) -> impl Iterator<Item = &Produced> {
        let part = self.parts.get(&partition).map_or(&[][..], Vec::as_slice);
        let first = part.partition_point(|record| record.offset < from);
        part.iter().skip(first).take_while(move |record| record.offset < to)
    }

    /// Every record, log partition by log partition.
    pub(super) fn all(&self) -> impl Iterator<Item = (LogPartition, &Produced)> {
        self.parts.iter().flat_map(|(partition, part)| part.iter().map(|r| (*partition, r)))
    }

    /// Where the first record of a dial lies in a log partition.
    pub(super) fn first_of(&self, key: &ItemKey, partition: LogPartition) -> Option<Offset> {
        self.first.get(&(dial_of(key), partition)).copied()
    }

    /// The clean fold: every event in the order of its log partition, from the states given.
    pub(super) fn fold(&self, from: BTreeMap<Dial, State>) -> BTreeMap<Dial, State> {
        let mut states = from;
        for (_, record) in self.all() {
            if let Says::Dial(dial) = &record.says {
                states.entry(dial_of(&dial.0.key)).or_default().inject(&dial.0);
            }
        }
        states
    }

    /// Whether more than one log partition tells of a dial.
    pub(super) fn is_torn(&self, key: &ItemKey) -> bool {
        let dial = dial_of(key);
        let all = (dial, LogPartition { source: 0, number: 0 })
            ..=(dial, LogPartition { source: u16::MAX, number: u16::MAX });
        self.first.range(all).nth(1).is_some()
    }

    /// Whether that is so of any dial.
    pub(super) fn is_any_torn(&self) -> bool {
        let dials: Vec<&Dial> = self.first.keys().map(|(dial, _)| dial).collect();
        dials.windows(2).any(|pair| pair[0] == pair[1])
    }

    /// Places of the records that can never be read.
    pub(super) fn rejects(&self) -> Vec<(LogPartition, Offset)> {
        let rejects = self.all().filter(|(_, record)| matches!(record.says, Says::Reject(_)));
        rejects.map(|(partition, record)| (partition, record.offset)).collect()
    }
}

fn says(kept: &Kept) -> Says {
    let headers = kept.record.headers.iter();
    let raw = RawRecord {
        value: Some(kept.record.value.as_slice()),
        record_time: Some(kept.time),
        headers: headers.map(|(name, value)| (name.as_str(), Some(value.as_slice()))),
    };
    match decode(raw, &DECODE).map(|decoded| decoded.event) {
        Ok(Event::Dial(event)) => {
            let mut state = State::default();
            state.inject(&event);
            Says::Dial(Box::new((event, state.facts)))
        }
        Ok(Event::Reference(_) | Event::Gateway(_)) => Says::Other,
        Err(reject) => Says::Reject(reject.reason()),
    }
}
