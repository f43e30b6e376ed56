//! Why a dial ended, in ringfold's words.

/// The end reason of a dial: what the first line of the mapping table gives that has an answer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum EndReason {
    /// Answered and over.
    Completed,
    /// Answered; the call reached its time limit.
    TimeLimit,
    /// Normal clearing; says nothing about an answer.
    Cleared,
    /// The line was busy.
    Busy,
    /// Nobody answered.
    NoAnswer,
    /// The phone could not be reached.
    Unreachable,
    /// Another responder answered first.
    AnsweredElsewhere,
    /// The caller hung up before an answer.
    CallerHungUp,
    /// The call was rejected.
    Rejected,
    /// The number could not be dialed.
    InvalidNumber,
    /// The network could not complete the call.
    NetworkError,
    /// None of the above.
    Unknown,
}

impl EndReason {
    /// All of them, in the order of the mapping table.
    pub const ALL: [Self; 12] = [
        Self::Completed,
        Self::TimeLimit,
        Self::Cleared,
        Self::Busy,
        Self::NoAnswer,
        Self::Unreachable,
        Self::AnsweredElsewhere,
        Self::CallerHungUp,
        Self::Rejected,
        Self::InvalidNumber,
        Self::NetworkError,
        Self::Unknown,
    ];

    /// The word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::TimeLimit => "time_limit",
            Self::Cleared => "cleared",
            Self::Busy => "busy",
            Self::NoAnswer => "no_answer",
            Self::Unreachable => "unreachable",
            Self::AnsweredElsewhere => "answered_elsewhere",
            Self::CallerHungUp => "caller_hung_up",
            Self::Rejected => "rejected",
            Self::InvalidNumber => "invalid_number",
            Self::NetworkError => "network_error",
            Self::Unknown => "unknown",
        }
    }

    /// The reason of a word, if it is one of ours.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }

    /// Whether the reason itself says that somebody answered.
    pub const fn says_answered(self) -> bool {
        matches!(self, Self::Completed | Self::TimeLimit)
    }
}
