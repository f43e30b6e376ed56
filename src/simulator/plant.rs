//! Planted changes: the faults that a program of this kind is likely to have one day. Each makes
//! the ports do what the faulty program would have done; a simulation that misses one proves
//! nothing.

/// One planted change.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[expect(missing_docs, reason = "each is told by its name in `PLANTS`")]
pub enum Plant {
    CommitBeforeWrite,
    CommitAheadOfFrontier,
    LostWriteAcknowledged,
    LetterBeforeKept,
    JoinByArrival,
    VersionWithoutRevision,
    RevisionRaisedByEdits,
    RevisionNotLoaded,
    RetryWithNewTimestamp,
    ReasonMappedAtDecode,
    LocatorAfterRow,
    DirectoryForgotten,
    NextSliceNotRead,
    FloorWithoutMargin,
    FloorNotCommitted,
    EvictionWithoutFloor,
    TenureNotChecked,
    RejectByWallClock,
    NullInsteadOfUnset,
    PersonsKeptOnDeletion,
    EditByClockAlone,
    UnknownToldAsNothing,
    StaleRead,
    ForeignRows,
    PageLosesItsLast,
    OtherPrice,
    BudgetIgnored,
    StopWithoutCommit,
    StopHangs,
    RowOfNobody,
}

/// Every planted change with its stable name.
pub const PLANTS: [(Plant, &str); 30] = [
    (Plant::CommitBeforeWrite, "commit before write"),
    (Plant::CommitAheadOfFrontier, "commit ahead of the frontier"),
    (Plant::LostWriteAcknowledged, "write of unknown outcome taken as done"),
    (Plant::LetterBeforeKept, "dead letter done before kept"),
    (Plant::JoinByArrival, "join by arrival"),
    (Plant::VersionWithoutRevision, "version without revision"),
    (Plant::RevisionRaisedByEdits, "revision raised by edits"),
    (Plant::RevisionNotLoaded, "revision kept outside the facts cell"),
    (Plant::RetryWithNewTimestamp, "retry with a new timestamp"),
    (Plant::ReasonMappedAtDecode, "end reason mapped at decode"),
    (Plant::LocatorAfterRow, "locator after the row"),
    (Plant::DirectoryForgotten, "directory row after the row"),
    (Plant::NextSliceNotRead, "a call's next slice not read"),
    (Plant::FloorWithoutMargin, "floor from the record time without margin"),
    (Plant::FloorNotCommitted, "offset metadata dropped on commit"),
    (Plant::EvictionWithoutFloor, "eviction without raising the floor"),
    (Plant::TenureNotChecked, "tenure check removed"),
    (Plant::RejectByWallClock, "reject judged by the wall clock"),
    (Plant::NullInsteadOfUnset, "null instead of unset in an edit"),
    (Plant::PersonsKeptOnDeletion, "emptied personal as a null"),
    (Plant::EditByClockAlone, "edit stamped by the clock alone"),
    (Plant::UnknownToldAsNothing, "unknown outcome told as nothing changed"),
    (Plant::StaleRead, "read below the quorum"),
    (Plant::ForeignRows, "project predicate before the filter"),
    (Plant::PageLosesItsLast, "page loses its last row"),
    (Plant::OtherPrice, "another price"),
    (Plant::BudgetIgnored, "budget ignored"),
    (Plant::StopWithoutCommit, "stop without the last commit"),
    (Plant::StopHangs, "stop that hangs"),
    (Plant::RowOfNobody, "row of nobody"),
];

impl Plant {
    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        PLANTS.iter().find(|(_, label)| *label == name).map(|(plant, _)| *plant)
    }

    /// The stable name.
    pub fn label(self) -> &'static str {
        PLANTS.iter().find(|(plant, _)| *plant == self).map_or("", |(_, label)| label)
    }
}
