//! The planner and the run against a plain filter, sort and slice over all items of the project, and
//! the reads they make: the same of every store, none without an end.

mod relations;

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use ringfold::dial::event::{Ended, Price, Started};
use ringfold::dial::fact::{Fact, Provenance};
use ringfold::dial::row::{Deletion, EditWrite, Edits};
use ringfold::dial::{Facts, ItemKey, Limits, State, View, item};
use ringfold::item::Item;
use ringfold::memory::{MemoryStore, SeededEntropy};
use ringfold::ports::registry::Registry;
use ringfold::ports::store::{Atomicity, DialStore, Directory, ItemReader};
use ringfold::query::{
    Access, Allowance, Dialect, Query, Reading, count, filter_from_json, get, list, plan,
    sort_from_json,
};
use ringfold::tariff::{Book, Tariff};
use ringfold::value::{CallId, ItemId, Micros, Phone, ProjectId, UserId};
use serde_json::{Value as Json, json};
use uuid::{Builder, Uuid};

use self::relations::Told;
use crate::support::recorded::{Read, Recorded};
use crate::support::rows::write_states;

/// 2026-05-14T23:00:00Z: an hour before midnight.
const START: i64 = 1_778_799_600_000;
const ITEMS: u64 = 60;

/// Numbers that follow from a seed.
pub struct Dice(SeededEntropy);

impl Dice {
    fn below(&self, limit: u64) -> u64 {
        self.0.number() % limit
    }

    fn ms(&self, limit: u64) -> i64 {
        i64::try_from(self.below(limit)).unwrap()
    }

    fn pick<'a, T>(&self, of: &'a [T]) -> &'a T {
        &of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }
}

fn project(dice: &Dice) -> ProjectId {
    ProjectId::new(Uuid::from_u64_pair(dice.0.number(), dice.0.number()))
}

/// A v7 id of this time, or a v4 one that carries none.
fn id(dice: &Dice, ms: i64) -> Uuid {
    let mut random = [0; 16];
    random[..8].copy_from_slice(&dice.0.number().to_be_bytes());
    if dice.below(4) == 0 {
        return Builder::from_random_bytes(random).into_uuid();
    }
    let ms = u64::try_from(ms).unwrap();
    Builder::from_unix_timestamp_millis(ms, &random[..10].try_into().unwrap()).into_uuid()
}

/// Some calls: their ids name a time, or do not.
fn calls(dice: &Dice) -> Vec<CallId> {
    (0..5).map(|_| CallId::new(id(dice, START + dice.ms(7_200_000)))).collect()
}

fn state(dice: &Dice, calls: &[CallId], key: &ItemKey) -> State {
    let fact = |at: Option<i64>| at.map(|ms| Micros::new(key.created_at.get() + ms * 1_000));
    let provenance = Provenance::Live;
    let started = Started {
        call: Some(*dice.pick(calls)),
        user: (dice.below(3) > 0).then(|| UserId::new(Uuid::from_u128(dice.below(3).into()))),
        phone: (dice.below(3) > 0).then(|| Phone::new(format!("+4416329600{}", dice.below(3)))),
        ..Started::default()
    };
    let mut facts = Facts {
        started: Some(Fact { at: Some(key.created_at), provenance, said: started }),
        ..Facts::default()
    };
    if dice.below(2) == 0 {
        facts.answered = Some(Fact { at: fact(Some(dice.ms(9_000))), provenance, said: () });
    }
    if dice.below(3) > 0 {
        let reason = dice.pick(&["busy", "no_answer", "completed", "rejected"]);
        let said = Ended { reason: Some(Arc::from(*reason)), ..Ended::default() };
        facts.ended = Some(Fact { at: fact(Some(9_000 + dice.ms(3) * 1_000)), provenance, said });
        let price = Price {
            micro: dice.ms(3) * 1_250,
            currency: ringfold::dial::event::Currency::parse("USD").unwrap(),
        };
        facts.cost = Some(Fact { at: fact(Some(9_500)), provenance, said: price });
    }
    State { facts, revision: 1 }
}

/// Items of one project over some hours around midnight, and of another beside them.
async fn fill<S: DialStore>(
    dice: &Dice,
    (store, model): (&S, &MemoryStore),
    projects: [ProjectId; 2],
) -> Vec<CallId> {
    let calls = calls(dice);
    let mut keys = Vec::new();
    for number in 0..ITEMS {
        // Few instants, so that some are equal.
        let created_at = Micros::from_ms(START + dice.ms(40) * 180_000);
        let item = id(dice, created_at.ms());
        let project = projects[usize::from(number % 5 == 0)];
        keys.push(ItemKey { project, created_at, item: ItemId::new(item) });
    }
    let states = keys.iter().map(|key| (*key, state(dice, &calls, key)));
    let states: Vec<_> = states.collect();
    write_states(store, states.clone()).await;
    write_states(model, states).await;
    for key in keys.iter().filter(|_| dice.below(6) == 0) {
        let edit = edit(dice, key);
        store.edit(&edit).await.unwrap();
        model.edit(&edit).await.unwrap();
    }
    calls
}

fn edit(dice: &Dice, key: &ItemKey) -> EditWrite {
    let at = Micros::new(key.created_at.get() + 60_000_000);
    let edits = Edits {
        status: Some(Arc::from("Busy")),
        dial_duration_s: Some(None),
        at: Some(at),
        by: Some(Arc::from("k")),
        count: 1,
        ..Edits::default()
    };
    let is_deletion = dice.below(2) == 0;
    EditWrite {
        key: *key,
        create: None,
        edits: if is_deletion { Edits::default() } else { edits },
        deletion: is_deletion.then(|| Deletion { at, by: Arc::from("k") }),
        erasure: None,
        provisional: None,
        wall: EditWrite::wall(at, key, None),
    }
}

/// A condition that some items meet.
fn condition(dice: &Dice, items: &[Item], calls: &[CallId]) -> (&'static str, Json) {
    let one = dice.pick(items);
    let instant = Micros::new(one.created_at.get() + (dice.ms(3) - 1) * 1_000).to_string();
    let later = Micros::new(one.created_at.get() + dice.ms(90) * 60_000_000).to_string();
    let comparison = dice.pick(&[
        "EqualTo",
        "NotEqual",
        "GreaterThan",
        "GreaterThanOrEqual",
        "LessThan",
        "LessThanOrEqual",
    ]);
    let other = dice.pick(items).id.to_string();
    match dice.below(18) {
        0 => ("_id", json!(one.id.to_string())),
        1 => ("_id", json!([one.id.to_string(), other, one.id.to_string()])),
        2 => ("_id", json!({"_type": comparison, "value": one.id.to_string()})),
        3 | 4 => ("incomingCallLogId", json!(dice.pick(calls).to_string())),
        5 => {
            let two = [dice.pick(calls).to_string(), dice.pick(calls).to_string()];
            ("incomingCallLogId", json!({"_type": "Includes", "value": two}))
        }
        6 => ("createdAt", json!(instant)),
        7 | 8 => ("createdAt", json!({"_type": comparison, "value": instant})),
        9 => ("createdAt", json!({"_type": "InBetween", "startValue": instant, "endValue": later})),
        10 => ("status", json!(["Busy", one.status.as_ref()])),
        11 => ("dialDurationInSeconds", json!({"_type": comparison, "value": 10})),
        12 => ("user", json!(one.user.map(|user| user.to_string()))),
        13 => ("callCostInUSDCents", json!({"_type": "LessThanOrNull", "value": 0.125})),
        _ => relations::condition(dice),
    }
}

fn sort(dice: &Dice) -> Json {
    let direction = |dice: &Dice| *dice.pick(&[1, -1]);
    match dice.below(4) {
        0 => json!({}),
        1 => json!({"createdAt": direction(dice)}),
        _ => {
            let columns = ["status", "endedAt", "userPhoneNumber", "_id", "callCostInUSDCents"];
            json!({*dice.pick(&columns): direction(dice), "createdAt": direction(dice)})
        }
    }
}

/// What a project has, and how it is read.
struct World<'a, S> {
    store: Recorded<'a, S>,
    model: Recorded<'a, MemoryStore>,
    book: Book,
    limits: Limits,
    now: Micros,
    page_rows: usize,
    project: ProjectId,
    items: Vec<Item>,
    told: Told,
}

impl<S: ItemReader + Directory + Registry> World<'_, S> {
    fn reading<'r, T>(&'r self, store: &'r T, items_max: u64) -> Reading<'r, T> {
        let allowance = Allowance { items_max, time_max: Duration::from_mins(1) };
        let (book, limits, now, page_rows) = (&self.book, &self.limits, self.now, self.page_rows);
        Reading { store, book, limits, now, allowance, page_rows }
    }

    /// The whole answer by the plainest means.
    fn expected(&self, json: &Json, query: &Query) -> (u64, Vec<Item>) {
        let keeps = |item: &&Item| query.filter.keeps(item) && self.told.keeps(json, item);
        let mut kept: Vec<Item> = self.items.iter().filter(keeps).cloned().collect();
        kept.sort_by(|a, b| query.sort.order(&query.sort.rank(a), &query.sort.rank(b)));
        let total = kept.len() as u64;
        let skip = usize::try_from(query.skip).unwrap();
        let limit = usize::try_from(query.limit).unwrap();
        (total, kept.into_iter().skip(skip).take(limit).collect())
    }

    /// Items that may have to be looked at one by one: none where keys tell, else those that the
    /// plan leaves.
    fn looked_at(&self, query: &Query) -> u64 {
        let is_left = |item: &&Item| match plan(&query.filter) {
            Access::Points(ids) => ids.contains(&item.id),
            Access::Calls(calls, span) => {
                let is_within = span.from <= item.created_at && item.created_at < span.to;
                is_within && item.call.is_some_and(|call| calls.contains(&call))
            }
            Access::Days(_) if query.filter.is_of_keys() && query.sort.in_time().is_some() => false,
            Access::Days(span) => span.from <= item.created_at && item.created_at < span.to,
        };
        self.items.iter().filter(is_left).count() as u64
    }

    async fn ask(&self, told: &str, json: &Json, query: &Query) {
        let (total, page) = self.expected(json, query);
        let items_max = self.looked_at(query);
        let listed = list(&self.reading(&self.store, items_max), self.project, query).await;
        let listed = listed.unwrap_or_else(|error| panic!("{told}: {error}"));
        assert_eq!((listed.total, listed.items), (total, page), "{told}");
        assert_eq!(listed.spent.items, items_max, "{told}");
        let reads = self.store.taken();
        assert!(reads.iter().all(|read| self.has_an_end(read)), "{told}: {reads:?}");
        list(&self.reading(&self.model, items_max), self.project, query).await.unwrap();
        assert_eq!(reads, self.model.taken(), "{told}");
        let counting = self.reading(&self.store, items_max);
        let counted = count(&counting, self.project, &query.filter).await.unwrap();
        assert_eq!(counted, total, "{told}");
        self.store.taken();
    }

    /// Whether a read brings no more than a page.
    fn has_an_end(&self, read: &Read) -> bool {
        match read {
            Read::Page(_, (from, to), _, size) => {
                *size <= self.page_rows && to.get() - from.get() <= 86_400_000_000
            }
            Read::References(_, ids) => ids.len() <= self.page_rows.max(32),
            Read::Get(_) | Read::Locate(_) | Read::Slices(_) | Read::Days(..) => true,
        }
    }
}

/// Fills two projects of the store and asks about one of them.
pub async fn check<S>(store: &S, seed: u64)
where
    S: DialStore + ItemReader + Directory + Registry,
{
    let dice = Dice(SeededEntropy::new(seed));
    let projects = [project(&dice), project(&dice)];
    let model = MemoryStore::new(Atomicity::PerDay);
    let calls = fill(&dice, (store, &model), projects).await;
    let told = Told::tell(&dice, (store, &model), projects, &calls).await;
    let (book, limits) = (Book::new(Tariff::default()), Limits::default());
    let now = Micros::from_ms(START + 5_400_000);
    let view = View { book: &book, limits: &limits, now };
    let rows = model.rows().into_iter();
    let own = rows.filter(|row| row.key.project == projects[0] && row.deletion.is_none());
    let items: Vec<Item> = own.map(|row| item(&row, &view)).collect();
    let page_rows = usize::try_from(1 + dice.below(7)).unwrap();
    let project = projects[0];
    let (store, model_read) = (Recorded::new(store), Recorded::new(&model));
    let world =
        World { store, model: model_read, book, limits, now, page_rows, project, items, told };
    for _ in 0..40 {
        let conditions: serde_json::Map<String, Json> = (0..dice.below(3))
            .map(|_| condition(&dice, &world.items, &calls))
            .map(|(column, condition)| (column.to_owned(), condition))
            .collect();
        let (filter_json, sort_json) = (Json::Object(conditions), sort(&dice));
        let dialect = *dice.pick(&[Dialect::Documented, Dialect::DropIn]);
        let query = Query {
            filter: filter_from_json(dialect, Some(&filter_json)).unwrap(),
            sort: sort_from_json(dialect, Some(&sort_json)).unwrap(),
            skip: *dice.pick(&[0, 0, 1, 5, 20, 3_000]),
            limit: *dice.pick(&[1, 7, 100]),
        };
        let told = format!("seed {seed}: {filter_json} {sort_json} {}+{}", query.skip, query.limit);
        world.ask(&told, &filter_json, &query).await;
    }
    for row in model.rows() {
        let own = world.items.iter().find(|item| item.id == row.key.item).cloned();
        let reading = world.reading(&world.store, 0);
        let read = get(&reading, project, row.key.item).await.unwrap();
        assert_eq!(read, own, "seed {seed}: {:?}", row.key);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn every_page_and_count_is_that_of_a_plain_filter_sort_and_slice(seed in any::<u64>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(check(&MemoryStore::new(Atomicity::PerDay), seed));
    }
}
