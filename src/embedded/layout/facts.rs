//! The cells `facts` and `personal`: a dial's whole state, personal attributes apart from the rest,
//! so that they can be emptied without touching the facts.

use crate::dial::event::{AnsweredBy, Currency, Ended, Gateway, HangupSide, Price, Started};
use crate::dial::fact::{Fact, Provenance};
use crate::dial::facts::Register;
use crate::dial::{Facts, State};
use crate::value::{CallId, DialId, Micros, Phone, RuleId, UserId};

use super::codec::{DecodeError, Decoder, Encoder};

/// The cell `facts`: revision and every register, without personal attributes.
pub(in crate::embedded) fn encode_facts(state: &State) -> Vec<u8> {
    let mut encoder = Encoder::bare();
    let facts = &state.facts;
    encoder.u64(u64::from(state.revision)).text(facts.dial.as_ref().map(DialId::as_str));
    register(&mut encoder, facts.started.as_ref(), |e, said| {
        e.uuid(said.call.as_ref().map(CallId::bytes));
        e.uuid(said.rule.as_ref().map(RuleId::bytes));
        e.text(said.gateway.as_ref().map(Gateway::as_str)).number(said.ring_timeout_s);
    });
    register(&mut encoder, facts.ringing.as_ref(), |_, ()| {});
    register(&mut encoder, facts.answered.as_ref(), |_, ()| {});
    register(&mut encoder, facts.detected.as_ref(), |e, by| {
        e.bytes(by.word().as_bytes());
    });
    register(&mut encoder, facts.ended.as_ref(), |e, said| {
        e.text(said.reason.as_deref()).text(said.kind.as_deref()).text(said.status.as_deref());
        e.number(said.sip).number(said.q850).text(said.side.map(HangupSide::word));
    });
    register(&mut encoder, facts.cost.as_ref(), |e, price| {
        e.i64(price.micro).bytes(price.currency.as_str().as_bytes());
    });
    encoder.finish()
}

/// Reads the cell `facts`; personal attributes are absent.
pub(in crate::embedded) fn decode_facts(bytes: &[u8]) -> Result<State, DecodeError> {
    let mut decoder = Decoder::bare(bytes);
    let d = &mut decoder;
    let revision = u32::try_from(d.u64()?).map_err(|_| DecodeError::Field("revision"))?;
    let dial = d.option(|d| DialId::parse(d.str()?).ok_or(DecodeError::Field("dial id")))?;
    let facts = Facts {
        dial,
        started: read_register(d, |d| {
            Ok(Started {
                call: d.id()?,
                rule: d.id()?,
                user: None,
                phone: None,
                gateway: d.text()?.map(Gateway::from_text),
                ring_timeout_s: d.number("ring timeout")?,
            })
        })?,
        ringing: read_register(d, |_| Ok(()))?,
        answered: read_register(d, |_| Ok(()))?,
        detected: read_register(d, |d| {
            AnsweredBy::from_word(d.str()?).ok_or(DecodeError::Field("answered by"))
        })?,
        ended: read_register(d, |d| {
            Ok(Ended {
                reason: d.text()?,
                kind: d.text()?,
                status: d.text()?,
                sip: d.number("sip")?,
                q850: d.number("q850")?,
                side: d.option(|d| {
                    HangupSide::from_word(d.str()?).ok_or(DecodeError::Field("side"))
                })?,
                vendor_reason: None,
            })
        })?,
        cost: read_register(d, |d| {
            let micro = d.i64()?;
            let currency = Currency::parse(d.str()?).ok_or(DecodeError::Field("currency"))?;
            Ok(Price { micro, currency })
        })?,
    };
    Ok(State { facts, revision })
}

fn register<S>(encoder: &mut Encoder, held: Option<&Fact<S>>, put: impl FnOnce(&mut Encoder, &S)) {
    encoder.option(held, |e, fact| {
        e.number(fact.at.map(Micros::get));
        e.u8(fact.provenance.rank().unsigned_abs());
        put(e, &fact.said);
    });
}

fn read_register<S>(
    decoder: &mut Decoder<'_>,
    take: impl FnOnce(&mut Decoder<'_>) -> Result<S, DecodeError>,
) -> Result<Register<S>, DecodeError> {
    decoder.option(|d| {
        let at = d.number("time")?.map(Micros::new);
        let rank = i8::try_from(d.u8()?).ok();
        let provenance =
            rank.and_then(Provenance::from_rank).ok_or(DecodeError::Field("provenance"))?;
        Ok(Fact { at, provenance, said: take(d)? })
    })
}

/// The cell `personal` of a state.
pub(in crate::embedded) fn encode_personal(facts: &Facts) -> Vec<u8> {
    let started = facts.started.as_ref().map(|fact| &fact.said);
    let ended = facts.ended.as_ref().map(|fact| &fact.said);
    let mut encoder = Encoder::bare();
    encoder
        .uuid(started.and_then(|said| said.user.as_ref()).map(UserId::bytes))
        .text(started.and_then(|said| said.phone.as_ref()).map(Phone::reveal))
        .text(ended.and_then(|said| said.vendor_reason.as_deref()));
    encoder.finish()
}

/// The cell `personal` with nothing in it: a live value, so that no older write comes back.
pub(in crate::embedded) fn empty_personal() -> Vec<u8> {
    encode_personal(&Facts::default())
}

/// Puts the personal attributes back where they belong; what has no register is dropped.
pub(in crate::embedded) fn decode_personal(
    bytes: &[u8],
    facts: &mut Facts,
) -> Result<(), DecodeError> {
    let mut decoder = Decoder::bare(bytes);
    let user = decoder.id()?;
    let phone = decoder.text()?.map(Phone::new);
    let vendor_reason = decoder.text()?;
    if let Some(fact) = &mut facts.started {
        fact.said.user = user;
        fact.said.phone = phone;
    }
    if let Some(fact) = &mut facts.ended {
        fact.said.vendor_reason = vendor_reason;
    }
    Ok(())
}
