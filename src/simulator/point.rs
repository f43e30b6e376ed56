//! Points at which a world works unlike any sane deployment, so that rare paths become usual ones.
//! Each is enabled in a quarter of the seeds. Those that are settings are here; the others are
//! asked for by the ports around log and store. The core knows none of them.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::http::ApiSettings;
use crate::ingest::Settings;

use super::random::Random;

/// One point.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Point {
    BatchOfOneRow,
    AgeZero,
    AgeLong,
    CacheOfOneDial,
    BudgetOf1KiB,
    PollOfOneRecord,
    OneWriteInFlight,
    FloorAlwaysLoads,
    MetadataForgotten,
    HandBackAtOnce,
    CommitNeverUntilStop,
    RowsReordered,
    BatchSplit,
    NoLatency,
    WritesAnsweredInReverse,
    PageOfOneRow,
    AllowanceOfTenItems,
    DeadlineShort,
    ManyProjectDays,
    OneLogPartition,
    NoticeLost,
}

/// Every point with its stable name.
pub(super) const POINTS: [(Point, &str); 21] = [
    (Point::BatchOfOneRow, "batch of 1 row"),
    (Point::AgeZero, "flush at age 0"),
    (Point::AgeLong, "flush only when full or idle"),
    (Point::CacheOfOneDial, "cache evicts after each write"),
    (Point::BudgetOf1KiB, "budget of 1 KiB"),
    (Point::PollOfOneRecord, "one record a poll"),
    (Point::OneWriteInFlight, "one write in flight"),
    (Point::FloorAlwaysLoads, "floor +infinity"),
    (Point::MetadataForgotten, "forget floor metadata"),
    (Point::HandBackAtOnce, "hand back before drained"),
    (Point::CommitNeverUntilStop, "never commit until stop"),
    (Point::RowsReordered, "rows of a batch reordered"),
    (Point::BatchSplit, "split a batch in two"),
    (Point::NoLatency, "answers at once"),
    (Point::WritesAnsweredInReverse, "complete offsets in reverse"),
    (Point::PageOfOneRow, "page size 1"),
    (Point::AllowanceOfTenItems, "allowance of 10 items"),
    (Point::DeadlineShort, "http deadline in the middle of a write"),
    (Point::ManyProjectDays, "dials over many days"),
    (Point::OneLogPartition, "one log partition"),
    (Point::NoticeLost, "change notice lost"),
];

impl Point {
    /// The points of a seed.
    pub(super) fn draw(random: &mut Random) -> BTreeSet<Self> {
        POINTS.iter().map(|(point, _)| *point).filter(|_| random.percent(25)).collect()
    }

    /// The stable name.
    pub(super) fn label(self) -> &'static str {
        POINTS.iter().find(|(point, _)| *point == self).map_or("", |(_, label)| label)
    }
}

/// The settings of every worker.
pub(super) fn worker_settings(points: &BTreeSet<Point>, random: &mut Random) -> Settings {
    let sane = Settings {
        decode: super::plan::DECODE,
        floor_margin: Duration::from_mins(5),
        cache_dials: 1_000,
        budget_bytes: 1 << 20,
        batch_rows: 100,
        batch_age: Duration::from_millis(50),
        units_in_flight: 32,
        unit_rows: 5_000,
        hand_back_within: Duration::from_secs(5),
    };
    let mut settings = Settings {
        batch_rows: usize::try_from(random.between(2, 100)).unwrap_or(100),
        cache_dials: usize::try_from(random.between(2, 60)).unwrap_or(60),
        ..sane
    };
    let has = |point| points.contains(&point);
    if has(Point::BatchOfOneRow) {
        settings.batch_rows = 1;
    }
    if has(Point::AgeZero) {
        settings.batch_age = Duration::ZERO;
    } else if has(Point::AgeLong) {
        settings.batch_age = Duration::from_secs(5);
    }
    if has(Point::CacheOfOneDial) {
        settings.cache_dials = 1;
    }
    if has(Point::BudgetOf1KiB) {
        settings.budget_bytes = 1_024;
    }
    if has(Point::OneWriteInFlight) {
        settings.units_in_flight = 1;
    }
    if has(Point::FloorAlwaysLoads) {
        settings.floor_margin = Duration::from_hours(20_000);
    }
    if has(Point::HandBackAtOnce) {
        settings.hand_back_within = Duration::ZERO;
    }
    settings
}

/// The settings of every API process.
pub(super) fn api_settings(points: &BTreeSet<Point>) -> ApiSettings {
    let mut settings = ApiSettings { rate_per_key: 0, ..ApiSettings::default() };
    if points.contains(&Point::AllowanceOfTenItems) {
        settings.max_items_read = 10;
    }
    if points.contains(&Point::DeadlineShort) {
        settings.deadline = Duration::from_millis(60);
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_stands_at_its_place_under_a_name_of_its_own() {
        for (place, (point, _)) in POINTS.iter().enumerate() {
            assert_eq!(*point as usize, place);
        }
        let names: BTreeSet<&str> = POINTS.iter().map(|(_, name)| *name).collect();
        assert_eq!(names.len(), POINTS.len());
    }
}
