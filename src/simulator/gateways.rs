//! The gateways of one world: few dials, everything that can be told of them wrongly.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep_until;
use uuid::Uuid;

use crate::dial::event::{AnsweredBy, Currency, Ended, Gateway, GatewayStarted, Price, Started};
use crate::dial::fact::Provenance;
use crate::dial::identity::identify;
use crate::dial::{DialEvent, ItemKey, Said};
use crate::event::Event;
use crate::event::encode::encode;
use crate::ports::log::{EventSink as _, NewRecord};
use crate::relation::{Reference, ReferenceKind};
use crate::value::{CallId, DialId, ItemId, Micros, ProjectId, RuleId, UserId};

use super::fault::Fault;
use super::hub::Hub;
use super::people::{People, phone_of};
use super::point::Point;
use super::random::Random;
use super::trace::Actor;

const GATEWAYS: u64 = 10;
const DAY_MS: u64 = 86_400_000;

/// A record and when it is sent, after the world's beginning.
#[derive(Debug)]
pub(super) struct Sent {
    due: Duration,
    record: NewRecord,
}

/// Sends every record at its time.
pub(super) async fn send_all(hub: Hub, sent: Vec<Sent>) {
    let sink = hub.broker.sink(0);
    for Sent { due, record } in sent {
        sleep_until(hub.began + due).await;
        if hub.strikes(Fault::RecordTimeJump) {
            hub.clock.jump(i64::try_from(hub.some_ms(20_000).as_micros()).unwrap_or(0));
        }
        if hub.strikes(Fault::OffsetGap) {
            for partition in hub.broker.partitions() {
                hub.broker.skip(partition, hub.draw(|luck| luck.between(1, 3)));
            }
        }
        let bytes = record.value.len();
        // The log is never down here: a gateway repeats until it is taken.
        if sink.append(vec![record]).await.is_ok() {
            hub.trace(Actor::Gateways, format_args!("append a record of {bytes} bytes"));
        }
    }
}

/// A gateway tells of an item that a client has made.
pub(super) async fn tell_of(hub: &Hub, key: ItemKey, call: CallId) {
    let at = key.created_at.plus(Duration::from_secs(5));
    let said = Ended { status: Some("completed".into()), ..Ended::default() };
    let event = DialEvent {
        key,
        call,
        dial: None,
        started_at: Some(key.created_at),
        provenance: Provenance::Live,
        attributes: Started {
            call: Some(call),
            gateway: Gateway::new(Some("twilio"), Some("gw-1")),
            ..Started::default()
        },
        said: Said::Ended { at, said, ringing_at: None, answered_at: None, detected: None },
    };
    let id = key.item.to_string();
    let record = encode(&Event::Dial(event), &id, "/gateways/twilio/gw-1", at);
    let record = NewRecord { key: record.key, headers: record.headers, value: record.value };
    if hub.broker.sink(0).append(vec![record]).await.is_ok() {
        hub.mark("events told of an item that a client made");
        hub.trace(Actor::Gateways, format_args!("tell of the item {id}"));
    }
}

/// What is told in a world, in the order in which it is sent.
pub(super) fn script(hub: &Hub, people: &People) -> Vec<Sent> {
    let mut script =
        Script { hub, people, random: hub.plan.random(GATEWAYS, 0), sent: Vec::new(), number: 0 };
    let calls: Vec<_> = (0..hub.plan.dials.div_ceil(2)).map(|_| script.call()).collect();
    for number in 0..hub.plan.dials {
        let call = usize::try_from(number / 2).ok().and_then(|at| calls.get(at)).copied();
        if let Some((project, call)) = call {
            script.dial(project, call);
        }
    }
    script.beside();
    let mut sent = script.sent;
    sent.sort_by_key(|sent| sent.due);
    sent
}

struct Script<'a> {
    hub: &'a Hub,
    people: &'a People,
    random: Random,
    sent: Vec<Sent>,
    number: u64,
}

/// What all events of one dial say alike.
struct Told {
    event: DialEvent,
    /// When its first event is sent.
    begins: Duration,
    /// What the gateway's clock shows then.
    clock: Micros,
}

impl Script<'_> {
    fn happens(&mut self, fault: Fault) -> bool {
        let rate = u64::from(self.hub.plan.rates.of(fault));
        let happens = rate > 0 && self.random.below(1_000) < rate;
        if happens {
            self.hub.mark(fault.label());
        }
        happens
    }

    fn ms(&mut self, most: u64) -> Duration {
        Duration::from_millis(self.random.below(most.max(1)))
    }

    /// A call: its id carries a time, or does not.
    fn call(&mut self) -> (u8, CallId) {
        let project = self.random.below(u64::from(self.hub.plan.projects));
        let project = u8::try_from(project).unwrap_or(0);
        let age_ms = i64::try_from(self.random.below(3_600_000)).unwrap_or(0);
        let bytes = if self.random.percent(70) {
            self.random.uuid_v7(self.hub.plan.start.ms() - age_ms)
        } else {
            self.random.uuid_v4()
        };
        (project, CallId::new(Uuid::from_bytes(bytes)))
    }

    fn dial(&mut self, project: u8, call: CallId) {
        let span_ms = u64::try_from(self.hub.plan.span.as_millis()).unwrap_or(0);
        let begins = self.ms(span_ms * 7 / 10);
        let right = self.hub.plan.start.plus(begins);
        let many_days = self.hub.plan.has(Point::ManyProjectDays);
        let clock = if self.happens(Fault::ClockFarAhead) {
            right.plus(Duration::from_mins(7))
        } else if self.happens(Fault::ClockAhead) {
            right.plus(self.ms(200_000))
        } else if many_days || self.happens(Fault::OldDial) {
            right.minus(self.ms(4 * DAY_MS))
        } else {
            let most = if self.random.percent(20) { 900_000 } else { 2_000 };
            right.minus(self.ms(most))
        };
        let Some(told) = self.begin(project, call, (begins, clock.cut_to_ms())) else { return };
        self.tell(&told);
    }

    fn begin(
        &mut self,
        project: u8,
        call: CallId,
        (begins, clock): (Duration, Micros),
    ) -> Option<Told> {
        self.number += 1;
        let of = self.people.project(project);
        let dial = DialId::parse(&format!("d-{}-{}", self.number, self.random.below(1_000)))?;
        let item = match self.random.below(10) {
            0..6 => None,
            6..8 => Some(self.random.uuid_v7(clock.ms())),
            _ => Some(self.random.uuid_v4()),
        };
        let item = item.map(|bytes| ItemId::new(Uuid::from_bytes(bytes)));
        let key = identify(of, item, Some(&dial), Some(clock)).ok()?;
        self.hub.state.with(|state| state.history.items.push((project, key.item)));
        let event = DialEvent {
            key,
            call,
            dial: Some(dial),
            started_at: Some(clock),
            provenance: Provenance::Live,
            attributes: self.attributes(project, call),
            said: Said::Started,
        };
        Some(Told { event, begins, clock })
    }

    fn attributes(&mut self, project: u8, call: CallId) -> Started {
        let people = self.people;
        let rule = Uuid::from_bytes(self.random.uuid_v4());
        Started {
            call: Some(call),
            rule: self.random.percent(70).then(|| RuleId::new(rule)),
            user: self.random.percent(80).then(|| people.user(project, self.random.below(3))),
            phone: self.random.percent(90).then(|| phone_of(project, self.random.below(3))),
            gateway: Gateway::new(Some("twilio"), Some("gw-1")),
            ring_timeout_s: Some(25),
        }
    }

    /// Everything that is told of one dial.
    fn tell(&mut self, told: &Told) {
        let mut after = Duration::ZERO;
        let seconds = |s: u64| told.clock.plus(Duration::from_secs(s));
        if !self.happens(Fault::MissingStart) {
            self.send(told, after, Said::Started);
        }
        if self.happens(Fault::StartMeasuredAgain) {
            let again = Some(told.clock.plus(Duration::from_millis(7)));
            let event = DialEvent { started_at: again, ..told.event.clone() };
            after += self.ms(1_000);
            self.send_event(told, after, &event);
        }
        if self.random.percent(70) {
            after += self.ms(1_500);
            self.send(told, after, Said::Ringing { at: seconds(1) });
        }
        let answered = self.random.percent(60).then(|| seconds(2 + self.random.below(9)));
        if let Some(at) = answered.filter(|_| !self.happens(Fault::MissingAnswer)) {
            after += self.ms(2_000);
            let detected = self.random.percent(30).then_some((at, AnsweredBy::Machine));
            self.send(told, after, Said::Answered { at, detected });
            if self.happens(Fault::CorrectedAnswer) {
                after += self.ms(2_000);
                let at = at.minus(Duration::from_millis(1 + self.random.below(900)));
                self.send(told, after, Said::Answered { at, detected: None });
            }
        }
        let ends = !self.happens(Fault::MissingEnd);
        if ends {
            after += self.ms(3_000);
            self.end(told, after, (seconds(20), answered));
        }
        if self.random.percent(40) {
            let late = self.happens(Fault::LateCost);
            after += self.ms(if late { 15_000 } else { 2_000 });
            let micro = i64::try_from(self.random.below(90_000)).unwrap_or(0);
            if let Some(currency) = Currency::parse("USD") {
                let at = seconds(21 + self.random.below(60));
                self.send(told, after, Said::Cost { at, price: Price { micro, currency } });
            }
        }
    }

    fn end(&mut self, told: &Told, after: Duration, (at, answered_at): (Micros, Option<Micros>)) {
        let word = ["completed", "busy", "no-answer", "failed", "canceled"];
        let at_word = usize::try_from(self.random.below(5)).unwrap_or(0);
        let said = Ended {
            reason: None,
            kind: None,
            status: word.get(at_word).map(|word| Arc::from(*word)),
            sip: self.random.percent(40).then_some(486),
            q850: None,
            side: None,
            vendor_reason: self.random.percent(40).then(|| "the line was busy".into()),
        };
        let ended = |said: Ended, at: Micros, answered_at| Said::Ended {
            at,
            said,
            ringing_at: None,
            answered_at,
            detected: None,
        };
        let carries = if self.random.percent(50) { answered_at } else { None };
        self.send(told, after, ended(said, at, carries));
        if self.happens(Fault::CorrectedEnd) {
            // Later, by the same source, and saying less.
            let said = Ended { status: Some("completed".into()), ..Ended::default() };
            let (after, at) = (after + self.ms(4_000), at.plus(Duration::from_secs(3)));
            self.send(told, after, ended(said, at, None));
        }
    }

    fn send(&mut self, told: &Told, after: Duration, said: Said) {
        let sync = self.random.percent(8);
        let provenance = if sync { Provenance::Sync } else { Provenance::Live };
        self.send_event(told, after, &DialEvent { provenance, said, ..told.event.clone() });
    }

    fn send_event(&mut self, told: &Told, after: Duration, event: &DialEvent) {
        let mut due = told.begins + after;
        if self.happens(Fault::Disorder) {
            due += self.ms(9_000);
        }
        let repeats = u64::from(self.happens(Fault::Duplicate));
        for _ in 0..=repeats {
            let record = self.record(&Event::Dial(event.clone()), told.clock);
            self.sent.push(Sent { due, record });
            due += self.ms(6_000);
        }
    }

    fn record(&mut self, event: &Event, time: Micros) -> NewRecord {
        self.number += 1;
        let record = encode(event, &self.number.to_string(), "/gateways/twilio/gw-1", time);
        NewRecord { key: record.key, headers: record.headers, value: record.value }
    }

    /// What is no event of a dial, or none at all.
    fn beside(&mut self) {
        for _ in 0..4 {
            let span_ms = u64::try_from(self.hub.plan.span.as_millis()).unwrap_or(0);
            let due = self.ms(span_ms);
            if self.happens(Fault::Unreadable) {
                let value = format!("{{\"projectId\": {}", self.random.next()).into_bytes();
                let key = self.random.uuid_v4().to_vec();
                self.sent.push(Sent { due, record: NewRecord { key, headers: Vec::new(), value } });
            }
            if self.random.percent(20) {
                let at = self.hub.plan.start.plus(due).cut_to_ms();
                let event = self.no_dial(at);
                let record = self.record(&event, at);
                self.sent.push(Sent { due, record });
            }
        }
        // A mebibyte takes a while: in few worlds, and once.
        if self.random.percent(3) && self.happens(Fault::LargeRecord) {
            let due = self.ms(5_000);
            let value = vec![b'x'; 1024 * 1024 + 1];
            let record = NewRecord { key: b"large".to_vec(), headers: Vec::new(), value };
            self.sent.push(Sent { due, record });
        }
    }

    fn no_dial(&mut self, at: Micros) -> Event {
        let project: ProjectId = self.people.project(0);
        if self.random.percent(50) {
            let gateway = Gateway::from_text("twilio/gw-1");
            return Event::Gateway(GatewayStarted { gateway, at, live: Vec::new(), project: None });
        }
        let user: UserId = self.people.user(0, 0);
        Event::Reference(Reference {
            kind: ReferenceKind::User,
            project,
            id: user.uuid(),
            at,
            body: Some("{\"name\":\"Someone\"}".into()),
        })
    }
}
