//! Values of `dead_letter`.

use crate::ports::letters::{KeptLetter, LetterId};
use crate::ports::log::DeadLetter;
use crate::value::Micros;

use super::codec::{DecodeError, Decoder, Encoder};

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

/// Reads a letter; whether it was sent back is kept apart.
pub(in crate::embedded) fn decode(value: &[u8]) -> Result<KeptLetter, DecodeError> {
    let mut d = Decoder::value(value)?;
    let small =
        |d: &mut Decoder<'_>, field| u16::try_from(d.u64()?).map_err(|_| DecodeError::Field(field));
    let blob = |d: &mut Decoder<'_>| d.bytes().map(<[u8]>::to_vec);
    let source = d.str()?.into();
    let _number_of_source = d.u64()?;
    let partition = small(&mut d, "partition")?;
    let id = LetterId { source, partition, offset: d.u64()? };
    let record_time = d.number("record time")?.map(Micros::new);
    let key = d.option(blob)?;
    let payload = d.option(blob)?;
    let mut headers = Vec::new();
    for _ in 0..d.u64()? {
        headers.push((d.str()?.to_owned(), d.option(blob)?));
    }
    Ok(KeptLetter {
        id,
        record_time,
        key,
        headers,
        value: payload,
        reason: d.str()?.to_owned(),
        error: d.str()?.to_owned(),
        attempts: u32::try_from(d.u64()?).map_err(|_| DecodeError::Field("attempts"))?,
        redriven_at: None,
    })
}

/// The mark of a letter that was sent back.
pub(in crate::embedded) fn encode_mark(at: Micros) -> Vec<u8> {
    let mut encoder = Encoder::value();
    encoder.i64(at.get());
    encoder.finish()
}

/// When the letter was sent back.
pub(in crate::embedded) fn decode_mark(value: &[u8]) -> Result<Micros, DecodeError> {
    Ok(Micros::new(Decoder::value(value)?.i64()?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;
    use crate::ports::log::LogPartition;

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
        let id = LetterId { source: "dials".into(), partition: 11, offset: 1 << 40 };
        assert_eq!((kept.id, kept.record_time, kept.redriven_at), (id, None, None));
        assert_eq!((kept.key, kept.value), (Some(vec![]), None));
        assert_eq!(kept.headers, letter.headers);
        assert_eq!((kept.reason.as_str(), kept.attempts), ("malformed_json", 2));
        assert_eq!(decode_mark(&encode_mark(Micros::new(-7))).unwrap(), Micros::new(-7));
    }
}
