//! Rate sheets: CSV, one line = one rate in short form. Values are taken as text: what a
//! spreadsheet made of a number (`1.2E-2`, `0,012`) is refused with its line.

use std::sync::Arc;

use csv::{Position, ReaderBuilder, StringRecord};

use crate::tariff::calendar::{BandTime, DaysOfWeek};
use crate::tariff::few::OneOrMore;
use crate::tariff::plan::{Band, Rate};

use super::finding::{Place, Problem, Report, suggest};
use super::limits;
use super::rates::{Placed, Short};

/// Columns of a sheet; the place in this list is how they are looked up.
const COLUMNS: [&str; 9] = [
    "prefix",
    "rate",
    "name",
    "connect_fee",
    "unit",
    "minimum",
    "increment",
    "effective_from",
    "effective_to",
];

/// How many of them, from the first on, every sheet has.
const REQUIRED: usize = 2;

/// What the header line means.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Columns {
    /// Name in the sheet → our name.
    pub map: Vec<(String, String)>,
    /// Columns that neither we nor the map know.
    pub extra: Extra,
}

/// What to do with unknown columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Extra {
    /// Refuse the sheet.
    #[default]
    Refuse,
    /// Read past them.
    Ignore,
}

/// Reads all rates of a sheet. Lines that are wrong are reported and left out.
pub(super) fn read_rates(
    name: &str,
    text: &str,
    columns: &Columns,
    report: &mut Report,
) -> Vec<Placed> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = ReaderBuilder::new().flexible(false).from_reader(text.as_bytes());
    let sheet = Arc::<str>::from(name);
    let place = |position: Option<&Position>| Place {
        file: Arc::clone(&sheet),
        line: position.map_or(1, |p| usize::try_from(p.line()).unwrap_or(usize::MAX)),
    };
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => {
            report.fault(&place(None), "header", not_csv(&error));
            return Vec::new();
        }
    };
    let Some(layout) = Layout::read(&header, columns, &place(None), report) else {
        return Vec::new();
    };
    let mut rates = Vec::new();
    let mut record = StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => return rates,
            Ok(true) => {
                let line =
                    Line { layout: &layout, record: &record, place: place(record.position()) };
                rates.extend(line.rate(report).ok().flatten());
            }
            Err(error) => report.fault(&place(error.position()), "line", not_csv(&error)),
        }
    }
}

fn not_csv(error: &csv::Error) -> Problem {
    let what = if let csv::ErrorKind::UnequalLengths { expected_len, len, .. } = error.kind() {
        format!("{len} values under {expected_len} columns")
    } else {
        "not CSV".to_owned()
    };
    Problem::new(what, "write UTF-8 with commas, and quotes around values that hold a comma")
}

/// Where each of our columns stands in the sheet.
struct Layout([Option<usize>; 9]);

impl Layout {
    fn read(
        header: &StringRecord,
        columns: &Columns,
        place: &Place,
        report: &mut Report,
    ) -> Option<Self> {
        let count = report.faults.len();
        let mut layout = [None; 9];
        for (theirs, ours) in &columns.map {
            if !header.iter().any(|name| name == theirs) {
                let remedy = suggest(theirs, header.iter(), "look at the header line");
                let problem = Problem::new("the map names a column the sheet has not", remedy);
                report.fault(place, theirs, problem);
            }
            if !COLUMNS.contains(&ours.as_str()) {
                let remedy = suggest(ours, COLUMNS, "map it to a known column");
                report.fault(place, ours, Problem::new("the map names no known column", remedy));
            }
        }
        for (index, name) in header.iter().enumerate() {
            let mapped = columns.map.iter().find(|(theirs, _)| theirs == name);
            let ours = mapped.map_or(name, |(_, ours)| ours);
            match COLUMNS.iter().position(|column| *column == ours).map(|c| layout.get_mut(c)) {
                Some(Some(slot @ None)) => *slot = Some(index),
                Some(_) => {
                    let problem = Problem::new("two columns with this meaning", "drop one");
                    report.fault(place, ours, problem);
                }
                None if columns.extra == Extra::Ignore || mapped.is_some() => {}
                None => {
                    let remedy = suggest(name, COLUMNS, "map it");
                    let remedy = format!("{remedy} Else map it, or ignore extra columns");
                    report.fault(place, name, Problem::new("unknown column", remedy));
                }
            }
        }
        for (column, slot) in COLUMNS.iter().zip(&layout).take(REQUIRED) {
            if slot.is_none() {
                let remedy = format!("add a column `{column}`, or map one to it");
                report.fault(place, *column, Problem::new("missing column", remedy));
            }
        }
        (report.faults.len() == count).then_some(Self(layout))
    }
}

struct Line<'l> {
    layout: &'l Layout,
    record: &'l StringRecord,
    place: Place,
}

/// A value that is not what its column holds; it has been reported.
struct Refused;

impl Line<'_> {
    fn rate(&self, report: &mut Report) -> Result<Option<Placed>, Refused> {
        let default = Short::default();
        let increment = limits::increment;
        let short = Short {
            rate: self.read(1, limits::price, report)?.unwrap_or_default(),
            unit: self.read(4, limits::unit, report)?.unwrap_or(default.unit),
            minimum: self.read(5, increment, report)?.unwrap_or(default.minimum),
            increment: self.read(6, increment, report)?.unwrap_or(default.increment),
        };
        let band = Band {
            at: BandTime::default(),
            days: DaysOfWeek::ALL,
            date: None,
            connect_fee: self.read(3, limits::price, report)?.unwrap_or_default(),
            slabs: short.slabs(),
        };
        let Some(prefix) = self.read(0, limits::prefix, report)? else { return Ok(None) };
        let rate = Rate {
            prefix,
            name: self.read(2, |name| Ok(name.into()), report)?,
            effective_from: self.read(7, limits::instant, report)?,
            effective_to: self.read(8, limits::instant, report)?,
            bands: OneOrMore::One([band]),
        };
        let uneven = short.is_uneven();
        let uneven = uneven.then(|| (self.place.clone(), short.minimum, short.increment));
        let place = self.place.clone();
        Ok(Some(Placed { rate, place, key: "sheet", has_slabs: false, uneven }))
    }

    /// The value of a column; `None` = no such column, or nothing in it where that is allowed.
    fn read<T>(
        &self,
        column: usize,
        parse: impl FnOnce(&str) -> Result<T, Problem>,
        report: &mut Report,
    ) -> Result<Option<T>, Refused> {
        let Some(index) = self.layout.0.get(column).copied().flatten() else { return Ok(None) };
        let text = self.record.get(index).unwrap_or("");
        if text.is_empty() && column >= REQUIRED {
            return Ok(None);
        }
        parse(text).map(Some).map_err(|problem| {
            let name = COLUMNS.get(column).copied().unwrap_or_default();
            report.fault(&self.place, name, problem);
            Refused
        })
    }
}
