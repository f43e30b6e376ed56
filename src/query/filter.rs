//! The whole filter of a request: does an item stay? It does not say which rows to read (`plan`).

use crate::item::{Column, Item};

use super::condition::{Condition, TextMatch};
use super::text_match::Needle;
use super::value::value_of;

/// All conditions of a request; every one must hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    /// One per column named; several names may mean one column (`user` and `userId`).
    pub conditions: Vec<(Column, Condition)>,
    /// Searches over several columns.
    pub searches: Vec<MultiSearch>,
}

/// At least one of the columns contains the text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MultiSearch {
    /// Where to look.
    pub columns: Vec<Column>,
    /// What for.
    pub needle: Needle,
}

impl Filter {
    /// Whether every item stays.
    pub fn is_empty(&self) -> bool {
        self.conditions.is_empty() && self.searches.is_empty()
    }

    /// Whether the item stays.
    pub fn keeps(&self, item: &Item) -> bool {
        self.conditions
            .iter()
            .all(|(column, condition)| condition.accepts(&value_of(item, *column)))
            && self.searches.iter().all(|search| search.finds(item))
    }
}

impl MultiSearch {
    fn finds(&self, item: &Item) -> bool {
        self.columns.iter().any(|column| {
            value_of(item, *column)
                .text()
                .is_some_and(|text| self.needle.matches(TextMatch::Contains, &text))
        })
    }
}
