//! The tariff: a head per part and its text in pieces, appended in one atomic step.

use fjall::Slice;

use crate::ports::store::{ReadError, WriteError};
use crate::ports::tariffs::{NewPart, PartName, TariffRegistry};
use crate::tariff::PartKind;
use crate::value::Micros;

use super::database::Space;
use super::handle::{Embedded, unavailable, unreadable};
use super::layout::codec::{DecodeError, Decoder, Encoder};
use super::layout::key;
use super::writer::{Unit, Work};

impl TariffRegistry for Embedded {
    async fn append_parts(&self, parts: &[NewPart]) -> Result<(), WriteError> {
        let absent = parts.iter().map(values).collect();
        Ok(self.work(Work::Unit(Unit { absent, ..Unit::default() })).await?)
    }

    async fn list_parts(&self) -> Result<Vec<PartName>, ReadError> {
        let mut names = Vec::new();
        for guard in self.spaces().get(Space::Tariff).prefix(key::TARIFF_HEADS) {
            let (place, value) = guard.into_inner().map_err(|error| unavailable(&error))?;
            let head = key::read_tariff_head(&place);
            let (kind, id) = head.ok_or_else(|| unreadable(&"a tariff key"))?;
            let added_at = read_head(&value).map_err(|error| unreadable(&error))?;
            names.push(PartName { added_at, kind, id: id.into() });
        }
        names.sort_unstable();
        Ok(names)
    }

    async fn get_part(&self, kind: PartKind, id: &str) -> Result<Option<String>, ReadError> {
        let mut text = None;
        for guard in self.spaces().get(Space::Tariff).prefix(key::tariff_pieces(kind, id)) {
            let value = guard.value().map_err(|error| unavailable(&error))?;
            let piece =
                Decoder::value(&value).and_then(|mut decoder| Ok(decoder.str()?.to_owned()));
            let piece = piece.map_err(|error| unreadable(&error))?;
            text.get_or_insert_with(String::new).push_str(&piece);
        }
        Ok(text)
    }
}

/// The head of a part, then its pieces.
fn values(NewPart { part, added_at }: &NewPart) -> Vec<(Space, Slice, Slice)> {
    let mut head = Encoder::value();
    head.i64(added_at.get());
    let place = key::tariff_head(part.kind, &part.id);
    let mut values = vec![(Space::Tariff, place.into(), head.finish().into())];
    for (number, piece) in (0_u32..).zip(part.pieces()) {
        let place = key::tariff_piece(part.kind, &part.id, number);
        let mut value = Encoder::value();
        value.bytes(piece.as_bytes());
        values.push((Space::Tariff, place.into(), value.finish().into()));
    }
    values
}

fn read_head(value: &[u8]) -> Result<Micros, DecodeError> {
    Ok(Micros::new(Decoder::value(value)?.i64()?))
}
