//! Reads of the resource: from an admitted request to the operations of `items`.

use axum::body::HttpBody;
use bytes::Bytes;

use crate::ports::log::EventSink;
use crate::ports::registry::Registry;
use crate::ports::store::{DialStore, Directory, ItemReader};
use crate::query::{Allowance, PAGE_ROWS, Reading};
use crate::tariff::Book;

use super::app::{App, Call};
use super::args::{ListArguments, count_filter, get_selection};
use super::checks::Admitted;
use super::error::Refused;
use super::items::{Scope, count_items, get_item, list_items};
use super::routes::Route;

impl<S, K> App<S, K>
where
    S: DialStore + ItemReader + Directory + Registry,
    K: EventSink,
{
    pub(super) async fn list<B>(&self, call: Call<B>) -> Result<Vec<u8>, Refused>
    where
        B: HttpBody<Data = Bytes> + Unpin,
    {
        let asked = self.admitted(Route::List, None, call).await?;
        let url_query = asked.url_query.as_deref();
        let arguments =
            ListArguments::read(self.api.profile, url_query, (&asked.body, &asked.key))?;
        let book = self.api.book.load_full();
        list_items(&self.scope(&asked, &book), &arguments).await
    }

    pub(super) async fn count<B>(&self, call: Call<B>) -> Result<Vec<u8>, Refused>
    where
        B: HttpBody<Data = Bytes> + Unpin,
    {
        let asked = self.admitted(Route::Count, None, call).await?;
        let filter = count_filter(self.api.profile, &asked.body, &asked.key)?;
        let book = self.api.book.load_full();
        count_items(&self.scope(&asked, &book), &filter).await
    }

    pub(super) async fn get<B>(&self, call: Call<B>, id: Option<String>) -> Result<Vec<u8>, Refused>
    where
        B: HttpBody<Data = Bytes> + Unpin,
    {
        let asked = self.admitted(Route::Get, id, call).await?;
        let selection = get_selection(self.api.profile, &asked.body, &asked.key)?;
        let book = self.api.book.load_full();
        get_item(&self.scope(&asked, &book), asked.item()?, selection).await
    }

    pub(super) fn scope<'a>(&'a self, asked: &Admitted, book: &'a Book) -> Scope<'a, S> {
        let allowance = Allowance {
            items_max: self.api.settings.max_items_read,
            time_max: self.api.settings.deadline,
        };
        let reading = Reading {
            store: &self.api.store,
            book,
            limits: &self.api.limits,
            now: asked.now,
            allowance,
            page_rows: PAGE_ROWS,
        };
        Scope { reading, project: asked.project, profile: self.api.profile }
    }
}
