//! Takes old copies of rows and references off the disk. What was overwritten lies in tables until
//! they are compacted, and in the journal until that is full. For erasure: it blocks, writes a
//! journal's worth of nothing, and reads and writes all rows again.

use std::time::Duration;

use super::database::{Space, Spaces};
use super::writer::Fault;

/// fjall begins a new journal at a flush once more than 64 MB are in the present one.
const JOURNAL_PIECES: u8 = 68;
const PIECE_BYTES: usize = 1_000_000;
/// `meta`: what fills the journal; gone afterwards.
const FILLING: &[u8] = b"filling";
const LOOK_EVERY: Duration = Duration::from_millis(10);
const LOOKS_MAX: u32 = 3_000;

/// Leaves nothing on disk of rows and references but what they hold now. A repeat is free of harm.
pub(super) fn run(spaces: &Spaces) -> Result<(), Fault> {
    let failed = |error: fjall::Error| {
        Fault::Unknown(format!("taking old copies off the disk failed: {error}"))
    };
    fill_journal(spaces).map_err(failed)?;
    flush(spaces).map_err(failed)?;
    for space in [Space::Item, Space::Reference, Space::Meta] {
        spaces.get(space).major_compact().map_err(failed)?;
    }
    // The next flush lets go of the tables that were compacted away.
    spaces.get(Space::Meta).remove(FILLING).map_err(failed)?;
    flush(spaces).map_err(failed)?;
    wait_for_journal(spaces)
}

/// The pieces must not shrink when they are packed, so no two bytes follow from each other.
fn fill_journal(spaces: &Spaces) -> Result<(), fjall::Error> {
    let meta = spaces.get(Space::Meta);
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for _ in 0..JOURNAL_PIECES {
        let mut piece = Vec::with_capacity(PIECE_BYTES);
        while piece.len() < PIECE_BYTES {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            piece.extend_from_slice(&state.to_le_bytes());
        }
        meta.insert(FILLING, piece)?;
    }
    meta.remove(FILLING)
}

fn flush(spaces: &Spaces) -> Result<(), fjall::Error> {
    spaces.all().try_for_each(fjall::Keyspace::rotate_memtable_and_wait)
}

/// A journal goes once everything in it is in tables.
fn wait_for_journal(spaces: &Spaces) -> Result<(), Fault> {
    for _ in 0..LOOKS_MAX {
        if spaces.database.journal_count() <= 1 {
            return Ok(());
        }
        #[expect(clippy::disallowed_methods, reason = "the writer's own thread, with a bound")]
        std::thread::sleep(LOOK_EVERY);
    }
    let reason = "an old journal is still on disk: repeat it";
    Err(Fault::Unknown(reason.to_owned()))
}
