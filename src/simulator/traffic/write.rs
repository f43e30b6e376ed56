//! Events as bytes: the data, and the CloudEvents attributes around it. One buffer, no formatting
//! machinery: this writes more than half a million events a second.

use super::call::{Dial, Scheduled, What};
use super::world::{Kind, Number};
use crate::ports::log::NewRecord;
use crate::value::Micros;

/// One event as a gateway publishes it.
#[derive(Debug, Default)]
pub struct Encoded {
    /// The record key: the call's id as text.
    key: Vec<u8>,
    id: Vec<u8>,
    source: Vec<u8>,
    kind: &'static str,
    time: Vec<u8>,
    recorded_time: Vec<u8>,
    sequence: Vec<u8>,
    data: Vec<u8>,
    arrives_at: Micros,
    day: DayText,
}

impl Encoded {
    /// The record key: the call's id as text.
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    /// The data: one JSON object.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// When it reaches the log.
    pub fn arrives_at(&self) -> Micros {
        self.arrives_at
    }

    /// Names and values of the headers of binary mode.
    pub fn headers(&self) -> [(&'static str, &[u8]); 7] {
        [
            ("content-type", b"application/json"),
            ("ce_specversion", b"1.0"),
            ("ce_id", &self.id),
            ("ce_source", &self.source),
            ("ce_type", self.kind.as_bytes()),
            ("ce_time", &self.time),
            ("ce_sequence", &self.sequence),
        ]
    }

    /// A record in binary mode.
    pub fn to_record(&self) -> NewRecord {
        let headers = self.headers().map(|(name, value)| (name.to_owned(), value.to_vec()));
        let (key, value) = (self.key.clone(), self.data.clone());
        NewRecord { key, headers: headers.into(), value }
    }

    /// Appends the structured form and a line end.
    pub fn write_line(&self, out: &mut Vec<u8>) {
        let texts: [(&[u8], &[u8]); 8] = [
            (b"{\"specversion\":\"1.0\",\"id\":\"", &self.id),
            (b"\",\"source\":\"", &self.source),
            (b"\",\"type\":\"", self.kind.as_bytes()),
            (b"\",\"time\":\"", &self.time),
            (b"\",\"datacontenttype\":\"application/json\",\"partitionkey\":\"", &self.key),
            (b"\",\"sequence\":\"", &self.sequence),
            (b"\",\"recordedtime\":\"", &self.recorded_time),
            (b"\",\"data\":", &self.data),
        ];
        for (before, text) in texts {
            out.extend_from_slice(before);
            out.extend_from_slice(text);
        }
        out.extend_from_slice(b"}\n");
    }

    pub(super) fn write(&mut self, dial: &Dial, event: &Scheduled) {
        for text in [
            &mut self.key,
            &mut self.id,
            &mut self.source,
            &mut self.time,
            &mut self.recorded_time,
            &mut self.sequence,
            &mut self.data,
        ] {
            text.clear();
        }
        self.arrives_at = Micros::from_ms(event.due_ms);
        uuid(&mut self.key, &dial.call);
        hex(&mut self.id, &dial.token.to_be_bytes());
        self.id.push(b'-');
        decimal(&mut self.id, u64::from(event.number), 1);
        for part in ["/gateways/", dial.gateway.kind_text, "/", dial.gateway.instance, "/"] {
            self.source.extend_from_slice(part.as_bytes());
        }
        self.source.extend_from_slice(dial.gateway.boot.as_bytes());
        self.day.time(&mut self.time, event.at_ms);
        self.day.time(&mut self.recorded_time, event.due_ms);
        decimal(&mut self.sequence, u64::from(event.number), 20);
        self.kind = match event.what {
            What::Started => "ringfold.dial.started.v1",
            What::Ringing => "ringfold.dial.ringing.v1",
            What::Answered => "ringfold.dial.answered.v1",
            What::Ended => "ringfold.dial.ended.v1",
            What::Cost => "ringfold.dial.cost.v1",
        };
        self.attributes(dial);
        self.said(dial, event);
        self.data.push(b'}');
    }

    /// What every event of the dial repeats: an item is complete whatever is lost.
    fn attributes(&mut self, dial: &Dial) {
        let data = &mut self.data;
        data.extend_from_slice(b"{\"projectId\":\"");
        uuid(data, &dial.project);
        data.extend_from_slice(b"\",\"incomingCallLogId\":\"");
        data.extend_from_slice(&self.key);
        data.extend_from_slice(b"\",\"dialId\":\"");
        dial_id(data, dial);
        data.extend_from_slice(b"\",\"startedAt\":\"");
        self.day.time(data, dial.started_ms);
        data.extend_from_slice(b"\",\"incomingCallPolicyEscalationRuleId\":\"");
        uuid(data, &dial.rule);
        data.extend_from_slice(b"\",\"userId\":\"");
        uuid(data, &dial.user);
        data.extend_from_slice(b"\",\"userPhoneNumber\":\"");
        let Number { prefix, tail, tail_digits } = dial.number;
        data.extend_from_slice(prefix.as_bytes());
        decimal(data, u64::from(tail), usize::from(tail_digits));
        data.extend_from_slice(b"\",\"gateway\":{\"kind\":\"");
        data.extend_from_slice(dial.gateway.kind_text.as_bytes());
        data.extend_from_slice(b"\",\"instance\":\"");
        data.extend_from_slice(dial.gateway.instance.as_bytes());
        data.extend_from_slice(b"\"},\"ringTimeoutInSeconds\":");
        decimal(data, u64::from(dial.ring_timeout_s), 1);
    }

    fn said(&mut self, dial: &Dial, event: &Scheduled) {
        match event.what {
            What::Started => {}
            What::Ringing => self.time_field("ringingAt", event.at_ms),
            What::Answered => {
                self.time_field("answeredAt", event.at_ms);
                let by = if dial.is_machine { "machine" } else { "human" };
                text_field(&mut self.data, "answeredBy", by);
            }
            What::Ended => self.ended(dial, event.at_ms),
            What::Cost => {
                let data = &mut self.data;
                data.extend_from_slice(b",\"amount\":\"");
                decimal(data, dial.price_micro / 1_000_000, 1);
                data.push(b'.');
                decimal(data, dial.price_micro % 1_000_000, 6);
                data.push(b'"');
                text_field(data, "currency", dial.gateway.currency.unwrap_or("USD"));
            }
        }
    }

    fn ended(&mut self, dial: &Dial, at_ms: i64) {
        self.time_field("endedAt", at_ms);
        if let Some(answered_ms) = dial.answered_ms {
            self.time_field("answeredAt", answered_ms);
        }
        let words = dial.outcome.words(dial.gateway.kind);
        let data = &mut self.data;
        text_field(data, "reason", words.reason);
        text_field(data, "vendorStatus", words.vendor_status);
        number_field(data, "sipCode", words.sip);
        number_field(data, "q850Cause", words.q850);
        text_field(data, "hangupSide", words.side);
    }

    fn time_field(&mut self, name: &str, ms: i64) {
        field(&mut self.data, name);
        self.data.push(b'"');
        self.day.time(&mut self.data, ms);
        self.data.push(b'"');
    }
}

fn field(data: &mut Vec<u8>, name: &str) {
    data.extend_from_slice(b",\"");
    data.extend_from_slice(name.as_bytes());
    data.extend_from_slice(b"\":");
}

fn text_field(data: &mut Vec<u8>, name: &str, text: &str) {
    if !text.is_empty() {
        field(data, name);
        data.push(b'"');
        data.extend_from_slice(text.as_bytes());
        data.push(b'"');
    }
}

fn number_field(data: &mut Vec<u8>, name: &str, number: Option<u16>) {
    if let Some(number) = number {
        field(data, name);
        decimal(data, u64::from(number), 1);
    }
}

/// A name as the kind of gateway gives it.
fn dial_id(data: &mut Vec<u8>, dial: &Dial) {
    match dial.gateway.kind {
        Kind::Twilio => {
            data.extend_from_slice(b"CA");
            hex(data, &dial.token.to_be_bytes());
            hex(data, &dial.token.rotate_left(29).to_be_bytes());
        }
        Kind::Vonage | Kind::Telnyx | Kind::Freeswitch => {
            let wide = (u128::from(dial.token) << 64) | u128::from(!dial.token);
            uuid(data, &wide.to_be_bytes());
        }
        Kind::Asterisk => {
            data.extend_from_slice(dial.gateway.instance.as_bytes());
            data.push(b'/');
            decimal(data, u64::try_from(dial.started_ms / 1_000).unwrap_or(0), 1);
            data.push(b'.');
            decimal(data, dial.token, 1);
        }
    }
}

const HEX: &[u8; 16] = b"0123456789abcdef";

fn hex(out: &mut Vec<u8>, bytes: &[u8]) {
    for byte in bytes {
        let (high, low) = (usize::from(byte >> 4), usize::from(byte & 0x0F));
        out.extend_from_slice(&[HEX[high], HEX[low]]);
    }
}

fn uuid(out: &mut Vec<u8>, bytes: &[u8; 16]) {
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        hex(out, std::slice::from_ref(byte));
    }
}

/// At least `width` digits.
fn decimal(out: &mut Vec<u8>, number: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    let mut rest = number;
    for digit in digits.iter_mut().rev() {
        if rest == 0 {
            break;
        }
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        at -= 1;
    }
    let from = at.min(digits.len() - width.clamp(1, digits.len()));
    out.extend_from_slice(digits.get(from..).unwrap_or_default());
}

/// The text of the day written last: events come day by day.
#[derive(Debug, Default)]
struct DayText {
    days: Option<i64>,
    text: Vec<u8>,
}

impl DayText {
    /// `2026-03-01T12:34:56.789Z`.
    fn time(&mut self, out: &mut Vec<u8>, ms: i64) {
        let days = ms.div_euclid(86_400_000);
        if self.days != Some(days) {
            self.days = Some(days);
            self.text = Micros::from_ms(ms).day().to_string().into_bytes();
        }
        let of_day = u64::try_from(ms.rem_euclid(86_400_000)).unwrap_or(0);
        out.extend_from_slice(&self.text);
        out.push(b'T');
        decimal(out, of_day / 3_600_000, 2);
        out.push(b':');
        decimal(out, of_day / 60_000 % 60, 2);
        out.push(b':');
        decimal(out, of_day / 1_000 % 60, 2);
        out.push(b'.');
        decimal(out, of_day % 1_000, 3);
        out.push(b'Z');
    }
}
