//! Which open dials a (re)started gateway has forgotten. It does not write their ends down (the
//! janitor does).

use super::event::GatewayStarted;
use super::row::{ProvisionalEnd, Row, Standing};
use super::times::latest_fact;

/// The provisional end that `start` gives a dial: one of that instance, without an end, whose facts
/// are all older than the start, and that is not listed as going on. `None` = the dial is not
/// concerned, or its end is written down already.
pub fn ended_by(start: &GatewayStarted, row: &Row) -> Option<ProvisionalEnd> {
    let state = &row.state;
    let facts = &state.facts;
    let is_open = state.revision > 0
        && facts.ended.is_none()
        && row.standing() != Standing::Deleted
        && row.provisional.is_none_or(|end| end.revision != state.revision);
    let speaks_of_project = start.project.is_none_or(|project| project == row.key.project);
    let gateway = facts.started.as_ref().and_then(|fact| fact.said.gateway.as_ref());
    let is_of_instance = gateway == Some(&start.gateway);
    let is_live = facts.dial.as_ref().is_some_and(|dial| start.live.contains(dial));
    let is_older = latest_fact(&row.key, facts) < start.at;
    (is_open && speaks_of_project && is_of_instance && !is_live && is_older)
        .then_some(ProvisionalEnd { at: start.at, revision: state.revision })
}
