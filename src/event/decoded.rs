//! What decoding gives: an event and what its envelope said beside it.

use crate::dial::DialEvent;
use crate::dial::event::GatewayStarted;
use crate::relation::Reference;
use crate::value::ProjectId;

use super::kind::{DialKind, Kind};
use super::trace::TraceContext;
use crate::dial::Said;

/// What one record says.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly every event is about a dial")]
pub enum Event {
    /// About a dial.
    Dial(DialEvent),
    /// About a gateway instance.
    Gateway(GatewayStarted),
    /// About a user, project, rule or parent call.
    Reference(Reference),
}

/// What the envelope says; the fold uses none of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Meta {
    /// How often the record was redriven from the dead letters (header `deadletter.attempts`).
    pub attempts: u32,
    /// The gateway's count of events of this dial, from 1.
    pub sequence: Option<u64>,
    /// The sender's trace context.
    pub trace: Option<TraceContext>,
}

/// An event and what its envelope said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decoded {
    /// The event.
    pub event: Event,
    /// What stood around it.
    pub meta: Meta,
}

impl Event {
    /// Which kind it is.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Dial(event) => Kind::Dial(match event.said {
                Said::Started => DialKind::Started,
                Said::Ringing { .. } => DialKind::Ringing,
                Said::Answered { .. } => DialKind::Answered,
                Said::Ended { .. } => DialKind::Ended,
                Said::Cost { .. } => DialKind::Cost,
            }),
            Self::Gateway(_) => Kind::GatewayStarted,
            Self::Reference(reference) if reference.body.is_some() => {
                Kind::Upserted(reference.kind)
            }
            Self::Reference(reference) => Kind::Deleted(reference.kind),
        }
    }

    /// The project it speaks for; `None` for a gateway's start that speaks for all.
    pub const fn project(&self) -> Option<ProjectId> {
        match self {
            Self::Dial(event) => Some(event.key.project),
            Self::Gateway(started) => started.project,
            Self::Reference(reference) => Some(reference.project),
        }
    }

    /// Kind of the gateway it came from, if it says so.
    pub fn gateway_kind(&self) -> Option<&str> {
        match self {
            Self::Dial(event) => event.attributes.gateway.as_ref().and_then(|g| g.kind()),
            Self::Gateway(started) => started.gateway.kind(),
            Self::Reference(_) => None,
        }
    }

    /// The record key that a producer must use for it.
    pub fn record_key(&self) -> String {
        match self {
            Self::Dial(event) => event.call.to_string(),
            Self::Gateway(started) => started.gateway.as_str().to_owned(),
            Self::Reference(reference) => reference.id.hyphenated().to_string(),
        }
    }

    /// Whether a record with this key lies where others of its dial lie. Any case of a UUID is
    /// *another* key: partitioners hash bytes.
    pub fn has_key(&self, key: Option<&[u8]>) -> bool {
        let mut buffer = [0_u8; 36];
        let expected = match self {
            Self::Dial(event) => event.call.uuid().hyphenated().encode_lower(&mut buffer),
            Self::Gateway(started) => started.gateway.as_str(),
            Self::Reference(reference) => reference.id.hyphenated().encode_lower(&mut buffer),
        };
        key == Some(expected.as_bytes())
    }
}
