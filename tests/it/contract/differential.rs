//! The same random work on the adapter and on the memory store: the same rows, pages and lists.

use ringfold::dial::row::{Deletion, ProvisionalEnd};
use ringfold::dial::{Edits, ItemKey, State};
use ringfold::memory::MemoryStore;
use ringfold::ports::store::{DayRange, DialStore, Directory, ItemReader, PageCursor};
use ringfold::value::{CallId, Day, MicroUsd, Micros};

use super::sample::{DAY, Sample, edit, put, write};

const STEPS: usize = 1_500;
const DIALS: usize = 24;

/// Dials with their calls and the states that they may go through.
struct Dials {
    sample: Sample,
    keys: Vec<ItemKey>,
    calls: Vec<CallId>,
    chains: Vec<Vec<State>>,
}

impl Dials {
    fn of(seed: u64) -> Self {
        let sample = Sample::of(seed);
        let day = |n: usize| Day::new(DAY.get() + i32::try_from(n % 3).unwrap());
        let key = |n| match n % 4 {
            0 => ItemKey { created_at: sample.instant(day(n)), ..sample.timeless_key() },
            // Some share an instant.
            1 => sample.key_at(day(n).start()),
            _ => sample.key_at(sample.instant(day(n))),
        };
        let keys: Vec<_> = (0..DIALS).map(key).collect();
        let calls: Vec<_> = (0..4)
            .map(|n| match n % 2 {
                0 => CallId::new(sample.v4()),
                _ => sample.call_at(keys[n].created_at),
            })
            .collect();
        let chains = (0..DIALS).map(|n| chain(&sample, calls[n % 4])).collect();
        Self { sample, keys, calls, chains }
    }

    fn any(&self) -> usize {
        usize::try_from(self.sample.below(DIALS as u64)).unwrap()
    }
}

fn chain(sample: &Sample, call: CallId) -> Vec<State> {
    let mut chain = sample.chain(6);
    for state in &mut chain {
        if let Some(started) = &mut state.facts.started {
            started.said.call = Some(call);
        }
    }
    chain
}

pub async fn any_work_leaves_what_the_memory_store_holds<S>(store: &S, seed: u64)
where
    S: DialStore + ItemReader + Directory,
{
    let model = MemoryStore::new(store.atomicity());
    let dials = Dials::of(seed);
    for step in 0..STEPS {
        match dials.sample.below(10) {
            0..=4 => fold(store, &model, &dials).await,
            5..=6 => change(store, &model, &dials).await,
            7 => load(store, &model, &dials).await,
            8 => page(store, &model, &dials).await,
            _ => lists(store, &model, &dials).await,
        }
        assert_eq!(model.ties(), 0, "step {step}: two states of one version");
    }
    for day in 0..3 {
        let range = DayRange::whole(dials.sample.project, Day::new(DAY.get() + day));
        let (got, want) = (store.day(&range, None, 99).await, model.day(&range, None, 99).await);
        assert_eq!(got.unwrap(), want.unwrap());
    }
}

async fn fold<S: DialStore>(store: &S, model: &MemoryStore, dials: &Dials) {
    let mut chosen: Vec<_> = (0..=dials.sample.below(4)).map(|_| dials.any()).collect();
    chosen.sort_unstable();
    chosen.dedup();
    let state = |n: usize| dials.chains[n][usize::try_from(dials.sample.below(6)).unwrap()].clone();
    let rows: Vec<_> = chosen.into_iter().map(|n| write(dials.keys[n], state(n))).collect();
    put(store, &rows).await;
    put(model, &rows).await;
}

async fn change<S: DialStore>(store: &S, model: &MemoryStore, dials: &Dials) {
    let sample = &dials.sample;
    let key = dials.keys[dials.any()];
    let Some(row) = model.get(&key).await.unwrap() else { return };
    let now = sample.instant(Day::new(DAY.get() + 4));
    let mut write = edit(&row, now);
    match sample.below(12) {
        0 => {
            write.edits = Edits::default();
            write.deletion = Some(Deletion { at: now, by: "k2".into() });
        }
        1..=2 => {
            write.edits = Edits::default();
            write.provisional = Some(ProvisionalEnd { at: now, revision: row.state.revision });
        }
        3..=4 => write.edits.status = Some(sample.text(20).into()),
        5 => write.edits.status_message = Some(sample.chance(2).then(|| sample.text(90).into())),
        6 => write.edits.dial_duration_s = Some(sample.chance(2).then_some(77)),
        7 => write.edits.cost = Some(sample.chance(2).then(|| MicroUsd::new(5))),
        8 => write.edits.started_at = Some(sample.chance(2).then_some(now)),
        9 => write.edits.ended_at = Some(sample.chance(2).then_some(now)),
        _ => write.edits.is_answered = Some(sample.chance(2)),
    }
    store.edit(&write).await.unwrap();
    model.edit(&write).await.unwrap();
}

async fn load<S: DialStore + ItemReader>(store: &S, model: &MemoryStore, dials: &Dials) {
    let keys: Vec<_> = (0..8).map(|_| dials.keys[dials.any()]).collect();
    assert_eq!(store.load(&keys).await.unwrap(), model.load(&keys).await.unwrap());
    assert_eq!(store.get(&keys[0]).await.unwrap(), model.get(&keys[0]).await.unwrap());
}

async fn page<S: ItemReader>(store: &S, model: &MemoryStore, dials: &Dials) {
    let sample = &dials.sample;
    let day = Day::new(DAY.get() + i32::try_from(sample.below(3)).unwrap());
    let (a, b) = (sample.instant(day), sample.instant(day));
    let range = if sample.chance(2) {
        DayRange::whole(sample.project, day)
    } else {
        DayRange { project: sample.project, day, from: a.min(b), to: a.max(b) }
    };
    let size = usize::try_from(sample.below(9)).unwrap() + 1;
    let mut after: Option<PageCursor> = None;
    loop {
        let got = store.day(&range, after, size).await.unwrap();
        assert_eq!(got, model.day(&range, after, size).await.unwrap());
        after = got.next;
        if after.is_none() {
            return;
        }
    }
}

async fn lists<S: ItemReader + Directory>(store: &S, model: &MemoryStore, dials: &Dials) {
    let project = dials.sample.project;
    let (from, to) = (Day::new(DAY.get() + 1), Day::new(DAY.get() + 9));
    let days = store.days(project, from, to).await.unwrap();
    assert_eq!(days, model.days(project, from, to).await.unwrap());
    for call in &dials.calls {
        let sorted = |mut slices: Vec<Micros>| {
            slices.sort();
            slices
        };
        let got = sorted(store.slices(project, *call).await.unwrap());
        assert_eq!(got, sorted(model.slices(project, *call).await.unwrap()));
    }
    let item = dials.keys[dials.any()].item;
    let got = store.locate(project, item).await.unwrap();
    assert_eq!(got, model.locate(project, item).await.unwrap());
}
