//! Values of `dead_letter`.

use crate::ports::log::{DeadLetter, LogPartition};
use crate::value::Micros;

use super::codec::{DecodeError, Decoder, Encoder};

/// A dead letter as it was put, its reason as text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptLetter {
    /// Name of the topic or file.
    pub source: String,
    /// Where it was.
    pub partition: LogPartition,
    /// Where it was.
    pub offset: u64,
    /// When the log took it.
    pub record_time: Option<Micros>,
    /// Original key.
    pub key: Option<Vec<u8>>,
    /// Original headers.
    pub headers: Vec<(String, Option<Vec<u8>>)>,
    /// Original value, byte for byte.
    pub value: Option<Vec<u8>>,
    /// Stable label of the reason.
    pub reason: String,
    /// One sentence.
    pub error: String,
    /// How often it was redriven before.
    pub attempts: u32,
}

/// The whole letter; its key repeats where it was.
pub(in crate::embedded) fn encode(letter: &DeadLetter) -> Vec<u8> {
    let mut encoder = Encoder::value();
    let blob = |e: &mut Encoder, bytes: &[u8]| {
        e.bytes(bytes);
    };
    encoder
        .bytes(letter.source.as_bytes())
        .u64(u64::from(letter.partition.source))
        .u64(u64::from(letter.partition.number))
        .u64(letter.offset)
        .number(letter.record_time.map(Micros::get))
        .option(letter.key.as_deref(), blob)
        .option(letter.value.as_deref(), blob)
        .u64(letter.headers.len() as u64);
    for (name, value) in &letter.headers {
        encoder.bytes(name.as_bytes()).option(value.as_deref(), blob);
    }
    encoder
        .bytes(letter.reason.as_bytes())
        .bytes(letter.error.as_bytes())
        .u64(u64::from(letter.attempts));
    encoder.finish()
}

/// Reads a letter.
pub(in crate::embedded) fn decode(value: &[u8]) -> Result<KeptLetter, DecodeError> {
    let mut d = Decoder::value(value)?;
    let small =
        |d: &mut Decoder<'_>, field| u16::try_from(d.u64()?).map_err(|_| DecodeError::Field(field));
    let blob = |d: &mut Decoder<'_>| d.bytes().map(<[u8]>::to_vec);
    let source = d.str()?.to_owned();
    let partition =
        LogPartition { source: small(&mut d, "source")?, number: small(&mut d, "partition")? };
    let offset = d.u64()?;
    let record_time = d.number("record time")?.map(Micros::new);
    let key = d.option(blob)?;
    let payload = d.option(blob)?;
    let mut headers = Vec::new();
    for _ in 0..d.u64()? {
        headers.push((d.str()?.to_owned(), d.option(blob)?));
    }
    Ok(KeptLetter {
        source,
        partition,
        offset,
        record_time,
        key,
        headers,
        value: payload,
        reason: d.str()?.to_owned(),
        error: d.str()?.to_owned(),
        attempts: u32::try_from(d.u64()?).map_err(|_| DecodeError::Field("attempts"))?,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_letter_comes_back_byte_for_byte() {
        let letter = DeadLetter {
            source: "dials".into(),
            partition: LogPartition { source: 1, number: 11 },
            offset: 1 << 40,
            record_time: None,
            key: Some(vec![]),
            headers: vec![("a".into(), None), ("b".into(), Some(vec![0, 1]))],
            value: None,
            reason: "malformed_json",
            error: "expected value".into(),
            attempts: 2,
        };
        let kept = decode(&encode(&letter)).unwrap();
        assert_eq!((kept.source.as_str(), kept.partition), ("dials", letter.partition));
        assert_eq!((kept.offset, kept.record_time), (1 << 40, None));
        assert_eq!((kept.key, kept.value), (Some(vec![]), None));
        assert_eq!(kept.headers, letter.headers);
        assert_eq!((kept.reason.as_str(), kept.attempts), ("malformed_json", 2));
    }
}
