//! Why the `data` of a create or update is refused. Every refusal names the column and says what is
//! allowed. Status codes belong to `http`.

use crate::item::{Column, ColumnSet, Writable};

use super::super::refusal::{Cut, LanguageError};

/// A refused `data`; its text is the sentence that the client reads. Nothing was written.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DataError {
    /// A create without an object of columns.
    #[error("Send the new item as {{ \"data\": {{ … }} }}.")]
    NoNewItem,
    /// An update without an object of columns.
    #[error(
        "Invalid request body. The update payload should be an object of the form {{ \"data\": \
         {{ ...fields to update... }} }}."
    )]
    NoChanges,
    /// An update of nothing.
    #[error(
        "No fields to update. Please include at least one field to update in the \"data\" object \
         of the request body."
    )]
    NoFields,
    /// A column that a create needs.
    #[error("{column} is required")]
    Required {
        /// The column.
        column: &'static str,
    },
    /// A create names a column that clients never set.
    #[error("Cannot set {}. Columns you can set: {}", Cut(name), settable())]
    CannotSet {
        /// As sent.
        name: String,
    },
    /// A create names what there is not.
    #[error("Cannot set {}. Columns you can set: {}", Cut(name), settable())]
    Unknown {
        /// As sent.
        name: String,
    },
    /// An update names a column that is fixed once the item is made.
    #[error("User is not allowed to update on {column} column of Incoming Call Log Item")]
    Fixed {
        /// The column.
        column: &'static str,
    },
    /// An update names a column that clients never write.
    #[error("Cannot update {column}. Columns you can update: {}", updatable())]
    NotUpdatable {
        /// The column.
        column: &'static str,
    },
    /// An update names what there is not.
    #[error("Unknown column {}. Columns you can update: {}", Cut(name), updatable())]
    UnknownInUpdate {
        /// As sent.
        name: String,
    },
    /// The same, in upstream's words.
    #[error("TableColumnMetadata not found for {} column", Cut(name))]
    NoMetadata {
        /// As sent.
        name: String,
    },
    /// Text that is too long.
    #[error("{column} length cannot be more than {units_max} characters")]
    TooLong {
        /// The column.
        column: &'static str,
        /// UTF-16 units.
        units_max: usize,
    },
    /// A number with more decimals than are kept.
    #[error("{column} can have at most 4 decimal places")]
    Decimals {
        /// The column.
        column: &'static str,
    },
    /// A number that is too small or too large.
    #[error("{column} must be from {least} to {most}")]
    Range {
        /// The column.
        column: &'static str,
        /// The least.
        least: i64,
        /// The greatest.
        most: i64,
    },
    /// A blank where null is meant.
    #[error("Invalid value for {column}: use null to clear {column}.")]
    UseNull {
        /// The column.
        column: &'static str,
    },
    /// The project of another API key.
    #[error("projectId does not match the project of the API key")]
    OtherProject,
    /// A value that does not fit its column.
    #[error(transparent)]
    Value(#[from] LanguageError),
}

impl DataError {
    /// Stable label.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::NoNewItem | Self::NoChanges => "invalid_body",
            Self::NoFields => "no_fields",
            Self::Required { .. } => "required_missing",
            Self::CannotSet { .. } | Self::Fixed { .. } | Self::NotUpdatable { .. } => {
                "column_not_writable"
            }
            Self::Unknown { .. } | Self::UnknownInUpdate { .. } | Self::NoMetadata { .. } => {
                "unknown_field"
            }
            Self::TooLong { .. }
            | Self::Decimals { .. }
            | Self::Range { .. }
            | Self::UseNull { .. }
            | Self::OtherProject => "invalid_value",
            Self::Value(error) => error.kind(),
        }
    }

    /// The column that is to blame, as the client wrote it.
    pub fn field(&self) -> String {
        match self {
            Self::NoNewItem | Self::NoChanges | Self::NoFields => "data".to_owned(),
            Self::CannotSet { name }
            | Self::Unknown { name }
            | Self::UnknownInUpdate { name }
            | Self::NoMetadata { name } => Cut(name).to_string(),
            Self::Required { column }
            | Self::Fixed { column }
            | Self::NotUpdatable { column }
            | Self::TooLong { column, .. }
            | Self::Decimals { column }
            | Self::Range { column, .. }
            | Self::UseNull { column } => (*column).to_owned(),
            Self::OtherProject => Column::ProjectId.name().to_owned(),
            Self::Value(error) => error.field(),
        }
    }
}

fn settable() -> String {
    names(|column| column.writable() != Writable::Never)
}

fn updatable() -> String {
    names(|column| column.writable() == Writable::Always)
}

fn names(is_wanted: impl Fn(&Column) -> bool) -> String {
    let names: Vec<_> =
        ColumnSet::Documented.columns().filter(is_wanted).map(Column::name).collect();
    names.join(", ")
}
