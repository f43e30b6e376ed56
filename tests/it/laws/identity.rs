//! Which item an event speaks of.

use proptest::prelude::*;
use ringfold::dial::identity::{identify, is_api_made, time_of_id};
use ringfold::value::{DialId, ItemId, Micros, ProjectId};
use uuid::Uuid;

/// 2000-01-01 to 2100-01-01, in milliseconds.
const YEARS_MS: std::ops::Range<i64> = 946_684_800_000..4_102_444_800_000;

proptest! {
    #[test]
    fn a_derived_id_carries_the_start_as_created_at(
        project in any::<[u8; 16]>(),
        dial in "[^\\p{Cc}]{1,30}",
        start in YEARS_MS,
    ) {
        let project = ProjectId::new(Uuid::from_bytes(project));
        let dial = DialId::parse(&dial).unwrap();
        let start = Micros::from_ms(start);
        let key = identify(project, None, Some(&dial), Some(start)).unwrap();
        prop_assert_eq!(key.created_at, start);
        prop_assert_eq!(time_of_id(key.item.uuid()), Some(start));
        prop_assert_eq!(key.item.uuid().get_version_num(), 8);
        prop_assert!(!is_api_made(key.item));
        prop_assert_eq!(identify(project, None, Some(&dial), Some(start)), Ok(key));
        let later = identify(project, None, Some(&dial), Some(Micros::from_ms(start.ms() + 1)));
        prop_assert_ne!(later.unwrap().item, key.item);
    }

    #[test]
    fn a_given_id_stands_and_its_time_is_created_at(
        bytes in any::<[u8; 16]>(),
        start in YEARS_MS,
    ) {
        let item = ItemId::new(Uuid::from_bytes(bytes));
        let project = ProjectId::new(Uuid::nil());
        let start = Micros::from_ms(start);
        let key = identify(project, Some(item), None, Some(start)).unwrap();
        prop_assert_eq!(key.item, item);
        prop_assert_eq!(key.created_at, time_of_id(item.uuid()).unwrap_or(start));
        prop_assert_eq!(key.created_at.cut_to_ms(), key.created_at);
    }
}
