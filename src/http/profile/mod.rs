//! The two HTTP dialects. A profile says how requests are read and answers are written where the
//! dialects differ; everything else is shared.

mod documented;

pub use documented::Documented;

use axum::http::StatusCode;
use serde_json::{Map, Value as Json};

use crate::access::GrantRules;
use crate::item::Item;
use crate::query::{Dialect, Page, Selection};

use super::args::{Paging, UrlPaging};
use super::error::Refused;
use super::writer::JsonWriter;

/// What differs between the dialects.
pub trait Profile: Send + Sync + std::fmt::Debug {
    /// How values, selects and sorts are read, and which columns there are.
    fn dialect(&self) -> Dialect;

    /// How grants are read.
    fn grant_rules(&self) -> GrantRules;

    /// Whether names at the top of a body that there are not are refused.
    fn check_field(&self, name: &str, known: &[&str]) -> Result<(), Refused>;

    /// `limit` and `skip`, from URL and body.
    fn paging(&self, url: &UrlPaging, body: &Map<String, Json>) -> Result<Paging, Refused>;

    /// One item.
    fn write_item(&self, writer: &mut JsonWriter, selection: Selection, item: &Item);

    /// A page.
    fn write_page(
        &self,
        writer: &mut JsonWriter,
        selection: Selection,
        page: &Page,
        paging: Paging,
    );

    /// What a get of a missing item answers: a body, or a refusal.
    fn missing_item(&self) -> Result<&'static str, Refused>;

    /// Status and body of a refusal.
    fn write_refusal(&self, writer: &mut JsonWriter, refused: &Refused) -> StatusCode;
}
