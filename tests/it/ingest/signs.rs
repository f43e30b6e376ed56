//! Signs of faulty gateways and of lag, as the machine counts them; and what it forgets in time.

use std::sync::Arc;
use std::time::Duration;

use ringfold::dial::limits::Limits;
use ringfold::dial::{ItemKey, State};
use ringfold::ingest::cache::{Cache, Entry, Sequence, Standing};
use ringfold::ingest::machine::{Backlog, Context, Machine};
use ringfold::ports::log::{LogPartition, RecordBatch};
use ringfold::ports::store::Atomicity;
use ringfold::tariff::Book;
use ringfold::value::{ItemId, Micros, ProjectId};
use uuid::Uuid;

use super::world::{Logged, NOON_MS, World, record};

/// A dial of a counting gateway: kinds, and the number that each event bears.
fn play(events: &[(&'static str, Option<u64>)]) -> Machine {
    let logged = events.iter().map(|(kind, number)| (record(1, kind, 3), *number)).collect();
    play_all(logged)
}

fn play_all(events: Vec<(Logged, Option<u64>)>) -> Machine {
    let mut machine = World::new(vec![Vec::new()], Atomicity::PerDay).machine;
    let mut batch = RecordBatch::default();
    for (offset, (logged, number)) in (0..).zip(events) {
        logged.push(&mut batch, LogPartition { source: 0, number: 0 }, offset);
        if let Some(number) = number {
            batch.push_header("ce_sequence", Some(format!("{number:020}").as_bytes()));
        }
    }
    let (book, limits) = (Book::default(), Limits::default());
    let now = Micros::from_ms(NOON_MS + 600_000);
    let context = Context { book: &book, limits: &limits, now, elapsed: Duration::ZERO };
    machine.on_polled(&Arc::new(batch), Backlog::None, &context);
    machine
}

fn gaps(mut machine: Machine) -> u64 {
    machine.take_counts().gateway_gaps.values().sum()
}

#[test]
fn a_dial_that_ended_with_a_number_missing_is_a_gap() {
    let whole = [("dial.started", Some(1)), ("dial.ringing", Some(2)), ("dial.ended", Some(3))];
    assert_eq!(gaps(play(&whole)), 0);
    let twice = [("dial.started", Some(1)), ("dial.started", Some(1)), ("dial.ended", Some(2))];
    assert_eq!(gaps(play(&twice)), 0);
    let hole = [("dial.started", Some(1)), ("dial.ended", Some(3))];
    assert_eq!(gaps(play(&hole)), 1);
    let headless = [("dial.ringing", Some(2)), ("dial.ended", Some(3))];
    assert_eq!(gaps(play(&headless)), 1);
    let uncounted = [("dial.started", None), ("dial.ended", None)];
    assert_eq!(gaps(play(&uncounted)), 0);
}

#[test]
fn a_dial_under_two_starts_is_seen() {
    let mut other = record(1, "dial.ringing", 3);
    other.value = other
        .value
        .replace("\"startedAt\":\"2026-03-30T12:00:01", "\"startedAt\":\"2026-03-30T12:00:02");
    let mut machine = play_all(vec![(record(1, "dial.started", 0), None), (other, None)]);
    assert_eq!(machine.take_counts().start_mismatches, 1);
    let apart = vec![(record(1, "dial.started", 0), None), (record(2, "dial.started", 0), None)];
    assert_eq!(play_all(apart).take_counts().start_mismatches, 0);
}

#[test]
fn the_oldest_incomplete_record_tells_both_of_its_times() {
    let machine = play(&[("dial.started", None), ("dial.ringing", None)]);
    let oldest = machine.positions().next().unwrap().oldest.unwrap();
    assert_eq!(oldest.event_time, Some(Micros::from_ms(NOON_MS + 1_000)));
    assert_eq!(oldest.record_time, Some(Micros::from_ms(NOON_MS + 600_000)));
}

fn key(number: u128) -> ItemKey {
    ItemKey {
        project: ProjectId::new(Uuid::nil()),
        created_at: Micros::from_ms(NOON_MS),
        item: ItemId::new(Uuid::from_u128(number)),
    }
}

fn ended() -> State {
    let mut world = World::new(vec![Vec::new()], Atomicity::PerDay);
    let log = [record(1, "dial.started", 0), record(1, "dial.ended", 9)];
    world.log = vec![log.to_vec()];
    world.poll(0, 2, Backlog::None);
    world.settle();
    world.rows.into_values().next().unwrap()
}

#[test]
fn a_cache_that_evicts_ended_dials_does_not_grow() {
    let (mut cache, state) = (Cache::default(), ended());
    for dial in 0..10_000_u128 {
        let place = cache.insert(Entry {
            key: key(dial),
            state: state.clone(),
            standing: Standing::Own,
            pending_row: None,
            in_flight: 0,
            needs_locator: false,
            sequence: Sequence::Unknown,
        });
        cache.note_ended(place);
        while cache.len() > 10 {
            assert!(cache.evict().is_some());
        }
    }
    // All that it holds, as text: 10 dials and what is remembered of their order.
    let size = format!("{cache:?}").len();
    assert!(size < 60_000, "{size} bytes for 10 dials");
}
