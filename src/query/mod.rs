//! The query language of the resource: from JSON to typed conditions, to the days that must be
//! read, to a page of items and an exact total.
//!
//! **Architecture invariant:** filters and sorts see rendered items only; nothing of a request
//! becomes part of a statement, and nothing in it widens the project.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::float_arithmetic,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable
)]

mod allowance;
mod coerce;
mod condition;
mod data;
mod date_text;
mod dialect;
mod filter;
mod joins;
mod language;
mod number;
mod operator;
mod order;
mod plan;
mod refusal;
mod relation;
mod run;
mod select;
mod shape;
mod sort;
mod tally;
mod text_match;
mod top_k;
mod value;

pub use allowance::{Allowance, Spent, TooBroad};
pub use coerce::wrapper_behind;
pub use condition::{Comparison, Condition, NullRule, TextMatch};
pub use data::{
    DataError, NewColumns, changes_from_json, check_changes, check_new, new_from_json, relation_of,
};
pub use dialect::{Clause, Dialect};
pub use filter::{Filter, MultiSearch, RelationFilter};
pub use joins::{Joins, Known, kind_of_relation, related_id};
pub use language::filter_from_json;
pub use number::Exact;
pub use order::{Direction, InTime, Nulls, Sort, SortKey};
pub use plan::{Access, Span, plan, slices_of_call};
pub use refusal::LanguageError;
pub use run::{PAGE_ROWS, Page, Query, Reading, RunError, count, get, join, list};
pub use select::{InnerColumns, Selection, select_from_json};
pub use shape::{shown, shown_behind};
pub use sort::sort_from_json;
pub use value::{Operand, Value, value_of};
