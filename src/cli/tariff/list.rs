//! `tariff list`: what the registry keeps, and how each part stands now.

use serde_json::json;

use super::super::args::TariffListArgs;
use super::super::exit::Failure;
use super::super::runtime::block_on;
use super::super::store::AnyStore;
use super::super::{Context, Outcome};
use super::registry::failure;
use crate::app::KeptTariff;
use crate::ports::world::WallClock;
use crate::supervisor::Exit;
use crate::system::SystemClock;
use crate::tariff::{Assignment, Exchange, Gateway, Plan, Tariff};
use crate::value::Micros;

pub(super) fn run(args: &TariffListArgs, context: &mut Context) -> Outcome {
    let settings = context.settings()?;
    let kept = block_on(async {
        let store = AnyStore::open(&settings).await?;
        KeptTariff::load(&store).await.map_err(failure)
    })?;
    let now = SystemClock.now();
    let Tariff { plans, assignments, exchanges } = kept.tariff();
    let is_wanted = |plan: &str| args.plan.as_deref().is_none_or(|wanted| wanted == plan);
    for plan in plans.iter().filter(|plan| is_wanted(&plan.id)) {
        versions(plan, now, context)?;
    }
    for assignment in assignments.iter().filter(|assignment| is_wanted(&assignment.plan)) {
        assigned(assignment, now, context)?;
    }
    for exchange in exchanges.iter().filter(|_| args.plan.is_none()) {
        exchanged(*exchange, now, context)?;
    }
    let is_there = plans.iter().any(|plan| is_wanted(&plan.id));
    if let (Some(plan), false) = (&args.plan, is_there) {
        return Err(Failure::new(Exit::Failed, format!("the registry keeps no plan {plan}"))
            .remedy("ringfold tariff list shows all"));
    }
    if kept.names().next().is_none() {
        context.note("the registry keeps nothing yet")?;
    }
    Ok(Exit::Done)
}

fn begins(at: Micros, now: Micros) -> &'static str {
    if at <= now { "begun" } else { "to come" }
}

fn versions(plan: &Plan, now: Micros, context: &mut Context) -> Result<(), Failure> {
    let in_force = plan.versions.iter().map(|version| version.head());
    let in_force = in_force.filter(|head| head.effective_from <= now);
    let in_force = in_force.max_by_key(|head| (head.effective_from, head.number));
    let in_force = in_force.map(|head| head.number);
    let mut versions = plan.versions.clone();
    versions.sort_by_key(|version| (version.head().effective_from, version.head().number));
    for version in versions {
        let head = version.head();
        let state = match (in_force == Some(head.number), head.effective_from <= now) {
            (true, _) => "in force",
            (false, true) => "replaced",
            (false, false) => "to come",
        };
        let (label, rates, currency) = (version.label(), version.rates().len(), plan.currency);
        let text = format!(
            "version {label}  {state}  from {}  {currency}  {rates} rates",
            head.effective_from
        );
        let shown = json!({
            "version": &**label, "state": state, "currency": currency.as_str(), "rates": rates,
            "effectiveFrom": head.effective_from.to_string(), "backdate": head.backdate,
        });
        context.line(&text, &shown)?;
    }
    Ok(())
}

fn assigned(assignment: &Assignment, now: Micros, context: &mut Context) -> Result<(), Failure> {
    let Assignment { plan, effective_from, .. } = assignment;
    let project = assignment.project.map_or_else(|| "*".to_owned(), |project| project.to_string());
    let gateway = match &assignment.gateway {
        Gateway::Any => "*",
        Gateway::Kind(text) | Gateway::Instance(text) => text,
    };
    let state = begins(*effective_from, now);
    let text = format!(
        "assign {plan}  {state}  from {effective_from}  project {project}  gateway {gateway}"
    );
    let shown = json!({
        "assign": &**plan, "state": state, "effectiveFrom": effective_from.to_string(),
        "project": project, "gateway": gateway,
    });
    Ok(context.line(&text, &shown)?)
}

fn exchanged(exchange: Exchange, now: Micros, context: &mut Context) -> Result<(), Failure> {
    let Exchange { currency, usd, effective_from, .. } = exchange;
    let state = begins(effective_from, now);
    let text = format!("exchange {currency}  {state}  from {effective_from}  {usd} USD");
    let shown = json!({
        "exchange": currency.as_str(), "state": state, "usd": usd.to_string(),
        "effectiveFrom": effective_from.to_string(),
    });
    Ok(context.line(&text, &shown)?)
}
