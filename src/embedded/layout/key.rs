//! Keys of each keyspace: big-endian and order-preserving, so that a range is a range of bytes.

use uuid::Uuid;

use crate::dial::ItemKey;
use crate::dial::row::Locator;
use crate::ports::store::{DayRange, PageCursor};
use crate::relation::ReferenceKind;
use crate::tariff::PartKind;
use crate::value::{CallId, Day, ItemId, Micros, ProjectId};

/// A signed number whose bytes compare as it does.
fn ordered_i64(number: i64) -> [u8; 8] {
    (number.cast_unsigned() ^ (1 << 63)).to_be_bytes()
}

/// A signed number whose bytes compare the other way round.
fn reversed_i64(number: i64) -> [u8; 8] {
    (!(number.cast_unsigned() ^ (1 << 63))).to_be_bytes()
}

fn ordered_i32(number: i32) -> [u8; 4] {
    (number.cast_unsigned() ^ (1 << 31)).to_be_bytes()
}

fn reversed_i32(number: i32) -> [u8; 4] {
    (!(number.cast_unsigned() ^ (1 << 31))).to_be_bytes()
}

/// `item`: project 16 · day 4 · `created_at` in ms, reversed 8 · id 16. A scan gives newest first.
pub(in crate::embedded) fn item(key: &ItemKey) -> [u8; 44] {
    place(key.project, key.day(), key.created_at.ms(), key.item.bytes())
}

fn place(project: ProjectId, day: Day, created_ms: i64, id: &[u8; 16]) -> [u8; 44] {
    let mut bytes = [0; 44];
    bytes[..16].copy_from_slice(project.bytes());
    bytes[16..20].copy_from_slice(&ordered_i32(day.get()));
    bytes[20..28].copy_from_slice(&reversed_i64(created_ms));
    bytes[28..].copy_from_slice(id);
    bytes
}

/// The item that a key of `item` names.
pub(in crate::embedded) fn read_item(bytes: &[u8]) -> Option<ItemKey> {
    let bytes: &[u8; 44] = bytes.try_into().ok()?;
    let (project, rest) = bytes.split_first_chunk::<16>()?;
    let (_day, rest) = rest.split_first_chunk::<4>()?;
    let (created, rest) = rest.split_first_chunk::<8>()?;
    let (id, _) = rest.split_first_chunk::<16>()?;
    let created_ms = (!u64::from_be_bytes(*created) ^ (1 << 63)).cast_signed();
    Some(ItemKey {
        project: ProjectId::new(Uuid::from_bytes(*project)),
        created_at: Micros::from_ms(created_ms),
        item: ItemId::new(Uuid::from_bytes(*id)),
    })
}

/// First and last key of a stretch of a day behind `after`; the first may be `after` itself and is
/// then to be skipped. `None`: the stretch is empty.
pub(in crate::embedded) fn day_bounds(
    range: &DayRange,
    after: Option<PageCursor>,
) -> Option<([u8; 44], [u8; 44])> {
    let newest_ms = Micros::new(range.to.get().checked_sub(1)?).ms();
    let oldest_ms = Micros::new(range.from.get().saturating_add(999)).ms();
    let first = match after {
        Some(after) => place(range.project, range.day, after.created_at.ms(), after.item.bytes())
            .max(place(range.project, range.day, newest_ms, &[0; 16])),
        None => place(range.project, range.day, newest_ms, &[0; 16]),
    };
    let last = place(range.project, range.day, oldest_ms, &[0xFF; 16]);
    (first <= last).then_some((first, last))
}

/// `project_day`: project 16 · part 1 · day 4, reversed. Part 0 is the whole day.
pub(in crate::embedded) fn project_day(project: ProjectId, day: Day) -> [u8; 21] {
    let mut bytes = [0; 21];
    bytes[..16].copy_from_slice(project.bytes());
    bytes[17..].copy_from_slice(&reversed_i32(day.get()));
    bytes
}

/// The day of a key of `project_day`.
pub(in crate::embedded) fn read_day(bytes: &[u8]) -> Option<Day> {
    let (_, day) = bytes.split_last_chunk::<4>()?;
    Some(Day::new((!u32::from_be_bytes(*day) ^ (1 << 31)).cast_signed()))
}

/// Kinds of locators, the first byte behind the project.
const LOCATOR_ITEM: u8 = 0;
const LOCATOR_CALL: u8 = 1;

/// `locator`: project 16 · kind 1 · id 16 · slice 8.
pub(in crate::embedded) fn locator(project: ProjectId, locator: &Locator) -> Vec<u8> {
    let (mut bytes, slice) = match locator {
        Locator::Item { item, created_at } => (item_locators(project, *item), created_at.slice()),
        Locator::Call { call, slice } => (call_locators(project, *call), *slice),
    };
    bytes.extend_from_slice(&ordered_i64(slice.get()));
    bytes
}

/// What all locators of an item begin with.
pub(in crate::embedded) fn item_locators(project: ProjectId, item: ItemId) -> Vec<u8> {
    locators(project, LOCATOR_ITEM, item.bytes())
}

/// What all locators of a call begin with.
pub(in crate::embedded) fn call_locators(project: ProjectId, call: CallId) -> Vec<u8> {
    locators(project, LOCATOR_CALL, call.bytes())
}

fn locators(project: ProjectId, kind: u8, id: &[u8; 16]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(41);
    bytes.extend_from_slice(project.bytes());
    bytes.push(kind);
    bytes.extend_from_slice(id);
    bytes
}

/// The slice of a key of `locator`.
pub(in crate::embedded) fn read_slice(bytes: &[u8]) -> Option<Micros> {
    let (_, slice) = bytes.split_last_chunk::<8>()?;
    Some(Micros::new((u64::from_be_bytes(*slice) ^ (1 << 63)).cast_signed()))
}

/// `log`: log partition 2 · offset 8.
pub(in crate::embedded) fn record(partition: u16, offset: u64) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[..2].copy_from_slice(&partition.to_be_bytes());
    bytes[2..].copy_from_slice(&offset.to_be_bytes());
    bytes
}

/// The offset of a key of `log`.
pub(in crate::embedded) fn read_offset(bytes: &[u8]) -> Option<u64> {
    let (_, offset) = bytes.split_last_chunk::<8>()?;
    Some(u64::from_be_bytes(*offset))
}

/// What all cursors of a source begin with: its length and name, so that no name is a prefix of
/// another.
pub(in crate::embedded) fn cursors(source: &str) -> Vec<u8> {
    let mut bytes = u32::try_from(source.len()).unwrap_or(u32::MAX).to_be_bytes().to_vec();
    bytes.extend_from_slice(source.as_bytes());
    bytes
}

/// `cursor`: source · log partition 2.
pub(in crate::embedded) fn cursor(source: &str, partition: u16) -> Vec<u8> {
    let mut bytes = cursors(source);
    bytes.extend_from_slice(&partition.to_be_bytes());
    bytes
}

/// The log partition of a key of `cursor`.
pub(in crate::embedded) fn read_cursor_partition(bytes: &[u8]) -> Option<u16> {
    let (_, partition) = bytes.split_last_chunk::<2>()?;
    Some(u16::from_be_bytes(*partition))
}

/// `meta`: which file a path was.
pub(in crate::embedded) fn file_identity(source: &str) -> Vec<u8> {
    let mut bytes = b"file/".to_vec();
    bytes.extend_from_slice(source.as_bytes());
    bytes
}

/// `dead_letter`: source · log partition 2 · offset 8.
pub(in crate::embedded) fn dead_letter(source: &str, partition: u16, offset: u64) -> Vec<u8> {
    let mut bytes = cursor(source, partition);
    bytes.extend_from_slice(&offset.to_be_bytes());
    bytes
}

/// `meta`: that a dead letter was sent back. Beside the letter and not in it: the worker may put
/// the letter once more after a restart.
pub(in crate::embedded) fn redriven(source: &str, partition: u16, offset: u64) -> Vec<u8> {
    let mut bytes = b"redriven/".to_vec();
    bytes.extend_from_slice(&dead_letter(source, partition, offset));
    bytes
}

/// `meta`: the last day on which an API key was used. Beside the key and not in it: whoever puts a
/// key again does not know the day.
pub(in crate::embedded) fn key_use(key_id: &str) -> Vec<u8> {
    let mut bytes = b"key_use/".to_vec();
    bytes.extend_from_slice(key_id.as_bytes());
    bytes
}

/// `ref`: kind 1 · project 16 · id 16.
pub(in crate::embedded) fn reference(
    kind: ReferenceKind,
    project: ProjectId,
    id: &Uuid,
) -> [u8; 33] {
    let mut bytes = [0; 33];
    bytes[0] = match kind {
        ReferenceKind::User => 0,
        ReferenceKind::Project => 1,
        ReferenceKind::Rule => 2,
        ReferenceKind::Call => CALLS[0],
    };
    bytes[1..17].copy_from_slice(project.bytes());
    bytes[17..].copy_from_slice(id.as_bytes());
    bytes
}

/// What keys of calls begin with.
pub(in crate::embedded) const CALLS: [u8; 1] = [3];

/// Project and id that a reference's key names.
pub(in crate::embedded) fn read_reference(bytes: &[u8]) -> Option<(ProjectId, Uuid)> {
    let (project, id) = bytes.split_first()?.1.split_first_chunk::<16>()?;
    let id: [u8; 16] = id.try_into().ok()?;
    Some((ProjectId::new(Uuid::from_bytes(*project)), Uuid::from_bytes(id)))
}

/// `gateway_start`: project 16 (nil = all) · gateway.
pub(in crate::embedded) fn gateway_start(project: Option<ProjectId>, gateway: &str) -> Vec<u8> {
    let project = project.unwrap_or(ProjectId::new(Uuid::nil()));
    let mut bytes = project.bytes().to_vec();
    bytes.extend_from_slice(gateway.as_bytes());
    bytes
}

/// `tariff`: 0 · kind 1 · id: the head of a part.
pub(in crate::embedded) fn tariff_head(kind: PartKind, id: &str) -> Vec<u8> {
    let mut bytes = vec![TARIFF_HEAD, tariff_kind(kind)];
    bytes.extend_from_slice(id.as_bytes());
    bytes
}

/// What heads of parts begin with.
pub(in crate::embedded) const TARIFF_HEADS: [u8; 1] = [TARIFF_HEAD];

/// Kind and id that a head's key names.
pub(in crate::embedded) fn read_tariff_head(bytes: &[u8]) -> Option<(PartKind, &str)> {
    let (&[_, kind], id) = bytes.split_first_chunk::<2>()?;
    let kind = PartKind::ALL.into_iter().find(|known| tariff_kind(*known) == kind)?;
    Some((kind, std::str::from_utf8(id).ok()?))
}

/// `tariff`: 1 · kind 1 · id · 0 · number 4: a piece of a part's text. Ids hold no NUL.
pub(in crate::embedded) fn tariff_piece(kind: PartKind, id: &str, number: u32) -> Vec<u8> {
    let mut bytes = tariff_pieces(kind, id);
    bytes.extend_from_slice(&number.to_be_bytes());
    bytes
}

/// What all pieces of a part begin with.
pub(in crate::embedded) fn tariff_pieces(kind: PartKind, id: &str) -> Vec<u8> {
    let mut bytes = vec![TARIFF_PIECE, tariff_kind(kind)];
    bytes.extend_from_slice(id.as_bytes());
    bytes.push(0);
    bytes
}

const TARIFF_HEAD: u8 = 0;
const TARIFF_PIECE: u8 = 1;

const fn tariff_kind(kind: PartKind) -> u8 {
    match kind {
        PartKind::Version => 0,
        PartKind::Assignment => 1,
        PartKind::Exchange => 2,
    }
}

/// The project of a key of `project_day`.
pub(in crate::embedded) fn read_day_project(bytes: &[u8]) -> Option<ProjectId> {
    let (project, _) = bytes.split_first_chunk::<16>()?;
    Some(ProjectId::new(Uuid::from_bytes(*project)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(project: u128, ms: i64, id: u128) -> ItemKey {
        ItemKey {
            project: ProjectId::new(Uuid::from_u128(project)),
            created_at: Micros::from_ms(ms),
            item: ItemId::new(Uuid::from_u128(id)),
        }
    }

    proptest! {
        #[test]
        fn item_keys_come_back_and_sort_newest_first_then_by_id(
            a in (0..3_u128, -9_000_000_000_000..9_000_000_000_000_i64, 0..4_u128),
            b in (0..3_u128, -9_000_000_000_000..9_000_000_000_000_i64, 0..4_u128),
        ) {
            let (a, b) = (key(a.0, a.1, a.2), key(b.0, b.1, b.2));
            prop_assert_eq!(read_item(&item(&a)), Some(a));
            let by_bytes = item(&a).cmp(&item(&b));
            let by_meaning = a.project.cmp(&b.project)
                .then_with(|| a.day().cmp(&b.day()))
                .then_with(|| b.created_at.cmp(&a.created_at))
                .then_with(|| a.item.cmp(&b.item));
            prop_assert_eq!(by_bytes, by_meaning);
        }

        #[test]
        fn days_sort_newest_first(a in any::<i32>(), b in any::<i32>()) {
            let project = ProjectId::new(Uuid::nil());
            let (x, y) = (project_day(project, Day::new(a)), project_day(project, Day::new(b)));
            prop_assert_eq!(x.cmp(&y), b.cmp(&a));
            prop_assert_eq!(read_day(&x), Some(Day::new(a)));
        }

        #[test]
        fn slices_sort_oldest_first(a in any::<i64>(), b in any::<i64>()) {
            let project = ProjectId::new(Uuid::nil());
            let call = CallId::new(Uuid::from_u128(1));
            let of = |at| locator(project, &Locator::Call { call, slice: Micros::new(at) });
            prop_assert_eq!(of(a).cmp(&of(b)), a.cmp(&b));
            prop_assert_eq!(read_slice(&of(a)), Some(Micros::new(a)));
        }
    }

    #[test]
    fn a_source_is_no_prefix_of_another() {
        assert!(!cursor("local-2", 0).starts_with(&cursors("local")));
        assert_eq!(read_cursor_partition(&cursor("local", 515)), Some(515));
        assert_eq!(read_offset(&record(3, u64::MAX)), Some(u64::MAX));
    }

    #[test]
    fn a_stretch_without_room_has_no_bounds() {
        let project = ProjectId::new(Uuid::nil());
        let day = Day::new(20_000);
        let at = day.start();
        assert!(day_bounds(&DayRange { project, day, from: at, to: at }, None).is_none());
        assert!(day_bounds(&DayRange::whole(project, day), None).is_some());
    }
}
