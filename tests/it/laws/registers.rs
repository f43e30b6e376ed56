//! A second fold, written down from the contract: every fact an event tells, and of each register
//! the best by provenance, time and canonical bytes made as text. Both must agree.

use std::collections::BTreeMap;

use proptest::prelude::*;
use ringfold::dial::event::{AnsweredBy, Ended, Gateway, HangupSide, Price, Started};
use ringfold::dial::fact::Fact;
use ringfold::dial::reason::says_answered;
use ringfold::dial::{DialEvent, Facts, Said, State};
use ringfold::value::{Micros, Phone};

use super::generators::dial_history;

/// How good a fact is, and all it says: the greatest of a register is kept.
type Rank = (bool, i64, i64, String);

const CARRIED: i8 = 2;

fn earlier(at: Option<Micros>, provenance: i8, bytes: String) -> Rank {
    (at.is_some(), provenance.into(), -at.map_or(0, Micros::get), bytes)
}

fn later(at: Option<Micros>, provenance: i8, bytes: String) -> Rank {
    (at.is_some(), provenance.into(), at.map_or(0, Micros::get), bytes)
}

fn newest(at: Option<Micros>, provenance: i8, bytes: String) -> Rank {
    (at.is_some(), at.map_or(0, Micros::get), provenance.into(), bytes)
}

fn joined(attributes: &[Option<String>]) -> String {
    let texts: Vec<&str> = attributes.iter().map(|a| a.as_deref().unwrap_or("")).collect();
    texts.join("\u{1f}")
}

fn started(said: &Started) -> String {
    joined(&[
        said.call.map(|id| id.to_string()),
        said.rule.map(|id| id.to_string()),
        said.user.map(|id| id.to_string()),
        said.phone.as_ref().map(|phone| Phone::reveal(phone).to_owned()),
        said.gateway.as_ref().map(|gateway| Gateway::as_str(gateway).to_owned()),
        said.ring_timeout_s.map(|seconds| seconds.to_string()),
    ])
}

fn ended(said: &Ended) -> String {
    joined(&[
        said.reason.as_deref().map(str::to_owned),
        said.kind.as_deref().map(str::to_owned),
        said.status.as_deref().map(str::to_owned),
        said.sip.map(|code| code.to_string()),
        said.q850.map(|cause| cause.to_string()),
        said.side.map(|side| HangupSide::word(side).to_owned()),
        said.vendor_reason.as_deref().map(str::to_owned),
    ])
}

fn price(said: &Price) -> String {
    format!("{:020}\u{1f}{}", said.micro, said.currency.as_str())
}

fn detected(told: Option<(Micros, AnsweredBy)>, provenance: i8) -> Option<Rank> {
    told.map(|(at, by)| later(Some(at), provenance, by.word().to_owned()))
}

/// All facts of an event, by register.
fn told(event: &DialEvent) -> Vec<(&'static str, Rank)> {
    let own = event.provenance.rank();
    let start = started(&event.attributes);
    let carried_start = earlier(event.started_at, CARRIED, start.clone());
    let mut facts = Vec::new();
    if let Some(dial) = &event.dial {
        facts.push(("dial", later(None, 0, dial.as_str().to_owned())));
    }
    match &event.said {
        Said::Started => facts.push(("started", earlier(event.started_at, own, start))),
        Said::Ringing { at } => {
            facts.push(("started", carried_start));
            facts.push(("ringing", earlier(Some(*at), own, String::new())));
        }
        Said::Answered { at, detected: by } => {
            facts.push(("started", carried_start));
            facts.push(("answered", earlier(Some(*at), own, String::new())));
            facts.extend(detected(*by, own).map(|rank| ("detected", rank)));
        }
        Said::Ended { at, said, ringing_at, answered_at, detected: by } => {
            facts.push(("started", carried_start));
            if ringing_at.is_some() {
                facts.push(("ringing", earlier(*ringing_at, CARRIED, String::new())));
            }
            if answered_at.is_some() || says_answered(said) {
                facts.push(("answered", earlier(*answered_at, CARRIED, String::new())));
            }
            facts.extend(detected(*by, CARRIED).map(|rank| ("detected", rank)));
            facts.push(("ended", later(Some(*at), own, ended(said))));
        }
        Said::Cost { at, price: said } => {
            facts.push(("started", carried_start));
            facts.push(("cost", newest(Some(*at), own, price(said))));
        }
    }
    facts
}

fn best(events: &[DialEvent]) -> BTreeMap<&'static str, Rank> {
    let mut kept: BTreeMap<&'static str, Rank> = BTreeMap::new();
    for (register, rank) in events.iter().flat_map(told) {
        let held = kept.entry(register).or_insert_with(|| rank.clone());
        *held = rank.max(held.clone());
    }
    kept
}

/// The registers as the fold left them, in the same form.
fn held(facts: &Facts) -> BTreeMap<&'static str, Rank> {
    fn rank<S>(
        register: Option<&Fact<S>>,
        rank: fn(Option<Micros>, i8, String) -> Rank,
        bytes: impl Fn(&S) -> String,
    ) -> Option<Rank> {
        register.map(|fact| rank(fact.at, fact.provenance.rank(), bytes(&fact.said)))
    }
    let silent = |(): &()| String::new();
    let word = |by: &AnsweredBy| by.word().to_owned();
    [
        ("dial", facts.dial.as_ref().map(|dial| later(None, 0, dial.as_str().to_owned()))),
        ("started", rank(facts.started.as_ref(), earlier, started)),
        ("ringing", rank(facts.ringing.as_ref(), earlier, silent)),
        ("answered", rank(facts.answered.as_ref(), earlier, silent)),
        ("detected", rank(facts.detected.as_ref(), later, word)),
        ("ended", rank(facts.ended.as_ref(), later, ended)),
        ("cost", rank(facts.cost.as_ref(), newest, price)),
    ]
    .into_iter()
    .filter_map(|(register, rank)| Some((register, rank?)))
    .collect()
}

proptest! {
    #[test]
    fn the_fold_keeps_of_each_register_the_best_fact_told(events in dial_history()) {
        let mut state = State::default();
        for event in &events {
            state.inject(event);
        }
        prop_assert_eq!(held(&state.facts), best(&events));
    }
}
