//! Events of dial `d-7`, started 2026-03-30T12:00:00Z: times are milliseconds after the start.

use ringfold::dial::event::{AnsweredBy, Currency, Ended, Gateway, HangupSide, Price, Started};
use ringfold::dial::fact::Provenance;
use ringfold::dial::identity::{ItemKey, identify};
use ringfold::dial::{DialEvent, Said};
use ringfold::value::{CallId, DialId, ItemId, Micros, Phone, ProjectId, RuleId, UserId};
use uuid::Uuid;

/// 2026-03-30T12:00:00Z in milliseconds.
pub const START_MS: i64 = 1_774_872_000_000;

/// An instant so many milliseconds after the start.
pub const fn at(ms: i64) -> Micros {
    Micros::from_ms(START_MS + ms)
}

fn uuid(text: &str) -> Uuid {
    Uuid::parse_str(text).unwrap()
}

pub fn project() -> ProjectId {
    ProjectId::new(uuid("3f2b8c1e-5d74-4a0b-9c1d-7e6f5a4b3c2d"))
}

pub fn call() -> CallId {
    CallId::new(uuid("674fd5fc-17ad-4cdb-9147-de680889f000"))
}

/// User U1, U2, …
pub fn user(number: u8) -> UserId {
    UserId::new(Uuid::from_bytes([number; 16]))
}

/// Key of the dial with this start.
pub fn key_of(dial: &str, start_ms: i64) -> ItemKey {
    let dial = DialId::parse(dial).unwrap();
    identify(project(), None, Some(&dial), Some(at(start_ms))).unwrap()
}

/// Key of `d-7`.
pub fn key() -> ItemKey {
    key_of("d-7", 0)
}

/// A `UUIDv7` that carries the instant so many milliseconds after the start.
pub fn item_of_time(ms: i64) -> ItemId {
    let [.., m0, m1, m2, m3, m4, m5] = at(ms).ms().to_be_bytes();
    let random = [0x70, 1, 0x80, 2, 3, 4, 5, 6, 7, 8];
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&[m0, m1, m2, m3, m4, m5]);
    bytes[6..].copy_from_slice(&random);
    ItemId::new(Uuid::from_bytes(bytes))
}

/// Everything a `dial.started` tells.
pub fn attributes() -> Started {
    Started {
        call: Some(call()),
        rule: Some(RuleId::new(Uuid::from_bytes([0x77; 16]))),
        user: Some(user(1)),
        phone: Some(Phone::new("+12025550143")),
        gateway: Gateway::new(Some("twilio"), Some("us1")),
        ring_timeout_s: None,
    }
}

/// An event under construction.
#[derive(Clone, Debug)]
pub struct Told(pub DialEvent);

/// An event with what every gateway sends along: call, gateway, start.
pub fn told(said: Said) -> Told {
    let sent = Started { call: Some(call()), ..Started::default() };
    Told(DialEvent {
        key: key(),
        call: call(),
        dial: DialId::parse("d-7"),
        started_at: Some(at(0)),
        provenance: Provenance::Live,
        attributes: Started { gateway: attributes().gateway, ..sent },
        said,
    })
}

/// Started, with all attributes.
pub fn s() -> Told {
    told(Said::Started).full()
}

/// Ringing.
pub fn r(ms: i64) -> Told {
    told(Said::Ringing { at: at(ms) })
}

/// Answered.
pub fn a(ms: i64) -> Told {
    told(Said::Answered { at: at(ms), detected: None })
}

/// Answered, and who it was.
pub fn a_by(ms: i64, by: AnsweredBy) -> Told {
    told(Said::Answered { at: at(ms), detected: Some((at(ms), by)) })
}

/// Ended.
pub fn e(ms: i64) -> Told {
    told(Said::Ended {
        at: at(ms),
        said: Ended { kind: Some("twilio".into()), ..Ended::default() },
        ringing_at: None,
        answered_at: None,
        detected: None,
    })
}

/// The carrier's price.
pub fn c(ms: i64, micro: i64, currency: &str) -> Told {
    let price = Price { micro, currency: Currency::parse(currency).unwrap() };
    told(Said::Cost { at: at(ms), price })
}

impl Told {
    /// With all attributes that a start tells.
    pub fn full(mut self) -> Self {
        self.0.attributes = attributes();
        self
    }

    /// Reconstructed afterwards.
    pub fn sync(mut self) -> Self {
        self.0.provenance = Provenance::Sync;
        self
    }

    pub fn attribute(mut self, change: impl FnOnce(&mut Started)) -> Self {
        change(&mut self.0.attributes);
        self
    }

    pub fn number(self, number: &str) -> Self {
        self.attribute(|told| told.phone = Some(Phone::new(number)))
    }

    pub fn started_at(mut self, ms: i64) -> Self {
        self.0.started_at = Some(at(ms));
        self.0.key = key_of("d-7", ms);
        self
    }

    /// Under an id the gateway chose, without a start.
    pub fn item_of(mut self, item: ItemId) -> Self {
        self.0.started_at = None;
        self.0.key = identify(project(), Some(item), self.0.dial.as_ref(), None).unwrap();
        self
    }

    fn end(mut self, change: impl FnOnce(&mut Ended, &mut Option<Micros>)) -> Self {
        if let Said::Ended { said, answered_at, .. } = &mut self.0.said {
            change(said, answered_at);
        }
        self
    }

    pub fn reason(self, word: &str) -> Self {
        self.end(|said, _| said.reason = Some(word.into()))
    }

    pub fn status(self, word: &str) -> Self {
        self.end(|said, _| said.status = Some(word.into()))
    }

    pub fn sip(self, code: u16) -> Self {
        self.end(|said, _| said.sip = Some(code))
    }

    pub fn vendor_reason(self, text: &str) -> Self {
        self.end(|said, _| said.vendor_reason = Some(text.into()))
    }

    pub fn q850(self, cause: u8) -> Self {
        self.end(|said, _| said.q850 = Some(cause))
    }

    pub fn side(self, side: HangupSide) -> Self {
        self.end(|said, _| said.side = Some(side))
    }

    pub fn answered_at(self, ms: i64) -> Self {
        self.end(|_, answered_at| *answered_at = Some(at(ms)))
    }
}
