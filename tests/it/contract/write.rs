//! Fold writes: last-write-wins by version is the join.

use ringfold::dial::facts::Facts;
use ringfold::dial::row::{FoldWrite, Locator};
use ringfold::dial::{ItemKey, Row, State};
use ringfold::ports::store::{Atomicity, Cursor, DialStore, ItemReader};
use ringfold::value::{DialId, Micros};

use super::sample::{Sample, batches, put, row, units, write, write_of_call};

pub async fn the_same_write_twice_changes_nothing<S: DialStore + ItemReader>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let rows: Vec<_> = (0..5).map(|_| write(sample.key(), sample.state(1))).collect();
    put(store, &rows).await;
    let before = all(store, &rows).await;
    put(store, &rows).await;
    assert_eq!(all(store, &rows).await, before);
}

async fn all<S: DialStore>(store: &S, rows: &[FoldWrite]) -> Vec<Option<Row>> {
    let keys: Vec<_> = rows.iter().map(|row| row.key).collect();
    store.load(&keys).await.unwrap()
}

pub async fn any_order_of_a_history_leaves_its_furthest_state<S: DialStore>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    for turn in 0..4 {
        let key = sample.key();
        let mut chain = sample.chain(4);
        // The furthest state says less than those before it.
        chain.push(State { facts: Facts::default(), revision: 5 });
        let furthest = chain.last().cloned().unwrap();
        chain.rotate_left(turn);
        if turn % 2 == 1 {
            chain.reverse();
        }
        for state in &chain {
            put(store, &[write(key, state.clone())]).await;
        }
        assert_eq!(row(store, &key).await.state, furthest);
    }
}

pub async fn a_stale_write_changes_nothing<S: DialStore>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let key = sample.key();
    let chain = sample.chain(3);
    put(store, &[write(key, chain[2].clone())]).await;
    let before = row(store, &key).await;
    for state in &chain[..2] {
        put(store, &[write(key, state.clone())]).await;
        assert_eq!(row(store, &key).await, before);
    }
}

pub async fn a_state_comes_back_as_it_was_written<S: DialStore>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let mut rows: Vec<_> = (0..200).map(|n| write(sample.key(), sample.state(n % 7))).collect();
    rows.push(write(sample.key(), State::default()));
    put(store, &rows).await;
    for (written, read) in rows.iter().zip(all(store, &rows).await) {
        let read = read.unwrap();
        let version = written.state.version(written.key.created_at);
        assert_eq!(read.state, written.state);
        assert_eq!(
            read,
            Row { newest_wall: Some(version), ..Row::of(read.key, read.state.clone()) }
        );
    }
}

pub async fn the_largest_row_comes_back<S: DialStore>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let mut state = sample.state(1);
    while state.facts.ended.is_none() {
        state = sample.state(1);
    }
    state.facts.dial = DialId::parse(&"d".repeat(DialId::BYTES_MAX));
    if let Some(ended) = &mut state.facts.ended {
        // Four bytes a character.
        ended.said.vendor_reason = Some("\u{1F4DE}".repeat(16_000).into());
        ended.said.status = Some("\u{10FFFD}".repeat(255).into());
    }
    let write = write(sample.key(), state);
    put(store, std::slice::from_ref(&write)).await;
    assert_eq!(row(store, &write.key).await.state, write.state);
}

pub async fn a_batch_may_hold_1_100_or_1000_rows<S: DialStore>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    for count in [1, 100, 1_000] {
        let rows: Vec<_> = (0..count).map(|_| write(sample.key(), sample.state(1))).collect();
        for batch in batches(&rows) {
            let unit = ringfold::ports::store::WriteUnit { batches: vec![batch], cursors: vec![] };
            store.write(&unit).await.unwrap();
        }
        for (written, read) in rows.iter().zip(all(store, &rows).await) {
            assert_eq!(read.unwrap().state, written.state);
        }
    }
}

pub async fn several_dials_of_one_day_do_not_meet<S: DialStore>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let at = sample.instant(super::sample::DAY);
    let rows: Vec<_> = (0..10).map(|_| write(sample.key_at(at), sample.state(1))).collect();
    put(store, &rows).await;
    let moved = write(rows[3].key, sample.state(2));
    put(store, std::slice::from_ref(&moved)).await;
    for (place, read) in all(store, &rows).await.into_iter().enumerate() {
        let written = if place == 3 { &moved } else { &rows[place] };
        assert_eq!(read.unwrap().state, written.state);
    }
}

pub async fn locators_are_there_after_the_acknowledgement<S: DialStore + ItemReader>(
    store: &S,
    seed: u64,
) {
    let sample = Sample::of(seed);
    let key = sample.timeless_key();
    assert_eq!(store.locate(key.project, key.item).await.unwrap(), None);
    let began = Micros::new(key.created_at.get() - 7_200_000_000);
    let call = sample.call_at(began);
    let write = write_of_call(key, call);
    assert_eq!(Locator::all_of(&key, &write.state).len(), 2);
    put(store, &[write]).await;
    assert_eq!(store.locate(key.project, key.item).await.unwrap(), Some(key.created_at));
    assert_eq!(store.slices(key.project, call).await.unwrap(), [key.created_at.slice()]);
}

pub async fn cursors_come_true_with_their_rows<S: DialStore>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let source = format!("source-{seed}");
    let cursor = |source: &str, number, next| Cursor {
        source: source.into(),
        number,
        next,
        floor: Micros::from_ms(7),
        parts: 12,
    };
    assert_eq!(store.cursors(&source).await.unwrap(), []);
    if store.atomicity() == Atomicity::PerDay {
        return;
    }
    let key: ItemKey = sample.key();
    let mut unit = units(store, &[write(key, sample.state(1))]).pop().unwrap();
    let other = format!("{source}-2");
    unit.cursors = vec![cursor(&source, 11, 1 << 40), cursor(&source, 0, 5), cursor(&other, 0, 9)];
    store.write(&unit).await.unwrap();
    let mut read = store.cursors(&source).await.unwrap();
    read.sort_by_key(|cursor| cursor.number);
    assert_eq!(read, [cursor(&source, 0, 5), cursor(&source, 11, 1 << 40)]);
    assert_eq!(store.cursors(&other).await.unwrap(), [cursor(&other, 0, 9)]);
    row(store, &key).await;
    // A replay puts it back.
    let back =
        ringfold::ports::store::WriteUnit { batches: vec![], cursors: vec![cursor(&source, 0, 2)] };
    store.write(&back).await.unwrap();
    let read = store.cursors(&source).await.unwrap();
    assert!(read.contains(&cursor(&source, 0, 2)), "{read:?}");
}
