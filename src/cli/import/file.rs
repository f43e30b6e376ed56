//! A file to import: its lines, one by one, as items and references. It writes nothing.

use std::time::Duration;

use serde_json::{Map, Value as Json};

use super::line::{self, Imported};
use super::reference;
use crate::cli::csv;
use crate::cli::exit::Failure;
use crate::cli::items::Format;
use crate::cli::lines::{Line, Lines};
use crate::item::Column;
use crate::relation::Reference;
use crate::supervisor::Exit;
use crate::value::Micros;

/// How far a time may be ahead of the clock: stores refuse what lies days ahead.
const FUTURE: Duration = Duration::from_hours(24);
const REMEDY: &str = "mend the line and import again: what is there already stays as it is";

/// What a line says.
pub(super) enum Told {
    Item(Box<Imported>),
    Reference(Reference),
}

/// The lines of a file.
pub(super) struct File {
    lines: Lines,
    form: Form,
}

enum Form {
    Ndjson,
    Csv(Vec<Column>),
}

impl File {
    /// Reads the header, where there is one.
    pub(super) fn open(mut lines: Lines, format: Format) -> Result<Self, Failure> {
        let form = match format {
            Format::Ndjson => Form::Ndjson,
            Format::Csv => {
                let header = match lines.next_quoted()? {
                    None => Ok(Vec::new()),
                    Some(line) => text_of(line).and_then(csv::read_header),
                };
                Form::Csv(header.map_err(|what| refused(what, &lines))?)
            }
        };
        Ok(Self { lines, form })
    }

    /// Name and line of what was read last.
    pub(super) fn place(&self) -> String {
        self.lines.place()
    }

    /// What the next line says. `now` is the `updatedAt` of items that say none.
    pub(super) fn next(&mut self, now: Micros) -> Result<Option<Told>, Failure> {
        let told = match &self.form {
            Form::Ndjson => match self.lines.next_line()? {
                None => return Ok(None),
                Some(line) => text_of(line).and_then(|text| of_json(text, now)),
            },
            Form::Csv(header) => match self.lines.next_quoted()? {
                None => return Ok(None),
                Some(line) => text_of(line)
                    .and_then(|text| csv::read_line(text, header))
                    .and_then(|object| of_object(object, now)),
            },
        };
        told.and_then(|told| not_ahead(told, now))
            .map(Some)
            .map_err(|what| refused(what, &self.lines))
    }
}

fn refused(what: String, lines: &Lines) -> Failure {
    Failure::new(Exit::Failed, what).at(lines.place()).remedy(REMEDY)
}

fn text_of(line: Line<'_>) -> Result<&str, String> {
    match line {
        Line::TooLong => Err("the line is longer than 1 MiB".to_owned()),
        Line::Text(text) => {
            std::str::from_utf8(text).map_err(|_| "the line is not UTF-8".to_owned())
        }
    }
}

fn of_json(text: &str, now: Micros) -> Result<Told, String> {
    let object: Map<String, Json> = serde_json::from_str(text)
        .map_err(|error| format!("this is not one JSON object (column {})", error.column()))?;
    // Only an event has it: the resource knows no such column.
    if object.contains_key("specversion") {
        return reference::of_event(text.as_bytes()).map(Told::Reference);
    }
    of_object(object, now)
}

fn of_object(object: Map<String, Json>, now: Micros) -> Result<Told, String> {
    line::read(object, now).map(|imported| Told::Item(Box::new(imported)))
}

fn not_ahead(told: Told, now: Micros) -> Result<Told, String> {
    let (name, at) = match &told {
        Told::Item(imported) => ("createdAt", imported.item.key.created_at),
        Told::Reference(reference) => ("time", reference.at),
    };
    if at > now.plus(FUTURE) {
        return Err(format!("`{name}` is more than a day ahead of this machine's clock"));
    }
    Ok(told)
}
