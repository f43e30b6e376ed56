//! What the generated traffic promises: one seed one sequence, readable events, their shares.

use std::collections::BTreeSet;
use std::time::Duration;

use super::*;
use crate::dial::fold;
use crate::event::{DecodeLimits, Event, RawRecord, decode, decode_line};

const LIMITS: DecodeLimits = DecodeLimits { future: Duration::from_mins(5) };

fn lines(plan: TrafficPlan) -> Vec<u8> {
    let mut traffic = Traffic::new(plan);
    let mut out = Vec::new();
    while let Some(event) = traffic.next_event() {
        event.write_line(&mut out);
    }
    out
}

fn events(plan: TrafficPlan) -> Vec<crate::dial::DialEvent> {
    let bytes = lines(plan);
    let split = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let read = split.map(|line| match decode_line(line, &LIMITS).unwrap().event {
        Event::Dial(event) => event,
        Event::Gateway(_) | Event::Reference(_) => panic!("only dials are generated"),
    });
    read.collect()
}

#[test]
fn one_plan_gives_one_sequence_of_bytes_and_another_seed_another() {
    let plan = TrafficPlan { disorder: Share(100_000), ..TrafficPlan::default() };
    assert_eq!(lines(plan), lines(plan));
    assert_ne!(lines(plan), lines(TrafficPlan { seed: 2, ..plan }));
}

#[test]
fn every_event_is_read_and_every_dial_has_its_end() {
    let events = events(TrafficPlan::default());
    let states = fold(&events);
    assert!(events.len() > 4_000, "{}", events.len());
    assert!(states.len() > 1_000, "{}", states.len());
    assert!(states.values().all(|state| state.facts.ended.is_some()));
    let answered = states.values().filter(|state| state.facts.answered.is_some()).count();
    assert!((300..1_000).contains(&answered), "{answered}");
    let projects: BTreeSet<_> = states.keys().map(|key| key.project).collect();
    assert_eq!(projects.len(), 10);
    let priced = states.values().filter(|state| state.facts.cost.is_some()).count();
    assert!(priced > 100, "{priced}");
}

#[test]
fn records_in_binary_mode_say_the_same_as_lines() {
    let mut traffic = Traffic::new(TrafficPlan { calls: 50, ..TrafficPlan::default() });
    while let Some(event) = traffic.next_event() {
        let headers = event.headers();
        let record = RawRecord {
            value: Some(event.data()),
            record_time: Some(event.arrives_at()),
            headers: headers.into_iter().map(|(name, value)| (name, Some(value))),
        };
        let decoded = decode(record, &LIMITS).unwrap();
        assert!(decoded.event.has_key(Some(event.key())));
        let mut line = Vec::new();
        event.write_line(&mut line);
        assert_eq!(decode_line(line.trim_ascii_end(), &LIMITS).unwrap(), decoded);
    }
}

#[test]
fn disorder_and_duplicates_change_no_item() {
    let plan = TrafficPlan { calls: 300, ..TrafficPlan::default() };
    let in_order = fold(&events(plan));
    let wild = TrafficPlan { disorder: Share(200_000), duplicates: Share(100_000), ..plan };
    let wild_events = events(wild);
    assert!(wild_events.len() > events(plan).len());
    // The shares draw from the same source, so the calls differ; the laws hold within each.
    let mut sorted = wild_events.clone();
    sorted.sort_by_key(|event| (event.key, event.said.kind()));
    let facts = |events: &[crate::dial::DialEvent]| -> Vec<_> {
        fold(events).into_iter().map(|(key, state)| (key, state.facts)).collect()
    };
    assert_eq!(facts(&wild_events), facts(&sorted));
    assert!(!in_order.is_empty());
}

#[test]
fn events_come_in_order_of_arrival_and_not_before_they_happen() {
    let plan = TrafficPlan { disorder: Share(50_000), ..TrafficPlan::default() };
    let mut traffic = Traffic::new(plan);
    let mut last = Micros::MIN;
    while let Some(next) = traffic.next_at() {
        let event = traffic.next_event().unwrap();
        assert_eq!(event.arrives_at(), next);
        assert!(event.arrives_at() >= last);
        last = event.arrives_at();
    }
    assert_eq!(traffic.calls_made(), plan.calls);
}

#[test]
fn missing_ends_leave_dials_open() {
    let plan = TrafficPlan { missing_ends: Share(250_000), ..TrafficPlan::default() };
    let states = fold(&events(plan));
    let open = states.values().filter(|state| state.facts.ended.is_none()).count();
    assert!(open * 3 > states.len() / 2 && open * 3 < states.len(), "{open} of {}", states.len());
}

#[test]
fn the_data_of_an_event_has_about_450_bytes() {
    let mut traffic = Traffic::new(TrafficPlan::default());
    let (mut count, mut bytes) = (0, 0);
    while let Some(event) = traffic.next_event() {
        count += 1;
        bytes += event.data().len();
    }
    let average = bytes / count;
    assert!((420..500).contains(&average), "{average}");
}
