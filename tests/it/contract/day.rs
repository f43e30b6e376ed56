//! Pages of a project-day.

use ringfold::dial::row::Deletion;
use ringfold::dial::{ItemKey, Row};
use ringfold::ports::store::{DayRange, DialStore, ItemReader};
use ringfold::value::{Day, ItemId, Micros};
use uuid::Uuid;

use super::sample::{DAY, Sample, edit, put, row, write};

/// All rows of a range, in pages of this size.
pub async fn pages<S: ItemReader>(store: &S, range: &DayRange, size: usize) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut after = None;
    loop {
        let page = store.day(range, after, size).await.unwrap();
        assert!(page.rows.len() <= size);
        rows.extend(page.rows);
        after = page.next;
        let Some(next) = after else { return rows };
        let last = rows.last().map(|row| (row.key.created_at, row.key.item));
        assert_eq!(last, Some((next.created_at, next.item)));
    }
}

fn keys(rows: &[Row]) -> Vec<ItemKey> {
    rows.iter().map(|row| row.key).collect()
}

/// Newest first, then by id.
fn sorted(mut keys: Vec<ItemKey>) -> Vec<ItemKey> {
    keys.sort_by(|a, b| b.created_at.cmp(&a.created_at).then(a.item.cmp(&b.item)));
    keys
}

pub async fn pages_of_any_size_join_to_the_day<S: DialStore + ItemReader>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let rows: Vec<_> = (0..23).map(|_| write(sample.key(), sample.state(1))).collect();
    put(store, &rows).await;
    let want = sorted(rows.iter().map(|row| row.key).collect());
    let whole = DayRange::whole(sample.project, DAY);
    for size in [1, 7, 22, 23, 24, 5_000] {
        let read = pages(store, &whole, size).await;
        assert_eq!(keys(&read), want, "pages of {size}");
        for row in &read {
            let written = rows.iter().find(|written| written.key == row.key).unwrap();
            assert_eq!(row.state, written.state);
        }
    }
}

pub async fn items_of_one_instant_come_by_id<S: DialStore + ItemReader>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let at = sample.instant(DAY);
    let ids = [0, 1, 0x7FFF, 0x8000, u128::MAX >> 1, u128::MAX - 1];
    let key = |id| ItemKey {
        project: sample.project,
        created_at: at,
        item: ItemId::new(Uuid::from_u128(id)),
    };
    let rows: Vec<_> = ids.map(|id| write(key(id), sample.state(1))).to_vec();
    put(store, &rows).await;
    let whole = DayRange::whole(sample.project, DAY);
    for size in [1, 4, 6] {
        assert_eq!(keys(&pages(store, &whole, size).await), ids.map(key));
    }
}

pub async fn a_range_takes_its_first_instant_and_leaves_its_last<S: DialStore + ItemReader>(
    store: &S,
    seed: u64,
) {
    let sample = Sample::of(seed);
    let at = |ms| Micros::from_ms(DAY.start().ms() + 40_000_000 + ms);
    let rows: Vec<_> = (0..5).map(|ms| write(sample.key_at(at(ms)), sample.state(1))).collect();
    put(store, &rows).await;
    let range = |from, to| DayRange { project: sample.project, day: DAY, from, to };
    for (from, to, want) in [
        (at(1), at(3), vec![rows[2].key, rows[1].key]),
        (at(4), at(5), vec![rows[4].key]),
        (at(4), at(4), vec![]),
        (at(3), at(1), vec![]),
        (at(5), at(99), vec![]),
    ] {
        for size in [1, 2, 9] {
            assert_eq!(keys(&pages(store, &range(from, to), size).await), want);
        }
    }
}

pub async fn midnight_parts_two_days<S: DialStore + ItemReader>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let next = Day::new(DAY.get() + 1);
    let last = write(sample.key_at(Micros::from_ms(next.start().ms() - 1)), sample.state(1));
    let first = write(sample.key_at(next.start()), sample.state(1));
    put(store, &[last.clone(), first.clone()]).await;
    for (day, want) in [(DAY, last.key), (next, first.key)] {
        let whole = DayRange::whole(sample.project, day);
        assert_eq!(keys(&pages(store, &whole, 10).await), [want]);
    }
}

pub async fn an_empty_day_has_an_empty_page<S: DialStore + ItemReader>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    put(store, &[write(sample.stranger().key(), sample.state(1))]).await;
    let whole = DayRange::whole(sample.project, DAY);
    let page = store.day(&whole, None, 10).await.unwrap();
    assert_eq!((page.rows, page.next), (vec![], None));
}

pub async fn deleted_rows_are_given_marked<S: DialStore + ItemReader>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let rows = [write(sample.key(), sample.state(1)), write(sample.key(), sample.state(1))];
    put(store, &rows).await;
    let mut delete = edit(&row(store, &rows[0].key).await, DAY.end());
    delete.deletion = Some(Deletion { at: DAY.end(), by: "k1".into() });
    store.edit(&delete).await.unwrap();
    let read = pages(store, &DayRange::whole(sample.project, DAY), 10).await;
    assert_eq!(read.len(), 2);
    for row in read {
        assert_eq!(row.deletion.is_some(), row.key == rows[0].key);
    }
}

pub async fn keys_come_as_rows_do_but_for_deleted_ones<S: DialStore + ItemReader>(
    store: &S,
    seed: u64,
) {
    let sample = Sample::of(seed);
    let rows: Vec<_> = (0..17).map(|_| write(sample.key(), sample.state(1))).collect();
    put(store, &rows).await;
    for deleted in rows.iter().step_by(3) {
        let mut delete = edit(&row(store, &deleted.key).await, DAY.end());
        delete.deletion = Some(Deletion { at: DAY.end(), by: "k1".into() });
        store.edit(&delete).await.unwrap();
    }
    let whole = DayRange::whole(sample.project, DAY);
    for size in [1, 2, 16, 17, 18] {
        let mut after = None;
        loop {
            let keys = store.keys(&whole, after, size).await.unwrap();
            let rows = store.day(&whole, after, size).await.unwrap();
            let shown = rows.rows.iter().filter(|row| row.deletion.is_none());
            assert_eq!(keys.keys, shown.map(|row| row.key).collect::<Vec<_>>());
            assert_eq!(keys.next, rows.next);
            after = keys.next;
            if after.is_none() {
                break;
            }
        }
    }
}
