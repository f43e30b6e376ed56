//! The named modes of rounding, for costs and for durations. It does not know what is rounded.

use std::cmp::Ordering;

use super::money::SECOND;

/// Where a cost goes that lies between two decimals. Costs are never negative: up = away from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Mode {
    /// To the greater.
    #[default]
    Up,
    /// To the smaller.
    Down,
    /// To the nearer; from the middle up.
    HalfUp,
    /// To the nearer; from the middle to the even one.
    HalfEven,
    /// To the nearer; from the middle down.
    HalfDown,
}

/// What is left over behind the last digit, against one half of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Rest {
    Nothing,
    /// Something: less than, exactly or more than half.
    Part(Ordering),
}

impl Mode {
    /// Word in files, and the mode.
    pub const WORDS: [(&'static str, Self); 5] = [
        ("up", Self::Up),
        ("down", Self::Down),
        ("half_up", Self::HalfUp),
        ("half_even", Self::HalfEven),
        ("half_down", Self::HalfDown),
    ];

    /// How much the last digit grows: 0 or 1. `last` decides between even and odd.
    pub(super) fn carry(self, last: i128, rest: Rest) -> i128 {
        let Rest::Part(against_half) = rest else { return 0 };
        let grows = match self {
            Self::Up => true,
            Self::Down => false,
            Self::HalfUp => against_half.is_ge(),
            Self::HalfDown => against_half.is_gt(),
            Self::HalfEven => {
                against_half.is_gt() || (against_half.is_eq() && last.rem_euclid(2) == 1)
            }
        };
        i128::from(grows)
    }
}

/// The one rounding of a cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rounding {
    /// Where it goes.
    pub mode: Mode,
    /// Digits kept behind the point, 0…20.
    pub decimals: u32,
}

impl Default for Rounding {
    fn default() -> Self {
        Self { mode: Mode::Up, decimals: 6 }
    }
}

/// How talk time becomes whole seconds, before the grace.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum DurationRounding {
    /// A started second counts.
    #[default]
    Up,
    /// Only whole seconds count.
    Down,
    /// To the nearer; from the middle up.
    HalfUp,
    /// To the nearer; from the middle down.
    HalfDown,
    /// Fractions are billed.
    None,
}

impl DurationRounding {
    /// Word in files, and the rounding.
    pub const WORDS: [(&'static str, Self); 5] = [
        ("up", Self::Up),
        ("down", Self::Down),
        ("half_up", Self::HalfUp),
        ("half_down", Self::HalfDown),
        ("none", Self::None),
    ];

    /// Rounds microseconds ≥ 0.
    pub(super) fn apply(self, micros: i64) -> i64 {
        let rest = micros.rem_euclid(SECOND);
        let down = micros.saturating_sub(rest);
        let against_half = rest.saturating_mul(2).cmp(&SECOND);
        let goes_up = match self {
            Self::None => return micros,
            Self::Up => rest > 0,
            Self::Down => false,
            Self::HalfUp => against_half.is_ge(),
            Self::HalfDown => against_half.is_gt(),
        };
        if goes_up { down.saturating_add(SECOND) } else { down }
    }
}
