//! What a row tells other programs about its item, without the API's edits.
//! ringfold's own readers never trust it: they render again.

use std::sync::Arc;

use crate::tariff::Unrated;
use crate::value::{MicroUsd, Micros};

use super::{Finality, Status};

/// A rendering of facts: a function of facts, tariff, limits and the program's mappings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rendered {
    /// The status.
    pub status: Status,
    /// Whether the user answered.
    pub is_answered: bool,
    /// How final it is.
    pub finality: Finality,
    /// Whole seconds from start to end.
    pub dial_duration_s: Option<i32>,
    /// Milliseconds it rang.
    pub ring_ms: Option<i64>,
    /// Milliseconds of talk: what is billed.
    pub talk_ms: Option<i64>,
    /// Adjusted or suspect values.
    pub flags: Flags,
    /// Time of the newest fact.
    pub updated_at: Micros,
    /// The cost shown.
    pub cost: Option<MicroUsd>,
    /// Who says so.
    pub cost_source: Option<CostSource>,
    /// Estimate and its provenance, or why there is none.
    pub rating: Rating,
}

/// An estimate by the tariff, with what it was made of; or why there is none.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rating {
    /// The estimate.
    pub estimate: Option<MicroUsd>,
    /// Milliseconds billed.
    pub billed_ms: Option<i64>,
    /// `plan@version`: also of a plan that was asked and had no price.
    pub tariff: Option<Arc<str>>,
    /// The prefix that matched.
    pub prefix: Option<Arc<str>>,
    /// Why there is no estimate.
    pub unrated: Option<Unrated>,
}

/// Where a cost comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CostSource {
    /// A client wrote it.
    Edit,
    /// The carrier's price.
    Carrier,
    /// The estimate.
    Tariff,
}

impl CostSource {
    /// The word in rows and files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Edit => "edit",
            Self::Carrier => "carrier",
            Self::Tariff => "tariff",
        }
    }

    /// The source of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Edit, Self::Carrier, Self::Tariff].into_iter().find(|s| s.word() == word)
    }
}

/// Says that a shown value was adjusted or is suspect. A set of bits; the numbers are stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Flags(i32);

impl Flags {
    /// A span came out negative and is shown as 0.
    pub const CLOCK_SUSPECT: Self = Self(1);
    /// The carrier's price is in a currency without an exchange rate.
    pub const COST_UNCONVERTED: Self = Self(2);
    /// Rating overflowed within its checked limits: a defect, never a wrong price.
    pub const RATING_OVERFLOW: Self = Self(4);

    const WORDS: [(Self, &'static str); 3] = [
        (Self::CLOCK_SUSPECT, "clock_suspect"),
        (Self::COST_UNCONVERTED, "cost_unconverted"),
        (Self::RATING_OVERFLOW, "rating_overflow"),
    ];

    /// From the stored number.
    pub const fn from_bits(bits: i32) -> Self {
        Self(bits)
    }

    /// The number to store.
    pub const fn bits(self) -> i32 {
        self.0
    }

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` are set.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The words of what is set.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        Self::WORDS.into_iter().filter(move |(flag, _)| self.has(*flag)).map(|(_, word)| word)
    }
}
