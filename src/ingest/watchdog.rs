//! Tells a log partition that stands from one that works: whether its frontier moves while records
//! wait. It ends nothing itself.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::ports::log::{LogPartition, Offset};

use super::machine::Position;

/// What is watched, and since when it stands.
#[derive(Debug)]
pub struct Watchdog {
    limit: Duration,
    standing: BTreeMap<LogPartition, (Offset, Duration)>,
}

impl Watchdog {
    /// Nothing stands yet. `limit`: how long a frontier may stand while records wait.
    pub fn new(limit: Duration) -> Self {
        Self { limit, standing: BTreeMap::new() }
    }

    /// A reason is known and said elsewhere (the store takes no writes): nothing is held against
    /// what stands until now.
    pub fn excuse(&mut self) {
        self.standing.clear();
    }

    /// Looks where everything is. Gives a log partition that stands for longer than it may.
    /// `elapsed`: time since some fixed instant, by a clock that nobody sets.
    pub fn look(
        &mut self,
        positions: impl Iterator<Item = Position>,
        elapsed: Duration,
    ) -> Option<LogPartition> {
        let waiting = positions.filter(|position| position.oldest.is_some());
        let standing = waiting.map(|position| {
            let before = self.standing.get(&position.partition);
            let since = before.filter(|(frontier, _)| *frontier == position.frontier);
            (position.partition, (position.frontier, since.map_or(elapsed, |(_, since)| *since)))
        });
        self.standing = standing.collect();
        let mut standing = self.standing.iter();
        let stuck = standing.find(|(_, (_, since))| elapsed.saturating_sub(*since) > self.limit);
        stuck.map(|(partition, _)| *partition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::machine::Oldest;

    const A: LogPartition = LogPartition { source: 0, number: 0 };
    const B: LogPartition = LogPartition { source: 0, number: 1 };
    const WAITS: Option<Oldest> = Some(Oldest { record_time: None, event_time: None });

    fn at(partition: LogPartition, frontier: Offset, oldest: Option<Oldest>) -> Position {
        Position { partition, frontier, committed: 0, oldest }
    }

    fn look(dog: &mut Watchdog, second: u64, positions: &[Position]) -> Option<LogPartition> {
        dog.look(positions.iter().copied(), Duration::from_secs(second))
    }

    #[test]
    fn a_record_after_a_long_silence_is_not_late() {
        let mut dog = Watchdog::new(Duration::from_mins(2));
        assert_eq!(look(&mut dog, 0, &[at(A, 5, None)]), None);
        assert_eq!(look(&mut dog, 9_000, &[at(A, 5, None)]), None);
        assert_eq!(look(&mut dog, 9_001, &[at(A, 5, WAITS)]), None);
    }

    #[test]
    fn one_that_stands_is_seen_beside_others_that_work() {
        let mut dog = Watchdog::new(Duration::from_mins(2));
        for second in 0..=120 {
            assert_eq!(look(&mut dog, second, &[at(A, 5, WAITS), at(B, second, WAITS)]), None);
        }
        assert_eq!(look(&mut dog, 121, &[at(A, 5, WAITS), at(B, 121, WAITS)]), Some(A));
    }

    #[test]
    fn an_outage_is_not_held_against_what_it_stopped() {
        let mut dog = Watchdog::new(Duration::from_mins(2));
        assert_eq!(look(&mut dog, 0, &[at(A, 5, WAITS)]), None);
        dog.excuse();
        assert_eq!(look(&mut dog, 500, &[at(A, 5, WAITS)]), None);
        assert_eq!(look(&mut dog, 621, &[at(A, 5, WAITS)]), Some(A));
    }
}
