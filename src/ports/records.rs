//! Records as they were taken from the log, many at a time.

use crate::value::Micros;

use super::log::{LogPartition, Offset};

/// Records taken from the log, all in one arena, so that taking thousands costs a few allocations.
#[derive(Debug, Default)]
pub struct RecordBatch {
    arena: Vec<u8>,
    records: Vec<Placed>,
    /// Headers of all records, one record's after the other's.
    headers: Vec<Header>,
    /// Names of headers. Records of one log name the same ones over and over: a name stands once
    /// for as long as it comes at the same place of each record.
    names: String,
    /// Bytes of keys, values and headers, as the records say.
    bytes: usize,
}

/// From and to in the arena.
type Stretch = (usize, usize);

#[derive(Debug)]
struct Placed {
    partition: LogPartition,
    offset: Offset,
    record_time: Option<Micros>,
    key: Option<Stretch>,
    value: Option<Stretch>,
    /// From and to in the headers of all.
    headers: Stretch,
    /// Bytes of key, value and headers.
    size: usize,
}

#[derive(Clone, Copy, Debug)]
struct Header {
    name: Stretch,
    value: Option<Stretch>,
}

/// One record, borrowed from its batch.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    batch: &'a RecordBatch,
    placed: &'a Placed,
}

impl RecordBatch {
    /// An empty batch with room for as much as this one holds: polls are alike, and an arena that
    /// grows from nothing copies all it holds several times.
    #[must_use]
    pub fn room_alike(&self) -> Self {
        Self {
            arena: Vec::with_capacity(self.arena.len()),
            records: Vec::with_capacity(self.records.len()),
            headers: Vec::with_capacity(self.headers.len()),
            names: String::with_capacity(self.names.len()),
            bytes: 0,
        }
    }

    /// Number of records.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Sizes of all records together.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Appends a record without headers.
    #[expect(clippy::too_many_arguments, reason = "the parts of a record, borrowed, once each")]
    pub fn push(
        &mut self,
        partition: LogPartition,
        offset: Offset,
        record_time: Option<Micros>,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
    ) {
        let key = key.map(|bytes| self.place(bytes));
        let value = value.map(|bytes| self.place(bytes));
        let length = |place: Option<Stretch>| place.map_or(0, |(from, to)| to - from);
        let (headers, size) =
            ((self.headers.len(), self.headers.len()), length(key) + length(value));
        self.bytes += size;
        self.records.push(Placed { partition, offset, record_time, key, value, headers, size });
    }

    /// Appends a header to the record pushed last.
    pub fn push_header(&mut self, name: &str, value: Option<&[u8]>) {
        let value_place = value.map(|bytes| self.place(bytes));
        let name_place = self.name(name);
        if let Some(record) = self.records.last_mut() {
            self.headers.push(Header { name: name_place, value: value_place });
            record.headers.1 = self.headers.len();
            let size = name.len() + value.map_or(0, <[u8]>::len);
            record.size += size;
            self.bytes += size;
        }
    }

    /// Where a name stands: that of the record before at the same place, if it is the same.
    fn name(&mut self, name: &str) -> Stretch {
        let alike = self.records.split_last().and_then(|(last, before)| {
            let index = before.last()?.headers.0 + (last.headers.1 - last.headers.0);
            self.headers.get(index).filter(|_| index < last.headers.0)
        });
        if let Some(alike) = alike
            && self.names.get(alike.name.0..alike.name.1) == Some(name)
        {
            return alike.name;
        }
        let start = self.names.len();
        self.names.push_str(name);
        (start, self.names.len())
    }

    /// The records in the order they were pushed.
    pub fn iter(&self) -> impl Iterator<Item = Record<'_>> {
        self.records.iter().map(|placed| Record { batch: self, placed })
    }

    /// The record at a place, counted from 0.
    pub fn get(&self, index: usize) -> Option<Record<'_>> {
        self.records.get(index).map(|placed| Record { batch: self, placed })
    }

    fn place(&mut self, bytes: &[u8]) -> Stretch {
        let start = self.arena.len();
        self.arena.extend_from_slice(bytes);
        (start, self.arena.len())
    }

    fn at(&self, place: Stretch) -> &[u8] {
        self.arena.get(place.0..place.1).unwrap_or_default()
    }
}

impl<'a> Record<'a> {
    /// The log partition it was read from.
    pub fn partition(self) -> LogPartition {
        self.placed.partition
    }

    /// Its position.
    pub fn offset(self) -> Offset {
        self.placed.offset
    }

    /// When the log took it; `None` where the log keeps no such time (files).
    pub fn record_time(self) -> Option<Micros> {
        self.placed.record_time
    }

    /// The record key.
    pub fn key(self) -> Option<&'a [u8]> {
        self.placed.key.map(|place| self.batch.at(place))
    }

    /// The value; `None` = a record without one.
    pub fn value(self) -> Option<&'a [u8]> {
        self.placed.value.map(|place| self.batch.at(place))
    }

    /// Names and values of the headers, in order, repeats included.
    pub fn headers(self) -> impl Iterator<Item = (&'a str, Option<&'a [u8]>)> {
        let (from, to) = self.placed.headers;
        self.batch.headers.get(from..to).unwrap_or_default().iter().map(move |header| {
            let name = self.batch.names.get(header.name.0..header.name.1).unwrap_or_default();
            (name, header.value.map(|place| self.batch.at(place)))
        })
    }

    /// Bytes of key, value and headers: what the budget is charged with.
    pub fn size(self) -> usize {
        self.placed.size
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn records_keep_their_own_headers_whatever_stood_before() {
        let names: [&[&str]; 6] =
            [&["a", "b"], &["a", "b", "c"], &[], &["b", "a"], &["b", "", "b"], &["b"]];
        let mut batch = RecordBatch::default();
        for (offset, names) in (0..).zip(names) {
            batch.push(LogPartition { source: 0, number: 0 }, offset, None, Some(b"key"), None);
            for name in names {
                let value = format!("{offset}-{name}");
                batch.push_header(name, (*name != "c").then_some(value.as_bytes()));
            }
        }
        let mut bytes = 0;
        for (record, names) in batch.iter().zip(names) {
            let found: Vec<_> = record.headers().collect();
            assert_eq!(found.iter().map(|(name, _)| *name).collect::<Vec<_>>(), names);
            for (name, value) in &found {
                let expected = format!("{}-{name}", record.offset());
                assert_eq!(*value, (*name != "c").then_some(expected.as_bytes()));
            }
            let sizes = found.iter().map(|(name, value)| name.len() + value.map_or(0, <[u8]>::len));
            assert_eq!(record.size(), 3 + sizes.sum::<usize>());
            bytes += record.size();
        }
        assert_eq!(batch.bytes(), bytes);
    }
}
