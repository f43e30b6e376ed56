//! `[[assign]]` and `[[exchange]]`.

use crate::tariff::book::{Assignment, Exchange, Gateway};
use crate::tariff::money::Currency;

use super::fields::Fields;
use super::finding::{Problem, Report};
use super::limits;

/// Reads who is billed by what.
pub(super) fn read_assignment(fields: &Fields<'_>, report: &mut Report) -> Option<Assignment> {
    fields.check_keys(&["project", "gateway", "plan", "effective_from", "backdate"], report);
    fields.require(&["plan", "effective_from"], report);
    let project = fields.text("project", limits::project, report).flatten();
    let gateway = fields.text("gateway", limits::gateway, report).unwrap_or(Gateway::Any);
    let plan = fields.text("plan", limits::plan_id, report);
    let effective_from = fields.instant("effective_from", report);
    let backdate = fields.flag("backdate", report);
    Some(Assignment { project, gateway, plan: plan?, effective_from: effective_from?, backdate })
}

/// Reads what a currency is worth; the same currency and begin twice is refused.
pub(super) fn read_exchange(
    fields: &Fields<'_>,
    known: &[Exchange],
    report: &mut Report,
) -> Option<Exchange> {
    fields.check_keys(&["currency", "usd", "effective_from", "backdate"], report);
    fields.require(&["currency", "usd", "effective_from"], report);
    let currency = fields.text("currency", limits::currency, report);
    let usd = fields.number("usd", limits::usd, report);
    let effective_from = fields.instant("effective_from", report);
    let backdate = fields.flag("backdate", report);
    let exchange =
        Exchange { currency: currency?, usd: usd?, effective_from: effective_from?, backdate };
    let same = |e: &Exchange| (e.currency, e.effective_from);
    let problem = if exchange.currency == Currency::USD {
        Problem::new("USD needs no exchange rate", "drop it")
    } else if known.iter().any(|other| same(other) == same(&exchange)) {
        let what = format!("{} twice from {}", exchange.currency, exchange.effective_from);
        Problem::new(what, "drop one, or let the later one begin later")
    } else {
        return Some(exchange);
    };
    fields.fault("currency", problem, report);
    None
}
