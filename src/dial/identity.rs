//! From an event to the one row it speaks of: no look-up, no clock.
//! It does not check limits of time (`event` does, it knows the record).

use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid, Variant};

use crate::value::{CallId, Day, DialId, ItemId, Micros, ProjectId, SLICE_MICROS};

/// The whole primary key of an item's row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ItemKey {
    /// The project.
    pub project: ProjectId,
    /// The time carried by the id, else the start of the dial; whole milliseconds.
    pub created_at: Micros,
    /// The item.
    pub item: ItemId,
}

impl ItemKey {
    /// The UTC day of `created_at`: with the project, the row partition.
    pub fn day(&self) -> Day {
        self.created_at.day()
    }
}

/// Why an event has no identity.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IdentityError {
    /// Neither `dialId` nor `incomingCallLogItemId`.
    #[error("neither dialId nor incomingCallLogItemId is given")]
    NoDialId,
    /// No `startedAt` and no time in the item id.
    #[error("startedAt is missing and the item id carries no time")]
    NoStartTime,
}

/// Last byte of the `UUIDv7` of items made by the API: their rows were made outside the log.
pub const API_MADE_LAST_BYTE: u8 = 0xA9;

const DERIVATION: &[u8] = b"ringfold/dial/v1";
/// 100 ns intervals between 1582-10-15 (the epoch of UUID v1 and v6) and 1970-01-01.
const GREGORIAN_OFFSET: i64 = 0x01B2_1DD2_1381_4000;

/// The key of an item: its id is the given one, else derived from project, dial id and start.
pub fn identify(
    project: ProjectId,
    item: Option<ItemId>,
    dial: Option<&DialId>,
    started_at: Option<Micros>,
) -> Result<ItemKey, IdentityError> {
    let item = match (item, dial) {
        (Some(item), _) => item,
        (None, Some(dial)) => derive(project, dial, started_at.ok_or(IdentityError::NoStartTime)?),
        (None, None) => return Err(IdentityError::NoDialId),
    };
    let created_at = time_of_id(item.uuid()).or(started_at).ok_or(IdentityError::NoStartTime)?;
    Ok(ItemKey { project, created_at: created_at.cut_to_ms(), item })
}

/// The time that a UUID of version 1, 6, 7 or 8 carries (RFC 9562, sections 5.1, 5.6, 5.7; version
/// 8 as ringfold derives it), cut to milliseconds.
pub fn time_of_id(id: Uuid) -> Option<Micros> {
    if id.get_variant() != Variant::RFC4122 {
        return None;
    }
    let [b0, b1, b2, b3, b4, b5, b6, b7, ..] = *id.as_bytes();
    match id.get_version_num() {
        1 => Some(from_gregorian([b6 & 0x0F, b7, b4, b5, b0, b1, b2, b3])),
        6 => {
            let high = u64::from_be_bytes([0, 0, b0, b1, b2, b3, b4, b5]);
            let low = u64::from(b6 & 0x0F).wrapping_shl(8) | u64::from(b7);
            Some(from_gregorian((high.wrapping_shl(12) | low).to_be_bytes()))
        }
        7 | 8 => {
            let ms = u64::from_be_bytes([0, 0, b0, b1, b2, b3, b4, b5]);
            Some(Micros::from_ms(i64::try_from(ms).unwrap_or(i64::MAX)))
        }
        _ => None,
    }
}

/// Whether the call's own id names this slice: the one in which the call began, and the next. Items
/// there are found without a locator.
pub fn names_slice(call: CallId, slice: Micros) -> bool {
    time_of_id(call.uuid())
        .map(Micros::slice)
        .is_some_and(|own| slice == own || slice.since(own) == SLICE_MICROS)
}

fn from_gregorian(count: [u8; 8]) -> Micros {
    let count = i64::try_from(u64::from_be_bytes(count)).unwrap_or(i64::MAX);
    Micros::new(count.saturating_sub(GREGORIAN_OFFSET).div_euclid(10)).cut_to_ms()
}

/// `UUIDv8`: 48 bits of start in milliseconds, then bits of a hash of (project, dial id).
fn derive(project: ProjectId, dial: &DialId, started_at: Micros) -> ItemId {
    let mut hash = Sha256::new();
    hash.update(DERIVATION);
    hash.update(project.bytes());
    hash.update(dial.as_str().as_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let [d0, d1, d2, d3, d4, d5, d6, d7, d8, d9, ..] = digest;
    let [.., m0, m1, m2, m3, m4, m5] = started_at.ms().to_be_bytes();
    ItemId::new(Uuid::from_bytes([
        m0,
        m1,
        m2,
        m3,
        m4,
        m5,
        0x80 | (d0 & 0x0F),
        d1,
        0x80 | (d2 & 0x3F),
        d3,
        d4,
        d5,
        d6,
        d7,
        d8,
        d9,
    ]))
}

/// The id of an item that the API makes at an instant, of bytes nobody can guess.
pub fn api_made(now: Micros, random: &[u8; 10]) -> ItemId {
    let mut random = *random;
    if let Some(last) = random.last_mut() {
        *last = API_MADE_LAST_BYTE;
    }
    let ms = u64::try_from(now.ms()).unwrap_or(0);
    ItemId::new(Builder::from_unix_timestamp_millis(ms, &random).into_uuid())
}

/// Whether the API made this id: `UUIDv7` with the fixed last byte.
pub fn is_api_made(item: ItemId) -> bool {
    item.uuid().get_version_num() == 7 && item.bytes().last() == Some(&API_MADE_LAST_BYTE)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;

    fn derived(project: &str, dial: &str, ms: i64) -> String {
        let project = ProjectId::new(Uuid::parse_str(project).unwrap());
        let dial = DialId::parse(dial).unwrap();
        identify(project, None, Some(&dial), Some(Micros::from_ms(ms))).unwrap().item.to_string()
    }

    #[test]
    fn the_derivation_gives_its_published_vectors() {
        let sample = "3f2b8c1e-5d74-4a0b-9c1d-7e6f5a4b3c2d";
        assert_eq!(
            derived(sample, "CA00f1e2d3c4b5a69788796a5b4c3d2e1f", 1_774_736_103_000),
            "019d3683-d658-80b2-aca8-8c0467ed6272"
        );
        assert_eq!(
            derived(
                "b81d7c52-90ae-4f3c-8a6e-2f1c0d9e8b7a",
                "pbx-2/1774764610.118",
                1_774_764_610_537
            ),
            "019d3836-d3e9-80c6-9233-e2aeffa91532"
        );
        assert_eq!(
            derived("00000000-0000-4000-8000-000000000001", "Schicht-ä/✓", 1_798_761_599_999),
            "01a2ce8b-d3ff-87a5-b08f-699c609b5f05"
        );
        assert_eq!(
            derived(sample, "d-7", 1_774_872_000_000),
            "019d3e9d-7600-8bc7-91b7-a7e2582508bb"
        );
    }

    #[test]
    fn an_id_of_version_1_carries_its_time() {
        let id = Uuid::parse_str("37736670-28fe-11f1-b591-3fdcef396aba").unwrap();
        assert_eq!(time_of_id(id).unwrap().to_string(), "2026-03-26T10:26:14.231Z");
    }

    #[test]
    fn versions_1_and_6_of_one_count_carry_one_time() {
        // The v1 above with its count of 100 ns written most significant first.
        let v6 = Uuid::parse_str("1f128fe3-7736-6670-b591-3fdcef396aba").unwrap();
        assert_eq!(time_of_id(v6).unwrap().to_string(), "2026-03-26T10:26:14.231Z");
    }

    #[test]
    fn an_id_of_version_4_carries_no_time_and_needs_a_start() {
        let project = ProjectId::new(Uuid::nil());
        let v4 = ItemId::new(Uuid::parse_str("7f2b9c04-e1d6-4a58-b3c7-90ad5e8f1263").unwrap());
        assert_eq!(time_of_id(v4.uuid()), None);
        assert_eq!(identify(project, Some(v4), None, None), Err(IdentityError::NoStartTime));
        let start = Micros::from_ms(1_774_872_000_000);
        assert_eq!(identify(project, Some(v4), None, Some(start)).unwrap().created_at, start);
        assert_eq!(identify(project, None, None, Some(start)), Err(IdentityError::NoDialId));
    }
}
