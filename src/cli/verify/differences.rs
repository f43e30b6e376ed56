//! Says in which fields two renderings of an item differ. Numbers of phones are not among them.

use serde_json::{Map, Value, json};

use super::super::Context;
use super::super::exit::Failure;
use super::walk::Pair;
use crate::item::{CostSource, Rendered};
use crate::tariff::Unrated;
use crate::value::MicroUsd;

/// Tells one item: what it keeps, and what it should or would.
pub(super) fn tell(
    finding: &str,
    pair: &Pair,
    other: &Rendered,
    context: &mut Context,
) -> Result<(), Failure> {
    let key = &pair.row.key;
    let kept = pair.kept.as_ref().map(|kept| fields(&kept.rendered));
    let mut told = Map::new();
    let mut texts = Vec::new();
    for (place, (name, after)) in fields(other).into_iter().enumerate() {
        let before = kept.as_ref().and_then(|kept| kept.get(place)).map(|(_, value)| value);
        let before = before.cloned().unwrap_or(Value::Null);
        if before != after {
            texts.push(format!("{name} {before} -> {after}"));
            told.insert(name.to_owned(), json!([before, after]));
        }
    }
    let text = format!(
        "{finding}: item {} of project {}, created {}: {}",
        key.item,
        key.project,
        key.created_at,
        texts.join(", ")
    );
    let shown = json!({
        "finding": finding, "projectId": key.project.to_string(), "_id": key.item.to_string(),
        "createdAt": key.created_at.to_string(), "fields": told,
    });
    Ok(context.line(&text, &shown)?)
}

/// Every field by its name; costs in micro-USD.
fn fields(rendered: &Rendered) -> Vec<(&'static str, Value)> {
    let rating = &rendered.rating;
    let money = |cost: Option<MicroUsd>| json!(cost.map(MicroUsd::get));
    vec![
        ("costMicroUsd", money(rendered.cost)),
        ("costSource", json!(rendered.cost_source.map(CostSource::word))),
        ("tariff", json!(rating.tariff.as_deref())),
        ("estimateMicroUsd", money(rating.estimate)),
        ("billedMs", json!(rating.billed_ms)),
        ("prefix", json!(rating.prefix.as_deref())),
        ("unrated", json!(rating.unrated.map(Unrated::label))),
        ("status", json!(rendered.status.word())),
        ("isAnswered", json!(rendered.is_answered)),
        ("finality", json!(rendered.finality.code())),
        ("dialDurationInSeconds", json!(rendered.dial_duration_s)),
        ("ringMs", json!(rendered.ring_ms)),
        ("talkMs", json!(rendered.talk_ms)),
        ("flags", json!(rendered.flags.bits())),
        ("updatedAt", json!(rendered.updated_at.to_string())),
    ]
}
