//! Why a dial has no charge.

/// Why a dial is not rated. Labels are stable.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Unrated {
    /// No assignment fits, or its plan has no version in force.
    NoTariff,
    /// The item has no number.
    NoNumber,
    /// The number is not E.164.
    InvalidNumber,
    /// No prefix matches.
    NoRate,
    /// The rate has no band for that local time.
    NoBand,
    /// The plan's currency has no rate to USD then.
    NoExchangeRate,
    /// No end yet.
    Open,
    /// No end was reported.
    Provisional,
    /// No event ever spoke of the item.
    NoEvent,
    /// Answered, nobody said when.
    NoAnswerTime,
    /// The charge does not fit into 64 bits of micro-USD, or the call would be split into more
    /// stretches than anybody talks through: flagged, never wrong.
    Overflow,
}

impl Unrated {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::NoTariff,
        Self::NoNumber,
        Self::InvalidNumber,
        Self::NoRate,
        Self::NoBand,
        Self::NoExchangeRate,
        Self::Open,
        Self::Provisional,
        Self::NoEvent,
        Self::NoAnswerTime,
        Self::Overflow,
    ];

    /// The stable label.
    pub const fn label(self) -> &'static str {
        match self {
            Self::NoTariff => "no_tariff",
            Self::NoNumber => "no_number",
            Self::InvalidNumber => "invalid_number",
            Self::NoRate => "no_rate",
            Self::NoBand => "no_band",
            Self::NoExchangeRate => "no_exchange_rate",
            Self::Open => "open",
            Self::Provisional => "provisional",
            Self::NoEvent => "no_event",
            Self::NoAnswerTime => "no_answer_time",
            Self::Overflow => "overflow",
        }
    }

    /// The reason of a label.
    pub fn parse(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.label() == label)
    }
}
