//! The kinds of events and their place in a CloudEvents type. It reads no data.

use crate::relation::ReferenceKind;

use super::reject::{Reason, Reject};

/// What an event is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// `dial.*`
    Dial(DialKind),
    /// `gateway.started`
    GatewayStarted,
    /// `….upserted`: the full state of a reference.
    Upserted(ReferenceKind),
    /// `….deleted`: a reference is gone.
    Deleted(ReferenceKind),
}

/// What happened to a dial.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DialKind {
    /// The gateway has begun to dial.
    Started,
    /// The phone rings.
    Ringing,
    /// The phone was picked up.
    Answered,
    /// The dial is over.
    Ended,
    /// The carrier's price.
    Cost,
}

impl Kind {
    /// All of them, in the order of the contract.
    pub const ALL: [Self; 14] = [
        Self::Dial(DialKind::Started),
        Self::Dial(DialKind::Ringing),
        Self::Dial(DialKind::Answered),
        Self::Dial(DialKind::Ended),
        Self::Dial(DialKind::Cost),
        Self::GatewayStarted,
        Self::Upserted(ReferenceKind::User),
        Self::Upserted(ReferenceKind::Project),
        Self::Upserted(ReferenceKind::Rule),
        Self::Upserted(ReferenceKind::Call),
        Self::Deleted(ReferenceKind::User),
        Self::Deleted(ReferenceKind::Project),
        Self::Deleted(ReferenceKind::Rule),
        Self::Deleted(ReferenceKind::Call),
    ];

    /// The word on the wire, without prefix and version.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Dial(DialKind::Started) => "dial.started",
            Self::Dial(DialKind::Ringing) => "dial.ringing",
            Self::Dial(DialKind::Answered) => "dial.answered",
            Self::Dial(DialKind::Ended) => "dial.ended",
            Self::Dial(DialKind::Cost) => "dial.cost",
            Self::GatewayStarted => "gateway.started",
            Self::Upserted(ReferenceKind::User) => "user.upserted",
            Self::Upserted(ReferenceKind::Project) => "project.upserted",
            Self::Upserted(ReferenceKind::Rule) => "escalation-rule.upserted",
            Self::Upserted(ReferenceKind::Call) => "call-log.upserted",
            Self::Deleted(ReferenceKind::User) => "user.deleted",
            Self::Deleted(ReferenceKind::Project) => "project.deleted",
            Self::Deleted(ReferenceKind::Rule) => "escalation-rule.deleted",
            Self::Deleted(ReferenceKind::Call) => "call-log.deleted",
        }
    }

    /// The CloudEvents type that ringfold itself writes.
    pub fn type_text(self) -> String {
        format!("ringfold.{}.v1", self.word())
    }

    /// Reads `[prefix.]kind[.vN]`; any prefix will do, no version means `v1`.
    pub(super) fn parse(text: &str) -> Result<Self, Reject> {
        let (name, version) = match text.rsplit_once('.') {
            Some((name, last)) if is_version(last) => (name, last),
            Some(_) | None => (text, "v1"),
        };
        let kind = Self::ALL.into_iter().find(|kind| {
            name.strip_suffix(kind.word()).is_some_and(|p| p.is_empty() || p.ends_with('.'))
        });
        match kind {
            None => Err(Reject::of_field(Reason::UnknownType, "type")),
            Some(_) if version != "v1" => Err(Reject::of_field(Reason::UnknownVersion, "type")),
            Some(kind) => Ok(kind),
        }
    }
}

fn is_version(segment: &str) -> bool {
    segment
        .strip_prefix('v')
        .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_with_and_without_prefix_and_version() {
        for kind in Kind::ALL {
            for text in [
                kind.type_text(),
                kind.word().to_owned(),
                format!("{}.v1", kind.word()),
                format!("com.example-telephony.{}", kind.word()),
            ] {
                assert_eq!(Kind::parse(&text), Ok(kind), "{text}");
            }
        }
    }

    #[test]
    fn other_kinds_and_other_versions_are_told_apart() {
        for text in ["", "dial", "dial.paused.v1", "dial.started.x", "redial.started", "v1"] {
            assert_eq!(Kind::parse(text).map_err(|r| r.kind()), Err(Reason::UnknownType), "{text}");
        }
        for text in ["dial.started.v2", "ringfold.user.upserted.v10", "dial.ended.v01"] {
            let reason = Kind::parse(text).map_err(|r| r.kind());
            assert_eq!(reason, Err(Reason::UnknownVersion), "{text}");
        }
    }
}
