//! A TOML table as a set of known keys with places: every fault names its line and key. It
//! knows no meaning of any key.

use std::borrow::Cow;
use std::sync::Arc;

use toml_edit::{Item, TableLike, Value};

use crate::value::Micros;

use super::finding::{Place, Problem, Report, suggest};
use super::limits;

/// A file's name and where its lines begin.
#[derive(Debug)]
pub(super) struct Lines {
    file: Arc<str>,
    starts: Vec<usize>,
}

impl Lines {
    pub(super) fn new(file: &str, text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(ends.map(|(place, _)| place.saturating_add(1)));
        Self { file: file.into(), starts: starts.collect() }
    }

    /// The line that holds the byte.
    pub(super) fn place(&self, byte: usize) -> Place {
        let line = self.starts.partition_point(|start| *start <= byte);
        Place { file: Arc::clone(&self.file), line }
    }

    pub(super) fn file(&self) -> &str {
        &self.file
    }
}

/// One table of a file.
pub(super) struct Fields<'d> {
    table: &'d dyn TableLike,
    pub(super) lines: &'d Lines,
    /// Dotted path of the table, without indexes.
    path: String,
    place: Place,
}

impl<'d> Fields<'d> {
    /// The top of a file.
    pub(super) fn top(table: &'d dyn TableLike, lines: &'d Lines) -> Self {
        Self { table, lines, path: String::new(), place: lines.place(0) }
    }

    /// Where the table stands.
    pub(super) const fn place(&self) -> &Place {
        &self.place
    }

    /// Dotted path of a key.
    pub(super) fn path(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Refuses every key that is not known, naming the nearest one that is.
    pub(super) fn check_keys(&self, known: &[&str], report: &mut Report) {
        for (key, item) in self.table.iter() {
            if !known.contains(&key) {
                let remedy = suggest(key, known.iter().copied(), "leave it out");
                let place = self.place_of(key, item);
                report.fault(&place, self.path(key), Problem::new("unknown key", remedy));
            }
        }
    }

    /// Refuses the table if one of the keys is missing.
    pub(super) fn require(&self, keys: &[&str], report: &mut Report) {
        for key in keys.iter().filter(|key| !self.has(key)) {
            self.fault(key, Problem::new("missing", format!("add `{key}`")), report);
        }
    }

    /// Refuses a key, at its line if it is there and at the table's if not.
    pub(super) fn fault(&self, key: &str, problem: Problem, report: &mut Report) {
        report.fault(&self.key_place(key), self.path(key), problem);
    }

    /// Warns of a key.
    pub(super) fn warn(&self, key: &str, problem: Problem, report: &mut Report) {
        report.warn(&self.key_place(key), self.path(key), problem);
    }

    /// Text, read by `parse`.
    pub(super) fn text<T>(
        &self,
        key: &str,
        parse: impl FnOnce(&str) -> Result<T, Problem>,
        report: &mut Report,
    ) -> Option<T> {
        let read = |value: &'d Value| value.as_str().map(Cow::Borrowed);
        self.read(key, read, Problem::new("not a text", "write it in quotes"), report)
            .and_then(|text| self.kept(key, parse(&text), report))
    }

    /// Decimal text or an integer, read by `parse`; a float is refused: it is not exact.
    pub(super) fn number<T>(
        &self,
        key: &str,
        parse: impl FnOnce(&str) -> Result<T, Problem>,
        report: &mut Report,
    ) -> Option<T> {
        let is_float = self.table.get(key).is_some_and(Item::is_float);
        let problem = if is_float {
            Problem::new("a float is not exact", "write it in quotes, as \"0.0125\"")
        } else {
            Problem::new("not a number", "write a decimal in quotes or a whole number")
        };
        let read = |value: &'d Value| match value {
            Value::String(text) => Some(Cow::Borrowed(text.value().as_str())),
            Value::Integer(number) => Some(Cow::Owned(number.value().to_string())),
            Value::Float(_)
            | Value::Boolean(_)
            | Value::Datetime(_)
            | Value::Array(_)
            | Value::InlineTable(_) => None,
        };
        self.read(key, read, problem, report).and_then(|text| self.kept(key, parse(&text), report))
    }

    /// A TOML date-time with a zone, or the same as text.
    pub(super) fn instant(&self, key: &str, report: &mut Report) -> Option<Micros> {
        let read = |value: &'d Value| {
            value.as_datetime().map(ToString::to_string).or(value.as_str().map(str::to_owned))
        };
        let problem =
            Problem::new("not an instant", "write date, time and zone, as 2026-01-01T00:00:00Z");
        self.read(key, read, problem, report)
            .and_then(|text| self.kept(key, limits::instant(&text), report))
    }

    /// `true` or `false`; missing = false.
    pub(super) fn flag(&self, key: &str, report: &mut Report) -> bool {
        let problem = Problem::new("neither true nor false", "write true or leave it out");
        self.read(key, Value::as_bool, problem, report).unwrap_or(false)
    }

    /// A list of integers.
    pub(super) fn integers(&self, key: &str, report: &mut Report) -> Option<Vec<i64>> {
        let read = |value: &'d Value| -> Option<Vec<i64>> {
            value.as_array()?.iter().map(Value::as_integer).collect()
        };
        self.read(key, read, Problem::new("not a list of whole numbers", "write [1, 2]"), report)
    }

    /// A table within this one.
    pub(super) fn table(&self, key: &str, report: &mut Report) -> Option<Self> {
        let item = self.table.get(key)?;
        let Some(table) = item.as_table_like() else {
            self.fault(key, Problem::new("not a table", "write { key = value }"), report);
            return None;
        };
        Some(self.inner(key, table, self.place_of(key, item)))
    }

    /// The tables of a list, written `[[…]]` or `[{…}]`; none if it is missing.
    pub(super) fn tables(&self, key: &str, report: &mut Report) -> Vec<Self> {
        let wrong = || Problem::new("not a list of tables", "write [{ … }] or [[…]]");
        match self.table.get(key) {
            None => Vec::new(),
            Some(Item::ArrayOfTables(list)) => list
                .iter()
                .map(|table| self.inner(key, table, self.span_place(table.span())))
                .collect(),
            Some(Item::Value(Value::Array(list))) => {
                let inner = list.iter().map(|value| {
                    let table = value.as_inline_table()?;
                    Some(self.inner(key, table, self.span_place(value.span())))
                });
                inner.collect::<Option<_>>().unwrap_or_else(|| {
                    self.fault(key, wrong(), report);
                    Vec::new()
                })
            }
            Some(_) => {
                self.fault(key, wrong(), report);
                Vec::new()
            }
        }
    }

    fn read<T>(
        &self,
        key: &str,
        read: impl FnOnce(&'d Value) -> Option<T>,
        problem: Problem,
        report: &mut Report,
    ) -> Option<T> {
        let item = self.table.get(key)?;
        let found = item.as_value().and_then(read);
        if found.is_none() {
            self.fault(key, problem, report);
        }
        found
    }

    fn kept<T>(&self, key: &str, read: Result<T, Problem>, report: &mut Report) -> Option<T> {
        read.map_err(|problem| self.fault(key, problem, report)).ok()
    }

    fn inner(&self, key: &str, table: &'d dyn TableLike, place: Place) -> Self {
        Self { table, lines: self.lines, path: self.path(key), place }
    }

    fn key_place(&self, key: &str) -> Place {
        self.table.get(key).map_or_else(|| self.place.clone(), |item| self.place_of(key, item))
    }

    fn place_of(&self, key: &str, item: &Item) -> Place {
        let span = self.table.key(key).and_then(toml_edit::Key::span).or_else(|| item.span());
        self.span_place(span)
    }

    fn span_place(&self, span: Option<std::ops::Range<usize>>) -> Place {
        span.map_or_else(|| self.place.clone(), |span| self.lines.place(span.start))
    }
}
