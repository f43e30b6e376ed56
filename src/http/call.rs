//! `GET /api/ringfold/call/:id`: the dials of a call in order, what each costs and who says so, and
//! the sum of it. Rights and limits are those of reading the resource.

use std::fmt::Display;

use axum::body::HttpBody;
use bytes::Bytes;

use crate::item::{Column, CostSource, CostSum, Finality, Item};
use crate::ports::log::EventSink;
use crate::ports::registry::Registry;
use crate::ports::store::{DialStore, Directory, ItemReader};
use crate::query::{
    Comparison, Condition, Filter, NullRule, Operand, Query, Sort, Value, list, value_of,
};
use crate::tariff::Unrated;
use crate::value::MicroUsd;

use super::app::{App, Call};
use super::error::Refused;
use super::routes::Route;
use super::writer::JsonWriter;

/// Columns of the resource that stand in the answer.
const COLUMNS: [Column; 9] = [
    Column::Id,
    Column::RuleId,
    Column::UserId,
    Column::Status,
    Column::StatusMessage,
    Column::IsAnswered,
    Column::StartedAt,
    Column::EndedAt,
    Column::DialDuration,
];

impl<S, K> App<S, K>
where
    S: DialStore + ItemReader + Directory + Registry,
    K: EventSink,
{
    pub(super) async fn call<B>(
        &self,
        call: Call<B>,
        id: Option<String>,
    ) -> Result<Vec<u8>, Refused>
    where
        B: HttpBody<Data = Bytes> + Unpin,
    {
        let asked = self.admitted(Route::Call, id, call).await?;
        let id = asked.item()?.uuid();
        let of_call = Condition::Compare {
            by: Comparison::Equal,
            operand: Operand::Id(id),
            null: NullRule::Fails,
        };
        let query = Query {
            filter: Filter { conditions: vec![(Column::CallId, of_call)], ..Filter::default() },
            sort: Sort::newest_first(),
            skip: 0,
            limit: self.api.settings.max_items_read,
        };
        let book = self.api.book.load_full();
        let mut page = list(&self.scope(&asked, &book).reading, asked.project, &query).await?;
        page.items.sort_unstable_by_key(|item| (item.created_at, item.id));
        let mut writer = JsonWriter::default();
        writer.raw("{");
        writer.name("incomingCallLogId", 0);
        writer.plain(&Value::Id(id));
        writer.name("asOf", 1);
        writer.plain(&Value::Date(asked.now));
        write_dials(&mut writer, &page.items);
        let mut sum = CostSum::default();
        page.items.iter().for_each(|item| sum.add(item));
        write_sum(&mut writer, &sum);
        writer.raw("}");
        Ok(writer.into_bytes())
    }
}

fn write_dials(writer: &mut JsonWriter, items: &[Item]) {
    writer.name("dials", 1);
    writer.raw("[");
    for (place, item) in items.iter().enumerate() {
        writer.raw(if place == 0 { "{" } else { ",{" });
        for (place, column) in COLUMNS.into_iter().enumerate() {
            writer.name(column.name(), place);
            writer.plain(&value_of(item, column));
        }
        let kept = &item.kept;
        writer.name("answeredAt", 1);
        writer.plain(&kept.answered_at.map_or(Value::Null, Value::Date));
        writer.name("finality", 1);
        writer.string(match kept.rendered.finality {
            Finality::Open => "open",
            Finality::Provisional => "provisional",
            Finality::Final => "final",
        });
        writer.name("talkTimeInMilliseconds", 1);
        maybe(writer, kept.rendered.talk_ms);
        write_cost(writer, item);
        writer.raw("}");
    }
    writer.raw("]");
}

/// The cost that counts, and where it comes from.
fn write_cost(writer: &mut JsonWriter, item: &Item) {
    let (rendered, rating) = (&item.kept.rendered, &item.kept.rendered.rating);
    writer.name(Column::Cost.name(), 1);
    writer.plain(&value_of(item, Column::Cost));
    writer.name("cost", 1);
    writer.raw("{");
    writer.name("source", 0);
    text(writer, rendered.cost_source.map(CostSource::word));
    writer.name("estimateInUSDCents", 1);
    cents(writer, rating.estimate);
    writer.name("tariff", 1);
    text(writer, rating.tariff.as_deref());
    writer.name("prefix", 1);
    text(writer, rating.prefix.as_deref());
    writer.name("billedMilliseconds", 1);
    maybe(writer, rating.billed_ms);
    writer.name("unrated", 1);
    text(writer, rating.unrated.map(Unrated::label));
    writer.name("flags", 1);
    writer.raw("[");
    for (place, word) in rendered.flags.words().enumerate() {
        writer.raw(if place == 0 { "" } else { "," });
        writer.string(word);
    }
    writer.raw("]}");
}

fn write_sum(writer: &mut JsonWriter, sum: &CostSum) {
    writer.name("total", 1);
    writer.raw("{");
    for (place, (name, count)) in
        [("dials", sum.items), ("open", sum.open), ("provisional", sum.provisional)]
            .into_iter()
            .enumerate()
    {
        writer.name(name, place);
        writer.number(count);
    }
    writer.name(Column::Cost.name(), 1);
    cents(writer, sum.shown.get());
    writer.name("estimateInUSDCents", 1);
    cents(writer, sum.estimates.get());
    writer.name("costBySourceInUSDCents", 1);
    writer.raw("{");
    for (place, (source, total)) in sum.by_source.iter().enumerate() {
        writer.name(source, place);
        cents(writer, total.get());
    }
    writer.raw("}");
    writer.name("withoutCost", 1);
    writer.raw("{");
    for (place, (reason, count)) in sum.unrated.iter().enumerate() {
        writer.name(reason, place);
        writer.number(*count);
    }
    writer.raw("}}");
}

fn cents(writer: &mut JsonWriter, cost: Option<MicroUsd>) {
    writer.plain(&cost.map_or(Value::Null, Value::Cents));
}

fn text(writer: &mut JsonWriter, text: Option<&str>) {
    match text {
        Some(text) => writer.string(text),
        None => writer.raw("null"),
    }
}

fn maybe(writer: &mut JsonWriter, number: Option<impl Display>) {
    match number {
        Some(number) => writer.raw(&number.to_string()),
        None => writer.raw("null"),
    }
}
