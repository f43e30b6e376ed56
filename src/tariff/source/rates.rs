//! Rates of a TOML file: short form, slabs, bands. Checks what concerns one rate; what concerns
//! several is `checks.rs`.

use crate::tariff::calendar::{BandTime, DaysOfWeek};
use crate::tariff::few::{OneOrMore, TwoOrMore};
use crate::tariff::money::Price;
use crate::tariff::plan::{Band, Rate, Slab};

use super::fields::Fields;
use super::finding::{Place, Problem, Report};
use super::limits;

const SHORT_KEYS: [&str; 4] = ["rate", "unit", "minimum", "increment"];
const RATE_KEYS: [&str; 11] = [
    "prefix",
    "name",
    "effective_from",
    "effective_to",
    "connect_fee",
    "rate",
    "unit",
    "minimum",
    "increment",
    "slabs",
    "band",
];
const BAND_KEYS: [&str; 9] =
    ["at", "days", "date", "connect_fee", "rate", "unit", "minimum", "increment", "slabs"];
const SLAB_KEYS: [&str; 4] = ["from", "rate", "unit", "increment"];
const MINUTE: i64 = 60_000_000;

/// A rate with what later checks need to know of its text.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) rate: Rate,
    pub(super) place: Place,
    /// Dotted path of the rate.
    pub(super) key: &'static str,
    /// Whether slabs were written, not made of the short form.
    pub(super) has_slabs: bool,
    /// Short forms whose increment does not divide the minimum.
    pub(super) uneven: Option<(Place, i64, i64)>,
}

/// One price of the short form.
pub(super) struct Short {
    pub(super) rate: Price,
    pub(super) unit: u32,
    pub(super) minimum: i64,
    pub(super) increment: i64,
}

impl Default for Short {
    fn default() -> Self {
        Self { rate: Price::default(), unit: 60, minimum: MINUTE, increment: MINUTE }
    }
}

impl Short {
    /// One slab if minimum and increment are the same, else two.
    pub(super) fn slabs(&self) -> TwoOrMore<Slab> {
        let &Self { rate, unit, minimum, increment } = self;
        let first = Slab { from: 0, rate, unit, increment: minimum };
        if minimum == increment {
            return TwoOrMore::One([first]);
        }
        TwoOrMore::Two([first, Slab { from: minimum, rate, unit, increment }])
    }

    pub(super) const fn is_uneven(&self) -> bool {
        !matches!(self.minimum.checked_rem(self.increment), Some(0))
    }
}

/// Reads one `[[plan.version.rate]]`.
pub(super) fn read_rate(fields: &Fields<'_>, report: &mut Report) -> Option<Placed> {
    fields.check_keys(&RATE_KEYS, report);
    fields.require(&["prefix"], report);
    let prefix = fields.text("prefix", limits::prefix, report);
    let name = fields.text("name", |name| Ok(name.into()), report);
    let mut reading = Reading { has_slabs: false, uneven: None };
    let known_faults = report.faults.len();
    let bands: Vec<Band> = if fields.has("band") {
        for key in SHORT_KEYS.iter().chain(&["connect_fee", "slabs"]).filter(|k| fields.has(k)) {
            let problem = Problem::new("beside bands", "move it into each band");
            fields.fault(key, problem, report);
        }
        let bands = fields.tables("band", report);
        bands.iter().filter_map(|band| reading.band(band, report)).collect()
    } else {
        let days = DaysOfWeek::ALL;
        reading.prices(fields, report).map_or_else(Vec::new, |(connect_fee, slabs)| {
            vec![Band { at: BandTime::default(), days, date: None, connect_fee, slabs }]
        })
    };
    if bands.is_empty() && report.faults.len() == known_faults {
        fields.fault("band", Problem::new("no band", "add one, as { at = \"00:00\", … }"), report);
    }
    let effective_from = fields.instant("effective_from", report);
    let effective_to = fields.instant("effective_to", report);
    let bands = OneOrMore::from(bands);
    Some(Placed {
        rate: Rate { prefix: prefix?, name, effective_from, effective_to, bands },
        place: fields.place().clone(),
        key: "plan.version.rate",
        has_slabs: reading.has_slabs,
        uneven: reading.uneven,
    })
}

struct Reading {
    has_slabs: bool,
    uneven: Option<(Place, i64, i64)>,
}

impl Reading {
    fn band(&mut self, fields: &Fields<'_>, report: &mut Report) -> Option<Band> {
        fields.check_keys(&BAND_KEYS, report);
        fields.require(&["at"], report);
        let at = fields.text("at", limits::band_time, report);
        let date = fields.text("date", limits::month_day, report);
        let days = match fields.integers("days", report) {
            None => Some(DaysOfWeek::ALL),
            Some(numbers) => {
                let days: Option<Vec<u8>> =
                    numbers.iter().map(|day| u8::try_from(*day).ok()).collect();
                let days = days.and_then(|days| DaysOfWeek::new(&days));
                if days.is_none() {
                    let problem = Problem::new(
                        "not days of the week",
                        "write numbers from 1 (Monday) to 7 (Sunday), as [1, 2, 3, 4, 5]",
                    );
                    fields.fault("days", problem, report);
                }
                days
            }
        };
        let (connect_fee, slabs) = self.prices(fields, report)?;
        Some(Band { at: at?, days: days?, date, connect_fee, slabs })
    }

    /// Connect fee and slabs, from slabs or from the short form.
    fn prices(
        &mut self,
        fields: &Fields<'_>,
        report: &mut Report,
    ) -> Option<(Price, TwoOrMore<Slab>)> {
        let fee = fields.number("connect_fee", limits::price, report).unwrap_or_default();
        if !fields.has("slabs") {
            return Some((fee, self.short(fields, report)?.slabs()));
        }
        self.has_slabs = true;
        for key in SHORT_KEYS.iter().filter(|key| fields.has(key)) {
            let problem = Problem::new("beside slabs", "state it in each slab or drop the slabs");
            fields.fault(key, problem, report);
        }
        let known_faults = report.faults.len();
        let tables = fields.tables("slabs", report);
        let mut slabs = Vec::with_capacity(tables.len());
        for table in &tables {
            let slab = read_slab(table, report)?;
            check_order(&slabs, &slab, table, report);
            slabs.push(slab);
        }
        if slabs.is_empty() && report.faults.len() == known_faults {
            let remedy = "add one that begins at 0, or use the short form";
            fields.fault("slabs", Problem::new("no slab", remedy), report);
        }
        Some((fee, slabs.into()))
    }

    fn short(&mut self, fields: &Fields<'_>, report: &mut Report) -> Option<Short> {
        fields.require(&["rate"], report);
        let default = Short::default();
        let mut increment = |key, default| match fields.number(key, limits::increment, report) {
            None if fields.has(key) => None,
            read => Some(read.unwrap_or(default)),
        };
        let (minimum, increment) =
            (increment("minimum", default.minimum), increment("increment", default.increment));
        let rate = fields.number("rate", limits::price, report);
        let unit = fields.number("unit", limits::unit, report).unwrap_or(default.unit);
        let short = Short { rate: rate?, unit, minimum: minimum?, increment: increment? };
        if short.is_uneven() && self.uneven.is_none() {
            self.uneven = Some((fields.place().clone(), short.minimum, short.increment));
        }
        Some(short)
    }
}

fn read_slab(fields: &Fields<'_>, report: &mut Report) -> Option<Slab> {
    fields.check_keys(&SLAB_KEYS, report);
    fields.require(&SLAB_KEYS, report);
    let from = fields.number("from", limits::slab_from, report);
    let rate = fields.number("rate", limits::price, report);
    let unit = fields.number("unit", limits::unit, report);
    let increment = fields.number("increment", limits::increment, report);
    Some(Slab { from: from?, rate: rate?, unit: unit?, increment: increment? })
}

/// The first slab begins at 0, each later one after the one before.
fn check_order(before: &[Slab], slab: &Slab, fields: &Fields<'_>, report: &mut Report) {
    let problem = match before.last() {
        None if slab.from != 0 => {
            Problem::new("the first slab does not begin at 0", "write from = 0")
        }
        Some(last) if slab.from <= last.from => Problem::new(
            "a slab does not begin after the one before it",
            "order the slabs by `from`, each once",
        ),
        _ => return,
    };
    fields.fault("from", problem, report);
}
