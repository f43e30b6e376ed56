//! Edits, deletions and provisional ends among fold writes: V5, V6, V8, V9.

use std::sync::Arc;

use ringfold::dial::edit::{Changes, NewItem, Origin, Stamp, create, delete, update};
use ringfold::dial::row::{DirectoryRow, EditWrite, ProvisionalEnd};
use ringfold::dial::{ItemKey, Limits, Row, View, inject_into_row};
use ringfold::ports::store::{DialStore, Directory, ItemReader};
use ringfold::tariff::Book;
use ringfold::value::{ItemId, MicroUsd};
use scylla::client::session::Session;
use uuid::Uuid;

use super::cells::{batch, history, of, unit, written};
use super::keyspace::{by_hand, on_store};
use crate::support::dials::{Told, a, at, call, e, item_of_time, key, project, r, s, user};

fn stamp(ms: i64) -> Stamp {
    Stamp { now: at(ms), by: "key-1".into() }
}

fn status(word: &str) -> Changes {
    Changes { status: Some(word.into()), ..Changes::default() }
}

async fn row(store: &impl ItemReader, key: &ItemKey) -> Row {
    store.get(key).await.unwrap().unwrap()
}

#[test]
fn an_edit_holds_before_between_and_after_late_events() {
    on_store(async |store, _| {
        let told = [s(), r(900), a(4_000), e(9_000)];
        for before in 1..=told.len() {
            let told = told.clone().map(|t| t.started_at(i64::try_from(before).unwrap()));
            let writes = history(&told);
            let key = writes[0].key;
            for write in &writes[..before] {
                store.write(&unit(batch(vec![write.clone()], DirectoryRow::Known))).await.unwrap();
            }
            let changes = Changes {
                status_message: Some(None),
                cost: Some(Some(MicroUsd::new(23_750))),
                ..status("Escalated")
            };
            let read = row(&store, &key).await;
            let edit = update(&read, changes, &stamp(60_000)).unwrap();
            store.edit(&edit).await.unwrap();
            store.edit(&edit).await.unwrap();
            assert_eq!(row(&store, &key).await, read.edited_by(&edit));

            // The dial's heir loads the row and folds on.
            let mut heir = store.load(&[key]).await.unwrap().remove(0).unwrap();
            for Told(event) in &told {
                inject_into_row(&mut heir, event);
            }
            let write = of(key, heir.state.clone());
            store.write(&unit(batch(vec![write], DirectoryRow::Known))).await.unwrap();
            let last = row(&store, &key).await;
            assert_eq!(last.state, writes.last().unwrap().state);
            assert_eq!(last.edits, heir.edits);
            assert_eq!(last.edits.status.as_deref(), Some("Escalated"));
        }
    });
}

#[test]
fn the_later_of_two_edits_wins_whatever_the_clocks_say() {
    on_store(async |store, _| {
        let write = written(&[s(), e(9_000)]);
        store.write(&unit(batch(vec![write.clone()], DirectoryRow::Known))).await.unwrap();
        let first = row(&store, &write.key).await;
        let early = update(&first, status("Busy"), &stamp(7_200_000)).unwrap();
        store.edit(&early).await.unwrap();
        // This server's clock is an hour behind the other's.
        let second = row(&store, &write.key).await;
        assert_eq!(second.newest_wall, Some(early.wall));
        let late = update(&second, status("Failed"), &stamp(3_600_000)).unwrap();
        store.edit(&late).await.unwrap();
        store.edit(&early).await.unwrap();
        let shown = row(&store, &write.key).await;
        assert_eq!(shown.edits.status.as_deref(), Some("Failed"));
        assert_eq!(shown.edits.count, 2);
    });
}

#[test]
fn concurrent_edits_of_different_columns_both_survive() {
    on_store(async |store, _| {
        let write = written(&[s()]);
        store.write(&unit(batch(vec![write.clone()], DirectoryRow::Known))).await.unwrap();
        let read = row(&store, &write.key).await;
        let one = update(&read, status("Busy"), &stamp(60_000)).unwrap();
        let dial_duration_s = Some(Some(-7));
        let changes = Changes { dial_duration_s, ..Changes::default() };
        let two = update(&read, changes, &stamp(60_001)).unwrap();
        let (a, b) = tokio::join!(store.edit(&one), store.edit(&two));
        a.unwrap();
        b.unwrap();
        let edits = row(&store, &write.key).await.edits;
        assert_eq!(edits.status.as_deref(), Some("Busy"));
        assert_eq!(edits.dial_duration_s, Some(Some(-7)));
    });
}

#[test]
fn a_deletion_holds_against_any_write() {
    on_store(async |store, place| {
        let told = [s(), r(900), a(4_000), e(9_000).vendor_reason("Anna hung up")];
        let writes = history(&told);
        let key = writes[0].key;
        store.write(&unit(batch(vec![writes[1].clone()], DirectoryRow::Known))).await.unwrap();
        let text: Arc<str> = "asked Anna".into();
        let changes = Changes { status_message: Some(Some(text)), ..Changes::default() };
        let read = row(&store, &key).await;
        store.edit(&update(&read, changes, &stamp(30_000)).unwrap()).await.unwrap();
        let read = row(&store, &key).await;
        let deletion = delete(&read, &stamp(60_000)).unwrap();
        // A racing edit, made from the row as it was before.
        let racing = update(&read, status("Busy"), &stamp(60_000)).unwrap();
        store.edit(&deletion).await.unwrap();
        let deleted = row(&store, &key).await;
        assert_eq!(deleted, read.edited_by(&deletion));
        assert_eq!(deleted.state.facts.started.clone().unwrap().said.phone, None);

        for write in writes.iter().chain(&writes) {
            store.write(&unit(batch(vec![write.clone()], DirectoryRow::Known))).await.unwrap();
        }
        store.edit(&racing).await.unwrap();
        store.edit(&deletion).await.unwrap();
        let after = row(&store, &key).await;
        assert_eq!(after.deletion, deletion.deletion);
        let started = after.state.facts.started.unwrap().said;
        assert_eq!((started.user, started.phone), (None, None));
        assert_eq!(after.state.facts.ended.unwrap().said.vendor_reason, None);
        assert_eq!(after.edits.status_message, Some(Some("".into())));

        // Nothing personal is left in any cell, but what was rendered for other programs.
        let hand = place.by_hand().await;
        let cells = json_of(&hand, &place.settings.keyspace).await;
        assert!(!cells.contains("Anna") && !cells.contains("+1202"), "{cells}");
        assert!(!cells.contains(&user(1).to_string()), "{cells}");
    });
}

async fn json_of(hand: &Session, keyspace: &str) -> String {
    let text = format!("SELECT JSON * FROM {keyspace}.item");
    let rows = hand.query_unpaged(text, &[]).await.unwrap().into_rows_result().unwrap();
    rows.rows::<(String,)>().unwrap().map(|row| row.unwrap().0).collect()
}

#[test]
fn an_item_made_by_the_api_is_found_and_folds_on() {
    on_store(async |store, _| {
        let (book, limits) = (Book::default(), Limits::default());
        let view = View { book: &book, limits: &limits, now: at(0) };
        let v4 = Uuid::parse_str("7f2b9c04-e1d6-4a58-b3c7-90ad5e8f1263").unwrap();
        for item in [item_of_time(0), ItemId::new(v4)] {
            let key = ItemKey { project: project(), created_at: at(0), item };
            let new = NewItem {
                key,
                call: Some(call()),
                rule: None,
                user: Some(user(2)),
                phone: None,
                columns: status("Initiated"),
                origin: Origin::Api,
            };
            let made = create(new, &stamp(5), &view);
            store.edit(&made).await.unwrap();
            // Nobody but the locator knows when a v4 item began.
            let asked = ItemKey { created_at: at(77), ..key };
            let asked = if item == ItemId::new(v4) { asked } else { key };
            let read = store.load(&[asked]).await.unwrap().remove(0).unwrap();
            assert_eq!(read.key, key);
            assert_eq!(read.edits, made.edits);
            assert_eq!(read.state, made.create.unwrap().state);
        }
        assert_eq!(store.days(project(), key().day(), key().day()).await.unwrap().len(), 1);
        // The call's id carries no time: every slice of it is told.
        assert_eq!(store.slices(project(), call()).await.unwrap(), [at(0).slice()]);
    });
}

#[test]
fn a_provisional_end_and_facts_do_not_touch_each_other() {
    on_store(async |store, _| {
        let writes = history(&[s(), e(3_000)]);
        let key = writes[0].key;
        store.write(&unit(batch(vec![writes[0].clone()], DirectoryRow::Known))).await.unwrap();
        let read = row(&store, &key).await;
        let end = ProvisionalEnd { at: at(120_000), revision: read.state.revision };
        let edit = EditWrite {
            key,
            create: None,
            edits: ringfold::dial::Edits::default(),
            deletion: None,
            erasure: None,
            provisional: Some(end),
            wall: EditWrite::wall(at(130_000), &key, read.newest_wall),
        };
        store.edit(&edit).await.unwrap();
        assert_eq!(row(&store, &key).await, read.edited_by(&edit));
        store.write(&unit(batch(vec![writes[1].clone()], DirectoryRow::Known))).await.unwrap();
        let after = row(&store, &key).await;
        assert_eq!(after.state, writes[1].state);
        assert_eq!(after.provisional, Some(end));
        assert_ne!(after.state.revision, end.revision);
    });
}

#[test]
fn an_empty_cell_lives_an_unset_one_is_left_alone_and_a_null_is_neither() {
    on_store(async |store, place| {
        let write = written(&[s(), e(9_000)]);
        let key = write.key;
        let hand = place.by_hand().await;
        let keyspace = &place.settings.keyspace;
        store.write(&unit(batch(vec![write], DirectoryRow::Known))).await.unwrap();
        let read = row(&store, &key).await;
        let changes = Changes { status_message: Some(None), ..status("Busy") };
        store.edit(&update(&read, changes, &stamp(30_000)).unwrap()).await.unwrap();
        let read = row(&store, &key).await;
        let next = update(&read, Changes::default(), &stamp(40_000)).unwrap();
        store.edit(&next).await.unwrap();
        let edits = row(&store, &key).await.edits;
        assert_eq!((edits.status.as_deref(), edits.count), (Some("Busy"), 2), "unset");
        assert_eq!(edits.status_message, Some(None), "null is a value");

        let read = row(&store, &key).await;
        store.edit(&delete(&read, &stamp(60_000)).unwrap()).await.unwrap();
        let written_at = format!("SELECT WRITETIME(personal) FROM {keyspace}.item");
        let rows = hand.query_unpaged(written_at, &[]).await.unwrap().into_rows_result().unwrap();
        let (at_wall,) = rows.first_row::<(Option<i64>,)>().unwrap();
        assert_eq!(at_wall, Some(at(60_000).get()), "an empty cell has a write time: it lives");

        // The negative control: a null has none, and what it hid may come back.
        let name = format!(
            "project_id = {} AND day = '{}' AND created_at = {} AND id = {}",
            key.project,
            key.day(),
            key.created_at.ms(),
            key.item
        );
        let wall = at(70_000).get();
        let text = format!(
            "UPDATE {keyspace}.item USING TIMESTAMP {wall} SET personal = null WHERE {name}"
        );
        by_hand(&hand, &text).await;
        let written_at = format!("SELECT WRITETIME(personal) FROM {keyspace}.item");
        let rows = hand.query_unpaged(written_at, &[]).await.unwrap().into_rows_result().unwrap();
        assert_eq!(rows.first_row::<(Option<i64>,)>().unwrap(), (None,));
    });
}
