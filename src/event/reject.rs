//! Why a record can never be read: stable labels and one sentence for people.
//! It holds no text of the record: field names and limits are all it can print.

use std::fmt;

/// The reasons, in the order of the contract: where several apply the least one is given.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reason {
    /// Data over 64 KiB, or a record or line over 1 MiB.
    TooLarge,
    /// No value, or an empty one.
    NoValue,
    /// Not one JSON object by the rules of the contract.
    NotJson,
    /// The attributes around the data are not a `CloudEvent` that can be read.
    BadEnvelope,
    /// A kind nobody knows.
    UnknownType,
    /// A known kind of another version.
    UnknownVersion,
    /// A required field is absent.
    MissingField,
    /// Wrong type, length, pattern or word.
    BadField,
    /// Neither a dial id nor an item id.
    NoDialId,
    /// Nothing says when the dial started.
    NoStartTime,
    /// No RFC 3339 time.
    BadTime,
    /// Before the year 2000.
    TimeTooOld,
    /// Later than the record by more than the limit.
    TimeInFuture,
    /// The given item id and the start of the dial disagree.
    IdTimeMismatch,
    /// Amount or currency of a price.
    BadAmount,
    /// The store alone refuses the row; never given by decoding.
    StoreRefused,
}

impl Reason {
    /// All of them, in order.
    pub const ALL: [Self; 16] = [
        Self::TooLarge,
        Self::NoValue,
        Self::NotJson,
        Self::BadEnvelope,
        Self::UnknownType,
        Self::UnknownVersion,
        Self::MissingField,
        Self::BadField,
        Self::NoDialId,
        Self::NoStartTime,
        Self::BadTime,
        Self::TimeTooOld,
        Self::TimeInFuture,
        Self::IdTimeMismatch,
        Self::BadAmount,
        Self::StoreRefused,
    ];

    /// The stable label.
    pub const fn label(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::NoValue => "no_value",
            Self::NotJson => "not_json",
            Self::BadEnvelope => "bad_envelope",
            Self::UnknownType => "unknown_type",
            Self::UnknownVersion => "unknown_version",
            Self::MissingField => "missing_field",
            Self::BadField => "bad_field",
            Self::NoDialId => "no_dial_id",
            Self::NoStartTime => "no_start_time",
            Self::BadTime => "bad_time",
            Self::TimeTooOld => "time_too_old",
            Self::TimeInFuture => "time_in_future",
            Self::IdTimeMismatch => "id_time_mismatch",
            Self::BadAmount => "bad_amount",
            Self::StoreRefused => "store_refused",
        }
    }

    /// What to do about it, where no field needs saying.
    const fn remedy(self) -> &'static str {
        match self {
            Self::TooLarge => "data is limited to 64 KiB, a record or line to 1 MiB; send less",
            Self::NoValue => "the record has no value; send the event's data as one JSON object",
            Self::NotJson => {
                "not one JSON object: send UTF-8, each name once per object, depth at most 32"
            }
            Self::BadEnvelope => "the envelope is no CloudEvent 1.0 with JSON data",
            Self::UnknownType => "the type names no known kind; send a kind such as dial.started",
            Self::UnknownVersion => "this version of the kind is not read; send it as v1",
            Self::MissingField => "a required field is missing",
            Self::BadField => "a field is not as the contract says",
            Self::NoDialId => "neither dialId nor incomingCallLogItemId is given; send dialId",
            Self::NoStartTime => "startedAt is missing and no time is in the item id; send it",
            Self::BadTime => "a time is not RFC 3339; send one such as 2026-05-14T08:15:30.250Z",
            Self::TimeTooOld => "a time is before 2000-01-01; check the gateway's clock",
            Self::TimeInFuture => "a time is too far after the record's; check the gateway's clock",
            Self::IdTimeMismatch => {
                "the item id carries another time than startedAt; send the dial's own start"
            }
            Self::BadAmount => "a price is not as the contract says",
            Self::StoreRefused => "the store refuses this row and no other",
        }
    }
}

/// The verdict on a record that can never be read. `Display` is one sentence that names the field
/// and the remedy; no text of the record, so no phone number, can be in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub struct Reject {
    reason: Reason,
    field: Option<&'static str>,
    expected: Option<&'static str>,
}

impl Reject {
    pub(super) const fn new(reason: Reason) -> Self {
        Self { reason, field: None, expected: None }
    }

    pub(super) const fn of_field(reason: Reason, field: &'static str) -> Self {
        Self { reason, field: Some(field), expected: None }
    }

    pub(super) const fn expecting(
        reason: Reason,
        field: &'static str,
        expected: &'static str,
    ) -> Self {
        Self { reason, field: Some(field), expected: Some(expected) }
    }

    /// For a reader of lines that stops at the limit and never holds the whole line.
    pub const fn too_large() -> Self {
        Self::new(Reason::TooLarge)
    }

    /// For a writer whose store refuses this row while others of its day pass.
    pub const fn store_refused() -> Self {
        Self::new(Reason::StoreRefused)
    }

    /// The stable label.
    pub const fn reason(&self) -> &'static str {
        self.reason.label()
    }

    /// Which reason.
    pub const fn kind(&self) -> Reason {
        self.reason
    }

    /// Wire name of the field at fault, if one is.
    pub const fn field(&self) -> Option<&'static str> {
        self.field
    }
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.field, self.expected) {
            (Some(field), Some(expected)) => write!(f, "{field} must be {expected}"),
            (Some(field), None) if self.reason == Reason::MissingField => {
                write!(f, "{field} is missing; the kind requires it")
            }
            (Some(field), None) => write!(f, "{field}: {}", self.reason.remedy()),
            (None, _) => f.write_str(self.reason.remedy()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_ordered_as_the_contract_lists_them() {
        assert!(Reason::ALL.windows(2).all(|pair| pair.first() < pair.last()));
    }

    #[test]
    fn a_reject_names_the_field_and_the_remedy() {
        let missing = Reject::of_field(Reason::MissingField, "projectId");
        assert_eq!(missing.to_string(), "projectId is missing; the kind requires it");
        let bad = Reject::expecting(Reason::BadField, "sipCode", "an integer from 100 to 699");
        assert_eq!(bad.to_string(), "sipCode must be an integer from 100 to 699");
        let old = Reject::of_field(Reason::TimeTooOld, "endedAt");
        let said = "endedAt: a time is before 2000-01-01; check the gateway's clock";
        assert_eq!(old.to_string(), said);
    }
}
