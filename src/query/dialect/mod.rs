//! The two readings of requests: one trait, two implementations. Nothing else in the query language
//! asks which of them is in force.

mod documented;
mod drop_in;

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::dial::edit::Changes;
use crate::item::{Column, ColumnSet, Kind};
use crate::relation::{InnerColumn, ReferenceKind};
use crate::value::ProjectId;

use super::data::DataError;
use super::order::Direction;
use super::refusal::LanguageError;
use super::text_match::Needle;
use super::value::Operand;

/// Which reading of values, selects and sorts is in force; follows from the HTTP profile.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    /// The public page, strictly.
    Documented,
    /// What clients of upstream's server send.
    DropIn,
}

/// A part of a request that is an object of columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Clause {
    /// `select`
    Select,
    /// `query`
    Query,
    /// `sort`
    Sort,
}

/// What the readings differ in.
pub(super) trait Rules: Sync {
    /// The columns there are.
    fn columns(&self) -> ColumnSet;

    /// A plain value of a kind of column; `None` = it does not fit.
    fn plain(&self, kind: Kind, value: &Json) -> Option<Operand>;

    /// The refusal of a phone number.
    fn misfit_phone(&self, column: &str, value: &Json) -> LanguageError;

    /// Whether a clause that is no object reads as an empty one.
    fn reads_as_empty(&self, clause: Clause, value: &Json) -> bool;

    /// Whether a select's value asks for its column; what is wanted behind a relation is read
    /// apart.
    fn is_selected(&self, column: Column, value: &Json) -> Result<bool, LanguageError>;

    /// Whether a value asks for something behind a column behind a relation.
    fn is_deep(&self, value: &Json) -> bool;

    /// Whether a value asks for a column behind a relation; `None` = it says neither.
    fn is_inner_selected(&self, value: &Json) -> Option<bool>;

    /// Whether the columns of the record behind a relation can be asked for.
    fn shows_records(&self) -> bool;

    /// Whether a column is dropped from `query` unread.
    fn is_dropped_from_query(&self, column: Column) -> bool;

    /// Whether a value of a relation is no filter at all.
    fn reads_as_no_filter(&self, value: &Json) -> bool;

    /// Whether a missing text or list of an operator reads as an empty one, and a missing bound as
    /// a range that holds nothing.
    fn missing_value_is_empty(&self) -> bool;

    /// What a text operator looks for.
    fn needle(&self, text: &str) -> Needle;

    /// A direction; `None` = it is refused.
    fn direction(&self, value: &Json) -> Option<Direction>;

    /// The text of a written status.
    fn status(&self, value: &Json) -> Option<Arc<str>>;

    /// Fewest UTF-16 units of a status that an update writes.
    fn status_units_min(&self) -> usize;

    /// The least number that may be written; the greatest is the same for both.
    fn number_min(&self) -> i64;

    /// Whether `""` is null where a column has no empty value.
    fn blank_is_null(&self) -> bool;

    /// Columns that a create needs, in the order in which they are asked for.
    fn required(&self) -> &'static [Column];

    /// Whether the value of a required column is as good as none.
    fn is_missing(&self, value: &Json) -> bool;

    /// Whether wrapped values are looked at before required columns are asked for.
    fn looks_into_wrappers_first(&self) -> bool;

    /// The `data` of a create where it is no object; `None` = it is refused.
    fn data_of(&self, value: Option<&Json>) -> Option<Map<String, Json>>;

    /// A name in the `data` of a create that cannot be set: passed over, or refused.
    fn pass_over(&self, name: &str) -> Result<(), DataError>;

    /// Whether an update takes a name out of its `data` without a trace.
    fn is_dropped_from_update(&self, name: &str) -> bool;

    /// The refusal of a name that an update does not know.
    fn unknown_in_update(&self, name: &str) -> DataError;

    /// Checks that a create names no other project than the caller's.
    fn check_project(&self, sent: &Json, own: ProjectId) -> Result<(), DataError>;

    /// What a create writes where these columns are not sent: nothing, or a value.
    fn not_sent(&self) -> Changes;
}

impl Dialect {
    /// The columns there are.
    pub fn columns(self) -> ColumnSet {
        self.rules().columns()
    }

    /// The columns that may be read through a relation to such references.
    pub fn columns_behind(self, kind: ReferenceKind) -> impl Iterator<Item = InnerColumn> {
        let shows_records = self.rules().shows_records();
        kind.readable().filter(move |column| shows_records || !column.is_of_record())
    }

    /// The one place that knows which reading is which.
    pub(super) fn rules(self) -> &'static dyn Rules {
        match self {
            Self::Documented => &documented::Documented,
            Self::DropIn => &drop_in::DropIn,
        }
    }
}
