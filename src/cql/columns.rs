//! Cells of an item's row ↔ state, rendering and row, by derived structs. No statement is made
//! here, and no edit cell is read or written (`edit_cells`).

use std::sync::Arc;

use scylla::value::{CqlDate, CqlTimestamp};
use scylla::{DeserializeValue, SerializeRow, SerializeValue};
use uuid::Uuid;

use crate::dial::event::{AnsweredBy, Currency, Ended, Gateway, HangupSide, Price, Started};
use crate::dial::fact::{Fact, Provenance};
use crate::dial::facts::{Facts, Register};
use crate::dial::row::FoldWrite;
use crate::dial::{ItemKey, State};
use crate::value::{CallId, Day, DialId, Micros, Phone, RuleId, UserId};

use super::rendered_cell::RenderedCell;

/// What a cell holds that this program cannot read: the name of the field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Unreadable(pub(super) &'static str);

/// Days of CQL count from −2³¹.
pub(super) fn cql_date(day: Day) -> CqlDate {
    CqlDate(day.get().cast_unsigned() ^ (1 << 31))
}

/// The day of a CQL date.
pub(super) fn day_of(date: CqlDate) -> Day {
    Day::new((date.0 ^ (1 << 31)).cast_signed())
}

/// CQL times hold whole milliseconds.
pub(super) fn cql_time(at: Micros) -> CqlTimestamp {
    CqlTimestamp(at.ms())
}

/// The instant of a CQL time.
pub(super) fn micros_of(at: CqlTimestamp) -> Micros {
    Micros::from_ms(at.0)
}

/// Binds W1: one row of a fold write.
#[derive(SerializeRow)]
#[scylla(flavor = "enforce_order")]
pub(super) struct FoldRow<'a> {
    project_id: Uuid,
    day: CqlDate,
    created_at: CqlTimestamp,
    id: Uuid,
    facts: FactsCell<'a>,
    personal: PersonalCell<'a>,
    rendered: RenderedCell<'a>,
    #[scylla(rename = "[timestamp]")]
    version: i64,
}

impl<'a> FoldRow<'a> {
    pub(super) fn of(write: &'a FoldWrite) -> Self {
        let ItemKey { project, created_at, item } = write.key;
        Self {
            project_id: project.uuid(),
            day: cql_date(created_at.day()),
            created_at: cql_time(created_at),
            id: item.uuid(),
            facts: FactsCell::of(&write.state),
            personal: PersonalCell::of(&write.state.facts),
            rendered: RenderedCell::of(&write.rendered),
            version: write.state.version(created_at),
        }
    }
}

/// `dial_facts`.
#[derive(SerializeValue, DeserializeValue)]
#[scylla(flavor = "enforce_order")]
pub(super) struct FactsCell<'a> {
    revision: Option<i32>,
    dial_id: Option<&'a str>,
    started_at: Option<CqlTimestamp>,
    started_prov: Option<i8>,
    call_id: Option<Uuid>,
    rule_id: Option<Uuid>,
    gateway: Option<&'a str>,
    ring_timeout_s: Option<i32>,
    ringing_at: Option<CqlTimestamp>,
    ringing_prov: Option<i8>,
    answered_at: Option<CqlTimestamp>,
    answered_prov: Option<i8>,
    detected_at: Option<CqlTimestamp>,
    detected_prov: Option<i8>,
    answered_by: Option<&'a str>,
    ended_at: Option<CqlTimestamp>,
    ended_prov: Option<i8>,
    end_reason: Option<&'a str>,
    end_kind: Option<&'a str>,
    end_status: Option<&'a str>,
    end_sip: Option<i16>,
    end_q850: Option<i16>,
    end_side: Option<&'a str>,
    cost_at: Option<CqlTimestamp>,
    cost_prov: Option<i8>,
    cost_micro: Option<i64>,
    cost_currency: Option<&'a str>,
}

/// `dial_personal`. All fields null = emptied: still a live cell.
#[derive(SerializeValue, DeserializeValue, Default)]
#[scylla(flavor = "enforce_order")]
pub(super) struct PersonalCell<'a> {
    user_id: Option<Uuid>,
    user_phone: Option<&'a str>,
    vendor_reason: Option<&'a str>,
}

fn at<S>(fact: Option<&Fact<S>>) -> Option<CqlTimestamp> {
    fact.and_then(|fact| fact.at).map(cql_time)
}

fn rank<S>(fact: Option<&Fact<S>>) -> Option<i8> {
    fact.map(|fact| fact.provenance.rank())
}

impl<'a> FactsCell<'a> {
    pub(super) fn of(state: &'a State) -> Self {
        let facts = &state.facts;
        let started = facts.started.as_ref().map(|fact| &fact.said);
        let ended = facts.ended.as_ref().map(|fact| &fact.said);
        let price = facts.cost.as_ref().map(|fact| &fact.said);
        Self {
            revision: Some(i32::try_from(state.revision).unwrap_or(i32::MAX)),
            dial_id: facts.dial.as_ref().map(DialId::as_str),
            started_at: at(facts.started.as_ref()),
            started_prov: rank(facts.started.as_ref()),
            call_id: started.and_then(|s| s.call).map(CallId::uuid),
            rule_id: started.and_then(|s| s.rule).map(RuleId::uuid),
            gateway: started.and_then(|s| s.gateway.as_ref()).map(Gateway::as_str),
            ring_timeout_s: started.and_then(|s| s.ring_timeout_s).map(i32::from),
            ringing_at: at(facts.ringing.as_ref()),
            ringing_prov: rank(facts.ringing.as_ref()),
            answered_at: at(facts.answered.as_ref()),
            answered_prov: rank(facts.answered.as_ref()),
            detected_at: at(facts.detected.as_ref()),
            detected_prov: rank(facts.detected.as_ref()),
            answered_by: facts.detected.as_ref().map(|fact| fact.said.word()),
            ended_at: at(facts.ended.as_ref()),
            ended_prov: rank(facts.ended.as_ref()),
            end_reason: ended.and_then(|e| e.reason.as_deref()),
            end_kind: ended.and_then(|e| e.kind.as_deref()),
            end_status: ended.and_then(|e| e.status.as_deref()),
            end_sip: ended.and_then(|e| e.sip).map(|code| i16::try_from(code).unwrap_or(i16::MAX)),
            end_q850: ended.and_then(|e| e.q850).map(i16::from),
            end_side: ended.and_then(|e| e.side).map(HangupSide::word),
            cost_at: at(facts.cost.as_ref()),
            cost_prov: rank(facts.cost.as_ref()),
            cost_micro: price.map(|p| p.micro),
            cost_currency: price.map(|p| p.currency.as_str()),
        }
    }
}

impl<'a> PersonalCell<'a> {
    pub(super) fn of(facts: &'a Facts) -> Self {
        let started = facts.started.as_ref().map(|fact| &fact.said);
        let ended = facts.ended.as_ref().map(|fact| &fact.said);
        Self {
            user_id: started.and_then(|s| s.user).map(UserId::uuid),
            user_phone: started.and_then(|s| s.phone.as_ref()).map(Phone::reveal),
            vendor_reason: ended.and_then(|e| e.vendor_reason.as_deref()),
        }
    }
}

/// The state of the two cells; a missing cell is an empty one.
pub(super) fn state_of(
    facts: Option<FactsCell<'_>>,
    personal: Option<PersonalCell<'_>>,
) -> Result<State, Unreadable> {
    let Some(cell) = facts else {
        return Ok(State::default());
    };
    let personal = personal.unwrap_or_default();
    let revision = u32::try_from(cell.revision.unwrap_or(0));
    Ok(State {
        revision: revision.map_err(|_| Unreadable("facts.revision"))?,
        facts: Facts {
            dial: match cell.dial_id {
                Some(text) => Some(DialId::parse(text).ok_or(Unreadable("facts.dial_id"))?),
                None => None,
            },
            started: register(cell.started_at, cell.started_prov, || started_of(&cell, &personal))?,
            ringing: register(cell.ringing_at, cell.ringing_prov, || Ok(()))?,
            answered: register(cell.answered_at, cell.answered_prov, || Ok(()))?,
            detected: register(cell.detected_at, cell.detected_prov, || {
                let by = cell.answered_by.and_then(AnsweredBy::from_word);
                by.ok_or(Unreadable("facts.answered_by"))
            })?,
            ended: register(cell.ended_at, cell.ended_prov, || ended_of(&cell, &personal))?,
            cost: register(cell.cost_at, cell.cost_prov, || {
                let currency = cell.cost_currency.and_then(Currency::parse);
                Ok(Price {
                    micro: cell.cost_micro.ok_or(Unreadable("facts.cost_micro"))?,
                    currency: currency.ok_or(Unreadable("facts.cost_currency"))?,
                })
            })?,
        },
    })
}

fn register<S>(
    at: Option<CqlTimestamp>,
    rank: Option<i8>,
    said: impl FnOnce() -> Result<S, Unreadable>,
) -> Result<Register<S>, Unreadable> {
    let Some(rank) = rank else {
        return Ok(None);
    };
    let provenance = Provenance::from_rank(rank).ok_or(Unreadable("facts.*_prov"))?;
    Ok(Some(Fact { at: at.map(micros_of), provenance, said: said()? }))
}

fn started_of(cell: &FactsCell<'_>, personal: &PersonalCell<'_>) -> Result<Started, Unreadable> {
    let ring_timeout_s = cell.ring_timeout_s.map(u16::try_from).transpose();
    Ok(Started {
        call: cell.call_id.map(CallId::new),
        rule: cell.rule_id.map(RuleId::new),
        user: personal.user_id.map(UserId::new),
        phone: personal.user_phone.map(Phone::new),
        gateway: cell.gateway.map(Gateway::from_text),
        ring_timeout_s: ring_timeout_s.map_err(|_| Unreadable("facts.ring_timeout_s"))?,
    })
}

fn ended_of(cell: &FactsCell<'_>, personal: &PersonalCell<'_>) -> Result<Ended, Unreadable> {
    let side = match cell.end_side {
        Some(word) => Some(HangupSide::from_word(word).ok_or(Unreadable("facts.end_side"))?),
        None => None,
    };
    let sip = cell.end_sip.map(u16::try_from).transpose();
    let q850 = cell.end_q850.map(u8::try_from).transpose();
    Ok(Ended {
        reason: cell.end_reason.map(Arc::from),
        kind: cell.end_kind.map(Arc::from),
        status: cell.end_status.map(Arc::from),
        sip: sip.map_err(|_| Unreadable("facts.end_sip"))?,
        q850: q850.map_err(|_| Unreadable("facts.end_q850"))?,
        side,
        vendor_reason: personal.vendor_reason.map(Arc::from),
    })
}

/// About how many bytes a row takes in a request: fixed cells, ids and texts.
pub(super) fn bytes_of(write: &FoldWrite) -> usize {
    const FIXED: usize = 420;
    let facts = &write.state.facts;
    let text = |text: Option<&str>| text.map_or(0, str::len);
    let dial = text(facts.dial.as_ref().map(DialId::as_str));
    let started = facts.started.as_ref().map_or(0, |fact| {
        text(fact.said.gateway.as_ref().map(Gateway::as_str))
            + text(fact.said.phone.as_ref().map(Phone::reveal))
    });
    let ended = facts.ended.as_ref().map_or(0, |fact| {
        let said = &fact.said;
        [&said.reason, &said.kind, &said.status, &said.vendor_reason]
            .into_iter()
            .map(|part| text(part.as_deref()))
            .sum()
    });
    let rating = &write.rendered.rating;
    let rated = text(rating.tariff.as_deref()) + text(rating.prefix.as_deref());
    FIXED + dial + started + ended + rated
}
