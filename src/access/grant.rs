//! The grants of the resource: names in an API key's allow and block list, and what they open.
//! Names that are not here are kept in a key and grant nothing.

/// A name in an allow or block list that means something for this resource.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Grant {
    /// May do everything.
    ProjectOwner,
    /// May do everything.
    ProjectAdmin,
    /// May read.
    ProjectMember,
    /// May read, where the rules say so.
    Viewer,
    /// May read.
    ReadItem,
    /// May read.
    ReadAllProjectResources,
}

impl Grant {
    /// The name in lists.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ProjectOwner => "ProjectOwner",
            Self::ProjectAdmin => "ProjectAdmin",
            Self::ProjectMember => "ProjectMember",
            Self::Viewer => "Viewer",
            Self::ReadItem => "ReadProjectIncomingCallLogItem",
            Self::ReadAllProjectResources => "ReadAllProjectResources",
        }
    }

    /// The title in refusals.
    pub const fn title(self) -> &'static str {
        match self {
            Self::ProjectOwner => "Project Owner",
            Self::ProjectAdmin => "Project Admin",
            Self::ProjectMember => "Project Member",
            Self::Viewer => "Viewer",
            Self::ReadItem => "Read Incoming Call Log Item",
            Self::ReadAllProjectResources => "Read All Project Resources",
        }
    }
}

/// What a caller wants to do with the resource.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    /// List, count, get.
    Read,
    /// Create an item; also: post events with a project's API key.
    Create,
    /// Change an item.
    Update,
    /// Delete an item.
    Delete,
}

impl Operation {
    /// The word in refusals.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    /// The whole list of the operation, in the order in which blocks are looked up.
    pub const fn grants(self) -> &'static [Grant] {
        match self {
            Self::Read => &[
                Grant::ProjectOwner,
                Grant::ProjectAdmin,
                Grant::ProjectMember,
                Grant::Viewer,
                Grant::ReadItem,
                Grant::ReadAllProjectResources,
            ],
            Self::Create | Self::Update | Self::Delete => WRITERS,
        }
    }
}

/// Grants that open what is told of the record behind a relation.
pub(super) const RECORD_READERS: &[Grant] = &[
    Grant::ProjectOwner,
    Grant::ProjectAdmin,
    Grant::ProjectMember,
    Grant::Viewer,
    Grant::ReadAllProjectResources,
];

const WRITERS: &[Grant] = &[Grant::ProjectOwner, Grant::ProjectAdmin];

/// Which reading of the lists is in force; follows from the HTTP profile.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GrantRules {
    /// The public page: `Viewer` grants nothing.
    Documented,
    /// Upstream's server: all six read.
    DropIn,
}

impl GrantRules {
    /// Grants that open the operation.
    pub const fn opens(self, operation: Operation) -> &'static [Grant] {
        match (self, operation) {
            (Self::Documented, Operation::Read) => &[
                Grant::ProjectOwner,
                Grant::ProjectAdmin,
                Grant::ProjectMember,
                Grant::ReadItem,
                Grant::ReadAllProjectResources,
            ],
            (
                Self::Documented | Self::DropIn,
                Operation::Read | Operation::Create | Operation::Update | Operation::Delete,
            ) => operation.grants(),
        }
    }

    /// Grants that a refusal lists.
    pub const fn listed(self, operation: Operation) -> &'static [Grant] {
        match (self, operation) {
            (Self::DropIn, Operation::Read) => &[
                Grant::ProjectOwner,
                Grant::ProjectAdmin,
                Grant::ProjectMember,
                Grant::Viewer,
                Grant::ReadItem,
            ],
            (
                Self::Documented | Self::DropIn,
                Operation::Read | Operation::Create | Operation::Update | Operation::Delete,
            ) => self.opens(operation),
        }
    }
}
