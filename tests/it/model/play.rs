//! One history, played on the API and on the plain map; every answer is compared as bytes.

use std::collections::BTreeMap;

use ringfold::memory::SeededEntropy;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::asked::{Shown, sort};
use super::history::{List, Step};
use super::items::Item;
use super::plain::{COLUMNS, Cell, RELATIONS};
use super::stand::{NOW_MS, Parts, Served, Stand};
use super::world::{World, pick, sort_keys};

const R: &str = "/api/incoming-call-log-item";
const UPDATABLE: [&str; 7] = [
    "status",
    "statusMessage",
    "dialDurationInSeconds",
    "callCostInUSDCents",
    "startedAt",
    "endedAt",
    "isAnswered",
];
const MISSING: &str =
    "{\"error\":\"Incoming Call Log Item not found.\",\"code\":\"item_not_found\"}";

struct Game<'a, P: Parts> {
    world: World,
    served: Served<'a, P>,
    items: Vec<Item>,
    now: i64,
}

/// Plays it; tells the first answer that differs.
pub async fn play<P: Parts>(stand: &Stand<P>, history: &[Step]) -> Result<(), String> {
    let mut seed = [0; 8];
    getrandom::fill(&mut seed).unwrap();
    let seed = u64::from_le_bytes(seed);
    let world = World::new(seed);
    let served = stand.serve(world.project, SeededEntropy::new(seed ^ 1)).await;
    let mut game = Game { world, served, items: Vec::new(), now: NOW_MS };
    for step in history {
        game.now += 1;
        game.served.set_clock(game.now);
        game.step(step).await.map_err(|what| format!("{what}\nat {step:?}"))?;
    }
    // At the end everything is looked at once more.
    let all = List { query: vec![], sort: vec![], limit: 100, skip: 0, columns: u32::MAX };
    game.list(&all).await
}

impl<P: Parts> Game<'_, P> {
    async fn step(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Create(columns) => self.create(columns).await,
            Step::Update(item, columns) => self.update(*item, columns).await,
            Step::Delete(item) => self.delete(*item).await,
            Step::Events(events) => {
                let told: Vec<Json> =
                    events.iter().map(|event| self.world.tell(event, &mut self.items)).collect();
                let accepted = format!("{{\"accepted\":{}}}", told.len());
                let answer = self.served.post_events(&json!(told)).await;
                self.served.folded().await;
                same("events", &answer, &(200, accepted))
            }
            Step::Get(item, columns) => self.get(*item, *columns).await,
            Step::List(list) => self.list(list).await,
            Step::Count(query) => {
                let visible = self.visible();
                let query = self.world.query(query, &visible);
                let count = visible.iter().filter(|item| query.keeps(item)).count();
                let body = json!({"query": query.json()});
                let answer = self.served.ask("POST", &format!("{R}/count"), &body).await;
                same(&body.to_string(), &answer, &(200, format!("{{\"count\":{count}}}")))
            }
        }
    }

    fn visible(&self) -> Vec<Shown> {
        let items = self.items.iter().filter(|item| !item.is_deleted);
        items.map(|item| item.shown(self.now)).collect()
    }

    async fn create(&mut self, columns: &[(u8, u8)]) -> Result<(), String> {
        let of = [
            &UPDATABLE[..],
            &[
                "incomingCallLogId",
                "incomingCallPolicyEscalationRuleId",
                "userId",
                "userPhoneNumber",
            ],
        ]
        .concat();
        let mut sent = self.world.sent(&of, columns);
        let number = u8::try_from(columns.len()).unwrap();
        for name in ["incomingCallLogId", "status", "isAnswered"] {
            let values = self.world.values(name);
            sent.entry(name).or_insert_with(|| pick(&values, number).clone());
        }
        let body = json!({"data": json_of(&sent)});
        let (status, answer) = self.served.ask("POST", R, &body).await;
        let id = made_id(&answer, self.now).ok_or(format!("{body}: {status} {answer}"))?;
        let project = self.world.project.to_string();
        let expected = json!({"_id": id, "incomingCallLogId": sent["incomingCallLogId"].json(),
            "isAnswered": sent["isAnswered"].json(), "projectId": project,
            "status": sent["status"].json()});
        self.items.push(made_item(&id, &project, self.now, sent));
        same(&body.to_string(), &(status, answer), &(200, expected.to_string()))
    }

    /// An item that there is or was, or none.
    fn target(&self, number: u8) -> (String, Option<usize>) {
        let place = usize::from(number) % (self.items.len() + 1);
        match self.items.get(place) {
            Some(item) => (item.id.clone(), (!item.is_deleted).then_some(place)),
            None => (Uuid::from_u128(u128::from(number)).to_string(), None),
        }
    }

    async fn update(&mut self, item: u8, columns: &[(u8, u8)]) -> Result<(), String> {
        let mut sent = self.world.sent(&UPDATABLE, columns);
        if sent.is_empty() {
            sent = self.world.sent(&["status"], &[(0, item)]);
        }
        let body = json!({"data": json_of(&sent)});
        let (id, place) = self.target(item);
        let answer = self.served.ask("PUT", &format!("{R}/{id}"), &body).await;
        match place {
            Some(place) => {
                let now = self.now;
                self.items[place].edit(sent, now);
                same(&body.to_string(), &answer, &(200, "{}".to_owned()))
            }
            None => same(&body.to_string(), &answer, &(404, MISSING.to_owned())),
        }
    }

    async fn delete(&mut self, item: u8) -> Result<(), String> {
        let (id, place) = self.target(item);
        let answer = self.served.ask("DELETE", &format!("{R}/{id}"), &json!({})).await;
        match place {
            Some(place) => {
                self.items[place].is_deleted = true;
                same("delete", &answer, &(200, "{}".to_owned()))
            }
            None => same("delete", &answer, &(404, MISSING.to_owned())),
        }
    }

    async fn get(&mut self, item: u8, columns: u32) -> Result<(), String> {
        let (id, place) = self.target(item);
        let body = json!({"select": select(columns)});
        let answer = self.served.ask("POST", &format!("{R}/{id}/get-item"), &body).await;
        let expected = match place {
            Some(place) => (200, written(&self.items[place].shown(self.now), columns).to_string()),
            None => (404, MISSING.to_owned()),
        };
        same(&format!("{id} {body}"), &answer, &expected)
    }

    async fn list(&mut self, list: &List) -> Result<(), String> {
        let visible = self.visible();
        let query = self.world.query(&list.query, &visible);
        let keys = sort_keys(&list.sort);
        let mut found: Vec<Shown> = visible.into_iter().filter(|item| query.keeps(item)).collect();
        sort(&mut found, &keys);
        let (limit, skip) = (list.limit, usize::from(list.skip));
        let page = found.iter().skip(skip).take(usize::from(limit));
        let data: Vec<Json> = page.map(|item| written(item, list.columns)).collect();
        let order: Map<String, Json> =
            keys.iter().map(|key| (key.column.to_owned(), key.json())).collect();
        let mut body = json!({"query": query.json(), "select": select(list.columns),
                              "sort": order, "skip": skip});
        let mut path = format!("{R}/get-list");
        if list.columns.is_multiple_of(2) {
            path = format!("{path}?limit={limit}");
        } else {
            body["limit"] = limit.into();
        }
        let expected =
            json!({"count": found.len(), "limit": limit, "skip": skip, "data": data}).to_string();
        let answer = self.served.ask("POST", &path, &body).await;
        same(&format!("{path} {body}"), &answer, &(200, expected))
    }
}

fn same(what: &str, answer: &(u16, String), expected: &(u16, String)) -> Result<(), String> {
    if answer == expected {
        return Ok(());
    }
    Err(format!(
        "{what}:\nanswered {} {}\nexpected {} {}",
        answer.0, answer.1, expected.0, expected.1
    ))
}

fn json_of(columns: &BTreeMap<&'static str, Cell>) -> Json {
    columns.iter().map(|(name, cell)| ((*name).to_owned(), cell.json())).collect()
}

fn made_item(id: &str, project: &str, now: i64, sent: BTreeMap<&'static str, Cell>) -> Item {
    let told = |name: &str| {
        let kind = super::plain::kind_of(name);
        sent.get(name).and_then(|cell| cell.bare(kind).shown()).unwrap_or_default()
    };
    let parents =
        ["incomingCallLogId", "incomingCallPolicyEscalationRuleId", "userId", "userPhoneNumber"];
    let [call, rule, user, phone] = parents.map(told);
    let mut item = Item::new(id, project, now);
    item = item.made(&[call, rule, user, phone, String::new(), String::new()]);
    item.edits = sent.into_iter().filter(|(name, _)| !parents.contains(name)).collect();
    item
}

/// The id of a new item, if it is one that the API makes at this time.
fn made_id(answer: &str, now: i64) -> Option<String> {
    let answer: Json = serde_json::from_str(answer).ok()?;
    let id = Uuid::parse_str(answer["_id"].as_str()?).ok()?;
    let (seconds, nanos) = id.get_timestamp()?.to_unix();
    let ms = i64::try_from(seconds * 1_000 + u64::from(nanos) / 1_000_000).ok()?;
    (id.get_version_num() == 7 && id.as_bytes()[15] == 0xA9 && ms == now).then(|| id.to_string())
}

/// Names that the bits of a number select: columns, then relations.
fn selected(columns: u32) -> impl Iterator<Item = &'static str> {
    let names = COLUMNS.iter().map(|(name, _)| *name);
    let names = names.chain(RELATIONS.iter().map(|(name, _)| *name));
    names.enumerate().filter(move |(bit, _)| columns >> bit & 1 == 1).map(|(_, name)| name)
}

fn select(columns: u32) -> Json {
    selected(columns).map(|name| (name.to_owned(), json!(true))).collect()
}

/// An item as it is written: `_id`, then by name.
fn written(item: &Shown, columns: u32) -> Json {
    let mut names: Vec<&str> = selected(columns).filter(|name| *name != "_id").collect();
    names.sort_unstable();
    let value = |name: &str| match RELATIONS.iter().find(|(relation, _)| *relation == name) {
        Some((_, id)) if item[id].is_null() => Json::Null,
        Some((_, id)) => json!({"_id": item[id].json()}),
        None => item[name].json(),
    };
    let mut written = Map::from_iter([("_id".to_owned(), item["_id"].json())]);
    written.extend(names.into_iter().map(|name| (name.to_owned(), value(name))));
    Json::Object(written)
}
