//! The operations of the resource: arguments in, bytes out.

use crate::ports::registry::Registry;
use crate::ports::store::{Directory, ItemReader};
use crate::query::{Filter, Reading, Selection, count, get, join, list};
use crate::telemetry::metrics::{Histogram, observe};
use crate::value::{ItemId, ProjectId};

use super::args::ListArguments;
use super::error::Refused;
use super::profile::Profile;
use super::writer::JsonWriter;

/// Whose items, by which rules.
#[derive(Debug)]
pub(super) struct Scope<'a, S> {
    pub(super) reading: Reading<'a, S>,
    pub(super) project: ProjectId,
    pub(super) profile: &'a dyn Profile,
}

/// A page of items and the exact total.
pub(super) async fn list_items<S: ItemReader + Directory + Registry>(
    scope: &Scope<'_, S>,
    arguments: &ListArguments,
) -> Result<Vec<u8>, Refused> {
    let page = list(&scope.reading, scope.project, &arguments.query).await?;
    #[expect(clippy::cast_precision_loss, reason = "an observation, not a count")]
    observe(Histogram::QueryItemsRead, page.spent.items as f64);
    let selection = arguments.selection;
    let joins = join(&scope.reading, scope.project, &page.items, selection.joined()).await?;
    let mut writer = JsonWriter::default();
    scope.profile.write_page(&mut writer, selection, (&page, &joins), arguments.paging);
    Ok(writer.into_bytes())
}

/// How many items match.
pub(super) async fn count_items<S: ItemReader + Directory + Registry>(
    scope: &Scope<'_, S>,
    filter: &Filter,
) -> Result<Vec<u8>, Refused> {
    let total = count(&scope.reading, scope.project, filter).await?;
    let mut writer = JsonWriter::default();
    writer.raw("{\"count\":");
    writer.number(total);
    writer.raw("}");
    Ok(writer.into_bytes())
}

/// One item.
pub(super) async fn get_item<S: ItemReader + Registry>(
    scope: &Scope<'_, S>,
    item: ItemId,
    selection: Selection,
) -> Result<Vec<u8>, Refused> {
    let Some(item) = get(&scope.reading, scope.project, item).await? else {
        return scope.profile.missing_item().map(|body| body.as_bytes().to_vec());
    };
    let items = std::slice::from_ref(&item);
    let joins = join(&scope.reading, scope.project, items, selection.joined()).await?;
    let mut writer = JsonWriter::default();
    scope.profile.write_item(&mut writer, selection, (&item, &joins));
    Ok(writer.into_bytes())
}
