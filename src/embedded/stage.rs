//! What one group commit will write, readable before it is committed. It does not decide what
//! belongs into a group (`writer` does).

use std::collections::BTreeMap;

use fjall::{PersistMode, Slice};

use super::database::{Space, Spaces};
use super::layout::cells::{Cell, Cells};
use super::writer::Fault;

type Place = (Space, Slice);

enum Replaced {
    /// Nothing waited there.
    Nothing,
    /// This did.
    Waiting(Option<Slice>),
}

/// Longest key that fjall takes.
const KEY_BYTES_MAX: usize = 65_535;
/// Longest value of ours: far above every bound of what is decoded.
const VALUE_BYTES_MAX: usize = 4 << 20;

/// Writes that wait, over what is in the trees.
pub(super) struct Stage<'a> {
    spaces: &'a Spaces,
    /// `None` = to be removed.
    waiting: BTreeMap<Place, Option<Slice>>,
    /// What the present job has replaced in `waiting`, for taking it back.
    undo: Vec<(Place, Replaced)>,
}

impl<'a> Stage<'a> {
    pub(super) fn new(spaces: &'a Spaces) -> Self {
        Self { spaces, waiting: BTreeMap::new(), undo: Vec::new() }
    }

    /// The value as it will be after the commit.
    pub(super) fn get(&self, space: Space, key: &Slice) -> Result<Option<Slice>, Fault> {
        if let Some(waiting) = self.waiting.get(&(space, key.clone())) {
            return Ok(waiting.clone());
        }
        let read = self.spaces.get(space).get(key);
        read.map_err(|error| Fault::NotApplied(format!("reading before the write failed: {error}")))
    }

    /// Puts a value.
    pub(super) fn put(&mut self, space: Space, key: Slice, value: Slice) -> Result<(), Fault> {
        if key.len() > KEY_BYTES_MAX || value.len() > VALUE_BYTES_MAX {
            let (key, value) = (key.len(), value.len());
            return Err(Fault::Invalid(format!("key of {key} bytes, value of {value} bytes")));
        }
        self.set((space, key), Some(value));
        Ok(())
    }

    /// Removes a value.
    pub(super) fn remove(&mut self, space: Space, key: Slice) {
        self.set((space, key), None);
    }

    /// Puts a value unless a greater or equal one is there.
    pub(super) fn put_greater(
        &mut self,
        space: Space,
        key: Slice,
        value: Slice,
    ) -> Result<(), Fault> {
        match self.get(space, &key)? {
            Some(held) if held >= value => Ok(()),
            _ => self.put(space, key, value),
        }
    }

    /// Joins cells into a row; a row that does not change is not written.
    pub(super) fn join(&mut self, key: Slice, cells: Vec<Cell<'static>>) -> Result<(), Fault> {
        let held = self.get(Space::Item, &key)?;
        let mut row = match &held {
            Some(value) => Cells::decode(value)
                .map_err(|error| Fault::Invalid(format!("the row there is unreadable: {error}")))?,
            None => Cells::default(),
        };
        let mut changed = false;
        for cell in cells {
            changed |= row.join(cell);
        }
        if changed { self.put(Space::Item, key, row.encode().into()) } else { Ok(()) }
    }

    fn set(&mut self, place: Place, value: Option<Slice>) {
        let replaced =
            self.waiting.insert(place.clone(), value).map_or(Replaced::Nothing, Replaced::Waiting);
        self.undo.push((place, replaced));
    }

    /// The present job stays.
    pub(super) fn keep(&mut self) {
        self.undo.clear();
    }

    /// Takes the present job back.
    pub(super) fn take_back(&mut self) {
        while let Some((place, replaced)) = self.undo.pop() {
            match replaced {
                Replaced::Waiting(value) => self.waiting.insert(place, value),
                Replaced::Nothing => self.waiting.remove(&place),
            };
        }
    }

    /// Number of keys that will be written.
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Writes everything as one atomic batch.
    pub(super) fn commit(self, durability: Option<PersistMode>) -> Result<(), fjall::Error> {
        let database = self.spaces.database.clone();
        let batch = fjall::OwnedWriteBatch::with_capacity(database, self.waiting.len());
        let mut batch = batch.durability(durability);
        for ((space, key), value) in self.waiting {
            let keyspace = self.spaces.get(space);
            match value {
                Some(value) => batch.insert(keyspace, key, value),
                None => batch.remove(keyspace, key),
            }
        }
        batch.commit()
    }
}
