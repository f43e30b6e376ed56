//! Item → the selected columns with their values, in the order in which they are written.

use crate::item::{Column, ColumnSet, Item};
use crate::relation::{InnerColumn, ReferenceKind};

use super::joins::{Joins, kind_of_relation, related_id};
use super::select::Selection;
use super::value::{Value, value_of};

/// The selected columns of an item in the order of the profile.
pub fn shown(
    columns: ColumnSet,
    selection: Selection,
    item: &Item,
) -> impl Iterator<Item = (Column, Value)> {
    columns
        .written_order()
        .iter()
        .copied()
        .filter(move |column| selection.has(*column))
        .map(|column| (column, value_of(item, column)))
}

/// The selected columns behind a relation of an item, but for `_id`, in the order of the contract.
/// None where nothing is known of what it leads to: then its id is all there is to show.
pub fn shown_behind(
    relation: Column,
    selection: Selection,
    (item, joins): (&Item, &Joins),
) -> Vec<(InnerColumn, Value)> {
    let known = kind_of_relation(relation).and_then(|kind: ReferenceKind| {
        let known = joins.of(kind, related_id(item, kind)?)?;
        Some((kind, known))
    });
    let Some((kind, known)) = known else { return Vec::new() };
    let value = |column| known.value(column).cloned().unwrap_or(Value::Null);
    selection.behind(kind).columns(kind).map(|column| (column, value(column))).collect()
}
