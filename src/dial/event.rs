//! What one decoded record says about a dial. Codes and words are kept as they were sent;
//! what they mean is decided by `render`, so that two releases fold to the same facts.

use std::sync::Arc;

use crate::value::{CallId, DialId, Micros, Phone, ProjectId, RuleId, UserId};

use super::fact::Provenance;
use super::identity::ItemKey;

/// One event about one dial, checked and with its identity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DialEvent {
    /// Where the dial's row lies.
    pub key: ItemKey,
    /// The parent call.
    pub call: CallId,
    /// The gateway's own name of the dial, if it gave one.
    pub dial: Option<DialId>,
    /// When the dial started, if the event says so.
    pub started_at: Option<Micros>,
    /// `Live` or `Sync`.
    pub provenance: Provenance,
    /// Attributes of the dial; `call` within is always set.
    pub attributes: Started,
    /// What happened.
    pub said: Said,
}

/// What happened to the dial.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Said {
    /// The gateway has begun to dial; the time is the event's `started_at`.
    Started,
    /// The phone rings.
    Ringing {
        /// Since when.
        at: Micros,
    },
    /// The phone was picked up.
    Answered {
        /// When it was picked up.
        at: Micros,
        /// Who picked up, and when the gateway came to know.
        detected: Option<(Micros, AnsweredBy)>,
    },
    /// The dial is over.
    Ended {
        /// When it ended.
        at: Micros,
        /// Why, as sent.
        said: Ended,
        /// `ringingAt`, if the gateway remembers.
        ringing_at: Option<Micros>,
        /// `answeredAt`, if the gateway remembers.
        answered_at: Option<Micros>,
        /// Who picked up, and when the gateway came to know.
        detected: Option<(Micros, AnsweredBy)>,
    },
    /// The carrier's price.
    Cost {
        /// When the price was told.
        at: Micros,
        /// The price.
        price: Price,
    },
}

impl Said {
    /// Stable label of the kind, as metrics and files print it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Started => "dial.started",
            Self::Ringing { .. } => "dial.ringing",
            Self::Answered { .. } => "dial.answered",
            Self::Ended { .. } => "dial.ended",
            Self::Cost { .. } => "dial.cost",
        }
    }
}

/// Attributes of a dial: the register *started*.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Started {
    /// The parent call.
    pub call: Option<CallId>,
    /// The escalation rule that asked for the dial.
    pub rule: Option<RuleId>,
    /// The user who was dialed.
    pub user: Option<UserId>,
    /// The number that was dialed.
    pub phone: Option<Phone>,
    /// Which gateway dialed.
    pub gateway: Option<Gateway>,
    /// How long the phone may ring, in seconds, 1 to 3600.
    pub ring_timeout_s: Option<u16>,
}

/// A gateway as text: `kind/instance`, `kind` or `/instance`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Gateway(Arc<str>);

impl Gateway {
    /// Joins kind and instance; `None` if both are absent.
    pub fn new(kind: Option<&str>, instance: Option<&str>) -> Option<Self> {
        match (kind, instance) {
            (None, None) => None,
            (Some(kind), None) => Some(Self(kind.into())),
            (kind, Some(instance)) => {
                Some(Self(format!("{}/{instance}", kind.unwrap_or("")).into()))
            }
        }
    }

    /// The text of a stored row, taken as it is.
    pub fn from_text(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The kind: picks the vendor's words and the plan.
    pub fn kind(&self) -> Option<&str> {
        let kind = self.0.split_once('/').map_or(&*self.0, |(kind, _)| kind);
        (!kind.is_empty()).then_some(kind)
    }
}

/// Who picked up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AnsweredBy {
    /// A person.
    Human,
    /// A machine or a voicemail.
    Machine,
}

impl AnsweredBy {
    /// The word on the wire and in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Machine => "machine",
        }
    }

    /// The word's meaning; other words are none.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Human, Self::Machine].into_iter().find(|by| by.word() == word)
    }
}

/// Who ended the dial.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HangupSide {
    /// The person who phoned in.
    Caller,
    /// The user who was dialed.
    Callee,
    /// The gateway itself.
    Gateway,
}

impl HangupSide {
    /// The word on the wire and in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Callee => "callee",
            Self::Gateway => "gateway",
        }
    }

    /// The word's meaning; other words are none.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Caller, Self::Callee, Self::Gateway].into_iter().find(|side| side.word() == word)
    }
}

/// Why a dial ended, as sent: the register *ended*.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ended {
    /// `reason`, ours or not.
    pub reason: Option<Arc<str>>,
    /// Kind of the gateway that says so; picks the meaning of `status`.
    pub kind: Option<Arc<str>>,
    /// The gateway's word.
    pub status: Option<Arc<str>>,
    /// Final SIP response, 100 to 699.
    pub sip: Option<u16>,
    /// Q.850 cause, 0 to 127.
    pub q850: Option<u8>,
    /// Who ended it.
    pub side: Option<HangupSide>,
    /// The gateway's free text: personal, kept as evidence, shown nowhere.
    pub vendor_reason: Option<Arc<str>>,
}

/// The carrier's total price of a dial.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Price {
    /// Millionths of the currency, never negative.
    pub micro: i64,
    /// The currency.
    pub currency: Currency,
}

/// Three capitals of ISO 4217.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Takes exactly three capital letters.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 3] = text.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_uppercase).then_some(Self(bytes))
    }

    /// The letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("")
    }
}

/// A gateway instance has (re)started: what it does not list is over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GatewayStarted {
    /// The instance, `kind/instance`.
    pub gateway: Gateway,
    /// When it started.
    pub at: Micros,
    /// Dials that go on, at most 1,000.
    pub live: Vec<DialId>,
    /// The project it speaks for; `None` = all (a gateway's own log record).
    pub project: Option<ProjectId>,
}
