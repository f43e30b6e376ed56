//! Identifiers: UUID newtypes that cannot be mixed up, and the gateway's own name of a dial.
//! It does not derive or validate ids of dials (that is `dial::identity`).

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID that is known to name this kind of thing.
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID itself.
            pub const fn uuid(self) -> Uuid {
                self.0
            }

            /// The 16 bytes in network order: how ids compare and how keys store them.
            pub const fn bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0.hyphenated(), f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }
    };
}

uuid_id!(
    /// The project: root of every row and of every API key.
    ProjectId
);
uuid_id!(
    /// The incoming call, parent of its dials (`incomingCallLogId`).
    CallId
);
uuid_id!(
    /// One item, that is one dial, within its project (`_id`).
    ItemId
);
uuid_id!(
    /// The user who was dialed.
    UserId
);
uuid_id!(
    /// The escalation rule that asked for the dial.
    RuleId
);

/// The gateway's own name of a dial, 1 to 256 bytes, compared byte by byte.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct DialId(Arc<str>);

impl DialId {
    /// Longest allowed text, in bytes of UTF-8.
    pub const BYTES_MAX: usize = 256;

    /// Takes the text as sent; `None` if it is empty, too long or holds control characters.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = !text.is_empty() && text.len() <= Self::BYTES_MAX;
        (fits && !text.chars().any(char::is_control)).then(|| Self(text.into()))
    }

    /// The text as sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
