//! Loads: what the worker and the API read before they write.

use ringfold::dial::ItemKey;
use ringfold::ports::store::{DialStore, ItemReader};
use ringfold::value::Micros;

use super::sample::{Sample, put, row, write};

pub async fn rows_come_in_the_order_of_the_keys_with_gaps<S: DialStore>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let rows: Vec<_> = (0..50).map(|_| write(sample.key(), sample.state(1))).collect();
    put(store, &rows).await;
    let mut keys = Vec::new();
    for written in &rows {
        keys.extend([written.key, sample.key()]);
    }
    keys.reverse();
    let read = store.load(&keys).await.unwrap();
    assert_eq!(read.len(), 100);
    for (place, (key, read)) in keys.iter().zip(&read).enumerate() {
        assert_eq!(read.as_ref().map(|row| row.key), (place % 2 == 1).then_some(*key));
    }
    assert_eq!(store.load(&[]).await.unwrap(), []);
}

pub async fn the_last_acknowledged_write_is_seen<S: DialStore>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let key = sample.key();
    for state in sample.chain(20) {
        put(store, &[write(key, state.clone())]).await;
        assert_eq!(row(store, &key).await.state, state);
    }
}

pub async fn an_item_without_a_time_is_found_through_its_locator<S: DialStore + ItemReader>(
    store: &S,
    seed: u64,
) {
    let sample = Sample::of(seed);
    let key = sample.timeless_key();
    let written = write(key, sample.state(1));
    put(store, std::slice::from_ref(&written)).await;
    // An event of the dial that says another start.
    let asked = ItemKey { created_at: Micros::from_ms(key.created_at.ms() - 90_000_000), ..key };
    let read = row(store, &asked).await;
    assert_eq!((read.key, read.state), (key, written.state));
    let unknown = sample.timeless_key();
    assert_eq!(store.load(&[unknown]).await.unwrap(), [None]);
    let exact = store.get(&key).await.unwrap().unwrap();
    assert_eq!(exact.key, key);
}

pub async fn rows_of_other_projects_are_never_given<S: DialStore + ItemReader>(
    store: &S,
    seed: u64,
) {
    let sample = Sample::of(seed);
    let stranger = sample.stranger();
    let written = write(sample.key(), sample.state(1));
    let timeless = write(sample.timeless_key(), sample.state(1));
    put(store, &[written.clone(), timeless.clone()]).await;
    for key in [written.key, timeless.key] {
        let foreign = ItemKey { project: stranger.project, ..key };
        assert_eq!(store.load(&[foreign]).await.unwrap(), [None]);
        assert_eq!(store.get(&foreign).await.unwrap(), None);
        assert_eq!(store.locate(stranger.project, key.item).await.unwrap(), None);
    }
}
