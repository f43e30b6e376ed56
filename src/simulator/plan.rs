//! What a seed decides before its world begins.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::event::DecodeLimits;
use crate::value::Micros;

use super::fault::Rates;
use super::plant::Plant;
use super::point::Point;
use super::random::Random;

/// What decoding allows, in every world.
pub(super) const DECODE: DecodeLimits = DecodeLimits { future: Duration::from_mins(5) };
/// 2026-03-30T00:00:00Z.
const FIRST_DAY_MS: i64 = 1_774_828_800_000;
/// What each actor's own randomness is drawn from, beside the seed.
const PLAN: u64 = 1;

/// One world, as its seed has it.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) seed: u64,
    pub(super) workers: u8,
    pub(super) parts: u16,
    pub(super) projects: u8,
    pub(super) dials: u64,
    pub(super) clients: u8,
    /// How long gateways tell, clients ask and faults strike.
    pub(super) span: Duration,
    pub(super) start: Micros,
    pub(super) rates: Rates,
    pub(super) points: BTreeSet<Point>,
    pub(super) plant: Option<Plant>,
}

impl Plan {
    pub(super) fn draw(seed: u64, plant: Option<Plant>) -> Self {
        let mut random = Random::of(seed, PLAN, 0);
        let points = Point::draw(&mut random);
        // Any time of the day; every fourth world sees midnight.
        let of_day_ms = if random.percent(25) { 86_390_000 } else { random.below(86_400_000) };
        let start_ms = FIRST_DAY_MS + i64::try_from(of_day_ms).unwrap_or(0);
        let is_one = points.contains(&Point::OneLogPartition);
        Self {
            seed,
            workers: small(random.between(1, 4)),
            parts: if is_one { 1 } else { u16::from(small(random.between(1, 4))) },
            projects: small(random.between(2, 3)),
            dials: random.between(4, 16),
            clients: small(random.between(0, 3)),
            span: Duration::from_secs(random.between(10, 30)),
            start: Micros::from_ms(start_ms),
            rates: Rates::draw(&mut random),
            points,
            plant,
        }
    }

    /// Randomness of one actor: what others draw does not move it.
    pub(super) fn random(&self, kind: u64, number: u64) -> Random {
        Random::of(self.seed, PLAN + 1 + kind, number)
    }

    pub(super) fn has(&self, point: Point) -> bool {
        self.points.contains(&point)
    }

    pub(super) fn is_planted(&self, plant: Plant) -> bool {
        self.plant == Some(plant)
    }
}

fn small(number: u64) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}
