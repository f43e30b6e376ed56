//! A row as cells: each with its own write timestamp, joined as the CQL engines join theirs.
//! It does not know what is in a cell (`facts`, `columns`, `rendered` do).

use std::borrow::Cow;

use super::codec::{DecodeError, Decoder, Encoder};

/// Which cell of a row. The numbers are stored.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::embedded) struct Tag(pub(in crate::embedded) u8);

impl Tag {
    pub(in crate::embedded) const FACTS: Self = Self(1);
    pub(in crate::embedded) const PERSONAL: Self = Self(2);
    pub(in crate::embedded) const RENDERED: Self = Self(3);
    pub(in crate::embedded) const EDIT_STATUS: Self = Self(10);
    pub(in crate::embedded) const EDIT_MESSAGE: Self = Self(11);
    pub(in crate::embedded) const EDIT_DURATION: Self = Self(12);
    pub(in crate::embedded) const EDIT_COST: Self = Self(13);
    pub(in crate::embedded) const EDIT_STARTED_AT: Self = Self(14);
    pub(in crate::embedded) const EDIT_ENDED_AT: Self = Self(15);
    pub(in crate::embedded) const EDIT_ANSWERED: Self = Self(16);
    pub(in crate::embedded) const EDIT_AT: Self = Self(17);
    pub(in crate::embedded) const EDIT_BY: Self = Self(18);
    pub(in crate::embedded) const EDITS: Self = Self(19);
    pub(in crate::embedded) const DELETED_AT: Self = Self(20);
    pub(in crate::embedded) const DELETED_BY: Self = Self(21);
    pub(in crate::embedded) const ERASED_AT: Self = Self(22);
    pub(in crate::embedded) const KEPT_RATING: Self = Self(23);
    pub(in crate::embedded) const PROVISIONAL_AT: Self = Self(24);
    pub(in crate::embedded) const PROVISIONAL_REVISION: Self = Self(25);
}

/// One cell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::embedded) struct Cell<'a> {
    /// Which.
    pub(in crate::embedded) tag: Tag,
    /// Write timestamp in µs.
    pub(in crate::embedded) written: i64,
    /// What it holds.
    pub(in crate::embedded) bytes: Cow<'a, [u8]>,
}

/// The cells of a row, at most one a tag. Tags that this release does not know are kept.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in crate::embedded) struct Cells<'a>(Vec<Cell<'a>>);

impl<'a> Cells<'a> {
    /// Reads a value of `item`.
    pub(in crate::embedded) fn decode(value: &'a [u8]) -> Result<Self, DecodeError> {
        let mut decoder = Decoder::value(value)?;
        let mut cells = Vec::with_capacity(4);
        while !decoder.is_done() {
            let tag = Tag(decoder.u8()?);
            let written = decoder.i64()?;
            let bytes = Cow::Borrowed(decoder.bytes()?);
            cells.push(Cell { tag, written, bytes });
        }
        Ok(Self(cells))
    }

    /// Writes a value of `item`.
    pub(in crate::embedded) fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::value();
        for cell in &self.0 {
            encoder.u8(cell.tag.0).i64(cell.written).bytes(&cell.bytes);
        }
        encoder.finish()
    }

    /// Joins a cell: the greater timestamp stays, then the greater bytes. Says whether it changed.
    pub(in crate::embedded) fn join(&mut self, cell: Cell<'a>) -> bool {
        match self.0.binary_search_by(|held| held.tag.cmp(&cell.tag)) {
            Err(place) => self.0.insert(place, cell),
            Ok(place) => {
                let Some(held) = self.0.get_mut(place) else { return false };
                if (cell.written, &cell.bytes) <= (held.written, &held.bytes) {
                    return false;
                }
                *held = cell;
            }
        }
        true
    }

    /// All of them, by tag.
    pub(in crate::embedded) fn iter(&self) -> impl Iterator<Item = &Cell<'a>> {
        self.0.iter()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cell(tag: u8, written: i64, byte: u8) -> Cell<'static> {
        Cell { tag: Tag(tag), written, bytes: Cow::Owned(vec![byte]) }
    }

    proptest! {
        #[test]
        fn any_order_of_writes_leaves_the_same_cells(
            writes in proptest::collection::vec((0..4_u8, 0..3_i64, 0..3_u8), 0..12),
            turn in any::<prop::sample::Index>(),
        ) {
            let mut there = Cells::default();
            for (tag, written, byte) in &writes {
                there.join(cell(*tag, *written, *byte));
            }
            let mut turned = writes.clone();
            let by = turn.index(writes.len().max(1)).min(writes.len());
            turned.rotate_left(by);
            turned.extend(writes.iter().rev().copied());
            let mut back = Cells::default();
            for (tag, written, byte) in turned {
                back.join(cell(tag, written, byte));
            }
            prop_assert_eq!(&there, &back);
            let bytes = there.encode();
            prop_assert_eq!(Cells::decode(&bytes).unwrap(), there);
        }
    }

    #[test]
    fn the_greater_bytes_win_a_tie_and_a_repeat_changes_nothing() {
        let mut cells = Cells::default();
        assert!(cells.join(cell(1, 5, 7)));
        assert!(!cells.join(cell(1, 5, 7)));
        assert!(!cells.join(cell(1, 5, 6)));
        assert!(cells.join(cell(1, 5, 8)));
        assert!(!cells.join(cell(1, 4, 9)));
    }
}
