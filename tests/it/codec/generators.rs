//! Events as gateways make them, with collisions likely: few ids, few words, near times.

use std::sync::Arc;

use proptest::option::of;
use proptest::prelude::*;
use ringfold::dial::event::{
    AnsweredBy, Currency, Ended, Gateway, GatewayStarted, HangupSide, Price, Started,
};
use ringfold::dial::fact::Provenance;
use ringfold::dial::identity::{identify, time_of_id};
use ringfold::dial::{DialEvent, Said};
use ringfold::event::Event;
use ringfold::relation::{Reference, ReferenceKind};
use ringfold::value::{CallId, DialId, ItemId, Micros, Phone, ProjectId, RuleId, UserId};
use uuid::Uuid;

const FIRST_MS: i64 = 1_774_872_000_000;

fn id() -> impl Strategy<Value = Uuid> {
    (1_u128..4).prop_map(|low| Uuid::from_u128(0x3f2b_8c1e_5d74_4a0b_9c1d_0000_0000_0000 | low))
}

pub fn time() -> impl Strategy<Value = Micros> {
    prop_oneof![0_i64..4, 0_i64..100_000, 0_i64..3_000_000_000]
        .prop_map(|ms| Micros::from_ms(FIRST_MS + ms))
}

/// An item id that carries the given time, or one that carries none.
fn item(ms: i64, carries: bool) -> ItemId {
    let ms = u128::try_from(ms).unwrap() << 80;
    let version = if carries { 0x7 } else { 0x4 };
    ItemId::new(Uuid::from_u128(ms | version << 76 | 0x8000_0000_0000_0001))
}

fn word(pattern: &'static str) -> impl Strategy<Value = Option<Arc<str>>> {
    of(pattern.prop_map(Arc::from))
}

fn attributes() -> impl Strategy<Value = Started> {
    let gateway = (of("[a-z0-9-]{1,32}"), of("[A-Za-z0-9._:-]{1,64}"))
        .prop_map(|(kind, instance)| Gateway::new(kind.as_deref(), instance.as_deref()));
    let phone = of("(\\+[1-9][0-9]{1,14}|[!-~é]{1,30})".prop_map(Phone::new));
    (id(), of(id()), of(id()), phone, gateway, of(1_u16..=3_600)).prop_map(
        |(call, rule, user, phone, gateway, ring_timeout_s)| Started {
            call: Some(CallId::new(call)),
            rule: rule.map(RuleId::new),
            user: user.map(UserId::new),
            phone,
            gateway,
            ring_timeout_s,
        },
    )
}

fn detected() -> impl Strategy<Value = Option<(Micros, AnsweredBy)>> {
    of((time(), prop_oneof![Just(AnsweredBy::Human), Just(AnsweredBy::Machine)]))
}

fn ended() -> impl Strategy<Value = Ended> {
    let side =
        prop_oneof![Just(HangupSide::Caller), Just(HangupSide::Callee), Just(HangupSide::Gateway)];
    let reason = word("(busy|no_answer|completed|[a-z ä\"\\\\]{1,64})");
    let codes = (of(100_u16..=699), of(0_u8..=127), of(side));
    let texts = (word("[A-Za-z0-9_.:-]{1,64}"), word("[ -~é\u{1F4DE}]{1,256}"));
    (reason, codes, texts).prop_map(|(reason, (sip, q850, side), (status, vendor_reason))| Ended {
        reason,
        kind: None,
        status,
        sip,
        q850,
        side,
        vendor_reason,
    })
}

fn said() -> impl Strategy<Value = Said> {
    let price = (0_i64..=999_999_999_999_999, "[A-Z]{3}").prop_map(|(micro, currency)| Price {
        micro,
        currency: Currency::parse(&currency).unwrap(),
    });
    prop_oneof![
        Just(Said::Started),
        time().prop_map(|at| Said::Ringing { at }),
        (time(), detected()).prop_map(|(at, detected)| Said::Answered { at, detected }),
        (time(), ended(), of(time()), of(time()), detected()).prop_map(
            |(at, said, ringing_at, answered_at, detected)| Said::Ended {
                at,
                said,
                ringing_at,
                answered_at,
                detected,
            }
        ),
        (time(), price).prop_map(|(at, price)| Said::Cost { at, price }),
    ]
}

/// What names a dial: its own id, an item id that carries its time, or one that does not; and the
/// start, which may be a few minutes off the time of the id.
fn names() -> impl Strategy<Value = (Option<DialId>, Option<ItemId>, Option<Micros>)> {
    let dial = || "[!-~ ä✓]{1,60}".prop_map(|text| DialId::parse(&text).unwrap());
    let near = (time(), of(-300_000_i64..=300_000));
    prop_oneof![
        (dial(), time()).prop_map(|(dial, at)| (Some(dial), None, Some(at))),
        (of(dial()), near).prop_map(|(dial, (at, apart))| {
            let started_at = apart.map(|apart| Micros::from_ms(at.ms() + apart));
            (dial, Some(item(at.ms(), true)), started_at)
        }),
        (of(dial()), time(), time()).prop_map(|(dial, id, at)| (
            dial,
            Some(item(id.ms(), false)),
            Some(at)
        )),
    ]
}

pub fn dial() -> impl Strategy<Value = DialEvent> {
    let provenance = prop_oneof![Just(Provenance::Live), Just(Provenance::Sync)];
    let told = (id(), names(), provenance, attributes(), said());
    told.prop_map(|(project, (dial, item, started_at), provenance, attributes, mut said)| {
        let of_id = item.and_then(|item| time_of_id(item.uuid()));
        let must_start = matches!(said, Said::Started);
        let started_at = started_at.or(of_id.filter(|_| must_start));
        let key = identify(ProjectId::new(project), item, dial.as_ref(), started_at).unwrap();
        if let Said::Ended { said, .. } = &mut said {
            said.kind = attributes.gateway.as_ref().and_then(|g| g.kind()).map(Arc::from);
        }
        let call = attributes.call.unwrap();
        DialEvent { key, call, dial, started_at, provenance, attributes, said }
    })
}

fn gateway() -> impl Strategy<Value = GatewayStarted> {
    let live = proptest::collection::vec("[!-~]{1,20}", 0..4);
    let names = ("[a-z0-9-]{1,32}", "[A-Za-z0-9._:-]{1,64}");
    (names, time(), live, of(id())).prop_map(|((kind, instance), at, live, project)| {
        GatewayStarted {
            gateway: Gateway::new(Some(&kind), Some(&instance)).unwrap(),
            at,
            live: live.iter().map(|text| DialId::parse(text).unwrap()).collect(),
            project: project.map(ProjectId::new),
        }
    })
}

/// A user or a rule, there or gone; the columns stand for the types there are.
fn reference() -> impl Strategy<Value = Reference> {
    let columns = (of("[ -~é]{0,40}"), of(any::<i64>()), of(time()));
    (any::<bool>(), id(), id(), time(), of(columns)).prop_map(
        |(is_user, project, id, at, columns)| {
            let body = columns.map(|(name, number, created_at)| {
                let mut body = serde_json::Map::new();
                if let Some(at) = created_at {
                    body.insert("createdAt".into(), at.to_string().into());
                }
                if let Some(name) = name {
                    body.insert("name".into(), name.into());
                }
                if !is_user {
                    if let Some(number) = number {
                        body.insert("order".into(), number.into());
                    }
                    body.insert("projectId".into(), project.to_string().into());
                }
                serde_json::Value::Object(body).to_string().into()
            });
            let kind = if is_user { ReferenceKind::User } else { ReferenceKind::Rule };
            Reference { kind, project: ProjectId::new(project), id, at, body }
        },
    )
}

pub fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => dial().prop_map(Event::Dial),
        1 => gateway().prop_map(Event::Gateway),
        1 => reference().prop_map(Event::Reference),
    ]
}
