//! Why a select, query or sort is refused. Every refusal names the column and says what is allowed.
//! Status codes belong to `http`.

use std::fmt;

use crate::item::{Column, ColumnSet};

use super::dialect::Clause;

/// A refused part of a request; its text is the sentence that the client reads. Nothing was read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LanguageError {
    /// `select` names a column that there is not.
    #[error(
        "Invalid select clause. Cannot select on \"{}\". This column does not exist on Incoming \
         Call Log Item. Here are the columns you can select on instead: {}",
        Cut(name),
        Names(*known)
    )]
    UnknownSelectColumn {
        /// As sent.
        name: String,
        /// What there is.
        known: ColumnSet,
    },
    /// `select` gives a column something else than true or false.
    #[error("Select value for {column} must be true or false")]
    SelectValue {
        /// The column; behind a relation `relation.column`.
        column: String,
    },
    /// `select` gives a column that is no relation something to look into.
    #[error(
        "Select not supported on {column} of Incoming Call Log Item because this column modelType \
         is not found."
    )]
    NoModelType {
        /// The column.
        column: &'static str,
    },
    /// A phone number in no form that is known.
    #[error("Phone is not in valid format: {}", Cut(sent))]
    PhoneFormat {
        /// The column.
        column: String,
        /// As sent.
        sent: String,
    },
    /// `query` names a column that there is not.
    #[error("Invalid column on Incoming Call Log Item - {}. Column does not exist.", Cut(name))]
    UnknownQueryColumn {
        /// As sent.
        name: String,
    },
    /// A condition has an operator that there is not.
    #[error("Unknown operator \"{}\" for {column}. Known operators: {known}", Cut(name))]
    UnknownOperator {
        /// As sent; empty if none was.
        name: String,
        /// The column.
        column: String,
        /// What there is.
        known: String,
    },
    /// A condition that this column cannot have.
    #[error("Invalid condition for {}: {expected}.", Cut(column))]
    Condition {
        /// The column.
        column: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// A relation is asked for a column that there is not.
    #[error("Column {} not found on {related}", Cut(name))]
    InnerUnknown {
        /// Where it stands.
        clause: Clause,
        /// The relation.
        relation: &'static str,
        /// What clients call what it leads to.
        related: &'static str,
        /// As sent.
        name: String,
    },
    /// A relation is asked for a column that nobody may read through it.
    #[error("Column {} on {related} does not support read on relation query.", Cut(name))]
    InnerHidden {
        /// Where it stands.
        clause: Clause,
        /// The relation.
        relation: &'static str,
        /// What clients call what it leads to.
        related: &'static str,
        /// As sent.
        name: String,
    },
    /// A relation of a relation is asked for.
    #[error("You cannot query deep relations. Querying deep relations is not supported.")]
    DeepRelation {
        /// Where it stands.
        clause: Clause,
        /// The relation.
        relation: &'static str,
        /// As sent.
        name: String,
    },
    /// A value that does not fit its column.
    #[error("Invalid value for {}: expected {expected}.", Cut(column))]
    Value {
        /// The column.
        column: String,
        /// What fits.
        expected: &'static str,
    },
    /// `sort` names a column that there is not.
    #[error(
        "Invalid sort column on Incoming Call Log Item - {}. Column does not exist.",
        Cut(name)
    )]
    UnknownSortColumn {
        /// As sent.
        name: String,
    },
    /// `sort` names a relation.
    #[error("Cannot sort on {column}. Sort on {column}Id instead.")]
    SortOnRelation {
        /// The relation.
        column: &'static str,
    },
    /// A direction that there is not.
    #[error(
        "Invalid sort direction for {column}: expected 1, -1, \"ASC\", \"DESC\" or \
         {{\"direction\": one of these, \"nulls\": \"first\" or \"last\"}}."
    )]
    SortDirection {
        /// The column.
        column: &'static str,
    },
    /// `sort` is no object.
    #[error("Invalid sort clause: expected an object of columns and directions.")]
    SortShape,
}

impl LanguageError {
    /// Stable label.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::UnknownSelectColumn { .. }
            | Self::SelectValue { .. }
            | Self::NoModelType { .. }
            | Self::InnerUnknown { clause: Clause::Select, .. }
            | Self::InnerHidden { clause: Clause::Select, .. }
            | Self::DeepRelation { clause: Clause::Select, .. } => "invalid_select",
            Self::UnknownQueryColumn { .. }
            | Self::UnknownOperator { .. }
            | Self::Condition { .. }
            | Self::InnerUnknown { .. }
            | Self::InnerHidden { .. }
            | Self::DeepRelation { .. } => "invalid_query",
            Self::Value { .. } | Self::PhoneFormat { .. } => "invalid_value",
            Self::UnknownSortColumn { .. }
            | Self::SortOnRelation { .. }
            | Self::SortDirection { .. }
            | Self::SortShape => "invalid_sort",
        }
    }

    /// The column that is to blame, as the client wrote it, cut to a length that can be shown.
    pub fn field(&self) -> String {
        match self {
            Self::UnknownSelectColumn { name, .. }
            | Self::UnknownQueryColumn { name }
            | Self::UnknownSortColumn { name } => Cut(name).to_string(),
            Self::UnknownOperator { column, .. }
            | Self::Condition { column, .. }
            | Self::PhoneFormat { column, .. }
            | Self::Value { column, .. } => Cut(column).to_string(),
            Self::InnerUnknown { relation, name, .. }
            | Self::InnerHidden { relation, name, .. }
            | Self::DeepRelation { relation, name, .. } => format!("{relation}.{}", Cut(name)),
            Self::SelectValue { column } => column.clone(),
            Self::NoModelType { column }
            | Self::SortOnRelation { column }
            | Self::SortDirection { column } => (*column).to_owned(),
            Self::SortShape => "sort".to_owned(),
        }
    }
}

/// Text of a caller, cut to 100 characters, without control characters.
pub(super) struct Cut<'a>(pub(super) &'a str);

impl fmt::Display for Cut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: String = self.0.chars().filter(|c| !c.is_control()).take(100).collect();
        f.write_str(&shown)
    }
}

struct Names(ColumnSet);

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.columns().map(Column::name).collect();
        f.write_str(&names.join(", "))
    }
}
