//! The dial events, version 1: their names on the wire and what each must hold.
//! Codes and words stay as sent; what they mean is `dial`'s to say.

use std::sync::Arc;

use crate::dial::event::{AnsweredBy, Currency, Ended, HangupSide, Price, Started};
use crate::dial::fact::Provenance;
use crate::dial::identity::{identify, time_of_id};
use crate::dial::{DialEvent, ItemKey, Said};
use crate::value::{CallId, DialId, ItemId, Micros, Phone, ProjectId, RuleId, UserId};

use super::amount;
use super::gateway_v1::{GatewayWire, gateway};
use super::json::{self, Slot, wire};
use super::judge::{Judge, Stamp, is_nil_or_absent, is_printable};
use super::kind::DialKind;
use super::reject::{Reason, Reject};

wire! {
    /// Data of the five dial events. The order is that of the contract.
    DialWire, read on their own: ["gateway"],
    project: "projectId",
    call: "incomingCallLogId",
    dial: "dialId",
    item: "incomingCallLogItemId",
    started_at: "startedAt",
    rule: "incomingCallPolicyEscalationRuleId",
    user: "userId",
    phone: "userPhoneNumber",
    gateway: "gateway",
    ring_timeout: "ringTimeoutInSeconds",
    provenance: "provenance",
    ringing_at: "ringingAt",
    answered_at: "answeredAt",
    answered_by: "answeredBy",
    ended_at: "endedAt",
    reason: "reason",
    vendor_status: "vendorStatus",
    sip_code: "sipCode",
    q850_cause: "q850Cause",
    hangup_side: "hangupSide",
    vendor_reason: "vendorReason",
    amount: "amount",
    currency: "currency",
}

/// Longest word of an open list that is kept, in characters.
const WORD_MAX: usize = 64;
const PHONE_MAX: usize = 30;
const VENDOR_REASON: (usize, &str) =
    (256, "text of at most 256 characters without control characters");

/// Reads the data of a dial event.
pub(super) fn read(data: &str, kind: DialKind, stamp: &Stamp<'_>) -> Result<DialEvent, Reject> {
    let wire: DialWire<'_> = json::read(data, 1)?;
    let gateway: Option<GatewayWire<'_>> = json::read_inner(&wire.gateway, 2)?;
    let mut judge = Judge::new(stamp);
    let event = Reader { judge: &mut judge, wire: &wire, stamp }.event(kind, gateway.as_ref());
    judge.verdict(event)
}

struct Reader<'r, 'a> {
    judge: &'r mut Judge,
    wire: &'r DialWire<'a>,
    stamp: &'r Stamp<'a>,
}

impl Reader<'_, '_> {
    fn event(
        &mut self,
        kind: DialKind,
        gateway_wire: Option<&GatewayWire<'_>>,
    ) -> Option<DialEvent> {
        let wire = self.wire;
        let project = self.judge.required_uuid("projectId", &wire.project).map(ProjectId::new);
        let call = self.judge.required_uuid("incomingCallLogId", &wire.call).map(CallId::new);
        let time = self.time(kind);
        let started_at = self.judge.time("startedAt", &wire.started_at);
        let started_at = if kind == DialKind::Started { started_at.or(time) } else { started_at };
        let dial = self.dial();
        let key = self.key(kind, project, dial.as_ref(), started_at);
        let provenance = self.provenance();
        let gateway = gateway(self.judge, &wire.gateway, gateway_wire);
        let attributes = Started {
            call,
            rule: self
                .judge
                .uuid("incomingCallPolicyEscalationRuleId", &wire.rule)
                .map(RuleId::new),
            user: self.judge.uuid("userId", &wire.user).map(UserId::new),
            phone: self.phone(),
            ring_timeout_s: self.judge.integer(
                "ringTimeoutInSeconds",
                &wire.ring_timeout,
                ((1, 3600), "an integer from 1 to 3600"),
            ),
            gateway,
        };
        let said = self.said(kind, time, attributes.gateway.as_ref().and_then(|g| g.kind()));
        Some(DialEvent {
            key: key?,
            call: call?,
            dial,
            started_at,
            provenance: provenance?,
            said: said?,
            attributes,
        })
    }

    /// The event's own time: required unless the kind's own time field is there.
    fn time(&mut self, kind: DialKind) -> Option<Micros> {
        let own = match kind {
            DialKind::Started => &self.wire.started_at,
            DialKind::Ringing => &self.wire.ringing_at,
            DialKind::Answered => &self.wire.answered_at,
            DialKind::Ended => &self.wire.ended_at,
            DialKind::Cost => &Slot::Unseen,
        };
        if own.is_absent() && self.stamp.time.is_absent() {
            self.judge.missing("time");
        }
        self.judge.time("time", &self.stamp.time)
    }

    fn dial(&mut self) -> Option<DialId> {
        let text = self.judge.any_text("dialId", &self.wire.dial)?;
        let dial = DialId::parse(text);
        if dial.is_none() {
            self.judge.wrong("dialId", "text of 1 to 256 bytes without control characters");
        }
        dial
    }

    fn key(
        &mut self,
        kind: DialKind,
        project: Option<ProjectId>,
        dial: Option<&DialId>,
        started_at: Option<Micros>,
    ) -> Option<ItemKey> {
        const ITEM: &str = "incomingCallLogItemId";
        let wire = self.wire;
        let item = self.judge.uuid(ITEM, &wire.item);
        if is_nil_or_absent(&wire.item) && wire.dial.is_absent() {
            self.judge.blame(Reject::new(Reason::NoDialId));
        }
        let of_id = item.and_then(time_of_id);
        let says_no_start = wire.started_at.is_absent() && kind != DialKind::Started;
        if says_no_start && of_id.is_none() {
            self.judge.blame(Reject::new(Reason::NoStartTime));
        }
        if let Some(of_id) = of_id {
            self.judge.plausible(ITEM, of_id);
            if let Some(started_at) = started_at {
                self.judge.same_start(ITEM, of_id, started_at);
            }
        }
        // What identity would say of absent fields has been said above, of malformed ones too.
        identify(project?, item.map(ItemId::new), dial, started_at).ok()
    }

    fn provenance(&mut self) -> Option<Provenance> {
        let slot = &self.wire.provenance;
        match slot.text() {
            None if slot.is_absent() => Some(Provenance::Live),
            Some("live") => Some(Provenance::Live),
            Some("sync") => Some(Provenance::Sync),
            Some(_) | None => {
                self.judge.wrong("provenance", "live or sync");
                None
            }
        }
    }

    /// Kept as sent but for blanks around it; one that is nothing but blanks is absent.
    fn phone(&mut self) -> Option<Phone> {
        const FIELD: &str = "userPhoneNumber";
        let text = self.judge.any_text(FIELD, &self.wire.phone)?;
        let trimmed = text.trim();
        if !is_printable(text) || trimmed.chars().count() > PHONE_MAX {
            self.judge.wrong(FIELD, "text of at most 30 characters without control characters");
            return None;
        }
        (!trimmed.is_empty()).then(|| Phone::new(trimmed))
    }

    fn said(
        &mut self,
        kind: DialKind,
        time: Option<Micros>,
        gateway_kind: Option<&str>,
    ) -> Option<Said> {
        let wire = self.wire;
        match kind {
            DialKind::Started => Some(Said::Started),
            DialKind::Ringing => {
                Some(Said::Ringing { at: self.judge.time("ringingAt", &wire.ringing_at).or(time)? })
            }
            DialKind::Answered => {
                let at = self.judge.time("answeredAt", &wire.answered_at).or(time);
                let by = self.answered_by();
                Some(Said::Answered { at: at?, detected: time.or(at).zip(by) })
            }
            DialKind::Ended => self.ended(time, gateway_kind),
            DialKind::Cost => {
                let price = self.price();
                Some(Said::Cost { at: time?, price: price? })
            }
        }
    }

    fn ended(&mut self, time: Option<Micros>, gateway_kind: Option<&str>) -> Option<Said> {
        let wire = self.wire;
        let at = self.judge.time("endedAt", &wire.ended_at).or(time);
        let by = self.answered_by();
        let said = Ended {
            reason: self.word("reason", &wire.reason, is_word),
            kind: gateway_kind.map(Arc::from),
            status: self.word("vendorStatus", &wire.vendor_status, is_vendor_status),
            sip: self.judge.integer(
                "sipCode",
                &wire.sip_code,
                ((100, 699), "an integer from 100 to 699"),
            ),
            q850: self.judge.integer(
                "q850Cause",
                &wire.q850_cause,
                ((0, 127), "an integer from 0 to 127"),
            ),
            side: self
                .judge
                .any_text("hangupSide", &wire.hangup_side)
                .and_then(HangupSide::from_word),
            vendor_reason: self
                .judge
                .text("vendorReason", &wire.vendor_reason, VENDOR_REASON)
                .filter(|text| !text.is_empty())
                .map(Arc::from),
        };
        let ringing_at = self.judge.time("ringingAt", &wire.ringing_at);
        let answered_at = self.judge.time("answeredAt", &wire.answered_at);
        Some(Said::Ended { at: at?, said, ringing_at, answered_at, detected: time.or(at).zip(by) })
    }

    /// A word of an open list: kept if it is one, else absent; it never refuses the event.
    fn word(
        &mut self,
        field: &'static str,
        slot: &Slot<'_>,
        is_kept: fn(&str) -> bool,
    ) -> Option<Arc<str>> {
        self.judge.any_text(field, slot).filter(|word| is_kept(word)).map(Arc::from)
    }

    fn answered_by(&mut self) -> Option<AnsweredBy> {
        self.judge.any_text("answeredBy", &self.wire.answered_by).and_then(AnsweredBy::from_word)
    }

    fn price(&mut self) -> Option<Price> {
        const AMOUNT: &str =
            "decimal text of 1 to 9 digits with at most 12 behind the point, such as 0.0288";
        let (amount, currency) = (&self.wire.amount, &self.wire.currency);
        let micro = self.part_of_price("amount", amount, (amount::micros, AMOUNT));
        let currency = self.part_of_price(
            "currency",
            currency,
            (Currency::parse, "three capital letters of ISO 4217"),
        );
        Some(Price { micro: micro?, currency: currency? })
    }

    fn part_of_price<T>(
        &mut self,
        field: &'static str,
        slot: &Slot<'_>,
        (parse, expected): (fn(&str) -> Option<T>, &'static str),
    ) -> Option<T> {
        if slot.is_absent() {
            self.judge.missing(field);
            return None;
        }
        let part = slot.text().and_then(parse);
        if part.is_none() {
            self.judge.blame(Reject::expecting(Reason::BadAmount, field, expected));
        }
        part
    }
}

/// A word of ours or not: short text without control characters.
fn is_word(text: &str) -> bool {
    let fits = !text.is_empty() && (text.len() <= WORD_MAX || text.chars().count() <= WORD_MAX);
    fits && is_printable(text)
}

/// `[A-Za-z0-9_.:-]{1,64}`
fn is_vendor_status(text: &str) -> bool {
    let is_kept = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'-');
    (1..=WORD_MAX).contains(&text.len()) && text.bytes().all(is_kept)
}
