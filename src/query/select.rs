//! The `select` object of a request → the columns to show.

use serde_json::Value as Json;

use crate::item::{Column, Columns};

use super::dialect::{Clause, Dialect};
use super::refusal::LanguageError;

/// What to show of an item. `_id` always is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Selection {
    columns: Columns,
}

impl Selection {
    /// Only `_id`.
    pub fn id_only() -> Self {
        Self { columns: Columns::default().with(Column::Id) }
    }

    /// Whether a column is shown.
    pub const fn has(self, column: Column) -> bool {
        self.columns.has(column)
    }

    /// One more column.
    #[must_use]
    pub const fn with(self, column: Column) -> Self {
        Self { columns: self.columns.with(column) }
    }
}

/// Reads `select`; absent, null and `{}` select `_id` alone.
pub fn select_from_json(
    dialect: Dialect,
    select: Option<&Json>,
) -> Result<Selection, LanguageError> {
    let unknown = |name: &str| LanguageError::UnknownSelectColumn {
        name: name.to_owned(),
        known: dialect.columns(),
    };
    let wanted = match select {
        None => return Ok(Selection::id_only()),
        Some(Json::Object(wanted)) => wanted,
        Some(other) if dialect.rules().reads_as_empty(Clause::Select, other) => {
            return Ok(Selection::id_only());
        }
        Some(_) => return Err(unknown("0")),
    };
    wanted.iter().try_fold(Selection::id_only(), |selection, (name, value)| {
        let column = dialect.columns().find(name).ok_or_else(|| unknown(name))?;
        let is_wanted = dialect.rules().is_selected(column, value)?;
        Ok(if is_wanted { selection.with(column) } else { selection })
    })
}
