//! Values of `log` and `cursor`.

use crate::ports::log::{LogPartition, NewRecord, Offset, RecordBatch};
use crate::ports::store::Cursor;
use crate::value::Micros;

use super::codec::{DecodeError, Decoder, Encoder};

/// A record with the time at which the log took it.
pub(in crate::embedded) fn encode(record: &NewRecord, record_time: Micros) -> Vec<u8> {
    let mut encoder = Encoder::value();
    encoder.i64(record_time.get()).bytes(&record.key).u64(record.headers.len() as u64);
    for (name, value) in &record.headers {
        encoder.bytes(name.as_bytes()).bytes(value);
    }
    encoder.bytes(&record.value);
    encoder.finish()
}

/// The time at which the log took a record.
pub(in crate::embedded) fn record_time(value: &[u8]) -> Result<Micros, DecodeError> {
    Ok(Micros::new(Decoder::value(value)?.i64()?))
}

/// Appends a stored record to the batch.
pub(in crate::embedded) fn push(
    value: &[u8],
    partition: LogPartition,
    offset: Offset,
    batch: &mut RecordBatch,
) -> Result<(), DecodeError> {
    let mut decoder = Decoder::value(value)?;
    let record_time = Micros::new(decoder.i64()?);
    let key = decoder.bytes()?;
    let mut headers = Vec::new();
    for _ in 0..decoder.u64()? {
        headers.push((decoder.str()?, decoder.bytes()?));
    }
    let payload = decoder.bytes()?;
    batch.push(partition, offset, Some(record_time), Some(key), Some(payload));
    for (name, value) in headers {
        batch.push_header(name, Some(value));
    }
    Ok(())
}

/// A cursor; source and log partition are its key.
pub(in crate::embedded) fn encode_cursor(cursor: &Cursor) -> Vec<u8> {
    let mut encoder = Encoder::value();
    encoder.u64(cursor.next).i64(cursor.floor.get()).u64(u64::from(cursor.parts));
    encoder.finish()
}

/// Reads a cursor.
pub(in crate::embedded) fn decode_cursor(
    source: &str,
    number: u16,
    value: &[u8],
) -> Result<Cursor, DecodeError> {
    let mut decoder = Decoder::value(value)?;
    Ok(Cursor {
        source: source.into(),
        number,
        next: decoder.u64()?,
        floor: Micros::new(decoder.i64()?),
        parts: u16::try_from(decoder.u64()?).map_err(|_| DecodeError::Field("parts"))?,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_record_comes_back_byte_for_byte() {
        let record = NewRecord {
            key: vec![0, 255, 10],
            headers: vec![("ce_type".into(), b"x".to_vec()), ("ce_type".into(), vec![0xFF])],
            value: vec![],
        };
        let bytes = encode(&record, Micros::new(-7));
        assert_eq!(record_time(&bytes).unwrap(), Micros::new(-7));
        let mut batch = RecordBatch::default();
        let partition = LogPartition { source: 0, number: 3 };
        push(&bytes, partition, 9, &mut batch).unwrap();
        let read = batch.iter().next().unwrap();
        assert_eq!((read.partition(), read.offset()), (partition, 9));
        assert_eq!(read.record_time(), Some(Micros::new(-7)));
        assert_eq!(read.key(), Some(&[0, 255, 10][..]));
        assert_eq!(read.value(), Some(&[][..]));
        let headers: Vec<_> = read.headers().collect();
        assert_eq!(headers, [("ce_type", Some(&b"x"[..])), ("ce_type", Some(&[0xFF][..]))]);
    }

    #[test]
    fn a_cursor_comes_back() {
        let cursor = Cursor {
            source: "local".into(),
            number: 2,
            next: u64::MAX,
            floor: Micros::MIN,
            parts: 4,
        };
        assert_eq!(decode_cursor("local", 2, &encode_cursor(&cursor)).unwrap(), cursor);
    }
}
