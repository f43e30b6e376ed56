//! The tariff registry: parts are appended, listed when they are whole, and never changed.

use ringfold::ports::tariffs::{NewPart, PartName, TariffRegistry};
use ringfold::tariff::{PIECE_BYTES_MAX, Part, PartKind};
use ringfold::value::Micros;

use super::sample::Sample;

fn new(kind: PartKind, id: &str, body: &str, ms: i64) -> NewPart {
    let part = Part { kind, id: id.to_owned(), body: body.to_owned() };
    NewPart { part, added_at: Micros::from_ms(ms) }
}

fn name(new: &NewPart) -> PartName {
    PartName { added_at: new.added_at, kind: new.part.kind, id: new.part.id.as_str().into() }
}

/// Names that this case appended, in the order they are listed.
async fn listed<S: TariffRegistry>(store: &S, case: &str) -> Vec<PartName> {
    let names = store.list_parts().await.unwrap();
    assert!(names.is_sorted());
    names.into_iter().filter(|name| name.id.contains(case)).collect()
}

async fn body<S: TariffRegistry>(store: &S, new: &NewPart) -> Option<String> {
    store.get_part(new.part.kind, &new.part.id).await.unwrap()
}

pub async fn parts_are_listed_as_they_were_appended<S: TariffRegistry>(store: &S, seed: u64) {
    let case = Sample::of(seed).v4().to_string();
    let late = new(PartKind::Version, &format!("{case}@2"), "later ☎", 1_774_872_001_000);
    let early = [
        new(PartKind::Version, &format!("{case}@1"), "format = \"x\"\n", 1_774_872_000_001),
        new(PartKind::Assignment, &format!("* twilio {case} 2026"), "a", 1_774_872_000_002),
        new(PartKind::Exchange, &format!("EUR {case}"), "", 1_774_872_000_003),
    ];
    assert_eq!(listed(store, &case).await, []);
    assert_eq!(body(store, &late).await, None);
    store.append_parts(std::slice::from_ref(&late)).await.unwrap();
    store.append_parts(&early).await.unwrap();
    store.append_parts(&early).await.unwrap();
    store.append_parts(&[]).await.unwrap();
    let all: Vec<NewPart> = early.into_iter().chain([late]).collect();
    let names: Vec<PartName> = all.iter().map(name).collect();
    assert_eq!(listed(store, &case).await, names);
    for part in &all {
        assert_eq!(body(store, part).await.as_deref(), Some(&*part.part.body));
    }
}

pub async fn a_part_is_never_changed<S: TariffRegistry>(store: &S, seed: u64) {
    let id = Sample::of(seed).v4().to_string();
    let first = new(PartKind::Version, &id, "first", 1_774_872_000_000);
    let longer = "second".repeat(PIECE_BYTES_MAX / 4);
    let second = new(PartKind::Version, &id, &longer, 1_774_872_000_001);
    store.append_parts(std::slice::from_ref(&first)).await.unwrap();
    store.append_parts(&[second]).await.unwrap();
    assert_eq!(listed(store, &id).await, [name(&first)]);
    // Without the text in the failure: it is long.
    assert!(body(store, &first).await.as_deref() == Some("first"));
    // The same id of another kind is another part.
    let other = new(PartKind::Exchange, &id, "other", 1_774_872_000_002);
    store.append_parts(std::slice::from_ref(&other)).await.unwrap();
    assert_eq!(listed(store, &id).await, [name(&first), name(&other)]);
    assert_eq!(body(store, &other).await.as_deref(), Some("other"));
}

pub async fn a_large_part_comes_back_whole<S: TariffRegistry>(store: &S, seed: u64) {
    let id = Sample::of(seed).v4().to_string();
    let text = "123456 ☎\n".repeat(400_000);
    let large = new(PartKind::Version, &id, &text, 1_774_872_000_000);
    store.append_parts(std::slice::from_ref(&large)).await.unwrap();
    store.append_parts(std::slice::from_ref(&large)).await.unwrap();
    assert!(text.len() > 8 * PIECE_BYTES_MAX);
    assert!(body(store, &large).await == Some(text));
}
