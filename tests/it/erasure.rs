//! What is left on disk of a person that was erased: every file of the local store is searched.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ringfold::dial::edit::erase;
use ringfold::dial::{DialEvent, ItemKey, Limits, View, fold};
use ringfold::embedded::{Embedded, EmbeddedSettings};
use ringfold::ports::registry::Registry;
use ringfold::ports::store::DialStore;
use ringfold::relation::{Reference, ReferenceKind};
use ringfold::system::SystemClock;
use ringfold::tariff::Book;
use ringfold::value::{Micros, UserId};
use uuid::Uuid;

use crate::support::dials::{at, e, key_of, project, s};
use crate::support::rows::write_states;

const NUMBER: &str = "+12025550177";
const NAME: &str = "Anna Lindqvist";
const TEXT: &str = "Anna hung up";
const USER: &str = "d94a1f77-2c06-4e3b-8f58-63b0a1c2e5d7";

fn open(dir: &Path) -> Embedded {
    let settings = EmbeddedSettings { disk_reserve_bytes: 0, ..EmbeddedSettings::in_dir(dir) };
    Embedded::open(&settings, Arc::new(SystemClock)).unwrap()
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Files that hold any of it.
fn hits(dir: &Path) -> Vec<PathBuf> {
    let user = Uuid::parse_str(USER).unwrap();
    let wanted = [NUMBER.as_bytes(), NAME.as_bytes(), TEXT.as_bytes(), user.as_bytes()];
    let holds = |path: &PathBuf| {
        let bytes = std::fs::read(path).unwrap();
        wanted.iter().any(|text| bytes.windows(text.len()).any(|window| window == *text))
    };
    files(dir).into_iter().filter(holds).collect()
}

/// The dials of a night: every third is one of the person's.
fn dials() -> Vec<(ItemKey, Vec<DialEvent>)> {
    let user = UserId::new(Uuid::parse_str(USER).unwrap());
    (0_i64..60)
        .map(|number| {
            let key = key_of(&format!("d-{number}"), number * 1_000);
            let is_hers = number % 3 == 0;
            let mut events =
                vec![s().attribute(|said| said.user = is_hers.then_some(user)), e(90_000)];
            if is_hers {
                events[0] = events[0].clone().number(NUMBER);
                events[1] = events[1].clone().vendor_reason(TEXT);
            }
            let at_key = |told: crate::support::dials::Told| DialEvent { key, ..told.0 };
            (key, events.into_iter().map(at_key).collect())
        })
        .collect()
}

fn references() -> [Reference; 2] {
    let reference = |kind, body: String| Reference {
        kind,
        project: project(),
        id: Uuid::parse_str(USER).unwrap(),
        at: at(0),
        body: Some(body.into()),
    };
    let call = Uuid::from_bytes([7; 16]);
    [
        reference(ReferenceKind::User, format!(r#"{{"name":"{NAME}"}}"#)),
        Reference {
            id: call,
            ..reference(ReferenceKind::Call, format!(r#"{{"callerPhoneNumber":"{NUMBER}"}}"#))
        },
    ]
}

async fn fill(store: &Embedded) {
    let events: Vec<DialEvent> = dials().into_iter().flat_map(|(_, events)| events).collect();
    write_states(store, fold(&events)).await;
    for reference in references() {
        store.put_reference(&reference).await.unwrap();
    }
}

async fn erase_all(store: &Embedded) -> usize {
    let (book, limits) = (Book::default(), Limits::default());
    let view = View { book: &book, limits: &limits, now: at(600_000) };
    let now = Micros::from_ms(1_900_000_000_000);
    let mut count = 0;
    let keys: Vec<ItemKey> = dials().into_iter().map(|(key, _)| key).collect();
    for row in store.load(&keys).await.unwrap().into_iter().flatten() {
        let started = row.state.facts.started.as_ref().unwrap();
        if started.said.user.is_some() {
            store.edit(&erase(&row, now, &view).unwrap()).await.unwrap();
            count += 1;
        }
    }
    let [user, call] = references();
    // The key of the user is its id: it is no secret of the person, and stays.
    store.put_reference(&user.gone(now)).await.unwrap();
    store.put_reference(&call.without_phones(|_| true, now).unwrap()).await.unwrap();
    count
}

#[tokio::test]
async fn no_file_of_the_local_store_holds_what_was_erased() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    fill(&store).await;
    // In tables as well as in the journal.
    store.purge().await.unwrap();
    fill(&store).await;
    drop(store);
    assert!(hits(dir.path()).len() >= 2, "before: {:?}", hits(dir.path()));

    let store = open(dir.path());
    assert_eq!(erase_all(&store).await, 20);
    store.purge().await.unwrap();
    // Told again, and erased again: the old states lose, and leave with the next purge.
    fill(&store).await;
    assert_eq!(erase_all(&store).await, 0);
    store.purge().await.unwrap();
    drop(store);
    let user = Uuid::parse_str(USER).unwrap();
    let left = hits(dir.path());
    for path in &left {
        let bytes = std::fs::read(path).unwrap();
        let holds = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
        assert!(!holds(NUMBER.as_bytes()) && !holds(NAME.as_bytes()), "{}", path.display());
        assert!(!holds(TEXT.as_bytes()), "{}", path.display());
        assert!(holds(user.as_bytes()));
    }
    // The key of the user's reference alone: one table.
    assert!(left.len() <= 1, "{left:?}");
    let store = open(dir.path());
    let keys: Vec<ItemKey> = dials().into_iter().map(|(key, _)| key).collect();
    let rows: Vec<_> = store.load(&keys).await.unwrap().into_iter().flatten().collect();
    assert_eq!(rows.len(), 60, "the items are there");
    assert!(rows.iter().all(|row| row.state.facts.ended.is_some()));
}
