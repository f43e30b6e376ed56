//! Cells ↔ row: what a fold write or an edit puts, and what a reader gets.

use std::borrow::Cow;

use crate::dial::row::{EditWrite, FoldWrite, ProvisionalEnd, Row};
use crate::dial::{ItemKey, State};
use crate::ports::renderings::StoredRendering;
use crate::value::MicroUsd;

use super::cells::{Cell, Cells, Tag};
use super::codec::DecodeError;
use super::{columns, facts, rendered};

/// The three cells of a fold write, all at the state's version.
pub(in crate::embedded) fn fold_cells(write: &FoldWrite) -> [Cell<'static>; 3] {
    let written = write.state.version(write.key.created_at);
    let cell = |tag, bytes| Cell { tag, written, bytes: Cow::Owned(bytes) };
    [
        cell(Tag::FACTS, facts::encode_facts(&write.state)),
        cell(Tag::PERSONAL, facts::encode_personal(&write.state.facts)),
        cell(Tag::RENDERED, rendered::encode_rendered(&write.rendered)),
    ]
}

/// The cells of an edit, with the state it creates.
pub(in crate::embedded) fn edit_cells(edit: &EditWrite) -> Vec<Cell<'static>> {
    let mut cells: Vec<_> = edit.create.iter().flat_map(fold_cells).collect();
    cells.extend(columns::cells_of(edit));
    cells
}

/// The cell of a rendering that is put right.
pub(in crate::embedded) fn rendering_cell(rendering: &StoredRendering) -> Cell<'static> {
    let bytes = Cow::Owned(rendered::encode_rendered(&rendering.rendered));
    Cell { tag: Tag::RENDERED, written: rendering.written, bytes }
}

/// The rendering that a value of `item` holds.
pub(in crate::embedded) fn read_rendering(
    key: ItemKey,
    value: &[u8],
) -> Result<Option<StoredRendering>, DecodeError> {
    let cells = Cells::decode(value)?;
    let cell = cells.iter().find(|cell| cell.tag == Tag::RENDERED);
    cell.map(|cell| {
        let rendered = rendered::decode_rendered(&cell.bytes)?;
        Ok(StoredRendering { key, rendered, written: cell.written })
    })
    .transpose()
}

/// Whether a value of `item` holds a deleted row. No other cell is read.
pub(in crate::embedded) fn is_deleted(value: &[u8]) -> Result<bool, DecodeError> {
    let cells = Cells::decode(value)?;
    let cell = cells.iter().find(|cell| cell.tag == Tag::DELETED_AT);
    Ok(cell.map(|cell| columns::read_time(&cell.bytes)).transpose()?.flatten().is_some())
}

/// The row that a value of `item` holds.
pub(in crate::embedded) fn read(key: ItemKey, value: &[u8]) -> Result<Row, DecodeError> {
    let cells = Cells::decode(value)?;
    let mut row = Row::of(key, State::default());
    let mut deleted = (None, None);
    let mut provisional = (None, None);
    // Facts have the lowest tag: the personal cell finds its registers.
    for cell in cells.iter() {
        let bytes = &*cell.bytes;
        match cell.tag {
            Tag::FACTS => row.state = facts::decode_facts(bytes)?,
            Tag::PERSONAL => facts::decode_personal(bytes, &mut row.state.facts)?,
            Tag::DELETED_AT => deleted.0 = columns::read_time(bytes)?,
            Tag::DELETED_BY => deleted.1 = columns::read_text(bytes)?,
            Tag::ERASED_AT => row.erased_at = columns::read_time(bytes)?,
            Tag::KEPT_RATING => row.kept_rating = Some(rendered::decode_rating(bytes)?),
            Tag::PROVISIONAL_AT => provisional.0 = columns::read_time(bytes)?,
            Tag::PROVISIONAL_REVISION => provisional.1 = columns::read_number(bytes, "revision")?,
            other => read_edit(&mut row, other, bytes)?,
        }
        if cell.tag != Tag::FACTS {
            row.newest_wall = row.newest_wall.max(Some(cell.written));
        }
    }
    row.deletion = columns::deletion(deleted.0, deleted.1);
    row.provisional = match provisional {
        (Some(at), Some(revision)) => Some(ProvisionalEnd { at, revision }),
        _ => None,
    };
    Ok(row)
}

fn read_edit(row: &mut Row, tag: Tag, bytes: &[u8]) -> Result<(), DecodeError> {
    let edits = &mut row.edits;
    match tag {
        Tag::EDIT_STATUS => edits.status = columns::read_text(bytes)?,
        Tag::EDIT_MESSAGE => edits.status_message = Some(columns::read_text(bytes)?),
        Tag::EDIT_DURATION => {
            edits.dial_duration_s = Some(columns::read_number(bytes, "duration")?);
        }
        Tag::EDIT_COST => {
            edits.cost = Some(columns::read_number(bytes, "cost")?.map(MicroUsd::new));
        }
        Tag::EDIT_STARTED_AT => edits.started_at = Some(columns::read_time(bytes)?),
        Tag::EDIT_ENDED_AT => edits.ended_at = Some(columns::read_time(bytes)?),
        Tag::EDIT_ANSWERED => {
            edits.is_answered = columns::read_number::<i64>(bytes, "answered")?.map(|n| n != 0);
        }
        Tag::EDIT_AT => edits.at = columns::read_time(bytes)?,
        Tag::EDIT_BY => edits.by = columns::read_text(bytes)?,
        Tag::EDITS => edits.count = columns::read_number(bytes, "edits")?.unwrap_or(0),
        // `rendered`, which readers do not trust, and cells of a newer release.
        _ => {}
    }
    Ok(())
}
