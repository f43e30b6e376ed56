//! Edit cells: JSON scalars as text, so that an edit to null is a value and no tombstone.
//! It does not know which statement carries them.

use std::sync::Arc;

use chrono::DateTime;
use scylla::value::MaybeUnset;

use crate::dial::Edits;
use crate::value::{MicroUsd, Micros};

use super::columns::Unreadable;

const NULL: &str = "null";

/// A cell to write: left alone where nothing was sent.
pub(super) type Cell = MaybeUnset<String>;

/// The cells of the seven edited columns, as W3 binds them.
#[derive(Debug)]
pub(super) struct EditCells {
    pub(super) status: Cell,
    pub(super) status_message: Cell,
    pub(super) dial_s: Cell,
    pub(super) cost: Cell,
    pub(super) started_at: Cell,
    pub(super) ended_at: Cell,
    pub(super) answered: Cell,
}

impl EditCells {
    pub(super) fn of(edits: &Edits) -> Self {
        let time = |at: &Option<Micros>| scalar(at.as_ref(), |at| quoted(&at.to_string()));
        Self {
            status: cell(edits.status.as_ref(), |text| quoted(text)),
            status_message: cell(edits.status_message.as_ref(), |text| {
                scalar(text.as_ref(), |text| quoted(text))
            }),
            dial_s: cell(edits.dial_duration_s.as_ref(), |s| scalar(s.as_ref(), i64::to_string)),
            cost: cell(edits.cost.as_ref(), |cost| {
                scalar(cost.as_ref(), |cost| cost.cents().to_string())
            }),
            started_at: cell(edits.started_at.as_ref(), time),
            ended_at: cell(edits.ended_at.as_ref(), time),
            answered: cell(edits.is_answered.as_ref(), bool::to_string),
        }
    }
}

fn cell<T>(edited: Option<&T>, text: impl FnOnce(&T) -> String) -> Cell {
    edited.map_or(MaybeUnset::Unset, |value| MaybeUnset::Set(text(value)))
}

fn scalar<T>(value: Option<&T>, text: impl FnOnce(&T) -> String) -> String {
    value.map_or_else(|| NULL.to_owned(), text)
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The edited columns as they were read.
#[derive(Clone, Copy, Debug)]
pub(super) struct EditTexts<'a> {
    pub(super) status: Option<&'a str>,
    pub(super) status_message: Option<&'a str>,
    pub(super) dial_s: Option<&'a str>,
    pub(super) cost: Option<&'a str>,
    pub(super) started_at: Option<&'a str>,
    pub(super) ended_at: Option<&'a str>,
    pub(super) answered: Option<&'a str>,
}

impl EditTexts<'_> {
    /// The edits, without who made the last one and when.
    pub(super) fn edits(self) -> Result<Edits, Unreadable> {
        Ok(Edits {
            status: read(self.status, "edit_status", string)?,
            status_message: read(self.status_message, "edit_message", |text| {
                nullable(text, string)
            })?,
            dial_duration_s: read(self.dial_s, "edit_dial_s", |text| {
                nullable(text, |text| text.parse().ok())
            })?,
            cost: read(self.cost, "edit_cost", |text| {
                nullable(text, |text| MicroUsd::from_cents_text(text).ok())
            })?,
            started_at: read(self.started_at, "edit_started_at", |text| nullable(text, time))?,
            ended_at: read(self.ended_at, "edit_ended_at", |text| nullable(text, time))?,
            is_answered: read(self.answered, "edit_answered", |text| text.parse().ok())?,
            at: None,
            by: None,
            count: 0,
        })
    }
}

fn read<T>(
    text: Option<&str>,
    column: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, Unreadable> {
    text.map(|text| parse(text).ok_or(Unreadable(column))).transpose()
}

/// The outer `None`: not readable.
#[expect(clippy::option_option, reason = "edited to null is not unreadable")]
fn nullable<T>(text: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<Option<T>> {
    if text == NULL { Some(None) } else { parse(text).map(Some) }
}

fn string(text: &str) -> Option<Arc<str>> {
    serde_json::from_str::<String>(text).ok().map(Arc::from)
}

fn time(text: &str) -> Option<Micros> {
    let text = serde_json::from_str::<&str>(text).ok()?;
    DateTime::parse_from_rfc3339(text).ok().map(|at| Micros::from_ms(at.timestamp_millis()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(cell: &Cell) -> Option<&str> {
        match cell {
            MaybeUnset::Set(text) => Some(text),
            MaybeUnset::Unset => None,
        }
    }

    fn round_trip(edits: &Edits) -> Edits {
        let cells = EditCells::of(edits);
        EditTexts {
            status: text(&cells.status),
            status_message: text(&cells.status_message),
            dial_s: text(&cells.dial_s),
            cost: text(&cells.cost),
            started_at: text(&cells.started_at),
            ended_at: text(&cells.ended_at),
            answered: text(&cells.answered),
        }
        .edits()
        .unwrap()
    }

    #[test]
    fn edits_read_back_as_they_were_written() {
        let edits = Edits {
            status: Some("Ünder \"review\"\n".into()),
            status_message: Some(Some("".into())),
            dial_duration_s: Some(Some(-3)),
            cost: Some(Some(MicroUsd::new(23_750))),
            started_at: Some(Some(Micros::from_ms(1_774_736_103_042))),
            ended_at: Some(Some(Micros::from_ms(-1))),
            is_answered: Some(false),
            ..Edits::default()
        };
        assert_eq!(round_trip(&edits), edits);
    }

    #[test]
    fn an_edit_to_null_is_no_missing_edit() {
        let edits = Edits {
            status_message: Some(None),
            dial_duration_s: Some(None),
            cost: Some(None),
            started_at: Some(None),
            ended_at: Some(None),
            ..Edits::default()
        };
        assert_eq!(round_trip(&edits), edits);
        assert_eq!(round_trip(&Edits::default()), Edits::default());
    }

    #[test]
    fn cells_hold_json_scalars() {
        let edits = Edits {
            status: Some("Busy".into()),
            cost: Some(Some(MicroUsd::new(23_750))),
            dial_duration_s: Some(Some(12)),
            started_at: Some(Some(Micros::from_ms(1_774_736_103_000))),
            ..Edits::default()
        };
        let cells = EditCells::of(&edits);
        assert_eq!(text(&cells.status), Some("\"Busy\""));
        assert_eq!(text(&cells.cost), Some("2.375"));
        assert_eq!(text(&cells.dial_s), Some("12"));
        assert_eq!(text(&cells.started_at), Some("\"2026-03-28T22:15:03.000Z\""));
        assert_eq!(text(&cells.status_message), None);
    }

    #[test]
    fn what_is_no_scalar_is_named_by_its_column() {
        let none = EditTexts {
            status: None,
            status_message: None,
            dial_s: None,
            cost: None,
            started_at: None,
            ended_at: None,
            answered: None,
        };
        let spoilt = EditTexts { cost: Some("cheap"), ..none };
        assert_eq!(spoilt.edits(), Err(Unreadable("edit_cost")));
        assert!(EditTexts { status: Some("null"), ..none }.edits().is_err());
    }
}
