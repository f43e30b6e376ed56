//! The order of items: columns, directions, nulls, and `_id` as the last key.

use std::cmp::Ordering;

use crate::item::{Column, Item};

use super::value::{Value, value_of};

/// One key of a sort.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SortKey {
    /// What to compare.
    pub column: Column,
    /// Which way.
    pub direction: Direction,
    /// Where nulls go.
    pub nulls: Nulls,
}

/// Which way a key sorts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// The least first.
    Ascending,
    /// The greatest first.
    Descending,
}

impl Direction {
    /// Where nulls go unless said otherwise: last ascending, first descending.
    pub const fn usual_nulls(self) -> Nulls {
        match self {
            Self::Ascending => Nulls::Last,
            Self::Descending => Nulls::First,
        }
    }

    const fn apply(self, order: Ordering) -> Ordering {
        match self {
            Self::Ascending => order,
            Self::Descending => order.reverse(),
        }
    }
}

/// Where nulls go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nulls {
    /// Before all values.
    First,
    /// Behind all values.
    Last,
}

/// A total order of items: the keys, then `_id` ascending.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sort {
    keys: Vec<SortKey>,
}

impl Sort {
    /// `createdAt` descending: the order in which rows are stored.
    pub fn newest_first() -> Self {
        let (column, direction) = (Column::CreatedAt, Direction::Descending);
        Self::by(vec![SortKey { column, direction, nulls: direction.usual_nulls() }])
    }

    /// By these keys, then by `_id`.
    pub fn by(mut keys: Vec<SortKey>) -> Self {
        // What stands behind a unique key says nothing.
        if let Some(at) = keys.iter().position(|key| key.column == Column::Id) {
            keys.truncate(at.saturating_add(1));
        } else {
            let direction = Direction::Ascending;
            keys.push(SortKey { column: Column::Id, direction, nulls: direction.usual_nulls() });
        }
        Self { keys }
    }

    /// The order of rows in time that this sort is; `None` = it needs more than their keys.
    pub fn in_time(&self) -> Option<InTime> {
        let [created, id] = self.keys.as_slice() else { return None };
        let is_in_time = created.column == Column::CreatedAt
            && (id.column, id.direction) == (Column::Id, Direction::Ascending);
        is_in_time.then_some(match created.direction {
            Direction::Descending => InTime::NewestFirst,
            Direction::Ascending => InTime::OldestFirst,
        })
    }

    /// What is compared of one item.
    pub fn rank(&self, item: &Item) -> Rank {
        Rank(self.keys.iter().map(|key| value_of(item, key.column)).collect())
    }

    /// Which of two comes first.
    pub fn order(&self, a: &Rank, b: &Rank) -> Ordering {
        let pairs = a.0.iter().zip(b.0.iter());
        self.keys
            .iter()
            .zip(pairs)
            .fold(Ordering::Equal, |order, (key, (a, b))| order.then_with(|| key.order(a, b)))
    }
}

/// Rows by `createdAt`, those of one instant by `_id` ascending.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InTime {
    /// As rows are stored.
    NewestFirst,
    /// The other way round.
    OldestFirst,
}

/// The sorted values of one item, in the order of the keys.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rank(Box<[Value]>);

impl SortKey {
    fn order(self, a: &Value, b: &Value) -> Ordering {
        let null_first = match self.nulls {
            Nulls::First => Ordering::Less,
            Nulls::Last => Ordering::Greater,
        };
        match (a.is_null(), b.is_null()) {
            (true, true) => Ordering::Equal,
            (true, false) => null_first,
            (false, true) => null_first.reverse(),
            (false, false) => self.direction.apply(a.order(b).unwrap_or(Ordering::Equal)),
        }
    }
}
