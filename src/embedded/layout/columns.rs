//! The cells that no fold write touches: edits, deletion, provisional end. A cell per column, so
//! that two edits of different columns both stay.

use std::borrow::Cow;
use std::sync::Arc;

use crate::dial::row::{Deletion, EditWrite, Edits};
use crate::value::{MicroUsd, Micros};

use super::cells::{Cell, Tag};
use super::codec::{DecodeError, Decoder, Encoder};
use super::{facts, rendered};

/// The cells of an edit but for the state it may create, all written at its wall.
pub(in crate::embedded) fn cells_of(edit: &EditWrite) -> Vec<Cell<'static>> {
    let mut cells = Vec::new();
    let mut put = |tag, bytes| {
        cells.push(Cell { tag, written: edit.wall, bytes: Cow::Owned(bytes) });
    };
    edit_cells(&edit.edits, &mut put);
    if let Some(deletion) = &edit.deletion {
        put(Tag::DELETED_AT, number(Some(deletion.at.get())));
        put(Tag::DELETED_BY, text(Some(&deletion.by)));
        put(Tag::PERSONAL, facts::empty_personal());
    }
    if let Some(erasure) = &edit.erasure {
        put(Tag::ERASED_AT, number(Some(erasure.at.get())));
        put(Tag::KEPT_RATING, rendered::encode_rating(&erasure.kept_rating));
        if edit.deletion.is_none() {
            put(Tag::PERSONAL, facts::empty_personal());
        }
    }
    if let Some(end) = &edit.provisional {
        put(Tag::PROVISIONAL_AT, number(Some(end.at.get())));
        put(Tag::PROVISIONAL_REVISION, number(Some(i64::from(end.revision))));
    }
    cells
}

fn edit_cells(edits: &Edits, put: &mut impl FnMut(Tag, Vec<u8>)) {
    if let Some(status) = &edits.status {
        put(Tag::EDIT_STATUS, text(Some(status)));
    }
    if let Some(message) = &edits.status_message {
        put(Tag::EDIT_MESSAGE, text(message.as_deref()));
    }
    let numbers = [
        (Tag::EDIT_DURATION, edits.dial_duration_s),
        (Tag::EDIT_COST, edits.cost.map(|cost| cost.map(MicroUsd::get))),
        (Tag::EDIT_STARTED_AT, edits.started_at.map(|at| at.map(Micros::get))),
        (Tag::EDIT_ENDED_AT, edits.ended_at.map(|at| at.map(Micros::get))),
        (Tag::EDIT_ANSWERED, edits.is_answered.map(|answered| Some(i64::from(answered)))),
    ];
    for (tag, edited) in numbers {
        if let Some(value) = edited {
            put(tag, number(value));
        }
    }
    if let Some(at) = edits.at {
        put(Tag::EDIT_AT, number(Some(at.get())));
        put(Tag::EDIT_BY, text(edits.by.as_deref()));
        put(Tag::EDITS, number(Some(i64::from(edits.count))));
    }
}

fn number(value: Option<i64>) -> Vec<u8> {
    let mut encoder = Encoder::bare();
    encoder.number(value);
    encoder.finish()
}

fn text(value: Option<&str>) -> Vec<u8> {
    let mut encoder = Encoder::bare();
    encoder.text(value);
    encoder.finish()
}

/// Reads a cell that holds a number, or null.
pub(in crate::embedded) fn read_number<T: TryFrom<i64>>(
    bytes: &[u8],
    field: &'static str,
) -> Result<Option<T>, DecodeError> {
    Decoder::bare(bytes).number(field)
}

/// Reads a cell that holds a text, or null.
pub(in crate::embedded) fn read_text(bytes: &[u8]) -> Result<Option<Arc<str>>, DecodeError> {
    Decoder::bare(bytes).text()
}

/// Reads a cell that holds an instant, or null.
pub(in crate::embedded) fn read_time(bytes: &[u8]) -> Result<Option<Micros>, DecodeError> {
    Ok(read_number(bytes, "time")?.map(Micros::new))
}

/// The deletion of its two cells: who is unknown if only the time is there.
pub(in crate::embedded) fn deletion(at: Option<Micros>, by: Option<Arc<str>>) -> Option<Deletion> {
    at.map(|at| Deletion { at, by: by.unwrap_or_default() })
}
