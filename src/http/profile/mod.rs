//! The two HTTP dialects. A profile says how requests are read and answers are written where the
//! dialects differ; everything else is shared.

mod documented;
mod drop_in;

pub use documented::Documented;
pub use drop_in::DropIn;

use axum::http::{HeaderMap, StatusCode};
use serde_json::{Map, Value as Json};

use crate::access::{GrantRules, Operation};
use crate::item::{Column, Item};
use crate::query::{Dialect, Joins, Page, Selection};
use crate::relation::InnerColumn;

use super::args::{Paging, UrlPaging};
use super::checks::Check;
use super::cors::Origins;
use super::error::Refused;
use super::writer::JsonWriter;

/// An item, and what is known of the references it leads to.
pub type Joined<'a> = (&'a Item, &'a Joins);

/// A new item, and the columns as they were sent.
#[derive(Clone, Copy, Debug)]
pub struct Created<'a> {
    /// What a reader sees.
    pub item: &'a Item,
    /// What the caller sent.
    pub sent: Option<&'a Map<String, Json>>,
}

/// What differs between the dialects.
pub trait Profile: Send + Sync + std::fmt::Debug {
    /// The word in settings.
    fn name(&self) -> &'static str;

    /// How values, selects and sorts are read, and which columns there are.
    fn dialect(&self) -> Dialect;

    /// How grants are read.
    fn grant_rules(&self) -> GrantRules;

    /// What a request is asked, in which order.
    fn checks(&self) -> &'static [Check];

    /// Whether names at the top of a body that there are not are refused.
    fn check_field(&self, name: &str, known: &[&str]) -> Result<(), Refused>;

    /// Whether a body that is no object is as good as an empty one.
    fn reads_as_empty(&self, body: &Json) -> bool;

    /// Refuses a request that asks for all projects.
    fn check_one_project(&self, operation: Operation, headers: &HeaderMap) -> Result<(), Refused>;

    /// `limit` and `skip`, from URL and body.
    fn paging(&self, url: &UrlPaging, body: &Map<String, Json>) -> Result<Paging, Refused>;

    /// Whether a create names parents that a reference record tells of.
    fn asks_for_parents(&self) -> bool;

    /// One item, with what is known of its relations.
    fn write_item(&self, writer: &mut JsonWriter, selection: Selection, shown: Joined<'_>);

    /// A page.
    fn write_page(
        &self,
        writer: &mut JsonWriter,
        selection: Selection,
        page: (&Page, &Joins),
        paging: Paging,
    );

    /// The answer to a create.
    fn write_created(&self, writer: &mut JsonWriter, created: &Created<'_>);

    /// What a get or delete of a missing item answers: a body, or a refusal.
    fn missing_item(&self) -> Result<&'static str, Refused>;

    /// The refusal of an update of a missing item.
    fn nothing_to_update(&self) -> Refused;

    /// Status and body of a refusal.
    fn write_refusal(&self, writer: &mut JsonWriter, refused: &Refused) -> StatusCode;

    /// Greatest page.
    fn limit_max(&self) -> u64;

    /// The least number that may be written.
    fn number_min(&self) -> i64;

    /// Names that a create needs.
    fn required_names(&self) -> &'static [&'static str];

    /// The `_type` of the wrapper in which answers have a column.
    fn wrapper_of(&self, column: Column) -> Option<&'static str>;

    /// The same behind a relation.
    fn wrapper_behind(&self, column: InnerColumn) -> Option<&'static str>;

    /// The shape of refusals.
    fn refusal_schema(&self) -> Json;

    /// Whose scripts may call, of those that the settings name.
    fn origins<'a>(&self, listed: &'a [String]) -> Origins<'a>;
}
