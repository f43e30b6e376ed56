//! The nine statuses of an item and how final it is.

use std::fmt;

/// What ringfold itself writes into the column `status`. (Clients may write any text.)
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Status {
    /// The gateway has begun to dial.
    Initiated,
    /// The phone rings.
    Ringing,
    /// The call is connected.
    Connected,
    /// A status of the parent call; items carry it only if a client writes it.
    Escalated,
    /// Nobody answered.
    NoAnswer,
    /// The dial failed.
    Failed,
    /// Answered and over.
    Completed,
    /// The caller hung up before an answer.
    CallerHungUp,
    /// The line was busy.
    Busy,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Initiated,
        Self::Ringing,
        Self::Connected,
        Self::Escalated,
        Self::NoAnswer,
        Self::Failed,
        Self::Completed,
        Self::CallerHungUp,
        Self::Busy,
    ];

    /// The word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Initiated => "Initiated",
            Self::Ringing => "Ringing",
            Self::Connected => "Connected",
            Self::Escalated => "Escalated",
            Self::NoAnswer => "NoAnswer",
            Self::Failed => "Failed",
            Self::Completed => "Completed",
            Self::CallerHungUp => "CallerHungUp",
            Self::Busy => "Busy",
        }
    }

    /// The status of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Whether an item can still change by itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Finality {
    /// No end yet.
    Open,
    /// Ended by its limit: no end was reported.
    Provisional,
    /// Ended by a fact, or no event ever spoke of it.
    Final,
}

impl Finality {
    /// The word in files and answers.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Provisional => "provisional",
            Self::Final => "final",
        }
    }

    /// The number in rows: 0 open, 1 provisional, 2 final.
    pub const fn code(self) -> i8 {
        match self {
            Self::Open => 0,
            Self::Provisional => 1,
            Self::Final => 2,
        }
    }

    /// The finality of a row's number.
    pub const fn from_code(code: i8) -> Option<Self> {
        match code {
            0 => Some(Self::Open),
            1 => Some(Self::Provisional),
            2 => Some(Self::Final),
            _ => None,
        }
    }
}
