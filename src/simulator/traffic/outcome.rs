//! How dials end, and what each kind of gateway calls it.

use super::super::random::Random;
use super::world::Kind;

/// How a dial ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    Completed,
    NoAnswer,
    Busy,
    Rejected,
    Unreachable,
    Failed,
    CallerHungUp,
    AnsweredElsewhere,
}

/// The words of one end. Empty or `None` = not sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Words {
    pub(super) reason: &'static str,
    pub(super) vendor_status: &'static str,
    pub(super) sip: Option<u16>,
    pub(super) q850: Option<u16>,
    pub(super) side: &'static str,
}

impl Outcome {
    /// An outcome of a dial that its user decides.
    pub(super) fn some(random: &mut Random) -> Self {
        match random.below(100) {
            0..46 => Self::Completed,
            46..78 => Self::NoAnswer,
            78..87 => Self::Busy,
            87..92 => Self::Rejected,
            92..96 => Self::Unreachable,
            _ => Self::Failed,
        }
    }

    /// What a gateway says of it.
    pub(super) fn words(self, kind: Kind) -> Words {
        match kind {
            Kind::Twilio => self.twilio(),
            Kind::Vonage => self.vonage(),
            Kind::Telnyx => self.telnyx(),
            Kind::Asterisk => self.asterisk(),
            Kind::Freeswitch => self.freeswitch(),
        }
    }

    fn twilio(self) -> Words {
        let (vendor_status, sip) = match self {
            Self::Completed => ("completed", None),
            Self::NoAnswer => ("no-answer", Some(487)),
            Self::Busy => ("busy", Some(486)),
            Self::Rejected => ("busy", Some(603)),
            Self::Unreachable => ("failed", Some(480)),
            Self::Failed => ("failed", Some(503)),
            Self::CallerHungUp | Self::AnsweredElsewhere => ("canceled", Some(487)),
        };
        self.reasoned(Words { vendor_status, sip, ..Words::default() })
    }

    fn vonage(self) -> Words {
        let vendor_status = match self {
            Self::Completed => "completed",
            Self::NoAnswer => "unanswered:timeout",
            Self::Busy => "busy",
            Self::Rejected => "rejected:declined",
            Self::Unreachable => "unanswered:unavailable",
            Self::Failed => "failed:cannot_route",
            Self::CallerHungUp | Self::AnsweredElsewhere => "cancelled",
        };
        self.reasoned(Words { vendor_status, ..Words::default() })
    }

    fn telnyx(self) -> Words {
        let (vendor_status, sip, side) = match self {
            Self::Completed => ("normal_clearing", Some(200), "callee"),
            Self::NoAnswer => ("timeout", Some(487), ""),
            Self::Busy => ("user_busy", Some(486), "callee"),
            Self::Rejected => ("call_rejected", Some(603), "callee"),
            Self::Unreachable => ("unspecified", Some(480), ""),
            Self::Failed => ("unspecified", Some(503), ""),
            Self::CallerHungUp => ("originator_cancel", Some(487), "caller"),
            Self::AnsweredElsewhere => ("originator_cancel", Some(487), "gateway"),
        };
        self.reasoned(Words { vendor_status, sip, side, ..Words::default() })
    }

    fn asterisk(self) -> Words {
        let (vendor_status, q850, side) = match self {
            Self::Completed => ("ANSWER", 16, "caller"),
            Self::NoAnswer => ("NOANSWER", 19, ""),
            Self::Busy => ("BUSY", 17, ""),
            Self::Rejected => ("BUSY", 21, "callee"),
            Self::Unreachable => ("CHANUNAVAIL", 20, ""),
            Self::Failed => ("CONGESTION", 34, ""),
            Self::CallerHungUp => ("CANCEL", 16, "caller"),
            Self::AnsweredElsewhere => ("CANCEL", 26, "gateway"),
        };
        self.reasoned(Words { vendor_status, q850: Some(q850), side, ..Words::default() })
    }

    fn freeswitch(self) -> Words {
        let (vendor_status, q850, sip) = match self {
            Self::Completed => ("NORMAL_CLEARING", 16, None),
            Self::NoAnswer => ("NO_ANSWER", 19, Some(408)),
            Self::Busy => ("USER_BUSY", 17, Some(486)),
            Self::Rejected => ("CALL_REJECTED", 21, Some(603)),
            Self::Unreachable => ("USER_NOT_REGISTERED", 20, Some(480)),
            Self::Failed => ("NORMAL_TEMPORARY_FAILURE", 41, Some(503)),
            Self::CallerHungUp => ("ORIGINATOR_CANCEL", 16, None),
            Self::AnsweredElsewhere => ("LOSE_RACE", 26, None),
        };
        self.reasoned(Words { vendor_status, q850: Some(q850), sip, ..Words::default() })
    }

    /// Where a vendor's word is no help, adapters send ringfold's own.
    fn reasoned(self, words: Words) -> Words {
        let reason = match self {
            Self::AnsweredElsewhere => "answered_elsewhere",
            Self::Completed
            | Self::NoAnswer
            | Self::Busy
            | Self::Rejected
            | Self::Unreachable
            | Self::Failed
            | Self::CallerHungUp => "",
        };
        Words { reason, ..words }
    }
}
