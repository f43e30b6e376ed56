//! `[[plan.version]]`: its terms and its rates, from the file and from its sheet.

use std::sync::Arc;

use crate::tariff::plan::{
    Grace, GraceMode, Head, IncrementRule, MaxCost, MaxStrategy, Terms, TimeOfDay, Version,
};
use crate::tariff::rounding::{DurationRounding, Mode, Rounding};
use crate::value::Micros;

use super::checks;
use super::fields::Fields;
use super::finding::{Problem, Report};
use super::limits;
use super::rates::{Placed, read_rate};
use super::sheet::{self, Columns};

const VERSION_KEYS: [&str; 14] = [
    "number",
    "effective_from",
    "rounding",
    "duration_rounding",
    "increment_rule",
    "grace",
    "time_zone",
    "time_of_day",
    "min_cost",
    "max_cost",
    "surcharge_percent",
    "backdate",
    "sheet",
    "rate",
];

/// Where sheets come from.
#[derive(Clone, Copy)]
pub(super) struct Sheets<'s> {
    /// Gives the text of a file by its path; `None` if there is none.
    pub(super) text: &'s dyn Fn(&str) -> Option<String>,
    /// What their header lines mean.
    pub(super) columns: &'s Columns,
}

/// Reads one version of `plan`.
pub(super) fn read_version(
    plan: &Arc<str>,
    fields: &Fields<'_>,
    sheets: Sheets<'_>,
    report: &mut Report,
) -> Option<Version> {
    fields.check_keys(&VERSION_KEYS, report);
    fields.require(&["number", "effective_from"], report);
    let number = fields.number("number", limits::version_number, report);
    let effective_from = fields.instant("effective_from", report);
    let backdate = fields.flag("backdate", report);
    let terms = read_terms(fields, report);
    let mut rates: Vec<Placed> = Vec::new();
    if !fields.has("rate") && !fields.has("sheet") {
        let problem = Problem::new("missing", "add rates, or name a `sheet`");
        fields.fault("rate", problem, report);
    }
    for table in fields.tables("rate", report) {
        rates.extend(read_rate(&table, report));
    }
    rates.extend(read_sheet(fields, sheets, report));
    let from = effective_from.unwrap_or(Micros::MIN);
    checks::check_version(fields, &terms, from, &rates, report);
    let head =
        Head { plan: Arc::clone(plan), number: number?, effective_from: effective_from?, backdate };
    Some(Version::new(head, terms, rates.into_iter().map(|placed| placed.rate).collect()))
}

/// The sheet stands beside the file: same folder, other name.
fn read_sheet(fields: &Fields<'_>, sheets: Sheets<'_>, report: &mut Report) -> Vec<Placed> {
    let plain = |name: &str| {
        let is_plain = !name.is_empty() && !name.contains(['/', '\\']);
        let remedy = "write the name of a file in the same folder";
        is_plain
            .then(|| name.to_owned())
            .ok_or_else(|| Problem::new(format!("`{name}` is no name of a sheet"), remedy))
    };
    let Some(name) = fields.text("sheet", plain, report) else { return Vec::new() };
    let folder = fields.lines.file().rsplit_once('/').map(|(folder, _)| folder);
    let path = folder.map_or_else(|| name.clone(), |folder| format!("{folder}/{name}"));
    let Some(text) = (sheets.text)(&path) else {
        let problem =
            Problem::new(format!("cannot read `{path}`"), "put the sheet beside this file");
        fields.fault("sheet", problem, report);
        return Vec::new();
    };
    sheet::read_rates(&path, &text, sheets.columns, report)
}

fn read_terms(fields: &Fields<'_>, report: &mut Report) -> Terms {
    let duration_rounding = |text: &str| limits::word(&DurationRounding::WORDS, text);
    let increment_rule = |text: &str| limits::word(&IncrementRule::WORDS, text);
    let time_of_day = |text: &str| limits::word(&TimeOfDay::WORDS, text);
    Terms {
        rounding: read_rounding(fields, report),
        duration_rounding: fields
            .text("duration_rounding", duration_rounding, report)
            .unwrap_or_default(),
        increment_rule: fields.text("increment_rule", increment_rule, report).unwrap_or_default(),
        grace: read_grace(fields, report),
        time_zone: fields
            .text("time_zone", limits::time_zone, report)
            .unwrap_or(chrono_tz::Tz::UTC),
        time_of_day: fields.text("time_of_day", time_of_day, report).unwrap_or_default(),
        min_cost: fields.number("min_cost", limits::price, report),
        max_cost: read_max_cost(fields, report),
        surcharge_percent: fields
            .number("surcharge_percent", limits::percent, report)
            .unwrap_or_default(),
    }
}

fn read_rounding(fields: &Fields<'_>, report: &mut Report) -> Rounding {
    let default = Rounding::default();
    let Some(table) = fields.table("rounding", report) else { return default };
    table.check_keys(&["mode", "decimals"], report);
    let mode = table.text("mode", |text| limits::word(&Mode::WORDS, text), report);
    let decimals = table.number("decimals", limits::decimals, report);
    if decimals.is_some_and(|decimals| decimals > 6) {
        let problem = Problem::new(
            "more than 6 decimals",
            "items keep micro-USD, so what is behind them is rounded half-even; 6 say what is kept",
        );
        table.warn("decimals", problem, report);
    }
    Rounding { mode: mode.unwrap_or(default.mode), decimals: decimals.unwrap_or(default.decimals) }
}

fn read_grace(fields: &Fields<'_>, report: &mut Report) -> Option<Grace> {
    let table = fields.table("grace", report)?;
    table.check_keys(&["seconds", "mode"], report);
    table.require(&["seconds", "mode"], report);
    let time = table.number("seconds", limits::grace, report);
    let mode = table.text("mode", |text| limits::word(&GraceMode::WORDS, text), report);
    Some(Grace { time: time?, mode: mode? })
}

fn read_max_cost(fields: &Fields<'_>, report: &mut Report) -> Option<MaxCost> {
    let table = fields.table("max_cost", report)?;
    table.check_keys(&["amount", "strategy"], report);
    table.require(&["amount", "strategy"], report);
    let amount = table.number("amount", limits::price, report);
    let strategy = table.text("strategy", |text| limits::word(&MaxStrategy::WORDS, text), report);
    Some(MaxCost { amount: amount?, strategy: strategy? })
}
