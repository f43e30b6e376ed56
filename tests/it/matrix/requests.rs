//! Requests made from the `OpenAPI` documents: what is listed there is asked, with values of both
//! projects. New routes, columns and columns behind relations come in by themselves.

use std::collections::BTreeMap;

use ringfold::http::profile::Profile;
use ringfold::http::{openapi, own_openapi};
use serde_json::{Map, Value as Json, json};

use crate::http::setup::{A, B, C1, P, Q, R};

use super::worlds::{MISSING, OTHER, OTHER_CALL, OTHER_DELETED, OWN_DELETED, World};

const JSON: &str = "application/json";
const MALFORMED: [&str; 3] = ["x", "019e2580aaaa8a018d5e69122fbc8f01", "%27%20or%201"];

#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// With `{id}` until it is about something.
    pub path: String,
    pub content_type: String,
    pub body: Json,
}

impl Request {
    pub fn of(method: &str, path: &str) -> Self {
        let content_type = JSON.to_owned();
        Self { method: method.to_uppercase(), path: path.to_owned(), content_type, body: json!({}) }
    }

    fn with(&self, body: Json) -> Self {
        Self { body, ..self.clone() }
    }

    pub fn about(&self, id: &str) -> Self {
        Self { path: self.path.replace("{id}", id), ..self.clone() }
    }

    pub fn sent(&self) -> String {
        format!("{} {} {}", self.method, self.path, self.body)
    }
}

/// Values that either project has, by column (`user.name` behind a relation).
pub struct Parties {
    pub values: BTreeMap<String, Vec<Json>>,
    operators: Vec<String>,
}

fn documents(profile: &dyn Profile) -> [Json; 2] {
    [openapi(profile), own_openapi(profile)]
}

/// Column → the columns behind it, if it is a relation.
fn columns(profile: &dyn Profile) -> BTreeMap<String, Vec<String>> {
    let document = openapi(profile);
    let select = document["components"]["schemas"]["Select"]["properties"].as_object().unwrap();
    let behind = |schema: &Json| {
        let inner = schema["anyOf"].as_array().into_iter().flatten();
        let inner = inner.filter_map(|one| one["properties"].as_object());
        inner.flat_map(|names| names.keys().cloned()).collect()
    };
    select.iter().map(|(name, schema)| (name.clone(), behind(schema))).collect()
}

/// A select of everything, through relations too.
fn select_all(profile: &dyn Profile) -> Json {
    let all = |names: &Vec<String>| match names.as_slice() {
        [] => json!(true),
        names => names.iter().map(|name| (name.clone(), json!(true))).collect(),
    };
    columns(profile).iter().map(|(name, behind)| (name.clone(), all(behind))).collect()
}

/// The value without its wrapper.
fn bare(value: &Json) -> &Json {
    value.get("value").unwrap_or(value)
}

impl Parties {
    /// What the keys of both projects see.
    pub async fn seen_by(world: &World, profile: &dyn Profile) -> Self {
        let mut values: BTreeMap<String, Vec<Json>> = BTreeMap::new();
        let list = Request::of("POST", &format!("{R}/get-list"));
        for key in [&world.served.foreign, &world.served.admin] {
            let body = json!({"select": select_all(profile)});
            let page = world.json(key, &list.with(body)).await;
            let items = page["data"].as_array().unwrap();
            assert!(!items.is_empty(), "{page}");
            let item = items.iter().find(|item| !item["endedAt"].is_null()).unwrap_or(&items[0]);
            for (name, value) in item.as_object().unwrap() {
                let inner = value.as_object().filter(|inner| !inner.contains_key("_type"));
                for (behind, value) in inner.into_iter().flatten() {
                    values.entry(format!("{name}.{behind}")).or_default().push(bare(value).clone());
                }
                if inner.is_none() && !value.is_null() {
                    values.entry(name.clone()).or_default().push(bare(value).clone());
                }
            }
        }
        let probe = json!({"query": {"status": {"_type": "?"}}});
        let refused = world.json(&world.served.admin, &list.with(probe)).await;
        let known = refused["error"].as_str().unwrap().split_once("Known operators: ").unwrap().1;
        let operators: Vec<String> = known.split(", ").map(str::to_owned).collect();
        assert!(operators.len() >= 19, "{operators:?}");
        Self { values, operators }
    }

    /// Every condition on a column with each of its values.
    fn conditions(&self, column: &str) -> Vec<Json> {
        let none = Vec::new();
        let values = self.values.get(column).unwrap_or(&none);
        let mut conditions = vec![json!(null), json!(values)];
        for value in values {
            conditions.push(value.clone());
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            for operator in &self.operators {
                let value = match operator.as_str() {
                    "Includes" | "IncludesAll" | "IncludesNone" => json!([value]),
                    "Search" | "StartsWith" | "EndsWith" | "NotContains" => json!(text),
                    _ => value.clone(),
                };
                conditions.push(match operator.as_str() {
                    "InBetween" => json!({"_type": operator, "startValue": value,
                                          "endValue": value}),
                    "IsNull" | "NotNull" => json!({"_type": operator}),
                    _ => json!({"_type": operator, "value": value}),
                });
            }
        }
        conditions
    }
}

/// Method, path and content types of every operation.
fn operations(profile: &dyn Profile) -> Vec<(Request, Vec<String>)> {
    let mut found = Vec::new();
    for document in documents(profile) {
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                if method == "parameters" {
                    continue;
                }
                let kinds = operation["requestBody"]["content"].as_object();
                let kinds = kinds.map(|kinds| kinds.keys().cloned().collect()).unwrap_or_default();
                found.push((Request::of(method, path), kinds));
            }
        }
    }
    found
}

fn is_changing(request: &Request) -> bool {
    let path = request.path.as_str();
    let is_read = path.ends_with("/get-list") || path.ends_with("/count");
    let is_read = is_read || path.ends_with("/get-item");
    !is_read && (request.method != "GET" || path.ends_with("-item"))
}

/// Ids of everything that there is, was, or is not.
fn ids() -> Vec<&'static str> {
    let known = [A, OWN_DELETED, OTHER, OTHER_DELETED, MISSING, C1, OTHER_CALL, P, Q];
    known.into_iter().chain(MALFORMED).collect()
}

/// Everything that reads.
pub fn reading(profile: &dyn Profile, parties: &Parties) -> Vec<Request> {
    let mut all = Vec::new();
    for (request, _) in operations(profile).iter().filter(|(request, _)| !is_changing(request)) {
        if request.path.contains("{id}") {
            for id in ids() {
                all.push(request.about(id).with(json!({"select": select_all(profile)})));
            }
        } else if request.path.ends_with("/get-list") {
            all.extend(lists(profile, parties).into_iter().map(|body| request.with(body)));
            let further = "?limit=100&skip=0&tenantid=";
            let path = format!("{}{further}{Q}", request.path);
            all.push(Request { path, ..request.with(json!({"select": select_all(profile)})) });
        } else if request.path.ends_with("/count") {
            let queries = queries(profile, parties).into_iter();
            all.extend(queries.map(|query| request.with(json!({"query": query}))));
        } else {
            all.push(request.clone());
        }
    }
    all
}

fn lists(profile: &dyn Profile, parties: &Parties) -> Vec<Json> {
    let select = select_all(profile);
    let queries = queries(profile, parties).into_iter();
    let mut lists: Vec<Json> =
        queries.map(|query| json!({"query": query, "select": select})).collect();
    for (name, _) in columns(profile) {
        for direction in [json!(1), json!(-1), json!({"direction": "ASC", "nulls": "first"})] {
            let sort: Map<String, Json> = [(name.clone(), direction)].into_iter().collect();
            lists.push(json!({"sort": sort, "select": select}));
        }
    }
    lists
}

/// Every column and every column behind a relation, under every condition; forms of the project.
fn queries(profile: &dyn Profile, parties: &Parties) -> Vec<Json> {
    let mut queries = vec![json!({}), json!({"projectId": [P, Q]}), json!({"project": Q})];
    queries.push(json!({"projectId": Q, "project": {"_id": P}}));
    for (name, behind) in columns(profile) {
        for condition in parties.conditions(&name) {
            queries.push(one(&name, condition));
        }
        for inner in behind {
            for condition in parties.conditions(&format!("{name}.{inner}")) {
                queries.push(one(&name, one(&inner, condition)));
            }
        }
    }
    let names: Vec<String> = columns(profile).into_keys().collect();
    for value in parties.values.values().flatten().filter_map(Json::as_str) {
        let fields: Vec<&String> = names
            .iter()
            .filter(|name| name.ends_with("Id") || name.starts_with("status"))
            .collect();
        queries.push(json!({"any": {"_type": "MultiSearch", "value": value, "fields": fields}}));
    }
    queries
}

fn one(name: &str, value: Json) -> Json {
    Json::Object([(name.to_owned(), value)].into_iter().collect())
}

/// Everything that changes something or tries to: of the other project first.
pub fn changing(profile: &dyn Profile, parties: &Parties) -> Vec<Request> {
    let mut all = Vec::new();
    for (request, kinds) in operations(profile).iter().filter(|(request, _)| is_changing(request)) {
        if request.path.contains("{id}") {
            let own_last = ids().into_iter().filter(|id| *id != A).chain([B]);
            for id in own_last {
                all.extend(data(parties).into_iter().map(|data| request.about(id).with(data)));
            }
        } else if request.path == "/events" {
            all.extend(kinds.iter().flat_map(|kind| posted(request, kind)));
        } else {
            all.extend(data(parties).into_iter().map(|data| request.with(data)));
        }
    }
    all
}

/// Requests on one item, whichever it is.
pub fn on_ids(profile: &dyn Profile, parties: &Parties) -> Vec<Request> {
    let mut all = Vec::new();
    for (request, _) in operations(profile) {
        if request.path.starts_with(R) && request.path.contains("{id}") {
            all.push(request.with(json!({"select": select_all(profile)})));
            all.extend(data(parties).into_iter().map(|data| request.with(data)));
        }
    }
    all
}

/// Bodies of creates and updates: whole ones, one per column and value, ids of the other project.
fn data(parties: &Parties) -> Vec<Json> {
    let new = json!({"incomingCallLogId": C1, "status": "x", "isAnswered": false});
    let mut all = vec![json!({}), json!({"data": new}), json!({"data": {"status": "own"}})];
    for (column, values) in parties.values.iter().filter(|(column, _)| !column.contains('.')) {
        for value in values {
            all.push(json!({"data": one(column, value.clone())}));
            let mut new = new.clone();
            new[column] = value.clone();
            all.push(json!({"data": new}));
        }
    }
    for name in ["_id", "id", "project", "projectId", "tenantId"] {
        let mut new = new.clone();
        new[name] = if name.starts_with("pro") { Q } else { OTHER }.into();
        all.push(json!({"data": new}));
        new[name] = json!({"_id": Q});
        all.push(json!({"data": new}));
    }
    all
}

fn posted(request: &Request, kind: &str) -> Vec<Request> {
    let event = |project: &str, item: &str, call: &str| {
        json!({"specversion": "1.0", "id": "1", "source": "/gateways/sip/a/1",
               "type": "ringfold.dial.ringing.v1", "time": "2026-05-15T02:05:10Z",
               "data": {"projectId": project, "incomingCallLogId": call,
                        "incomingCallLogItemId": item}})
    };
    let events = [
        event(P, OTHER, OTHER_CALL),
        event(P, OTHER_DELETED, C1),
        event(Q, OTHER, OTHER_CALL),
        event(Q, A, C1),
        event(MISSING, OTHER, C1),
    ];
    let body = |event: &Json| if kind.contains("batch") { json!([event]) } else { event.clone() };
    let requests = events.iter().map(|event| request.with(body(event)));
    requests.map(|one| Request { content_type: kind.to_owned(), ..one }).collect()
}
