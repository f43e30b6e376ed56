//! Item → the selected columns with their values, in the order in which they are written.

use crate::item::{Column, ColumnSet, Item};

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
