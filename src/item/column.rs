//! The one column table of the resource: wire name, type, null, who may write it.
//! It knows no values and no wire forms.

/// A column, in the fixed order of the resource (the output order of `drop-in`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Column {
    /// `_id`
    Id,
    /// `createdAt`
    CreatedAt,
    /// `updatedAt`
    UpdatedAt,
    /// `deletedAt`
    DeletedAt,
    /// `version`
    Version,
    /// `project`
    Project,
    /// `projectId`
    ProjectId,
    /// `incomingCallLog`
    Call,
    /// `incomingCallLogId`
    CallId,
    /// `incomingCallPolicyEscalationRule`
    Rule,
    /// `incomingCallPolicyEscalationRuleId`
    RuleId,
    /// `user`
    User,
    /// `userId`
    UserId,
    /// `userPhoneNumber`
    Phone,
    /// `status`
    Status,
    /// `statusMessage`
    StatusMessage,
    /// `dialDurationInSeconds`
    DialDuration,
    /// `callCostInUSDCents`
    Cost,
    /// `startedAt`
    StartedAt,
    /// `endedAt`
    EndedAt,
    /// `isAnswered`
    IsAnswered,
}

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A UUID.
    ObjectId,
    /// An instant.
    Date,
    /// A whole number.
    Integer,
    /// An exact decimal number.
    Decimal,
    /// A phone number.
    Phone,
    /// Text of at most so many UTF-16 units.
    Text {
        /// Longest text.
        units_max: usize,
    },
    /// Yes or no.
    Boolean,
    /// Another resource; the id that leads to it is in this column.
    Relation {
        /// The id column.
        id: Column,
    },
}

/// Which columns a profile knows, and how it orders them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ColumnSet {
    /// The 19 of the public page: `_id`, then by name.
    Documented,
    /// All 21, in the fixed order.
    DropIn,
}

/// When clients may write a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Writable {
    /// Never.
    Never,
    /// On create only.
    OnCreate,
    /// On create and on update.
    Always,
}

struct Spec {
    name: &'static str,
    kind: Kind,
    nullable: bool,
    writable: Writable,
}

/// Whether a column may be null.
#[derive(Clone, Copy)]
enum Null {
    No,
    Yes,
}

const fn spec(name: &'static str, kind: Kind, null: Null, writable: Writable) -> Spec {
    Spec { name, kind, nullable: matches!(null, Null::Yes), writable }
}

impl Column {
    /// All of them, in the fixed order.
    pub const ALL: [Self; 21] = [
        Self::Id,
        Self::CreatedAt,
        Self::UpdatedAt,
        Self::DeletedAt,
        Self::Version,
        Self::Project,
        Self::ProjectId,
        Self::Call,
        Self::CallId,
        Self::Rule,
        Self::RuleId,
        Self::User,
        Self::UserId,
        Self::Phone,
        Self::Status,
        Self::StatusMessage,
        Self::DialDuration,
        Self::Cost,
        Self::StartedAt,
        Self::EndedAt,
        Self::IsAnswered,
    ];

    #[rustfmt::skip] // a table reads best as one
    const fn spec(self) -> Spec {
        use Kind::{Boolean, Date, Decimal, Integer, ObjectId, Phone, Relation, Text};
        use Null::{No, Yes};
        use Writable::{Always, Never, OnCreate};
        match self {
            Self::Id => spec("_id", ObjectId, No, Never),
            Self::CreatedAt => spec("createdAt", Date, No, Never),
            Self::UpdatedAt => spec("updatedAt", Date, No, Never),
            Self::DeletedAt => spec("deletedAt", Date, Yes, Never),
            Self::Version => spec("version", Integer, No, Never),
            Self::Project => spec("project", Relation { id: Self::ProjectId }, No, Never),
            Self::ProjectId => spec("projectId", ObjectId, No, OnCreate),
            Self::Call => spec("incomingCallLog", Relation { id: Self::CallId }, No, OnCreate),
            Self::CallId => spec("incomingCallLogId", ObjectId, No, OnCreate),
            Self::Rule => {
                let name = "incomingCallPolicyEscalationRule";
                spec(name, Relation { id: Self::RuleId }, Yes, OnCreate)
            }
            Self::RuleId => spec("incomingCallPolicyEscalationRuleId", ObjectId, Yes, OnCreate),
            Self::User => spec("user", Relation { id: Self::UserId }, Yes, OnCreate),
            Self::UserId => spec("userId", ObjectId, Yes, OnCreate),
            Self::Phone => spec("userPhoneNumber", Phone, Yes, OnCreate),
            Self::Status => spec("status", Text { units_max: 100 }, No, Always),
            Self::StatusMessage => spec("statusMessage", Text { units_max: 500 }, Yes, Always),
            Self::DialDuration => spec("dialDurationInSeconds", Integer, Yes, Always),
            Self::Cost => spec("callCostInUSDCents", Decimal, Yes, Always),
            Self::StartedAt => spec("startedAt", Date, Yes, Always),
            Self::EndedAt => spec("endedAt", Date, Yes, Always),
            Self::IsAnswered => spec("isAnswered", Boolean, No, Always),
        }
    }

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        self.spec().name
    }

    /// What it holds.
    pub const fn kind(self) -> Kind {
        self.spec().kind
    }

    /// Whether it may be null.
    pub const fn is_nullable(self) -> bool {
        self.spec().nullable
    }

    /// When clients may write it.
    pub const fn writable(self) -> Writable {
        self.spec().writable
    }

    /// Whether it leads to another resource.
    pub const fn is_relation(self) -> bool {
        matches!(self.kind(), Kind::Relation { .. })
    }

    /// The column's bit in a [`Columns`].
    const fn bit(self) -> u32 {
        // The enum has 21 variants without fields.
        match self {
            Self::Id => 1 << 0,
            Self::CreatedAt => 1 << 1,
            Self::UpdatedAt => 1 << 2,
            Self::DeletedAt => 1 << 3,
            Self::Version => 1 << 4,
            Self::Project => 1 << 5,
            Self::ProjectId => 1 << 6,
            Self::Call => 1 << 7,
            Self::CallId => 1 << 8,
            Self::Rule => 1 << 9,
            Self::RuleId => 1 << 10,
            Self::User => 1 << 11,
            Self::UserId => 1 << 12,
            Self::Phone => 1 << 13,
            Self::Status => 1 << 14,
            Self::StatusMessage => 1 << 15,
            Self::DialDuration => 1 << 16,
            Self::Cost => 1 << 17,
            Self::StartedAt => 1 << 18,
            Self::EndedAt => 1 << 19,
            Self::IsAnswered => 1 << 20,
        }
    }
}

const BY_NAME: [Column; 19] = [
    Column::Id,
    Column::Cost,
    Column::CreatedAt,
    Column::DialDuration,
    Column::EndedAt,
    Column::Call,
    Column::CallId,
    Column::Rule,
    Column::RuleId,
    Column::IsAnswered,
    Column::Project,
    Column::ProjectId,
    Column::StartedAt,
    Column::Status,
    Column::StatusMessage,
    Column::UpdatedAt,
    Column::User,
    Column::UserId,
    Column::Phone,
];

impl ColumnSet {
    /// The columns in the order in which an item's names are written.
    pub const fn written_order(self) -> &'static [Column] {
        match self {
            Self::Documented => &BY_NAME,
            Self::DropIn => &Column::ALL,
        }
    }

    /// The columns in the fixed order.
    pub fn columns(self) -> impl Iterator<Item = Column> {
        Column::ALL.into_iter().filter(move |column| self.has(*column))
    }

    /// Whether the profile knows the column.
    pub const fn has(self, column: Column) -> bool {
        match self {
            Self::Documented => !matches!(column, Column::DeletedAt | Column::Version),
            Self::DropIn => true,
        }
    }

    /// The column of a wire name; names are case-sensitive.
    pub fn find(self, name: &str) -> Option<Column> {
        self.columns().find(|column| column.name() == name)
    }
}

/// A set of columns, for example those selected.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Columns(u32);

impl Columns {
    /// This one added.
    #[must_use]
    pub const fn with(self, column: Column) -> Self {
        Self(self.0 | column.bit())
    }

    /// Whether it is in the set.
    pub const fn has(self, column: Column) -> bool {
        self.0 & column.bit() != 0
    }
}

impl FromIterator<Column> for Columns {
    fn from_iter<I: IntoIterator<Item = Column>>(columns: I) -> Self {
        columns.into_iter().fold(Self::default(), Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_19_columns_written_by_name_behind_the_id() {
        let written = ColumnSet::Documented.written_order();
        let names: Vec<_> = written.iter().map(|column| column.name()).collect();
        assert_eq!(names.len(), 19);
        assert_eq!(names[0], "_id");
        assert!(names[1..].is_sorted(), "{names:?}");
        let known: Columns = ColumnSet::Documented.columns().collect();
        assert_eq!(known, written.iter().copied().collect());
    }

    #[test]
    fn every_column_has_its_own_bit_and_is_found_by_its_name() {
        for column in Column::ALL {
            assert_eq!(ColumnSet::DropIn.find(column.name()), Some(column));
            let others = Column::ALL.into_iter().filter(|other| *other != column);
            assert!(!others.collect::<Columns>().has(column));
        }
        for name in ["deletedAt", "version", "id", "Status", "user.name"] {
            assert_eq!(ColumnSet::Documented.find(name), None, "{name}");
        }
    }

    #[test]
    fn a_relation_is_null_where_its_id_may_be() {
        for column in Column::ALL {
            if let Kind::Relation { id } = column.kind() {
                assert_eq!(id.kind(), Kind::ObjectId);
                assert_eq!(id.is_nullable(), column.is_nullable());
            }
        }
    }
}
