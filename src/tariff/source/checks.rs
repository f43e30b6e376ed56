//! Checks over a whole version: what is there twice, what does not go together, and what looks
//! like a mistake.

use std::collections::BTreeMap;

use crate::tariff::money::Seconds;
use crate::tariff::plan::{Band, IncrementRule, Rate, Terms, TimeOfDay};
use crate::value::Micros;

use super::fields::Fields;
use super::finding::{Problem, Report};
use super::hidden;
use super::limits::RATES_MAX;
use super::rates::Placed;

/// Checks terms and rates of a version that begins at `from`.
pub(super) fn check_version(
    fields: &Fields<'_>,
    terms: &Terms,
    from: Micros,
    rates: &[Placed],
    report: &mut Report,
) {
    if rates.len() > RATES_MAX {
        let what = format!("{} rates", rates.len());
        let remedy = format!("a version holds at most {RATES_MAX}; use a second plan");
        fields.fault("rate", Problem::new(what, remedy), report);
    }
    check_combinations(fields, terms, rates, report);
    for placed in rates {
        check_bands(placed, report);
        check_window(placed, from, report);
    }
    check_same_prefix(rates, report);
    if !rates.iter().any(|placed| placed.rate.prefix.as_str() == "*") {
        let remedy = "numbers of other countries are not rated; add prefix \"*\" if they should be";
        fields.warn("rate", Problem::new("no rate for `*`", remedy), report);
    }
    if !fields.has("increment_rule") {
        warn_of_uneven(rates, report);
    }
    hidden::warn_of_hidden(rates, from, report);
}

fn check_combinations(fields: &Fields<'_>, terms: &Terms, rates: &[Placed], report: &mut Report) {
    if terms.increment_rule != IncrementRule::Slab {
        if terms.time_of_day == TimeOfDay::Split {
            let remedy = "use increment_rule = \"slab\", or time_of_day = \"answer\"";
            let problem =
                Problem::new("this rule bills a call as a whole, it cannot split", remedy);
            fields.fault("increment_rule", problem, report);
        }
        for placed in rates.iter().filter(|placed| placed.has_slabs) {
            let remedy = "use increment_rule = \"slab\", or the short form";
            let problem = Problem::new("slabs under a rule that knows no slabs", remedy);
            report.fault(&placed.place, format!("{}.slabs", placed.key), problem);
        }
    }
    if let (Some(least), Some(most)) = (terms.min_cost, terms.max_cost)
        && most.amount < least
    {
        let what = format!("max_cost {} is below min_cost {least}", most.amount);
        fields.fault("max_cost", Problem::new(what, "raise it, or lower min_cost"), report);
    }
}

/// Two alike are refused; a day whose early hours have none is told.
fn check_bands(placed: &Placed, report: &mut Report) {
    let bands = &placed.rate.bands;
    let key = || format!("{}.band", placed.key);
    let when = |band: &Band| (band.at, band.days, band.date);
    for (index, band) in bands.iter().enumerate() {
        if bands.iter().take(index).any(|other| when(other) == when(band)) {
            let what = format!("two bands at {} with the same days and date", band.at);
            report.fault(&placed.place, key(), Problem::new(what, "drop one"));
        }
    }
    let begins =
        |day| bands.iter().any(|b| b.at.is_midnight() && b.date.is_none() && b.days.has(day));
    if let Some(day) = (1..=7).find(|day| !begins(*day)) {
        let what = format!("prefix {}: no band at 00:00 on day {day}", placed.rate.prefix);
        let remedy = "a day inherits nothing from the day before; add at = \"00:00\"";
        report.warn(&placed.place, key(), Problem::new(what, remedy));
    }
}

fn check_window(placed: &Placed, version_from: Micros, report: &mut Report) {
    let Rate { prefix, effective_from, effective_to, .. } = &placed.rate;
    let Some(to) = *effective_to else { return };
    let what = if effective_from.is_some_and(|from| to <= from) {
        format!("prefix {prefix}: the window ends before it begins")
    } else if to <= version_from {
        format!("prefix {prefix}: the window ends before the version begins")
    } else {
        return;
    };
    let problem = Problem::new(what, "the rate never applies; mend the window or drop the rate");
    report.warn(&placed.place, format!("{}.effective_to", placed.key), problem);
}

/// The same prefix more than once: the same begin is refused, gaps and overlaps are told.
fn check_same_prefix(rates: &[Placed], report: &mut Report) {
    let mut by_prefix: BTreeMap<&str, Vec<&Placed>> = BTreeMap::new();
    for placed in rates {
        by_prefix.entry(placed.rate.prefix.as_str()).or_default().push(placed);
    }
    for same in by_prefix.values_mut().filter(|same| same.len() > 1) {
        same.sort_by_key(|placed| placed.rate.effective_from);
        for (before, after) in same.iter().zip(same.iter().skip(1)) {
            check_neighbours(before, after, report);
        }
    }
}

fn check_neighbours(before: &Placed, after: &Placed, report: &mut Report) {
    let Rate { prefix, effective_from: from, .. } = &after.rate;
    let key = format!("{}.effective_from", after.key);
    if before.rate.effective_from == *from {
        let other = before.place.line;
        let what = format!("prefix {prefix} twice with the same begin, first in line {other}");
        let remedy = "drop one, or give the later one an `effective_from`";
        report.fault(&after.place, after.key, Problem::new(what, remedy));
        return;
    }
    let (Some(to), Some(from)) = (before.rate.effective_to, *from) else { return };
    if to < from {
        let what = format!("prefix {prefix}: no rate from {to} to {from}");
        report.warn(&after.place, key, Problem::new(what, "close the gap if it is not meant"));
    } else if to > from {
        let what = format!("prefix {prefix}: two rates from {from} on; the later one applies");
        report.warn(&after.place, key, Problem::new(what, "end the earlier one there"));
    }
}

fn warn_of_uneven(rates: &[Placed], report: &mut Report) {
    for placed in rates {
        let Some((place, minimum, increment)) = &placed.uneven else { continue };
        let (m, i) = (Seconds::from_micros(*minimum), Seconds::from_micros(*increment));
        let what =
            format!("increment {i} does not divide minimum {m}: carriers bill it differently");
        let remedy = "say which rule is meant: increment_rule = \"slab\" (default), \
                      \"total_multiple\" or \"max_of\"";
        report.warn(place, format!("{}.increment", placed.key), Problem::new(what, remedy));
    }
}
