//! Which columns of a reference are kept and may be read through a relation, and which are known by
//! name alone. It holds no values.

use super::ReferenceKind;

/// What a column of a reference holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InnerKind {
    /// A UUID.
    ObjectId,
    /// Text.
    Text,
    /// A person's name.
    Name,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A whole number.
    Number,
    /// Yes or no.
    Boolean,
    /// An instant.
    Date,
}

/// A column of a reference.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InnerColumn {
    /// The name on the wire.
    pub name: &'static str,
    /// What it holds.
    pub kind: InnerKind,
}

const fn inner(name: &'static str, kind: InnerKind) -> InnerColumn {
    InnerColumn { name, kind }
}

const USER: [InnerColumn; 4] = [
    inner("name", InnerKind::Name),
    inner("email", InnerKind::Email),
    inner("profilePictureId", InnerKind::ObjectId),
    inner("twoFactorAuthEnabled", InnerKind::Boolean),
];
const PROJECT: [InnerColumn; 6] = [
    inner("name", InnerKind::Text),
    inner("planName", InnerKind::Text),
    inner("alertInvestigationMinimumSeverityId", InnerKind::ObjectId),
    inner("resellerId", InnerKind::ObjectId),
    inner("resellerPlanId", InnerKind::ObjectId),
    inner("resellerLicenseId", InnerKind::Text),
];
const RULE: [InnerColumn; 4] = [
    inner("projectId", InnerKind::ObjectId),
    inner("incomingCallPolicyId", InnerKind::ObjectId),
    inner("name", InnerKind::Text),
    inner("order", InnerKind::Number),
];
const CALL: [InnerColumn; 7] = [
    inner("projectId", InnerKind::ObjectId),
    inner("incomingCallPolicyId", InnerKind::ObjectId),
    inner("callerPhoneNumber", InnerKind::Phone),
    inner("routingPhoneNumber", InnerKind::Phone),
    inner("status", InnerKind::Text),
    inner("callDurationInSeconds", InnerKind::Number),
    inner("startedAt", InnerKind::Date),
];

/// Columns that every reference may carry about its own record.
pub const RECORD_COLUMNS: [InnerColumn; 3] = [
    inner("createdAt", InnerKind::Date),
    inner("updatedAt", InnerKind::Date),
    inner("version", InnerKind::Number),
];

/// Columns of the record itself as clients name them. `deletedAt` is null of all that is known.
const OF_RECORD: [InnerColumn; 4] = [
    inner("createdAt", InnerKind::Date),
    inner("updatedAt", InnerKind::Date),
    inner("deletedAt", InnerKind::Date),
    inner("version", InnerKind::Number),
];

impl InnerColumn {
    /// Whether it tells of the record, not of what the record is about.
    pub fn is_of_record(self) -> bool {
        OF_RECORD.contains(&self)
    }
}

impl ReferenceKind {
    /// What clients call it in messages.
    pub const fn title(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Project => "Project",
            Self::Rule => "Incoming Call Policy Escalation Rule",
            Self::Call => "Incoming Call Log",
        }
    }

    /// The wire name of its id, in events and items.
    pub const fn id_name(self) -> &'static str {
        match self {
            Self::User => "userId",
            Self::Project => "projectId",
            Self::Rule => "incomingCallPolicyEscalationRuleId",
            Self::Call => "incomingCallLogId",
        }
    }

    /// The columns that may be read through a relation, in the order of the contract.
    pub const fn exposed(self) -> &'static [InnerColumn] {
        match self {
            Self::User => &USER,
            Self::Project => &PROJECT,
            Self::Rule => &RULE,
            Self::Call => &CALL,
        }
    }

    /// Columns that there are, but that nobody may read through a relation.
    pub const fn hidden(self) -> &'static [&'static str] {
        match self {
            Self::User => &["password", "companyPhoneNumber"],
            Self::Project => &[],
            Self::Rule => &["escalateAfterSeconds", "description"],
            Self::Call => &["statusMessage", "endedAt"],
        }
    }

    /// The exposed columns, then those of the record.
    pub fn readable(self) -> impl Iterator<Item = InnerColumn> {
        self.exposed().iter().copied().chain(OF_RECORD)
    }

    /// Whether its record is a resource of the project, with grants of its own.
    pub const fn is_resource(self) -> bool {
        match self {
            Self::Rule | Self::Call => true,
            Self::User | Self::Project => false,
        }
    }

    /// All columns that are kept of a reference.
    pub fn kept(self) -> impl Iterator<Item = InnerColumn> {
        self.exposed().iter().copied().chain(RECORD_COLUMNS)
    }
}
