//! Rows for those who change them. Bytes are made here, on the caller's thread; the writer joins.

use fjall::Slice;

use crate::dial::ItemKey;
use crate::dial::identity::time_of_id;
use crate::dial::row::{DayBatch, EditWrite, Locator, Row};
use crate::ports::store::{Atomicity, Cursor, DialStore, ReadError, WriteError, WriteUnit};
use crate::value::{Day, ItemId, Micros, ProjectId};

use super::database::{Space, Spaces};
use super::handle::{Embedded, unavailable, unreadable};
use super::layout::codec::{DecodeError, Decoder, Encoder};
use super::layout::{key, record, row};
use super::writer::{Unit, Work};

impl DialStore for Embedded {
    fn atomicity(&self) -> Atomicity {
        Atomicity::WholeUnit
    }

    async fn load(&self, keys: &[ItemKey]) -> Result<Vec<Option<Row>>, ReadError> {
        let spaces = self.spaces();
        keys.iter().map(|key| load_row(spaces, key)).collect()
    }

    async fn write(&self, unit: &WriteUnit) -> Result<(), WriteError> {
        let mut work = Unit::default();
        for batch in &unit.batches {
            add_batch(&mut work, batch);
        }
        for cursor in &unit.cursors {
            let place = key::cursor(&cursor.source, cursor.number);
            work.puts.push((Space::Cursor, place.into(), record::encode_cursor(cursor).into()));
        }
        Ok(self.work(Work::Unit(work)).await?)
    }

    async fn edit(&self, edit: &EditWrite) -> Result<(), WriteError> {
        let mut work = Unit::default();
        if let Some(create) = &edit.create {
            add_day(&mut work, edit.key.project, edit.key.day());
            for locator in Locator::all_of(&create.key, &create.state) {
                add_locator(&mut work, edit.key.project, &locator);
            }
        }
        work.rows.push((Slice::from(key::item(&edit.key)), row::edit_cells(edit)));
        Ok(self.work(Work::Unit(work)).await?)
    }

    async fn cursors(&self, source: &str) -> Result<Vec<Cursor>, ReadError> {
        let mut cursors = Vec::new();
        for guard in self.spaces().get(Space::Cursor).prefix(key::cursors(source)) {
            let (place, value) = guard.into_inner().map_err(|error| unavailable(&error))?;
            let number = key::read_cursor_partition(&place);
            let number = number.ok_or_else(|| unreadable(&"a cursor key"))?;
            let cursor = record::decode_cursor(source, number, &value);
            cursors.push(cursor.map_err(|error| unreadable(&error))?);
        }
        Ok(cursors)
    }
}

fn add_batch(work: &mut Unit, batch: &DayBatch) {
    // Whether this process has written it before does not matter: what is there is not rewritten.
    add_day(work, batch.project, batch.day);
    for locator in &batch.locators {
        add_locator(work, batch.project, locator);
    }
    for write in &batch.rows {
        work.rows.push((Slice::from(key::item(&write.key)), row::fold_cells(write).into()));
    }
}

fn add_day(work: &mut Unit, project: ProjectId, day: Day) {
    let value = Encoder::value().finish();
    work.greater.push((Space::ProjectDay, key::project_day(project, day).into(), value.into()));
}

/// A locator's value is its `created_at`, so that the greater one stays; a call's has none.
fn add_locator(work: &mut Unit, project: ProjectId, locator: &Locator) {
    let mut value = Encoder::value();
    if let Locator::Item { created_at, .. } = locator {
        let ordered = created_at.get().cast_unsigned() ^ (1 << 63);
        value.raw(&ordered.to_be_bytes());
    }
    let place = key::locator(project, locator);
    work.greater.push((Space::Locator, place.into(), value.finish().into()));
}

/// `created_at` of an item by its locator: the earliest, if races made several.
pub(super) fn locate(
    spaces: &Spaces,
    project: ProjectId,
    item: ItemId,
) -> Result<Option<Micros>, ReadError> {
    let first = spaces.get(Space::Locator).prefix(key::item_locators(project, item)).next();
    let Some(guard) = first else { return Ok(None) };
    let value = guard.value().map_err(|error| unavailable(&error))?;
    let created_at = read_created_at(&value).map_err(|error| unreadable(&error))?;
    Ok(Some(created_at))
}

fn read_created_at(value: &[u8]) -> Result<Micros, DecodeError> {
    let bytes = Decoder::value(value)?.raw(8)?;
    let bytes: [u8; 8] = bytes.try_into().map_err(|_| DecodeError::Short)?;
    Ok(Micros::new((u64::from_be_bytes(bytes) ^ (1 << 63)).cast_signed()))
}

fn load_row(spaces: &Spaces, key: &ItemKey) -> Result<Option<Row>, ReadError> {
    if time_of_id(key.item.uuid()).is_some() {
        return read_row(spaces, key);
    }
    match locate(spaces, key.project, key.item)? {
        Some(created_at) => read_row(spaces, &ItemKey { created_at, ..*key }),
        None => Ok(None),
    }
}

/// The row of exactly this key.
pub(super) fn read_row(spaces: &Spaces, key: &ItemKey) -> Result<Option<Row>, ReadError> {
    let value = spaces.get(Space::Item).get(key::item(key)).map_err(|error| unavailable(&error))?;
    let row = value.map(|value| row::read(*key, &value));
    row.transpose().map_err(|error| unreadable(&error))
}
