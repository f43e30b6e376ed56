//! Cells that no fold write touches: edits, deletions, provisional ends, creates.

use ringfold::dial::edit::erase;
use ringfold::dial::row::{Deletion, EditWrite, ProvisionalEnd};
use ringfold::dial::{Edits, ItemKey, Limits, Row, State, View};
use ringfold::item::Rating;
use ringfold::ports::store::{DayRange, DialStore, Directory, ItemReader};
use ringfold::tariff::{Book, Unrated};
use ringfold::value::{CallId, MicroUsd, Micros};

use super::sample::{DAY, Sample, edit, put, row, write, write_of_call};

/// The server's clock at the first edit: after the day.
const NOW: Micros = Micros::from_ms(1_774_900_000_000);
const HOUR: i64 = 3_600_000;

fn later(ms: i64) -> Micros {
    Micros::from_ms(NOW.ms() + ms)
}

pub async fn an_edit_holds_against_facts_before_and_after<S: DialStore>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let key = sample.key();
    let chain = sample.chain(4);
    put(store, &[write(key, chain[1].clone())]).await;
    let mut change = edit(&row(store, &key).await, NOW);
    change.edits.status = Some("Handled by hand".into());
    change.edits.is_answered = Some(true);
    store.edit(&change).await.unwrap();
    // A zombie with less, the log going on, and another owner that begins anew.
    for state in [&chain[0], &chain[2], &chain[0], &chain[1], &chain[3]] {
        put(store, &[write(key, state.clone())]).await;
    }
    let read = row(store, &key).await;
    assert_eq!(read.state, chain[3]);
    assert_eq!(read.edits, change.edits);
    assert_eq!(read.newest_wall, Some(change.wall));
    store.edit(&change).await.unwrap();
    assert_eq!(row(store, &key).await, read);
}

pub async fn an_edit_to_null_is_an_edit<S: DialStore>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let key = sample.key();
    put(store, &[write(key, sample.state(1))]).await;
    let mut change = edit(&row(store, &key).await, NOW);
    change.edits.status_message = Some(Some("\u{1F4DE} “quoted”\n".into()));
    change.edits.dial_duration_s = Some(Some(-3));
    change.edits.cost = Some(Some(MicroUsd::new(23_750)));
    change.edits.started_at = Some(Some(later(5)));
    store.edit(&change).await.unwrap();
    let read = row(store, &key).await;
    assert_eq!(read.edits, change.edits);
    let mut nulls = edit(&read, NOW);
    nulls.edits.status_message = Some(None);
    nulls.edits.dial_duration_s = Some(None);
    nulls.edits.cost = Some(None);
    nulls.edits.ended_at = Some(None);
    store.edit(&nulls).await.unwrap();
    let want = Edits { started_at: Some(Some(later(5))), ..nulls.edits };
    assert_eq!(row(store, &key).await.edits, want);
}

pub async fn edits_of_different_columns_both_stay<S: DialStore>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let key = sample.key();
    put(store, &[write(key, sample.state(1))]).await;
    let read = row(store, &key).await;
    // Two servers read the same row; neither knows of the other.
    let mut one = edit(&read, NOW);
    one.edits.status = Some("one".into());
    let mut two = edit(&read, later(1));
    two.edits.cost = Some(Some(MicroUsd::new(1)));
    store.edit(&two).await.unwrap();
    store.edit(&one).await.unwrap();
    let edits = row(store, &key).await.edits;
    assert_eq!(edits.status.as_deref(), Some("one"));
    assert_eq!(edits.cost, Some(Some(MicroUsd::new(1))));
    assert_eq!(edits.at, Some(later(1)));
}

pub async fn the_edit_made_after_another_was_answered_wins<S: DialStore>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let key = sample.key();
    put(store, &[write(key, sample.state(1))]).await;
    let mut first = edit(&row(store, &key).await, later(HOUR));
    first.edits.status = Some("first".into());
    store.edit(&first).await.unwrap();
    // The second server's clock is an hour behind.
    let mut second = edit(&row(store, &key).await, NOW);
    second.edits.status = Some("second".into());
    store.edit(&second).await.unwrap();
    assert_eq!(row(store, &key).await.edits.status.as_deref(), Some("second"));
    store.edit(&first).await.unwrap();
    let read = row(store, &key).await;
    assert_eq!(read.edits.status.as_deref(), Some("second"));
    assert_eq!(read.edits.count, 2);
}

pub async fn an_edit_counts_no_revision<S: DialStore>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let key = sample.key();
    put(store, &[write(key, sample.state(3))]).await;
    for _ in 0..3 {
        let mut change = edit(&row(store, &key).await, NOW);
        change.edits.is_answered = Some(false);
        store.edit(&change).await.unwrap();
    }
    let read = row(store, &key).await;
    assert_eq!((read.state.revision, read.edits.count), (3, 3));
}

pub async fn a_provisional_end_stays_with_the_revision_it_saw<S: DialStore>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let key = sample.key();
    put(store, &[write(key, sample.state(1))]).await;
    let end = ProvisionalEnd { at: later(-HOUR), revision: 1 };
    let mut note = edit(&row(store, &key).await, NOW);
    note.edits = Edits::default();
    note.provisional = Some(end);
    store.edit(&note).await.unwrap();
    let read = row(store, &key).await;
    assert_eq!((read.provisional, &read.edits), (Some(end), &Edits::default()));
    assert_eq!(read.newest_wall, Some(note.wall));
    // A late fact, by a worker that never saw it.
    put(store, &[write(key, sample.state(2))]).await;
    let read = row(store, &key).await;
    assert_eq!((read.state.revision, read.provisional), (2, Some(end)));
}

fn deletion(row: &Row) -> EditWrite {
    let mut delete = edit(row, NOW);
    delete.edits = Edits::default();
    delete.deletion = Some(Deletion { at: NOW, by: "k9".into() });
    delete
}

/// The state without what a deletion empties.
fn emptied(mut state: State) -> State {
    if let Some(started) = &mut state.facts.started {
        started.said.user = None;
        started.said.phone = None;
    }
    if let Some(ended) = &mut state.facts.ended {
        ended.said.vendor_reason = None;
    }
    state
}

pub async fn a_deletion_holds_against_every_replay<S: DialStore>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let key = sample.key();
    let chain = sample.chain(5);
    put(store, &[write(key, chain[2].clone())]).await;
    let before = row(store, &key).await;
    // An edit that raced with the deletion lands behind it.
    let mut racing = edit(&before, later(HOUR));
    racing.edits.status = Some("too late".into());
    store.edit(&deletion(&before)).await.unwrap();
    store.edit(&racing).await.unwrap();
    for state in &chain {
        put(store, &[write(key, state.clone())]).await;
        let read = row(store, &key).await;
        assert_eq!(read.deletion, Some(Deletion { at: NOW, by: "k9".into() }));
        assert_eq!(read.state, emptied(read.state.clone()));
    }
    assert_eq!(row(store, &key).await.state, emptied(chain[4].clone()));
}

fn erasure(row: &Row) -> EditWrite {
    erasure_of(row, NOW).unwrap()
}

fn erasure_of(row: &Row, now: Micros) -> Option<EditWrite> {
    let (book, limits) = (Book::default(), Limits::default());
    erase(row, now, &View { book: &book, limits: &limits, now: NOW })
}

/// Nothing of a person is there, and the item is.
fn assert_forgotten(read: &Row) {
    assert_eq!((read.erased_at, &read.deletion), (Some(NOW), &None));
    assert_eq!(read.state, emptied(read.state.clone()));
    assert_eq!(read.edits.status_message, Some(Some("".into())));
}

async fn annotate<S: DialStore>(store: &S, key: &ItemKey, text: &str) -> Row {
    let mut told = edit(&row(store, key).await, NOW);
    told.edits.status_message = Some(Some(text.into()));
    store.edit(&told).await.unwrap();
    row(store, key).await
}

pub async fn an_erasure_holds_against_every_replay<S: DialStore>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let key = sample.key();
    let chain = sample.chain(5);
    put(store, &[write(key, chain[2].clone())]).await;
    let before = annotate(store, &key, "asked Anna").await;
    let erased = erasure(&before);
    // An edit of another column that raced with it lands behind it.
    let mut racing = edit(&before, later(HOUR));
    racing.edits.status = Some("too late".into());
    store.edit(&erased).await.unwrap();
    assert_eq!(row(store, &key).await, before.edited_by(&erased));
    store.edit(&racing).await.unwrap();
    // A zombie, a worker that still holds the number, a replay from the beginning, all twice.
    for state in chain.iter().chain(&chain) {
        put(store, &[write(key, state.clone())]).await;
        assert_forgotten(&row(store, &key).await);
    }
    store.edit(&erased).await.unwrap();
    assert_eq!(row(store, &key).await.state, emptied(chain[4].clone()));
}

pub async fn an_erased_row_is_erased_again_for_what_came_since<S: DialStore>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let key = sample.key();
    put(store, &[write(key, sample.state(1))]).await;
    store.edit(&erasure(&annotate(store, &key, "asked Anna").await)).await.unwrap();
    let read = row(store, &key).await;
    assert_eq!(erasure_of(&read, NOW), None, "a second time nothing is left");
    let read = annotate(store, &key, "asked Bob").await;
    let again = erasure(&read);
    assert_eq!(again.erasure.as_ref().unwrap().kept_rating, read.kept_rating.clone().unwrap());
    store.edit(&again).await.unwrap();
    assert_forgotten(&row(store, &key).await);
}

pub async fn an_erasure_keeps_the_rating_as_it_was<S: DialStore>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let ratings = [
        Rating::default(),
        Rating { unrated: Some(Unrated::NoBand), ..Rating::default() },
        Rating {
            estimate: Some(MicroUsd::new(36_890)),
            billed_ms: Some(48_000),
            tariff: Some("eu-carrier@1".into()),
            prefix: Some("44".into()),
            unrated: None,
        },
    ];
    for rating in ratings {
        let key = sample.stranger().key();
        put(store, &[write(key, sample.state(1))]).await;
        let mut erased = erasure(&row(store, &key).await);
        erased.erasure.as_mut().unwrap().kept_rating = rating.clone();
        store.edit(&erased).await.unwrap();
        assert_eq!(row(store, &key).await.kept_rating, Some(rating));
    }
}

pub async fn a_deletion_empties_what_is_personal<S: DialStore>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let key = sample.key();
    let state = sample.state(1);
    put(store, &[write(key, state.clone())]).await;
    let mut change = edit(&row(store, &key).await, NOW);
    change.edits.status_message = Some(Some("call Ada back".into()));
    change.edits.status = Some("Busy".into());
    store.edit(&change).await.unwrap();
    let mut delete = deletion(&row(store, &key).await);
    delete.edits.status_message = Some(Some("".into()));
    store.edit(&delete).await.unwrap();
    let read = row(store, &key).await;
    assert_eq!(read.state, emptied(state));
    assert_eq!(read.edits.status_message, Some(Some("".into())));
    assert_eq!(read.edits.status.as_deref(), Some("Busy"));
    assert_eq!(read.edits.by.as_deref(), Some("k1"));
}

/// What the API makes: a whole row at revision 0, and its first edit.
fn create(sample: &Sample, key: ItemKey) -> EditWrite {
    let mut made = write_of_call(key, CallId::new(sample.v4()));
    made.state.revision = 0;
    let mut create = edit(&Row::of(key, State::default()), NOW);
    create.edits.status = Some("Initiated".into());
    create.create = Some(made);
    create
}

pub async fn a_created_item_is_a_whole_row<S: DialStore + ItemReader + Directory>(
    store: &S,
    seed: u64,
) {
    let sample = Sample::of(seed);
    for key in [sample.key(), sample.timeless_key()] {
        let create = create(&sample, key);
        store.edit(&create).await.unwrap();
        store.edit(&create).await.unwrap();
        let made = create.create.unwrap();
        let read = row(store, &key).await;
        assert_eq!((&read.state, &read.edits), (&made.state, &create.edits));
        let call = made.state.facts.started.unwrap().said.call.unwrap();
        let slices = store.slices(key.project, call).await.unwrap();
        assert_eq!(slices, [key.created_at.slice()]);
    }
    assert_eq!(store.days(sample.project, DAY, DAY).await.unwrap(), [DAY]);
    let page = store.day(&DayRange::whole(sample.project, DAY), None, 10).await.unwrap();
    assert_eq!(page.rows.len(), 2);
}

pub async fn events_of_a_created_item_go_above_it<S: DialStore>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let key = sample.key();
    let create = create(&sample, key);
    store.edit(&create).await.unwrap();
    let state = sample.state(1);
    put(store, &[write(key, state.clone())]).await;
    store.edit(&create).await.unwrap();
    let read = row(store, &key).await;
    assert_eq!((read.state, read.edits), (state, create.edits));
}
