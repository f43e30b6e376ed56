//! The contract of the resource, request by request, against the built binary: `tests/data/http/
//! cases`, written by `tests/data/http/generate`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value as Json;

use super::escalation::on_engines;
use crate::support::process::{Process, Setup, wait_until};
use crate::support::wire::{Wire, WireAnswer};

/// What both files hold at least.
const CASES_MIN: usize = 400;

fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/http").join(name)
}

fn lines(name: &str) -> Vec<Json> {
    let text = std::fs::read_to_string(data(name)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The binary with the items and API keys of the cases.
struct Served {
    process: Process,
    keys: BTreeMap<String, String>,
    _dir: tempfile::TempDir,
}

fn served(profile: &str) -> Served {
    let dir = tempfile::tempdir().unwrap();
    let setup = Setup::new(dir.path());
    seeded(profile, setup, dir)
}

/// The same on real engines: the events go through Kafka, the items lie in Cassandra.
fn served_on_engines(profile: &str) -> Option<Served> {
    let dir = tempfile::tempdir().unwrap();
    let test = format!("cases_{}", profile.replace('-', "_"));
    let (_, setup) = on_engines(&test, dir.path())?;
    Some(seeded(profile, setup.with("intake.enabled", "true"), dir))
}

fn seeded(profile: &str, setup: Setup, dir: tempfile::TempDir) -> Served {
    // The open item of the examples stays open.
    let setup = setup
        .with("http.profile", profile)
        .with("http.rate.per_key", "off")
        .with("item.limit.ringing", "9000d");
    let mut keys: BTreeMap<String, String> = lines("keys.ndjson")
        .iter()
        .map(|key| (text(&key["name"]).to_owned(), text(&key["key"]).to_owned()))
        .collect();
    setup.output(&["keys", "import", data("keys.ndjson").to_str().unwrap()]);
    let made = ["keys", "create", "--json", "--name", "g", "--gateway", "--all-projects"];
    let made: Json = serde_json::from_str(setup.output(&made).trim()).unwrap();
    let gateway = text(&made["key"]).to_owned();
    keys.insert("gateway".to_owned(), gateway.clone());
    keys.insert("malformed".to_owned(), "rfk_x".to_owned());
    let process = setup.start(profile);
    for name in ["examples.ndjson", "references.ndjson"] {
        for event in std::fs::read_to_string(data(name)).unwrap().lines() {
            let (status, answer) = if name == "examples.ndjson" {
                post_bare(&process, &gateway, event)
            } else {
                process.post_as("/events", &gateway, "application/cloudevents+json", event.into())
            };
            assert_eq!(status, 200, "{answer}");
        }
    }
    wait_until("the seed", || (process.count(&keys["admin"]) == 4).then_some(()));
    wait_until("all folded", || {
        let is_idle = process.metric("ringfold_budget_used_bytes") == 0.0
            && process.metric("ringfold_log_lag_events") == 0.0;
        is_idle.then_some(())
    });
    Served { process, keys, _dir: dir }
}

/// The events of the examples stand without an envelope, one per line.
fn post_bare(process: &Process, gateway: &str, event: &str) -> (u16, Json) {
    let mut data: Json = serde_json::from_str(event).unwrap();
    let (kind, time) = (data["kind"].take(), data["time"].take());
    let data: serde_json::Map<_, _> = data
        .as_object()
        .unwrap()
        .clone()
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .collect();
    let event = serde_json::json!({
        "specversion": "1.0", "id": "x", "source": "/on-call", "time": time,
        "type": format!("ringfold.{}.v1", text(&kind)), "datacontenttype": "application/json",
        "data": data,
    });
    process.post_as("/events", gateway, "application/cloudevents+json", event.to_string())
}

fn text(json: &Json) -> &str {
    json.as_str().unwrap()
}

#[test]
fn the_documented_profile_answers_every_case() {
    every_case("documented");
}

#[test]
fn the_drop_in_profile_answers_every_case() {
    every_case("drop-in");
}

#[test]
fn the_documented_profile_answers_alike_on_real_engines() {
    on_real_engines("documented");
}

#[test]
fn the_drop_in_profile_answers_alike_on_real_engines() {
    on_real_engines("drop-in");
}

fn every_case(profile: &str) {
    let cases = lines(&format!("cases/{profile}.ndjson"));
    assert!(cases.len() >= CASES_MIN);
    play(served(profile), &cases);
}

/// Every tenth case, and all that write or lean on what another case wrote.
fn on_real_engines(profile: &str) {
    let Some(served) = served_on_engines(profile) else { return };
    let cases = lines(&format!("cases/{profile}.ndjson"));
    let is_of_a_story = |case: &Json| {
        ["story:", "example"].iter().any(|start| text(&case["name"]).starts_with(start))
    };
    let chosen = cases.into_iter().enumerate();
    let chosen = chosen.filter(|(index, case)| index % 10 == 0 || is_of_a_story(case));
    let chosen: Vec<Json> = chosen.map(|(_, case)| case).collect();
    assert!(chosen.len() >= CASES_MIN / 2);
    play(served, &chosen);
}

fn play(served: Served, cases: &[Json]) {
    let mut wire = Wire::to(served.process.http);
    let mut kept = BTreeMap::new();
    let mut wrong = Vec::new();
    for case in cases {
        // A peer that sends wrong keys is slowed down, and with it the next unknown one.
        let answer = wait_until("an answer that is no 429", || {
            let answer = asked(&mut wire, &served.keys, case, &kept);
            (answer.status != 429).then_some(answer)
        });
        if let Err(what) = judge(case, &answer, &mut kept) {
            let said: String = answer.body.chars().take(600).collect();
            wrong.push(format!("{}: {what}\n  {} {said}", case["name"], answer.status));
        }
    }
    let shown: Vec<&str> = wrong.iter().take(40).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), shown.join("\n"));
    assert!(served.process.stop().success());
}

fn asked(
    wire: &mut Wire,
    keys: &BTreeMap<String, String>,
    case: &Json,
    kept: &BTreeMap<String, String>,
) -> WireAnswer {
    let send = with_kept(text(&case["send"]), kept);
    let (method, path) = send.split_once(' ').unwrap();
    let mut headers = Vec::new();
    if let Some(key) = keys.get(text(&case["key"])) {
        headers.push(("ApiKey".to_owned(), key.clone()));
    }
    let body = case.get("text").map(|body| text(body).to_owned());
    let body = body.or_else(|| case.get("body").map(Json::to_string));
    match case.get("headers").and_then(Json::as_object) {
        Some(own) => {
            headers.extend(own.iter().map(|(name, value)| (name.clone(), text(value).to_owned())));
        }
        None if body.is_some() => {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        None => {}
    }
    wire.send((method, path), &headers, body.as_deref())
}

fn judge(
    case: &Json,
    answer: &WireAnswer,
    kept: &mut BTreeMap<String, String>,
) -> Result<(), String> {
    if Some(u64::from(answer.status)) != case["status"].as_u64() {
        return Err(format!("expected {}", case["status"]));
    }
    for (name, value) in case.get("has").and_then(Json::as_object).into_iter().flatten() {
        let has = answer.headers.get(name).map_or("", String::as_str);
        if has != text(value) {
            return Err(format!("{name}: {has:?}, expected {value}"));
        }
    }
    let Some(expected) = case.get("says") else {
        return if answer.body.is_empty() { Ok(()) } else { Err("expected no body".to_owned()) };
    };
    let said: Json = serde_json::from_str(&answer.body).map_err(|error| error.to_string())?;
    if let Some(name) = case.get("keep") {
        kept.insert(text(name).to_owned(), text(&said["_id"]).to_owned());
    }
    // What is told is compared as text, so that the order of names and every digit count.
    let masked = masked(&said, expected).to_string();
    let expected = with_kept(&expected.to_string(), kept);
    if masked == expected { compact(&said, answer) } else { Err(expected) }
}

fn compact(said: &Json, answer: &WireAnswer) -> Result<(), String> {
    let written = said.to_string();
    if written == answer.body { Ok(()) } else { Err("expected compact JSON".to_owned()) }
}

/// `{name}` is what was kept under the name.
fn with_kept(text: &str, kept: &BTreeMap<String, String>) -> String {
    let mut text = text.to_owned();
    for (name, value) in kept {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text
}

/// The answer with `<id>` and `<now>` where such a value stands and is expected.
fn masked(said: &Json, expected: &Json) -> Json {
    match (said, expected) {
        (Json::String(id), Json::String(mask)) if mask == "<id>" && is_made_by_the_api(id) => {
            expected.clone()
        }
        (Json::String(at), Json::String(mask)) if mask == "<now>" && is_date(at) => {
            expected.clone()
        }
        (Json::Object(said), Json::Object(expected)) => {
            let null = Json::Null;
            let inner = |name: &String| expected.get(name).unwrap_or(&null);
            said.iter().map(|(name, value)| (name.clone(), masked(value, inner(name)))).collect()
        }
        _ => said.clone(),
    }
}

fn is_made_by_the_api(id: &str) -> bool {
    uuid::Uuid::parse_str(id).is_ok_and(|id| id.get_version_num() == 7) && id.ends_with("a9")
}

fn is_date(at: &str) -> bool {
    at.len() == 24 && at.ends_with('Z') && chrono::DateTime::parse_from_rfc3339(at).is_ok()
}
