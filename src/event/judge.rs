//! Slots to typed values, and the one fault that is given where several are found.
//! It knows the contract's types, not its kinds.

use std::time::Duration;

use uuid::Uuid;

use crate::value::Micros;

use super::json::Slot;
use super::reject::{Reason, Reject};
use super::rfc3339;

/// 2000-01-01T00:00:00Z: no event is older.
const OLDEST: Micros = Micros::from_ms(946_684_800_000);

const A_UUID: &str = "a UUID of the form 8-4-4-4-12";
const A_TIME: &str = "an RFC 3339 time such as 2026-05-14T08:15:30.250Z";

/// Collects faults while an event is read field by field and keeps the first by the contract's
/// order, so that readers need not read in that order.
#[derive(Debug)]
pub(super) struct Judge {
    fault: Option<Reject>,
    future: Duration,
    latest: Option<Micros>,
}

/// What stands around the data and decides about its times.
#[derive(Debug)]
pub(super) struct Stamp<'a> {
    /// The attribute `time`.
    pub(super) time: Slot<'a>,
    /// The attribute `recordedtime`.
    pub(super) recorded: Slot<'a>,
    /// When the log took the record.
    pub(super) record_time: Option<Micros>,
    /// How far a time may be ahead of the record's, and the id's beside the start.
    pub(super) future: Duration,
}

impl Judge {
    /// A judge of one event. Without any record time nothing is in the future.
    pub(super) fn new(stamp: &Stamp<'_>) -> Self {
        let mut judge = Self { fault: None, future: stamp.future, latest: None };
        let recorded = judge.bare_time("recordedtime", &stamp.recorded);
        judge.latest = stamp.record_time.or(recorded).map(|at| at.plus(stamp.future));
        judge
    }

    /// Notes a fault; of equal reasons the first noted stays.
    pub(super) fn blame(&mut self, fault: Reject) {
        if self.fault.is_none_or(|known| fault.kind() < known.kind()) {
            self.fault = Some(fault);
        }
    }

    /// The verdict: what was read, unless there is a fault.
    pub(super) fn verdict<T>(&self, read: Option<T>) -> Result<T, Reject> {
        match (self.fault, read) {
            (Some(fault), _) => Err(fault),
            (None, Some(read)) => Ok(read),
            // Readers give nothing only after a fault; this keeps the law if one forgets.
            (None, None) => Err(Reject::new(Reason::BadField)),
        }
    }

    /// Notes that a required field is not there.
    pub(super) fn missing(&mut self, field: &'static str) {
        self.blame(Reject::of_field(Reason::MissingField, field));
    }

    /// Notes a field of a wrong type, length, pattern or word.
    pub(super) fn wrong(&mut self, field: &'static str, expected: &'static str) {
        self.blame(Reject::expecting(Reason::BadField, field, expected));
    }

    /// A UUID; the nil UUID is absent.
    pub(super) fn uuid(&mut self, field: &'static str, slot: &Slot<'_>) -> Option<Uuid> {
        if slot.is_absent() {
            return None;
        }
        let text = slot.text().filter(|text| text.len() == 36);
        let id = text.and_then(|text| Uuid::try_parse(text).ok());
        if id.is_none() {
            self.wrong(field, A_UUID);
        }
        id.filter(|id| !id.is_nil())
    }

    /// A UUID that must be there.
    pub(super) fn required_uuid(&mut self, field: &'static str, slot: &Slot<'_>) -> Option<Uuid> {
        if is_nil_or_absent(slot) {
            self.missing(field);
        }
        self.uuid(field, slot)
    }

    /// Text without control characters of at most `most` characters.
    pub(super) fn text<'s>(
        &mut self,
        field: &'static str,
        slot: &'s Slot<'_>,
        (most, expected): (usize, &'static str),
    ) -> Option<&'s str> {
        let text = self.any_text(field, slot)?;
        // The number of bytes is a cheap upper bound of the number of characters.
        let fits = text.len() <= most || text.chars().count() <= most;
        if fits && is_printable(text) {
            Some(text)
        } else {
            self.wrong(field, expected);
            None
        }
    }

    /// Text of any length and content.
    pub(super) fn any_text<'s>(
        &mut self,
        field: &'static str,
        slot: &'s Slot<'_>,
    ) -> Option<&'s str> {
        let text = slot.text();
        if text.is_none() && !slot.is_absent() {
            self.wrong(field, "text");
        }
        text
    }

    /// Text that a predicate accepts.
    pub(super) fn pattern<'s>(
        &mut self,
        field: &'static str,
        slot: &'s Slot<'_>,
        (accepts, expected): (fn(&str) -> bool, &'static str),
    ) -> Option<&'s str> {
        let text = slot.text().filter(|text| accepts(text));
        if text.is_none() && !slot.is_absent() {
            self.wrong(field, expected);
        }
        text
    }

    /// An integer from `least` to `most`.
    pub(super) fn integer<N: TryFrom<i64>>(
        &mut self,
        field: &'static str,
        slot: &Slot<'_>,
        ((least, most), expected): ((i64, i64), &'static str),
    ) -> Option<N> {
        if slot.is_absent() {
            return None;
        }
        let number = slot.number().and_then(|text| text.parse::<i64>().ok());
        let number =
            number.filter(|n| (least..=most).contains(n)).and_then(|n| N::try_from(n).ok());
        if number.is_none() {
            self.wrong(field, expected);
        }
        number
    }

    /// A boolean.
    pub(super) fn boolean(&mut self, field: &'static str, slot: &Slot<'_>) -> Option<bool> {
        match slot {
            Slot::Unseen | Slot::Null => None,
            Slot::Bool(value) => Some(*value),
            Slot::Text(_) | Slot::Number(_) | Slot::Nested(_) => {
                self.wrong(field, "true or false");
                None
            }
        }
    }

    /// A time that is neither too old nor in the future.
    pub(super) fn time(&mut self, field: &'static str, slot: &Slot<'_>) -> Option<Micros> {
        let at = self.bare_time(field, slot)?;
        self.plausible(field, at);
        Some(at)
    }

    /// A time. Whatever is no RFC 3339 text is `bad_time`, other types too: the remedy is the same.
    fn bare_time(&mut self, field: &'static str, slot: &Slot<'_>) -> Option<Micros> {
        let at = slot.text().and_then(rfc3339::parse);
        if at.is_none() && !slot.is_absent() {
            self.blame(Reject::expecting(Reason::BadTime, field, A_TIME));
        }
        at
    }

    /// Notes a time carried by the given id that is not the one of the start.
    pub(super) fn same_start(&mut self, field: &'static str, of_id: Micros, started_at: Micros) {
        let apart = of_id.since(started_at).unsigned_abs();
        if u128::from(apart) > self.future.as_micros() {
            self.blame(Reject::of_field(Reason::IdTimeMismatch, field));
        }
    }

    /// Notes a time that no event of this record can have.
    pub(super) fn plausible(&mut self, field: &'static str, at: Micros) {
        if at < OLDEST {
            self.blame(Reject::of_field(Reason::TimeTooOld, field));
        }
        if self.latest.is_some_and(|latest| at > latest) {
            self.blame(Reject::of_field(Reason::TimeInFuture, field));
        }
    }
}

/// Whether no id is given: the nil UUID names nothing.
pub(super) fn is_nil_or_absent(slot: &Slot<'_>) -> bool {
    slot.is_absent() || slot.text() == Some("00000000-0000-0000-0000-000000000000")
}

/// Whether no control character is in the text.
pub(super) fn is_printable(text: &str) -> bool {
    // Bytes decide but for C1 controls, which need two: U+0080 to U+009F begin with 0xC2.
    let mut previous = 0_u8;
    text.bytes().all(|byte| {
        let is_c1 = previous == 0xC2 && byte < 0xA0;
        previous = byte;
        byte >= b' ' && byte != 0x7F && !is_c1
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printable_means_without_control_characters() {
        for c in '\0'..='\u{2100}' {
            assert_eq!(is_printable(&format!("a{c}b")), !c.is_control(), "{c:?}");
        }
    }

    #[test]
    fn of_several_faults_the_first_of_the_contract_is_given() {
        let mut judge = Judge::new(&Stamp {
            time: Slot::Unseen,
            recorded: Slot::Unseen,
            record_time: None,
            future: Duration::ZERO,
        });
        judge.blame(Reject::of_field(Reason::BadTime, "endedAt"));
        judge.wrong("sipCode", "x");
        judge.wrong("q850Cause", "x");
        judge.blame(Reject::new(Reason::BadAmount));
        let expected = Reject::expecting(Reason::BadField, "sipCode", "x");
        assert_eq!(judge.verdict(Some(())), Err(expected));
    }
}
