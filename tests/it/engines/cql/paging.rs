//! Pages of a day: borders, ties, ranges, and ids that the server orders otherwise.

use ringfold::dial::row::DirectoryRow;
use ringfold::dial::{FoldWrite, ItemKey, State};
use ringfold::ports::store::{DayRange, DialStore, ItemReader, PageCursor};
use ringfold::value::ItemId;
use uuid::Uuid;

use super::cells::{batch, of, unit};
use super::keyspace::on_store;
use crate::support::dials::{at, project, s};

/// An id of a version and some bytes; only v4 among them carries no time.
fn item(version: u8, number: u8) -> ItemId {
    let mut bytes = [number; 16];
    bytes[6] = version << 4;
    bytes[8] = 0x80;
    ItemId::new(Uuid::from_bytes(bytes))
}

fn state() -> State {
    let mut state = State::default();
    state.inject(&s().0);
    state
}

fn row(ms: i64, item: ItemId) -> FoldWrite {
    of(ItemKey { project: project(), created_at: at(ms), item }, state())
}

fn keys_of(rows: &[FoldWrite]) -> Vec<(i64, ItemId)> {
    rows.iter().map(|row| (row.key.created_at.ms(), row.key.item)).collect()
}

async fn pages(store: &impl ItemReader, range: &DayRange, size: usize) -> Vec<Vec<(i64, ItemId)>> {
    let mut pages = Vec::new();
    let mut after: Option<PageCursor> = None;
    loop {
        let page = store.day(range, after, size).await.unwrap();
        assert!(page.rows.len() <= size);
        let keys = page.rows.iter().map(|row| (row.key.created_at.ms(), row.key.item)).collect();
        pages.push(keys);
        after = page.next;
        if after.is_none() {
            return pages;
        }
    }
}

#[test]
fn pages_of_any_size_give_every_row_once_in_order() {
    on_store(async |store, _| {
        // Ties of every width, with ids of versions that servers order by version first.
        let mut rows = Vec::new();
        for (ms, ties) in [(0, 1), (10, 7), (20, 2), (30, 1), (40, 5), (50, 1)] {
            for number in 1..=ties {
                rows.push(row(ms, item([1, 4, 7, 8][usize::from(number % 4)], 240 - number * 17)));
            }
        }
        store.write(&unit(batch(rows.clone(), DirectoryRow::Missing))).await.unwrap();
        let mut wanted = keys_of(&rows);
        wanted.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let range = DayRange::whole(project(), at(0).day());
        for size in [1, 2, 3, 7, wanted.len() - 1, wanted.len(), wanted.len() + 1] {
            let pages = pages(&store, &range, size).await;
            assert_eq!(pages.concat(), wanted, "pages of {size}");
            assert_eq!(pages.len(), wanted.len().div_ceil(size), "no empty page: {size}");
        }
    });
}

#[test]
fn a_range_takes_its_first_instant_and_not_its_last() {
    on_store(async |store, _| {
        let day = at(0).day();
        let (start, end) = (day.start(), day.end());
        let first = (start.ms() - at(0).ms(), item(8, 1));
        let last = (end.ms() - 1 - at(0).ms(), item(8, 2));
        let rows = vec![row(first.0, first.1), row(0, item(8, 3)), row(last.0, last.1)];
        store.write(&unit(batch(rows, DirectoryRow::Missing))).await.unwrap();
        let count = async |from, to| {
            let range = DayRange { project: project(), day, from, to };
            store.day(&range, None, 100).await.unwrap().rows.len()
        };
        assert_eq!(count(start, end).await, 3);
        assert_eq!(count(at(0), end).await, 2);
        assert_eq!(count(at(1), end).await, 1);
        assert_eq!(count(start, at(0)).await, 1);
        assert_eq!(count(start, at(1)).await, 2);
        assert_eq!(count(at(0), at(0)).await, 0);
        let nobody = DayRange::whole(Uuid::from_bytes([1; 16]).into(), day);
        assert_eq!(store.day(&nobody, None, 100).await.unwrap().rows.len(), 0);
    });
}

#[test]
fn a_page_larger_than_the_servers_is_read_through() {
    on_store(async |store, _| {
        let rows: Vec<FoldWrite> = (0_u32..6_003)
            .map(|n| row(i64::from(n), ItemId::new(Uuid::from_u128(u128::from(n)))))
            .collect();
        for chunk in rows.chunks(1_000) {
            store.write(&unit(batch(chunk.to_vec(), DirectoryRow::Known))).await.unwrap();
        }
        let range = DayRange::whole(project(), at(0).day());
        let pages = pages(&store, &range, 6_000).await;
        let sizes: Vec<usize> = pages.iter().map(Vec::len).collect();
        assert_eq!(sizes, [6_000, 3]);
    });
}
