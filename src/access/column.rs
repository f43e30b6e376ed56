//! The decision column by column: may this API key read, set or change that one? It knows groups of
//! columns, not columns: which belongs where is said by whoever asks.

use super::decide::Refusal;
use super::grant::{Grant, GrantRules, Operation};
use super::record::ApiKeyRecord;

/// Columns that are read and written under the same grants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ColumnGroup {
    /// Made by the server: ids, times and versions. Clients never write them.
    Kept,
    /// What the dial belongs to, and the number: set when an item is made, never changed.
    Origin,
    /// What became of the dial: set and changed.
    Outcome,
}

impl ColumnGroup {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Kept, Self::Origin, Self::Outcome];

    /// Grants that open an operation on the columns of the group; empty = nobody.
    pub const fn opens(self, operation: Operation, rules: GrantRules) -> &'static [Grant] {
        match (self, operation) {
            (Self::Kept, Operation::Create | Operation::Update)
            | (Self::Origin, Operation::Update) => &[],
            (
                Self::Kept | Self::Origin | Self::Outcome,
                Operation::Read | Operation::Create | Operation::Update | Operation::Delete,
            ) => rules.opens(operation),
        }
    }
}

/// May a live key read this column? The block list is asked first. `clause` (select, query, sort)
/// and `column` are what a refusal says.
pub fn decide_column(
    key: &ApiKeyRecord,
    group: ColumnGroup,
    rules: GrantRules,
    (clause, column): (&'static str, &'static str),
) -> Result<(), Refusal> {
    let is_blocked = Operation::Read.grants().iter().any(|grant| key.block.contains(grant.name()));
    let opens = group.opens(Operation::Read, rules);
    let is_granted = opens.iter().any(|grant| key.allow.contains(grant.name()));
    if is_granted && !is_blocked { Ok(()) } else { Err(Refusal::Column { clause, column }) }
}
