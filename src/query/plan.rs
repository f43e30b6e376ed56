//! Which rows a filter can be true of: some ids, the slices of some calls, or a span of days.
//! A plan never decides about an item: the filter sees every row that a plan brings.

use std::collections::BTreeSet;

use crate::item::Column;
use crate::value::{CallId, Day, ItemId, Micros, SLICE_MICROS};

use super::condition::{Comparison, Condition};
use super::filter::Filter;
use super::value::Operand;

/// Where the rows are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Access {
    /// These items.
    Points(BTreeSet<ItemId>),
    /// The slices of these calls, as far as they lie in the span.
    Calls(BTreeSet<CallId>, Span),
    /// The project's days, as far as they lie in the span.
    Days(Span),
}

/// A stretch of `createdAt`: `from ≤ createdAt < to`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Span {
    /// First instant.
    pub from: Micros,
    /// First instant behind it.
    pub to: Micros,
}

const MS: i64 = 1_000;

impl Span {
    /// All times.
    pub const ALL: Self = Self { from: Micros::MIN, to: Micros::MAX };

    /// The ten minutes that begin at the start of a slice.
    pub const fn of_slice(start: Micros) -> Self {
        let to = Micros::new(start.get().saturating_add(SLICE_MICROS));
        Self { from: start, to }
    }

    /// What lies in both.
    #[must_use]
    pub fn within(self, other: Self) -> Self {
        Self { from: self.from.max(other.from), to: self.to.min(other.to) }
    }

    /// Whether nothing lies in it.
    pub fn is_empty(self) -> bool {
        self.from >= self.to
    }

    /// First and last day; `None` if nothing lies in it.
    pub fn days(self) -> Option<(Day, Day)> {
        let last = Micros::new(self.to.get().saturating_sub(1));
        (!self.is_empty()).then(|| (self.from.day(), last.day()))
    }

    /// What lies in the day; `None` if nothing does.
    pub fn in_day(self, day: Day) -> Option<Self> {
        let cut = self.within(Self { from: day.start(), to: day.end() });
        (!cut.is_empty()).then_some(cut)
    }
}

/// Reads the plan off the conditions.
pub fn plan(filter: &Filter) -> Access {
    let mut span = Span::ALL;
    let mut items = None;
    let mut calls = None;
    for (column, condition) in &filter.conditions {
        if *column == Column::CreatedAt {
            span = span.within(span_of(condition));
        } else if *column == Column::Id {
            items = items.or_else(|| ids_of(condition, ItemId::new));
        } else if *column == Column::CallId {
            calls = calls.or_else(|| ids_of(condition, CallId::new));
        }
    }
    match (items, calls) {
        (Some(items), _) => Access::Points(items),
        (None, Some(calls)) => Access::Calls(calls, span),
        (None, None) => Access::Days(span),
    }
}

/// The slices in which a call may have items, newest first: those that its own id names (its own
/// and the next), and the further ones that locators name.
pub fn slices_of_call(begun_at: Option<Micros>, further: &[Micros]) -> Vec<Span> {
    let own = begun_at.map(Micros::slice);
    let next = own.map(|start| Span::of_slice(start).to);
    let starts: BTreeSet<Micros> =
        own.into_iter().chain(next).chain(further.iter().map(|at| at.slice())).collect();
    starts.into_iter().rev().map(Span::of_slice).collect()
}

fn ids_of<I: Ord>(condition: &Condition, id: impl Fn(uuid::Uuid) -> I) -> Option<BTreeSet<I>> {
    let operands = match condition {
        Condition::Compare { by: Comparison::Equal, operand, null: _ } => {
            std::slice::from_ref(operand)
        }
        Condition::AnyOf(operands) => operands.as_slice(),
        Condition::IsNull
        | Condition::NotNull
        | Condition::Compare { .. }
        | Condition::Between { .. }
        | Condition::NoneOf(_)
        | Condition::Text { .. } => return None,
    };
    operands
        .iter()
        .filter(|operand| **operand != Operand::Nothing)
        .map(|operand| if let Operand::Id(uuid) = operand { Some(id(*uuid)) } else { None })
        .collect()
}

/// Where `createdAt` must lie. It is never null, and the operands are whole milliseconds.
fn span_of(condition: &Condition) -> Span {
    let nothing = Span { from: Micros::MAX, to: Micros::MIN };
    let spans = |operands: &[Operand]| {
        operands
            .iter()
            .map(at)
            .fold(nothing, |all, one| Span { from: all.from.min(one.from), to: all.to.max(one.to) })
    };
    match condition {
        Condition::IsNull => nothing,
        Condition::Between { start, end } => Span { from: at(start).from, to: at(end).to },
        Condition::AnyOf(operands) => spans(operands),
        Condition::Compare { by, operand, null: _ } => {
            let at = at(operand);
            match by {
                Comparison::Equal => at,
                Comparison::NotEqual => Span::ALL,
                Comparison::Greater => Span { from: at.to, ..Span::ALL },
                Comparison::GreaterOrEqual => Span { from: at.from, ..Span::ALL },
                Comparison::Less => Span { to: at.from, ..Span::ALL },
                Comparison::LessOrEqual => Span { to: at.to, ..Span::ALL },
            }
        }
        Condition::NotNull | Condition::NoneOf(_) | Condition::Text { .. } => Span::ALL,
    }
}

/// The millisecond of a date.
fn at(operand: &Operand) -> Span {
    match operand {
        Operand::Date(at) => Span { from: *at, to: Micros::new(at.get().saturating_add(MS)) },
        Operand::Id(_)
        | Operand::Number(_)
        | Operand::Phone(_)
        | Operand::StoredPhone(_)
        | Operand::Text(_)
        | Operand::Boolean(_)
        | Operand::Nothing => Span::ALL,
    }
}
