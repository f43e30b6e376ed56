//! Replay: cursors of the local log that go back.

use fjall::Slice;

use crate::ports::store::Cursor;
use crate::value::Micros;

use super::database::{Space, Spaces};
use super::layout::{key, record};
use super::log::LOCAL_SOURCE;
use super::stage::Stage;
use super::writer::Fault;

/// Puts each cursor to the first record that was taken at `to` or later, if that lies before it.
/// The floor stays: it is above every id time below the cursor, so more than needed is loaded.
pub(super) fn stage(stage: &mut Stage<'_>, spaces: &Spaces, to: Micros) -> Result<(), Fault> {
    for number in 0..spaces.log_partitions {
        let place = Slice::from(key::cursor(LOCAL_SOURCE, number));
        let Some(held) = stage.get(Space::Cursor, &place)? else { continue };
        let held = record::decode_cursor(LOCAL_SOURCE, number, &held)
            .map_err(|error| Fault::NotApplied(error.to_string()))?;
        let next = first_since(spaces, number, to, held.next)?;
        let cursor = Cursor { next, ..held };
        stage.put(Space::Cursor, place, record::encode_cursor(&cursor).into())?;
    }
    Ok(())
}

/// The offset of the first record taken at `to` or later, or `end`. Record time rises with the
/// offset, so halving finds it.
pub(super) fn first_since(
    spaces: &Spaces,
    number: u16,
    to: Micros,
    end: u64,
) -> Result<u64, Fault> {
    let unreadable = |error: &dyn std::fmt::Display| Fault::NotApplied(error.to_string());
    let log = spaces.get(Space::Log);
    let (mut low, mut high) = (0, end);
    while low < high {
        let middle = low + (high - low) / 2;
        let first = log.range(key::record(number, middle)..key::record(number, high)).next();
        let Some(guard) = first else {
            high = middle;
            continue;
        };
        let (place, value) = guard.into_inner().map_err(|error| unreadable(&error))?;
        let found = key::read_offset(&place).ok_or_else(|| unreadable(&"a key of the log"))?;
        let time = record::record_time(&value).map_err(|error| unreadable(&error))?;
        if time >= to {
            // Nothing lies between `middle` and `found`.
            high = middle;
        } else {
            low = found + 1;
        }
    }
    Ok(low)
}
