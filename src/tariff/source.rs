//! Reads and checks tariff files: TOML, and CSV sheets beside it. It opens no file: texts are
//! handed in. Nothing is loaded if anything is wrong, and everything wrong is told at once.

mod assign;
mod checks;
mod fields;
mod finding;
mod hidden;
mod limits;
mod places;
mod rates;
mod sheet;
mod version;

use std::collections::BTreeSet;
use std::sync::Arc;

use toml_edit::Document;

use super::book::{Book, Tariff};
use super::money::Currency;
use super::part::PartKind;
use super::plan::{Plan, Version};

use assign::{read_assignment, read_exchange};
use fields::{Fields, Lines};
use finding::{Place, Problem, Report, suggest};
use version::{Sheets, read_version};

pub use finding::{Fault, Finding, Warning};
pub use places::Places;
pub use sheet::{Columns, Extra};

/// First line of every tariff file.
pub const FORMAT: &str = "ringfold-tariff-1";

/// Reads files (name, text) that make one tariff. `sheets` gives the text of a CSV by its path,
/// that is the folder of the file that names it and its name.
pub fn read_files(
    files: &[(&str, &str)],
    sheets: &dyn Fn(&str) -> Option<String>,
) -> Result<(Book, Vec<Warning>), Vec<Fault>> {
    read_tariff(files, sheets, &Tariff::default())
        .map(|read| (Book::new(read.tariff), read.warnings))
}

/// What files say.
#[derive(Clone, Debug)]
pub struct ReadTariff {
    /// All of it.
    pub tariff: Tariff,
    /// What looks like a mistake.
    pub warnings: Vec<Warning>,
    /// Where each part of it stands.
    pub places: Places,
}

/// As [`read_files`], but gives what the files say, and lets them assign plans that only
/// `known` has: what the registry holds already.
pub fn read_tariff(
    files: &[(&str, &str)],
    sheets: &dyn Fn(&str) -> Option<String>,
    known: &Tariff,
) -> Result<ReadTariff, Vec<Fault>> {
    let sheets = Sheets { text: sheets, columns: &Columns::default() };
    read(files, sheets, Known::Plans(known))
}

/// Reads one part of a kept tariff ([`super::Part`]): what it assigns stands in another part.
pub fn read_part(name: &str, text: &str) -> Result<Tariff, Vec<Fault>> {
    let sheets = Sheets { text: &|_| None, columns: &Columns::default() };
    read(&[(name, text)], sheets, Known::All).map(|read| read.tariff)
}

/// Which plans may be assigned beside those of the files.
#[derive(Clone, Copy)]
enum Known<'k> {
    /// These.
    Plans(&'k Tariff),
    /// Any: it has been checked before.
    All,
}

/// A sheet as a version of its own: what `import` adds.
#[derive(Clone, Copy, Debug)]
pub struct SheetVersion<'a> {
    /// Id of the plan.
    pub plan: &'a str,
    /// Number of the version.
    pub number: u32,
    /// Its currency.
    pub currency: &'a str,
    /// RFC 3339 with a zone.
    pub effective_from: &'a str,
    /// Whether it may change the cost of past items.
    pub backdate: bool,
}

/// Reads a sheet (name, text) as a version with the default terms. Faults of the arguments name
/// the file `arguments`.
pub fn read_sheet(
    version: &SheetVersion<'_>,
    (name, text): (&str, &str),
    columns: &Columns,
) -> Result<ReadTariff, Vec<Fault>> {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let quoted = |text: &str| toml_edit::Value::from(text).to_string();
    let SheetVersion { plan, number, currency, effective_from, backdate } = *version;
    let file = format!(
        "format = \"{FORMAT}\"\n[[plan]]\nid = {}\ncurrency = {}\n[[plan.version]]\n\
         number = {number}\neffective_from = {}\nbackdate = {backdate}\nsheet = {}\n",
        quoted(plan),
        quoted(currency),
        quoted(effective_from),
        quoted(name),
    );
    let sheets = Sheets { text: &|_| Some(text.to_owned()), columns };
    read(&[("arguments", &file)], sheets, Known::All)
}

fn read(
    files: &[(&str, &str)],
    sheets: Sheets<'_>,
    known: Known<'_>,
) -> Result<ReadTariff, Vec<Fault>> {
    let mut reading = Reading { sheets, tariff: Tariff::default(), places: Places::default() };
    let mut report = Report::default();
    let mut assigned: Vec<(Arc<str>, Place)> = Vec::new();
    for (name, text) in files {
        assigned.extend(reading.file(name, text, &mut report));
    }
    let Reading { tariff, places, .. } = reading;
    if let Known::Plans(known) = known {
        let plans = tariff.plans.iter().chain(&known.plans);
        let plans: BTreeSet<&str> = plans.map(|plan| &*plan.id).collect();
        for (plan, place) in assigned.iter().filter(|(plan, _)| !plans.contains(&**plan)) {
            let remedy = suggest(plan, plans.iter().copied(), "add the plan");
            let problem = Problem::new(format!("no plan `{plan}`"), remedy);
            report.fault(place, "assign.plan", problem);
        }
    }
    let Report { mut faults, mut warnings } = report;
    faults.sort();
    warnings.sort();
    if faults.is_empty() { Ok(ReadTariff { tariff, warnings, places }) } else { Err(faults) }
}

struct Reading<'s> {
    sheets: Sheets<'s>,
    tariff: Tariff,
    places: Places,
}

impl Reading<'_> {
    /// Reads one file; gives the plans it assigns, with their places.
    fn file(&mut self, name: &str, text: &str, report: &mut Report) -> Vec<(Arc<str>, Place)> {
        let lines = Lines::new(name, text);
        let document = match Document::parse(text) {
            Ok(document) => document,
            Err(error) => {
                let place = lines.place(error.span().map_or(0, |span| span.start));
                let what = error.message().lines().collect::<Vec<_>>().join(", ");
                report.fault(&place, "toml", Problem::new(what, "mend the syntax"));
                return Vec::new();
            }
        };
        let top = Fields::top(document.as_table(), &lines);
        top.check_keys(&["format", "plan", "assign", "exchange"], report);
        top.require(&["format"], report);
        let format = |text: &str| {
            let problem = || Problem::new(format!("`{text}` is not a format read here"), remedy());
            if text == FORMAT { Ok(()) } else { Err(problem()) }
        };
        top.text("format", format, report);
        for plan in top.tables("plan", report) {
            self.plan(&plan, report);
        }
        let assigned = top.tables("assign", report);
        let assigned = assigned.iter().filter_map(|fields| {
            let assignment = read_assignment(fields, report)?;
            let plan = Arc::clone(&assignment.plan);
            let place = fields.place().clone();
            self.places.put(PartKind::Assignment, assignment.part_id(), place);
            self.tariff.assignments.push(assignment);
            Some((plan, fields.place().clone()))
        });
        let assigned = assigned.collect();
        for fields in top.tables("exchange", report) {
            let known = &self.tariff.exchanges;
            let Some(exchange) = read_exchange(&fields, known, report) else { continue };
            self.places.put(PartKind::Exchange, exchange.part_id(), fields.place().clone());
            self.tariff.exchanges.push(exchange);
        }
        assigned
    }

    fn plan(&mut self, fields: &Fields<'_>, report: &mut Report) {
        fields.check_keys(&["id", "currency", "version"], report);
        fields.require(&["id"], report);
        let id = fields.text("id", limits::plan_id, report);
        let read = fields.text("currency", limits::currency, report);
        let currency = read.unwrap_or(Currency::USD);
        // Without an id the versions are read all the same, for their faults.
        let id = id.unwrap_or_default();
        let versions: Vec<(Version, Place)> = fields
            .tables("version", report)
            .iter()
            .filter_map(|version| {
                let read = read_version(&id, version, self.sheets, report)?;
                Some((read, version.place().clone()))
            })
            .collect();
        let known = self.tariff.plans.iter().find(|plan| plan.id == id);
        if let Some(other) = known.filter(|plan| plan.currency != currency) {
            let what = format!("plan {id} in {currency}, and in {} elsewhere", other.currency);
            let problem = Problem::new(what, "a plan has one currency; use another id");
            fields.fault("currency", problem, report);
        }
        for (version, place) in versions {
            self.version(version, place, currency, report);
        }
    }

    fn version(&mut self, version: Version, place: Place, currency: Currency, report: &mut Report) {
        if let Some(other) = self.places.get(PartKind::Version, version.label()) {
            let Place { file, line } = other;
            let what = format!("version {} twice, first at {file}:{line}", version.label());
            let problem = Problem::new(what, "give the later one a higher number");
            report.fault(&place, "plan.version.number", problem);
            return;
        }
        self.places.put(PartKind::Version, version.label().to_string(), place);
        let id = &version.head().plan;
        let plans = &mut self.tariff.plans;
        let index = plans.iter().position(|plan| plan.id == *id).unwrap_or_else(|| {
            plans.push(Plan { id: Arc::clone(id), currency, versions: Vec::new() });
            plans.len().saturating_sub(1)
        });
        if let Some(plan) = plans.get_mut(index) {
            plan.versions.push(Arc::new(version));
        }
    }
}

fn remedy() -> String {
    format!("write format = \"{FORMAT}\"")
}
