//! Inputs from the log: records are decoded, folded into the cache and put into batches.

use std::sync::Arc;

use crate::dial::identity::{is_api_made, time_of_id};
use crate::dial::{DialEvent, ItemKey, State};
use crate::event::{self, Decoded, Event, Meta, RawRecord, Reject};
use crate::ports::log::{DeadLetter, Record, RecordBatch};
use crate::value::{CallId, Micros};

use super::super::batch::RowRef;
use super::super::cache::{Entry, Place, Sequence, Standing, Waiting};
use super::super::counts::add;
use super::super::effect::{Effect, Ticket};
use super::load::Missing;
use super::{Backlog, Context, Machine, Part};

/// Header that tells a line of a file from a record of a log.
pub(crate) const LINE_HEADER: &str = "ringfold-form";

/// What about a record decides whether its dial must be loaded.
#[derive(Clone, Copy, Debug)]
struct Circumstances {
    key: KeyMatch,
    attempts: u32,
    sequence: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum KeyMatch {
    Matches,
    Differs,
}

impl Machine {
    /// Records were read, in order within each log partition.
    pub fn on_polled(&mut self, batch: &Arc<RecordBatch>, backlog: Backlog, context: &Context<'_>) {
        self.backlog = backlog;
        for (index, record) in batch.iter().enumerate() {
            self.on_record((batch, index), record, context);
        }
        self.issue_loads();
        self.write_due(context);
    }

    fn on_record(
        &mut self,
        (batch, index): (&Arc<RecordBatch>, usize),
        record: Record<'_>,
        context: &Context<'_>,
    ) {
        let partition = record.partition();
        // A log partition that was given away since: its heir reads the record.
        let Some(part) = self.parts.get_mut(&partition) else { return };
        let size = record.size();
        let slot = part.ledger.charge(record.offset(), size, (Arc::clone(batch), index));
        let ticket = Ticket { partition, tenure: part.tenure, slot };
        if let Some(floor) = part.floor.settle(record.record_time()) {
            part.ledger.raise_floor(floor);
        }
        self.budget.charge(size);
        add(&mut self.counts.polled, (partition.source, partition.number), 1);
        match decode(record, &self.settings.decode) {
            Ok(Decoded { event: Event::Dial(event), meta }) => {
                let key = self.match_key(record, event.call);
                let Meta { attempts, sequence, .. } = meta;
                let circumstances = Circumstances { key, attempts, sequence };
                self.on_dial_event(event, ticket, circumstances, context);
            }
            Ok(Decoded { event: Event::Reference(reference), .. }) => {
                self.effects.push(Effect::Reference(ticket, Box::new(reference)));
            }
            Ok(Decoded { event: Event::Gateway(start), .. }) => {
                self.effects.push(Effect::GatewayStart(ticket, Box::new(start)));
            }
            Err(reject) => self.on_reject(record, ticket, &reject),
        }
    }

    fn match_key(&mut self, record: Record<'_>, call: CallId) -> KeyMatch {
        if is_line(record) || key_is(record.key(), call) {
            return KeyMatch::Matches;
        }
        self.counts.key_mismatches = self.counts.key_mismatches.saturating_add(1);
        KeyMatch::Differs
    }

    fn on_reject(&mut self, record: Record<'_>, ticket: Ticket, reject: &Reject) {
        add(&mut self.counts.rejected, reject.reason(), 1);
        let letter = self.dead_letter(record, reject.reason(), reject.to_string());
        self.effects.push(Effect::DeadLetter(ticket, Box::new(letter)));
    }

    /// The record as it came, with the reason.
    pub(super) fn dead_letter(
        &self,
        record: Record<'_>,
        reason: &'static str,
        error: String,
    ) -> DeadLetter {
        let partition = record.partition();
        let source =
            self.sources.get(usize::from(partition.source)).map_or_else(|| "".into(), Arc::clone);
        DeadLetter {
            source,
            partition,
            offset: record.offset(),
            record_time: record.record_time(),
            key: record.key().map(<[u8]>::to_vec),
            headers: record
                .headers()
                .map(|(name, value)| (name.to_owned(), value.map(<[u8]>::to_vec)))
                .collect(),
            value: record.value().map(<[u8]>::to_vec),
            reason,
            error,
            attempts: attempts(record),
        }
    }

    fn on_dial_event(
        &mut self,
        event: DialEvent,
        ticket: Ticket,
        circumstances: Circumstances,
        context: &Context<'_>,
    ) {
        let Some(part) = self.parts.get_mut(&ticket.partition) else { return };
        let id_time = time_of_id(event.key.item.uuid());
        if let Some(time) = id_time {
            part.ledger.accept(ticket.slot, time);
        }
        if let Some(place) = part.cache.find(&event.key) {
            if let Some(entry) = part.cache.at(place) {
                entry.sequence.note(circumstances.sequence);
            }
            self.on_held(place, event, ticket, context);
            return;
        }
        let cause = load_cause(part, &event.key, id_time, circumstances);
        let (standing, mut sequence) = match cause {
            Some(_) => (Standing::Loading(Vec::new()), Sequence::Unknown),
            None => (Standing::Own, Sequence::Seen(0)),
        };
        sequence.note(circumstances.sequence);
        let place = part.cache.insert(Entry {
            key: event.key,
            state: State::default(),
            standing,
            pending_row: None,
            in_flight: 0,
            needs_locator: false,
            sequence,
        });
        let other = event.dial.as_ref().and_then(|dial| part.cache.note_dial(place, dial));
        if other.is_some_and(|other| other.created_at != event.key.created_at) {
            self.counts.start_mismatches = self.counts.start_mismatches.saturating_add(1);
        }
        if let Some(cause) = cause {
            add(&mut self.counts.loads, cause, 1);
            let row = RowRef { partition: ticket.partition, tenure: ticket.tenure, place };
            self.to_load.push(Missing { key: event.key, row });
        }
        self.on_held(place, event, ticket, context);
        self.evict_beyond_limit(ticket);
    }

    /// The dial is in the cache, maybe still waiting for its row.
    pub(super) fn on_held(
        &mut self,
        place: Place,
        event: DialEvent,
        ticket: Ticket,
        context: &Context<'_>,
    ) {
        let Some(part) = self.parts.get_mut(&ticket.partition) else { return };
        let Some(entry) = part.cache.at(place) else { return };
        match &mut entry.standing {
            Standing::Loading(waiting) => waiting.push(Waiting { event, ticket }),
            Standing::Deleted => {
                add(&mut self.counts.unchanged, event.said.kind(), 1);
                self.complete(ticket);
            }
            Standing::Own | Standing::Loaded => self.fold(place, &event, ticket, context),
        }
    }

    fn fold(&mut self, place: Place, event: &DialEvent, ticket: Ticket, context: &Context<'_>) {
        let Some(part) = self.parts.get_mut(&ticket.partition) else { return };
        let Some(entry) = part.cache.at(place) else { return };
        let was_ended = entry.state.facts.ended.is_some();
        let injected = entry.state.inject(event);
        for register in injected.replaced.iter().chain(injected.lost.iter()) {
            add(&mut self.counts.replaced, register.label(), 1);
        }
        let kind = event.said.kind();
        if injected.is_change() {
            add(&mut self.counts.folded, kind, 1);
        } else {
            add(&mut self.counts.unchanged, kind, 1);
            // A state just loaded is written once even so: its former writer may have died before
            // the store's acknowledgement reached it.
            if matches!(entry.standing, Standing::Own) {
                self.complete(ticket);
                return;
            }
        }
        let day = (entry.key.project, entry.key.day());
        let has_ended = !was_ended && entry.state.facts.ended.is_some();
        let row = RowRef { partition: ticket.partition, tenure: ticket.tenure, place };
        let index = match entry.pending_row {
            Some(index) => index,
            None => self.batches.put_row(day, row, self.settings.batch_rows, context.elapsed),
        };
        entry.pending_row = Some(index);
        if has_ended {
            if entry.sequence.has_gap() {
                let started = entry.state.facts.started.as_ref();
                let kind = started.and_then(|s| s.said.gateway.as_ref()?.kind().map(Arc::from));
                add(&mut self.counts.gateway_gaps, kind, 1);
            }
            part.cache.note_ended(place);
        }
        self.batches.put_ticket(day, ticket, index, occurred_at(event));
    }

    fn evict_beyond_limit(&mut self, ticket: Ticket) {
        let held = self.parts.len().max(1);
        let limit = self.settings.cache_dials.div_euclid(held).max(1);
        let Some(part) = self.parts.get_mut(&ticket.partition) else { return };
        while part.cache.len() > limit {
            let Some(evicted) = part.cache.evict() else { return };
            part.floor.raise_above(evicted.created_at);
        }
    }
}

/// Why a dial that is not cached must be loaded; `None` = it is new.
fn load_cause(
    part: &Part,
    key: &ItemKey,
    id_time: Option<Micros>,
    circumstances: Circumstances,
) -> Option<&'static str> {
    match id_time {
        None => Some("no_id_time"),
        Some(_) if is_api_made(key.item) => Some("api_id"),
        Some(_) if circumstances.attempts > 0 => Some("redriven"),
        Some(_) if circumstances.key == KeyMatch::Differs => Some("key_mismatch"),
        Some(time) if !part.floor.is_new(time) => Some("below_floor"),
        Some(_) => None,
    }
}

pub(super) fn decode(record: Record<'_>, limits: &event::DecodeLimits) -> Result<Decoded, Reject> {
    if is_line(record) {
        let decoded = event::decode_line(record.value().unwrap_or_default(), limits)?;
        // A line has no headers of its own; that it was redriven is said beside it.
        let meta = Meta { attempts: attempts(record), ..decoded.meta };
        return Ok(Decoded { meta, ..decoded });
    }
    let raw = RawRecord {
        value: record.value(),
        record_time: record.record_time(),
        headers: record.headers(),
    };
    event::decode(raw, limits)
}

/// How often the record was redriven from the dead letters.
fn attempts(record: Record<'_>) -> u32 {
    let header = record.headers().find(|(name, _)| *name == "deadletter.attempts");
    let text = header.and_then(|(_, value)| std::str::from_utf8(value?).ok());
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn is_line(record: Record<'_>) -> bool {
    record.headers().next().is_some_and(|(name, _)| name == LINE_HEADER)
}

/// Whether the record key is the call's id as text, in any letter case.
fn key_is(key: Option<&[u8]>, call: CallId) -> bool {
    let mut text = [0; 36];
    let expected = call.uuid().hyphenated().encode_lower(&mut text);
    key.is_some_and(|key| key.eq_ignore_ascii_case(expected.as_bytes()))
}

/// When an event happened, as it says itself; of a reject nothing is known.
pub(super) fn event_time(record: Record<'_>, limits: &event::DecodeLimits) -> Option<Micros> {
    match decode(record, limits).ok()?.event {
        Event::Dial(event) => Some(occurred_at(&event)),
        Event::Reference(reference) => Some(reference.at),
        Event::Gateway(start) => Some(start.at),
    }
}

fn occurred_at(event: &DialEvent) -> Micros {
    use crate::dial::Said;
    match &event.said {
        Said::Started => event.started_at.unwrap_or(event.key.created_at),
        Said::Ringing { at }
        | Said::Answered { at, .. }
        | Said::Ended { at, .. }
        | Said::Cost { at, .. } => *at,
    }
}
