//! Items of a call: slices of ten minutes that its id names, and locators for the others.

use ringfold::dial::row::Locator;
use ringfold::ports::store::{DialStore, ItemReader};
use ringfold::value::{CallId, Day, Micros};

use super::sample::{DAY, Sample, put, slice_behind, write_of_call};

/// Writes an item of the call that was created then; gives the slices that the store names.
async fn slices_after<S: DialStore + ItemReader>(
    store: &S,
    sample: &Sample,
    call: CallId,
    created: &[Micros],
) -> Vec<Micros> {
    let rows: Vec<_> = created.iter().map(|at| write_of_call(sample.key_at(*at), call)).collect();
    put(store, &rows).await;
    store.slices(sample.project, call).await.unwrap()
}

/// A call that begins in the middle of the day.
fn noon(sample: &Sample) -> Micros {
    let within = i64::try_from(sample.below(600_000)).unwrap();
    Micros::from_ms(DAY.start().ms() + 12 * 3_600_000 + within)
}

pub async fn slices_that_the_id_names_need_no_locator<S: DialStore + ItemReader>(
    store: &S,
    seed: u64,
) {
    let sample = Sample::of(seed);
    let began = noon(&sample);
    let call = sample.call_at(began);
    let last = Micros::from_ms(slice_behind(began, 2).ms() - 1);
    let created = [began, slice_behind(began, 0), slice_behind(began, 1), last];
    assert_eq!(slices_after(store, &sample, call, &created).await, []);
}

pub async fn later_slices_have_a_locator<S: DialStore + ItemReader>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let began = noon(&sample);
    let call = sample.call_at(began);
    let before = Micros::from_ms(began.slice().ms() - 1);
    let created = [
        slice_behind(began, 2),
        Micros::from_ms(slice_behind(began, 3).ms() - 1),
        slice_behind(began, 40),
        before,
    ];
    let mut named = slices_after(store, &sample, call, &created).await;
    named.sort();
    assert_eq!(named, [before.slice(), slice_behind(began, 2), slice_behind(began, 40)]);
}

pub async fn a_call_without_a_time_has_all_its_slices<S: DialStore + ItemReader>(
    store: &S,
    seed: u64,
) {
    let sample = Sample::of(seed);
    let call = CallId::new(sample.v4());
    let began = noon(&sample);
    let created = [began, slice_behind(began, 1), slice_behind(began, 1)];
    let mut named = slices_after(store, &sample, call, &created).await;
    named.sort();
    assert_eq!(named, [began.slice(), slice_behind(began, 1)]);
}

pub async fn a_slice_does_not_cross_midnight<S: DialStore + ItemReader>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let midnight = Day::new(DAY.get() + 1).start();
    // It begins in the last slice of the day: the next one is the first of the following day.
    let call = sample.call_at(Micros::from_ms(midnight.ms() - 5_000));
    assert_eq!(slices_after(store, &sample, call, &[midnight]).await, []);
    let third = slice_behind(midnight, 1);
    assert_eq!(slices_after(store, &sample, call, &[third]).await, [third]);
    assert_eq!(third.day(), midnight.day());
}

pub async fn a_corrected_call_leaves_both_locators<S: DialStore + ItemReader>(
    store: &S,
    seed: u64,
) {
    let sample = Sample::of(seed);
    let key = sample.key_at(noon(&sample));
    let (wrong, right) = (CallId::new(sample.v4()), CallId::new(sample.v4()));
    let first = write_of_call(key, wrong);
    let mut second = write_of_call(key, right);
    second.state.revision = 2;
    assert_eq!(Locator::all_of(&key, &second.state).len(), 1);
    put(store, &[first]).await;
    put(store, &[second]).await;
    for call in [wrong, right] {
        assert_eq!(store.slices(sample.project, call).await.unwrap(), [key.created_at.slice()]);
    }
}

pub async fn a_call_without_items_has_no_slices<S: DialStore + ItemReader>(store: &S, seed: u64) {
    let sample = Sample::of(seed);
    let call = CallId::new(sample.v4());
    assert_eq!(store.slices(sample.project, call).await.unwrap(), []);
    let stranger = sample.stranger();
    put(store, &[write_of_call(stranger.key(), call)]).await;
    assert_eq!(store.slices(sample.project, call).await.unwrap(), []);
}
