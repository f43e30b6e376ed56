//! Histories in which collisions are likely: few dials, few instants, few words, equal times.

use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use ringfold::dial::event::{AnsweredBy, Currency, Ended, Gateway, HangupSide, Price, Started};
use ringfold::dial::fact::{Fact, Provenance};
use ringfold::dial::identity::identify;
use ringfold::dial::{DialEvent, Facts, Limits, Said, State, fold};
use ringfold::value::{DialId, Micros, Phone};

use crate::support::dials::{at, call, item_of_time, key, project, user};

/// Instants of facts: around the start, a minute, and four hours later.
const INSTANTS_MS: [i64; 7] = [-1, 0, 1, 2, 60_000, 61_000, 15_000_000];

pub fn instant() -> impl Strategy<Value = Micros> + Clone {
    select(&INSTANTS_MS[..]).prop_map(at)
}

/// Instants at which items are looked at, in order.
pub fn instants_of_view() -> impl Strategy<Value = Vec<Micros>> {
    let ms = prop_oneof![-1_000_i64..200_000, 14_000_000_i64..60_000_000];
    prop::collection::vec(ms.prop_map(at), 1..6).prop_map(|mut instants| {
        instants.sort_unstable();
        instants
    })
}

fn provenance() -> impl Strategy<Value = Provenance> {
    select(&[Provenance::Live, Provenance::Sync][..])
}

fn attributes() -> impl Strategy<Value = Started> {
    let phone = select(&["+12025550143", "+12025550171", "2025550143", "+33199005512"][..]);
    let gateway = select(&[("twilio", "us1"), ("twilio", "us2"), ("asterisk", "pbx-2")][..])
        .prop_map(|(kind, instance)| Gateway::new(Some(kind), Some(instance)));
    let timeout = of(select(&[9_u16, 30, 100][..]));
    (of(select(&[1_u8, 2][..])), of(phone), of(gateway), timeout).prop_map(
        |(number, phone, gateway, ring_timeout_s)| Started {
            call: Some(call()),
            rule: None,
            user: number.map(user),
            phone: phone.map(Phone::new),
            gateway: gateway.flatten(),
            ring_timeout_s,
        },
    )
}

/// What an end says, coherent or not.
pub fn ended() -> impl Strategy<Value = Ended> {
    let word = select(&["completed", "cleared", "busy", "no_answer", "unknown", "solar_flare"][..]);
    let kind = select(&["twilio", "vonage", "asterisk"][..]);
    let status = select(&["completed", "ANSWER", "busy", "no-answer", "failed"][..]);
    let side = select(&[HangupSide::Caller, HangupSide::Callee, HangupSide::Gateway][..]);
    let codes = (of(select(&[200_u16, 486, 487, 699][..])), of(select(&[9_u8, 16, 102][..])));
    (of(word), of(kind), of(status), codes, of(side), of(Just("gone"))).prop_map(
        |(reason, kind, status, (sip, q850), side, vendor_reason)| Ended {
            reason: reason.map(Into::into),
            kind: kind.map(Into::into),
            status: status.map(Into::into),
            sip,
            q850,
            side,
            vendor_reason: vendor_reason.map(Into::into),
        },
    )
}

fn detected() -> impl Strategy<Value = Option<(Micros, AnsweredBy)>> {
    of((instant(), select(&[AnsweredBy::Human, AnsweredBy::Machine][..])))
}

fn said() -> impl Strategy<Value = Said> {
    let price = (select(&[0_i64, 28_800, 31_200][..]), select(&["USD", "EUR", "JPY"][..]))
        .prop_map(|(micro, word)| Price { micro, currency: Currency::parse(word).unwrap() });
    let end = (instant(), ended(), of(instant()), of(instant()), detected()).prop_map(
        |(at, said, ringing_at, answered_at, detected)| Said::Ended {
            at,
            said,
            ringing_at,
            answered_at,
            detected,
        },
    );
    prop_oneof![
        Just(Said::Started),
        instant().prop_map(|at| Said::Ringing { at }),
        (instant(), detected()).prop_map(|(at, detected)| Said::Answered { at, detected }),
        end,
        (instant(), price).prop_map(|(at, price)| Said::Cost { at, price }),
    ]
}

/// An event of the dial `d-7`, or of one whose item id the gateway chose: then the start may be
/// unknown, and the dial id may change or be absent.
pub fn event() -> impl Strategy<Value = DialEvent> {
    let chosen = (of(select(&["d-8", "d-9"][..])), of(Just(at(0)))).prop_map(|(dial, start)| {
        let dial = dial.and_then(DialId::parse);
        let item = Some(item_of_time(-30));
        (identify(project(), item, dial.as_ref(), start).unwrap(), dial, start)
    });
    let derived = Just((key(), DialId::parse("d-7"), Some(at(0))));
    let identity = prop_oneof![derived, chosen];
    (identity, provenance(), attributes(), said()).prop_map(
        |((key, dial, started_at), provenance, attributes, said)| DialEvent {
            key,
            call: call(),
            dial,
            // A start is told with its time: it has one of its own.
            started_at: started_at.or((said == Said::Started).then_some(at(1))),
            provenance,
            attributes,
            said,
        },
    )
}

/// Events of any dial, in log order.
pub fn history() -> impl Strategy<Value = Vec<DialEvent>> {
    prop::collection::vec(event(), 0..9)
}

/// Events of one dial, in log order.
pub fn dial_history() -> impl Strategy<Value = Vec<DialEvent>> {
    prop::collection::vec(event(), 1..9).prop_map(|mut events| {
        let first = events[0].key;
        events.retain(|event| event.key == first);
        events
    })
}

/// A state as events make it, or as an API create or import began it.
pub fn state() -> impl Strategy<Value = State> {
    let origin = select(&[Provenance::Api, Provenance::Import][..]);
    let begun = (of(origin), attributes()).prop_map(|(origin, said)| Facts {
        started: origin.map(|provenance| Fact { at: None, provenance, said }),
        ..Facts::default()
    });
    (begun, prop::collection::vec(event(), 0..6)).prop_map(|(facts, events)| {
        let mut state = State { facts, revision: 0 };
        for event in &events {
            state.inject(event);
        }
        state
    })
}

/// Facts of any making.
pub fn facts() -> impl Strategy<Value = Facts> {
    state().prop_map(|state| state.facts)
}

/// Facts of each dial, revisions aside.
pub fn facts_of<'a>(
    events: impl IntoIterator<Item = &'a DialEvent>,
) -> Vec<(ringfold::dial::ItemKey, Facts)> {
    fold(events).into_iter().map(|(key, state)| (key, state.facts)).collect()
}

pub fn limits() -> Limits {
    Limits::default()
}
