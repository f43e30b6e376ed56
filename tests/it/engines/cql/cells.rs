//! Fold writes and what a server makes of them: V2, V4, and the cells themselves.

use ringfold::dial::event::{AnsweredBy, HangupSide};
use ringfold::dial::row::{DayBatch, DirectoryRow};
use ringfold::dial::{DialEvent, FoldWrite, ItemKey, Limits, Row, State, View, rendered};
use ringfold::ports::store::{DayRange, DialStore, ItemReader, WriteUnit};
use ringfold::tariff::Book;

use super::keyspace::{by_hand, on_store};
use crate::support::dials::{Told, a, a_by, at, c, e, key, key_of, r, s};
use crate::support::orders::orders;

/// The fold write of a state.
pub fn of(key: ItemKey, state: State) -> FoldWrite {
    let (book, limits) = (Book::default(), Limits::default());
    let view = View { book: &book, limits: &limits, now: at(0) };
    let rendered = rendered(&key, &state, &view);
    FoldWrite { key, state, rendered }
}

/// The fold write after these events of one dial.
pub fn written(events: &[Told]) -> FoldWrite {
    history(events).pop().unwrap()
}

/// The fold writes after each of these events.
pub fn history(events: &[Told]) -> Vec<FoldWrite> {
    let mut state = State::default();
    let step = |Told(event): &Told| {
        let DialEvent { key, .. } = event;
        state.inject(event);
        of(*key, state.clone())
    };
    events.iter().map(step).collect()
}

/// A batch of rows of one project-day.
pub fn batch(rows: Vec<FoldWrite>, directory: DirectoryRow) -> DayBatch {
    let first = rows[0].key;
    let (project, day) = (first.project, first.day());
    DayBatch { project, day, directory, locators: Vec::new(), rows }
}

/// A unit of one batch.
pub fn unit(batch: DayBatch) -> WriteUnit {
    WriteUnit { batches: vec![batch], cursors: Vec::new() }
}

/// Events that fill every register, with every attribute, and replace one by what says less.
fn telling() -> Vec<Told> {
    vec![
        s().attribute(|told| told.ring_timeout_s = Some(30)),
        r(900),
        a_by(4_000, AnsweredBy::Machine),
        e(60_250)
            .reason("completed")
            .status("completed")
            .sip(200)
            .q850(16)
            .side(HangupSide::Callee)
            .vendor_reason("Herr Übel hat aufgelegt ☎ 𝄞"),
        e(61_000),
        c(90_000, 123_456, "USD"),
    ]
}

#[test]
fn a_state_reads_back_as_it_was_written() {
    on_store(async |store, _| {
        for write in history(&telling()) {
            store.write(&unit(batch(vec![write.clone()], DirectoryRow::Missing))).await.unwrap();
            let row = store.get(&write.key).await.unwrap().unwrap();
            let newest_wall = Some(write.state.version(write.key.created_at));
            assert_eq!(row, Row { newest_wall, ..Row::of(write.key, write.state) });
            let loaded = store.load(&[write.key]).await.unwrap();
            assert_eq!(loaded, [Some(row.clone())]);
            let range = DayRange::whole(write.key.project, write.key.day());
            assert_eq!(store.day(&range, None, 10).await.unwrap().rows, [row]);
        }
    });
}

#[test]
fn writes_in_any_order_and_number_leave_the_furthest_state() {
    on_store(async |store, _| {
        let mut starts = 0;
        // Four steps of one dial; the third is replaced by an end that says less.
        let story = |start| {
            let early = e(5_000).reason("busy").status("busy").vendor_reason("Anna");
            [s(), r(900), early, e(6_000)].map(|told| told.started_at(start))
        };
        for order in orders(&[0, 1, 2, 3]) {
            starts += 1;
            let writes = history(&story(starts));
            let furthest = writes.last().unwrap().clone();
            for step in order.iter().chain(&order[..2]) {
                let rows = vec![writes[*step].clone()];
                store.write(&unit(batch(rows, DirectoryRow::Known))).await.unwrap();
            }
            let row = store.get(&furthest.key).await.unwrap().unwrap();
            assert_eq!(row.state, furthest.state, "{order:?}");
        }
    });
}

#[test]
fn batches_of_any_size_arrive_whole() {
    on_store(async |store, _| {
        for (from, size) in [(0, 1), (10_000, 100), (20_000, 1_000)] {
            let rows: Vec<FoldWrite> = (from..from + size)
                .map(|ms| written(&[s(), a(ms + 1_000), e(ms + 2_000)].map(|t| t.started_at(ms))))
                .collect();
            store.write(&unit(batch(rows.clone(), DirectoryRow::Missing))).await.unwrap();
            let keys: Vec<ItemKey> = rows.iter().map(|row| row.key).collect();
            let loaded = store.load(&keys).await.unwrap();
            for (write, row) in rows.iter().zip(loaded) {
                assert_eq!(row.unwrap().state, write.state);
            }
        }
    });
}

#[test]
fn loads_keep_the_order_of_their_keys_and_tell_misses() {
    on_store(async |store, _| {
        let rows: Vec<FoldWrite> = (0..50).map(|n| written(&[s().started_at(n * 2)])).collect();
        store.write(&unit(batch(rows.clone(), DirectoryRow::Missing))).await.unwrap();
        let next_day = key_of("d-7", 86_400_000);
        let mut keys: Vec<ItemKey> = (0..100).rev().map(|ms| key_of("d-7", ms)).collect();
        keys.push(next_day);
        keys.push(rows[3].key);
        let mut foreign = rows[4].key;
        foreign.project = uuid::Uuid::from_bytes([9; 16]).into();
        keys.push(foreign);
        let loaded = store.load(&keys).await.unwrap();
        assert_eq!(loaded.len(), keys.len());
        for (key, row) in keys.iter().zip(loaded) {
            let wanted = rows.iter().find(|write| write.key == *key).map(|write| &write.state);
            assert_eq!(row.as_ref().map(|row| &row.state), wanted, "{key:?}");
        }
    });
}

#[test]
fn a_cell_with_fewer_fields_reads_with_nulls() {
    on_store(async |store, place| {
        let hand = place.by_hand().await;
        let key = key();
        let keyspace = &place.settings.keyspace;
        let name = format!(
            "project_id = {} AND day = '{}' AND created_at = {} AND id = {}",
            key.project,
            key.day(),
            key.created_at.ms(),
            key.item
        );
        // Two fields of the type as an older program would have sent it.
        by_hand(&hand, &format!("CREATE TYPE {keyspace}.older (revision int, dial_id text)")).await;
        let text = format!(
            "UPDATE {keyspace}.item SET facts = {{revision: 3, dial_id: 'd-7'}} WHERE {name}"
        );
        by_hand(&hand, &text).await;
        let row = store.get(&key).await.unwrap().unwrap();
        assert_eq!(row.state.revision, 3);
        assert_eq!(row.state.facts.dial.unwrap().as_str(), "d-7");
        assert_eq!(row.state.facts.started, None);

        // A type that grew: what this program does not know is no fault.
        by_hand(&hand, &format!("ALTER TYPE {keyspace}.dial_facts ADD later text")).await;
        let text =
            format!("UPDATE {keyspace}.item SET facts = {{revision: 4, later: 'x'}} WHERE {name}");
        by_hand(&hand, &text).await;
        assert_eq!(store.get(&key).await.unwrap().unwrap().state.revision, 4);
        let write = written(&telling());
        store.write(&unit(batch(vec![write.clone()], DirectoryRow::Known))).await.unwrap();
    });
}
