//! Writes a tariff as a file that reads back as the same: for a registry that keeps it, and for
//! rate sheets that become versions. It opens no file.

use std::fmt::{self, Write};

use crate::value::Micros;

use super::book::{Assignment, Exchange, Gateway, Tariff};
use super::calendar::DaysOfWeek;
use super::explain::word;
use super::money::{Price, Seconds};
use super::part::{Part, PartKind};
use super::plan::{
    Band, GraceMode, IncrementRule, MaxStrategy, Plan, Rate, Slab, Terms, TimeOfDay, Version,
};
use super::rounding::{DurationRounding, Mode, Rounding};
use super::source::FORMAT;

impl Tariff {
    /// The tariff in parts, in the order of the files.
    pub fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        for plan in &self.plans {
            for version in &plan.versions {
                let mut body = File::new();
                body.plan(plan);
                body.version(version);
                parts.push(body.part(PartKind::Version, version.label().to_string()));
            }
        }
        for assignment in &self.assignments {
            let mut body = File::new();
            body.assignment(assignment);
            parts.push(body.part(PartKind::Assignment, assignment.part_id()));
        }
        for exchange in &self.exchanges {
            let mut body = File::new();
            body.exchange(*exchange);
            parts.push(body.part(PartKind::Exchange, exchange.part_id()));
        }
        parts
    }

    /// The whole tariff as one file.
    pub fn to_toml(&self) -> String {
        let mut file = File::new();
        for plan in &self.plans {
            file.plan(plan);
            for version in &plan.versions {
                file.version(version);
            }
        }
        for assignment in &self.assignments {
            file.assignment(assignment);
        }
        for exchange in &self.exchanges {
            file.exchange(*exchange);
        }
        file.0
    }
}

impl Assignment {
    /// What names it among the assignments that are kept.
    pub fn part_id(&self) -> String {
        let (project, gateway) = (project(self), gateway(self));
        format!("{project} {gateway} {} {}", self.plan, Instant(self.effective_from))
    }
}

impl Exchange {
    /// What names it among the exchange rates that are kept.
    pub fn part_id(&self) -> String {
        format!("{} {}", self.currency, Instant(self.effective_from))
    }
}

struct File(String);

impl File {
    fn new() -> Self {
        Self(format!("format = \"{FORMAT}\"\n"))
    }

    fn part(self, kind: PartKind, id: String) -> Part {
        Part { kind, id, body: self.0 }
    }

    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn key(&mut self, key: &str, value: impl fmt::Display) {
        self.line(&format!("{key} = {value}"));
    }

    fn plan(&mut self, plan: &Plan) {
        self.line("\n[[plan]]");
        self.key("id", Quoted(&plan.id));
        self.key("currency", Quoted(plan.currency.as_str()));
    }

    fn version(&mut self, version: &Version) {
        let head = version.head();
        self.line("\n[[plan.version]]");
        self.key("number", head.number);
        self.key("effective_from", Instant(head.effective_from));
        if head.backdate {
            self.key("backdate", true);
        }
        self.terms(version.terms());
        self.line("rate = [");
        for rate in version.rates() {
            self.line(&format!("  {},", rate_table(rate)));
        }
        self.line("]");
    }

    fn terms(&mut self, terms: &Terms) {
        let Rounding { mode, decimals } = terms.rounding;
        let mode = Quoted(word(&Mode::WORDS, mode));
        self.key("rounding", format_args!("{{ mode = {mode}, decimals = {decimals} }}"));
        let duration = word(&DurationRounding::WORDS, terms.duration_rounding);
        self.key("duration_rounding", Quoted(duration));
        self.key("increment_rule", Quoted(word(&IncrementRule::WORDS, terms.increment_rule)));
        if let Some(grace) = terms.grace {
            let (time, mode) = (Time(grace.time), Quoted(word(&GraceMode::WORDS, grace.mode)));
            self.key("grace", format_args!("{{ seconds = {time}, mode = {mode} }}"));
        }
        self.key("time_zone", Quoted(terms.time_zone.name()));
        self.key("time_of_day", Quoted(word(&TimeOfDay::WORDS, terms.time_of_day)));
        if let Some(least) = terms.min_cost {
            self.key("min_cost", Money(least));
        }
        if let Some(most) = terms.max_cost {
            let strategy = Quoted(word(&MaxStrategy::WORDS, most.strategy));
            let amount = Money(most.amount);
            self.key("max_cost", format_args!("{{ amount = {amount}, strategy = {strategy} }}"));
        }
        if terms.surcharge_percent != Price::default() {
            self.key("surcharge_percent", Money(terms.surcharge_percent));
        }
    }

    fn assignment(&mut self, assignment: &Assignment) {
        self.line("\n[[assign]]");
        self.key("project", Quoted(&project(assignment)));
        self.key("gateway", Quoted(gateway(assignment)));
        self.key("plan", Quoted(&assignment.plan));
        self.key("effective_from", Instant(assignment.effective_from));
        if assignment.backdate {
            self.key("backdate", true);
        }
    }

    fn exchange(&mut self, exchange: Exchange) {
        self.line("\n[[exchange]]");
        self.key("currency", Quoted(exchange.currency.as_str()));
        self.key("usd", Money(exchange.usd));
        self.key("effective_from", Instant(exchange.effective_from));
        if exchange.backdate {
            self.key("backdate", true);
        }
    }
}

fn project(assignment: &Assignment) -> String {
    assignment.project.map_or_else(|| "*".to_owned(), |project| project.to_string())
}

fn gateway(assignment: &Assignment) -> &str {
    match &assignment.gateway {
        Gateway::Any => "*",
        Gateway::Kind(text) | Gateway::Instance(text) => text,
    }
}

/// An inline table.
struct Table(String);

impl Table {
    fn new() -> Self {
        Self(String::new())
    }

    fn key(&mut self, key: &str, value: impl fmt::Display) {
        let comma = if self.0.is_empty() { "" } else { ", " };
        // Writing to a string does not fail.
        let _written: fmt::Result = write!(self.0, "{comma}{key} = {value}");
    }

    fn prices(&mut self, band: &Band) {
        if band.connect_fee != Price::default() {
            self.key("connect_fee", Money(band.connect_fee));
        }
        let is_short = match &*band.slabs {
            [_] => true,
            [first, second] => {
                let Slab { rate, unit, increment, .. } = *first;
                (second.from, second.rate, second.unit) == (increment, rate, unit)
                    && second.increment != increment
            }
            _ => false,
        };
        match (&*band.slabs, is_short) {
            ([first, ..], true) => {
                let further = band.slabs.last().map_or(first.increment, |last| last.increment);
                self.key("rate", Money(first.rate));
                self.key("unit", first.unit);
                self.key("minimum", Time(first.increment));
                self.key("increment", Time(further));
            }
            (slabs, _) => {
                let slabs: Vec<String> = slabs.iter().map(slab_table).collect();
                self.key("slabs", format_args!("[{}]", slabs.join(", ")));
            }
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{ {} }}", self.0)
    }
}

/// As an inline table of a tariff file.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        rate_table(self).fmt(f)
    }
}

/// As the lines of a tariff file.
impl fmt::Display for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut file = File(String::new());
        file.terms(self);
        f.write_str(file.0.trim_end())
    }
}

fn rate_table(rate: &Rate) -> Table {
    let mut table = Table::new();
    table.key("prefix", Quoted(rate.prefix.as_str()));
    if let Some(name) = &rate.name {
        table.key("name", Quoted(name));
    }
    if let Some(from) = rate.effective_from {
        table.key("effective_from", Instant(from));
    }
    if let Some(to) = rate.effective_to {
        table.key("effective_to", Instant(to));
    }
    if let ([band], true) = (&*rate.bands, rate.is_same_all_day()) {
        table.prices(band);
    } else {
        let bands: Vec<String> =
            rate.bands.iter().map(|band| band_table(band).to_string()).collect();
        table.key("band", format_args!("[{}]", bands.join(", ")));
    }
    table
}

fn band_table(band: &Band) -> Table {
    let mut table = Table::new();
    table.key("at", Quoted(&band.at.to_string()));
    if band.days != DaysOfWeek::ALL {
        let days: Vec<String> = band.days.iter().map(|day| day.to_string()).collect();
        table.key("days", format_args!("[{}]", days.join(", ")));
    }
    if let Some(date) = band.date {
        table.key("date", Quoted(&date.to_string()));
    }
    table.prices(band);
    table
}

fn slab_table(slab: &Slab) -> String {
    let mut table = Table::new();
    table.key("from", Time(slab.from));
    table.key("rate", Money(slab.rate));
    table.key("unit", slab.unit);
    table.key("increment", Time(slab.increment));
    table.to_string()
}

/// Text as TOML quotes it.
struct Quoted<'t>(&'t str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", toml_edit::Value::from(self.0))
    }
}

/// A price as decimal text.
struct Money(Price);

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

/// Microseconds as seconds: a whole number, or decimal text.
struct Time(i64);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = Seconds::from_micros(self.0);
        let is_whole = self.0.rem_euclid(1_000_000) == 0;
        if is_whole { write!(f, "{seconds}") } else { write!(f, "\"{seconds}\"") }
    }
}

/// RFC 3339 to the microsecond.
struct Instant(Micros);

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [year, month, day, hour, minute, second, _] = self.0.civil();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        match self.0.get().rem_euclid(1_000_000) {
            0 => f.write_str("Z"),
            micros => write!(f, ".{micros:06}Z"),
        }
    }
}
