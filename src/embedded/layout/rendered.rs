//! The cells `rendered` and `kept_rating`. ringfold's readers never trust the first; it is kept so
//! that an export of the directory has the same columns as a CQL table.

use crate::item::{CostSource, Finality, Flags, Rating, Rendered, Status};
use crate::tariff::Unrated;
use crate::value::{MicroUsd, Micros};

use super::codec::{DecodeError, Decoder, Encoder};

/// The cell `rendered`.
pub(in crate::embedded) fn encode_rendered(rendered: &Rendered) -> Vec<u8> {
    let mut encoder = Encoder::bare();
    encoder
        .bytes(rendered.status.word().as_bytes())
        .flag(rendered.is_answered)
        .i64(i64::from(rendered.finality.code()))
        .number(rendered.dial_duration_s)
        .number(rendered.ring_ms)
        .number(rendered.talk_ms)
        .i64(i64::from(rendered.flags.bits()))
        .i64(rendered.updated_at.get())
        .number(rendered.cost.map(MicroUsd::get))
        .text(rendered.cost_source.map(CostSource::word));
    put_rating(&mut encoder, &rendered.rating);
    encoder.finish()
}

fn put_rating(encoder: &mut Encoder, rating: &Rating) {
    encoder
        .number(rating.estimate.map(MicroUsd::get))
        .number(rating.billed_ms)
        .text(rating.tariff.as_deref())
        .text(rating.prefix.as_deref())
        .text(rating.unrated.map(Unrated::label));
}

/// Reads the cell `rendered`, for those who check it.
pub(in crate::embedded) fn decode_rendered(bytes: &[u8]) -> Result<Rendered, DecodeError> {
    let mut d = Decoder::bare(bytes);
    let field = DecodeError::Field;
    Ok(Rendered {
        status: Status::from_word(d.str()?).ok_or(field("status"))?,
        is_answered: d.u8()? != 0,
        finality: i8::try_from(d.i64()?)
            .ok()
            .and_then(Finality::from_code)
            .ok_or(field("finality"))?,
        dial_duration_s: d.number("duration")?,
        ring_ms: d.number("ring time")?,
        talk_ms: d.number("talk time")?,
        flags: Flags::from_bits(i32::try_from(d.i64()?).map_err(|_| field("flags"))?),
        updated_at: Micros::new(d.i64()?),
        cost: d.number("cost")?.map(MicroUsd::new),
        cost_source: d.option(|d| CostSource::from_word(d.str()?).ok_or(field("cost source")))?,
        rating: read_rating(&mut d)?,
    })
}

/// The cell `kept_rating`.
pub(in crate::embedded) fn encode_rating(rating: &Rating) -> Vec<u8> {
    let mut encoder = Encoder::bare();
    put_rating(&mut encoder, rating);
    encoder.finish()
}

/// Reads the cell `kept_rating`.
pub(in crate::embedded) fn decode_rating(bytes: &[u8]) -> Result<Rating, DecodeError> {
    read_rating(&mut Decoder::bare(bytes))
}

fn read_rating(d: &mut Decoder<'_>) -> Result<Rating, DecodeError> {
    Ok(Rating {
        estimate: d.number("estimate")?.map(MicroUsd::new),
        billed_ms: d.number("billed")?,
        tariff: d.text()?,
        prefix: d.text()?,
        unrated: d.option(|d| Unrated::parse(d.str()?).ok_or(DecodeError::Field("unrated")))?,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_kept_rating_comes_back() {
        for rating in [
            Rating::default(),
            Rating {
                estimate: Some(MicroUsd::new(-5)),
                billed_ms: Some(61_000),
                tariff: Some("base@3".into()),
                prefix: Some("4930".into()),
                unrated: Some(Unrated::NoBand),
            },
        ] {
            assert_eq!(decode_rating(&encode_rating(&rating)).unwrap(), rating);
        }
    }

    #[test]
    fn a_rendering_is_the_same_bytes_every_time() {
        let rendered = Rendered {
            status: Status::Busy,
            is_answered: false,
            finality: Finality::Final,
            dial_duration_s: Some(4),
            ring_ms: None,
            talk_ms: None,
            flags: Flags::CLOCK_SUSPECT,
            updated_at: Micros::from_ms(7),
            cost: None,
            cost_source: None,
            rating: Rating::default(),
        };
        let bytes = encode_rendered(&rendered);
        assert_eq!(bytes, encode_rendered(&rendered.clone()));
        assert_eq!(decode_rendered(&bytes).unwrap(), rendered);
    }
}
