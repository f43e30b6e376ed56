//! What a client is told of a write when the store does not say plainly that it is there: errors are
//! forged between the built binary and a real Cassandra.

use std::time::Duration;

use scylla_proxy::{Condition, Reaction, RequestOpcode, RequestReaction, RequestRule};
use serde_json::{Value as Json, json};

use crate::support::engines;
use crate::support::process::{Process, Setup, wait_until};
use crate::support::proxy::{CqlProxy, some, writes_with};
use crate::support::wire::{Wire, WireAnswer};

use super::escalation::on_engines;

const PROJECT: &str = "5c0f7b1e-3a52-4d8e-9b60-7d1f2a4c8e90";
const CALL: &str = "c27d05f8-6b91-4a3e-b8d4-91f0e2a7c635";
const R: &str = "/api/incoming-call-log-item";
const UNKNOWN: &str = "The outcome of this write is unknown. Repeat it.";
const NOTHING: &str = "Nothing was changed. Repeat it.";

struct World {
    proxy: CqlProxy,
    process: Process,
    /// Reaches the store past the proxy.
    other: Process,
    key: String,
    _dir: tempfile::TempDir,
}

fn world(test: &str, with: impl Fn(Setup) -> Setup) -> Option<World> {
    let dir = tempfile::tempdir().unwrap();
    let (_, setup) = on_engines(test, dir.path())?;
    let setup = with(setup);
    let key = setup.key(PROJECT, "ProjectAdmin");
    let other = setup.start("other");
    let proxy = CqlProxy::new(&engines::cql_address()?);
    let process = setup.with("cql.nodes", &proxy.address).start("proxied");
    // The key is known from now on; what is forged afterwards meets writes only.
    assert_eq!(process.count(&key), 0);
    Some(World { proxy, process, other, key, _dir: dir })
}

impl World {
    fn send(&self, method: &str, path: &str, body: &Json) -> WireAnswer {
        let headers = [("ApiKey".to_owned(), self.key.clone())];
        let body = body.to_string();
        Wire::to(self.process.http).send((method, path), &headers, Some(&body))
    }

    fn create(&self, status: &str) -> WireAnswer {
        let new = json!({"incomingCallLogId": CALL, "status": status, "isAnswered": true});
        self.send("POST", R, &json!({ "data": new }))
    }

    /// How many items with a status the other process sees.
    fn there(&self, status: &str) -> u64 {
        let query = json!({"query": {"status": status}});
        let (code, answer) = self.other.post(&format!("{R}/count"), &self.key, &query);
        assert_eq!(code, 200, "{answer}");
        answer["count"].as_u64().unwrap()
    }

    fn stop(self) {
        assert!(self.process.stop().success());
        assert!(self.other.stop().success());
    }
}

fn told(answer: &WireAnswer) -> (u16, String, String) {
    let wait = answer.headers.get("retry-after").cloned().unwrap_or_default();
    let said: Json = serde_json::from_str(&answer.body).unwrap();
    (answer.status, wait, said["error"].as_str().unwrap_or_default().to_owned())
}

fn unavailable(sentence: &str) -> (u16, String, String) {
    (503, "1".to_owned(), sentence.to_owned())
}

#[test]
fn a_create_is_told_as_it_is_and_what_is_unknown_is_settled() {
    let Some(mut world) = world("outcome", |setup| setup) else { return };
    let forge = RequestReaction::forge();
    for (name, reaction, sentence) in [
        ("unavailable", forge.unavailable(), NOTHING),
        ("bootstrapping", forge.is_bootstrapping(), NOTHING),
        ("unauthorized", forge.unauthorized(), NOTHING),
        ("timeout", forge.write_timeout(), UNKNOWN),
        ("failure", forge.write_failure(), UNKNOWN),
        ("overloaded", forge.overloaded(), UNKNOWN),
        ("other", forge.other(0x7777), UNKNOWN),
    ] {
        let status = format!("said-{name}");
        world.proxy.rules(vec![RequestRule(writes_with(&status), reaction)]);
        assert_eq!(told(&world.create(&status)), unavailable(sentence), "{name}");
        assert_eq!(world.there(&status), 0, "{name}: nothing came through");
        world.proxy.rules(Vec::new());
        if sentence == UNKNOWN {
            let what = format!("{name}: repeated behind the answer");
            wait_until(&what, || (world.there(&status) == 1).then_some(()));
        }
    }
    let refused = RequestRule(writes_with("said-invalid"), forge.invalid());
    world.proxy.rules(vec![refused]);
    let answer = world.create("said-invalid");
    let defect = "{\"error\":\"Server Error\",\"code\":\"internal\"}";
    assert_eq!((answer.status, answer.body.as_str()), (500, defect), "and no word of the store");
    world.proxy.rules(Vec::new());
    for name in ["unavailable", "bootstrapping", "unauthorized", "invalid"] {
        assert_eq!(world.there(&format!("said-{name}")), 0, "{name}: as it was told");
    }
    world.stop();
}

#[test]
fn an_error_that_passes_is_not_even_noticed() {
    let Some(mut world) = world("passing_api", |setup| setup) else { return };
    let forge = RequestReaction::forge();
    for (name, reaction) in [
        ("unavailable", forge.unavailable()),
        ("timeout", forge.write_timeout()),
        ("broken", RequestReaction::drop_connection()),
    ] {
        let status = format!("once-{name}");
        world.proxy.rules(some(1, writes_with(&status), reaction));
        let answer = world.create(&status);
        assert_eq!(answer.status, 200, "{name}: {}", answer.body);
        assert_eq!(world.there(&status), 1, "{name}");
    }
    world.stop();
}

#[test]
fn an_update_and_a_deletion_of_unknown_outcome_come_true() {
    let Some(mut world) = world("edits_api", |setup| setup) else { return };
    let made: Json = serde_json::from_str(&world.create("first").body).unwrap();
    let item = format!("{R}/{}", made["_id"].as_str().unwrap());
    let forge = RequestReaction::forge();
    world.proxy.rules(vec![RequestRule(writes_with("second"), forge.write_timeout())]);
    let change = json!({"data": {"status": "second"}});
    assert_eq!(told(&world.send("PUT", &item, &change)), unavailable(UNKNOWN));
    assert_eq!(world.there("first"), 1);
    world.proxy.rules(Vec::new());
    wait_until("the update", || (world.there("second") == 1).then_some(()));
    assert_eq!(world.send("PUT", &item, &change).body, "{}", "safe to repeat");
    // A deletion names no text of its own: every request that is no read is meant.
    let writes = Condition::RequestOpcode(RequestOpcode::Batch)
        .or(Condition::RequestOpcode(RequestOpcode::Execute))
        .and(Condition::BodyContainsCaseSensitive(key_id(&world.key).into()));
    world.proxy.rules(vec![RequestRule(writes, forge.write_timeout())]);
    let deleted = told(&world.send("DELETE", &item, &json!({})));
    world.proxy.rules(Vec::new());
    assert_eq!(deleted, unavailable(UNKNOWN));
    wait_until("the deletion", || (world.there("second") == 0).then_some(()));
    assert_eq!(world.other.count(&world.key), 0);
    world.stop();
}

#[test]
fn a_line_of_the_log_names_the_request_and_the_trace_of_its_caller() {
    let Some(mut world) = world("lines", |setup| setup) else { return };
    let error = RequestReaction::forge().write_timeout();
    world.proxy.rules(some(1, writes_with("once"), error));
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let headers = [
        ("ApiKey", world.key.as_str()),
        ("X-Request-Id", "board-17"),
        ("traceparent", &format!("00-{trace}-b7ad6b7169203331-01")),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let new = json!({"data": {"incomingCallLogId": CALL, "status": "once", "isAnswered": true,
                              "userPhoneNumber": "+441632960077"}});
    let mut wire = Wire::to(world.process.http);
    let answer = wire.send(("POST", R), &headers, Some(&new.to_string()));
    assert_eq!((answer.status, answer.headers["x-request-id"].as_str()), (200, "board-17"));
    let log = world.process.told();
    let named = |line: &str| line.contains("board-17") && line.contains(trace);
    let line = log.lines().find(|line| line.contains("a write of the API failed")).unwrap();
    assert!(named(line), "{line}");
    assert!(!log.contains(&world.key) && !log.contains("41632960077"), "{log}");
    world.stop();
}

/// `deleted_by` holds it, and so does no read of items.
fn key_id(key: &str) -> Vec<u8> {
    key.as_bytes()[4..16].to_vec()
}

#[test]
fn a_read_that_takes_too_long_is_a_503_in_time() {
    let deadline = |setup: Setup| setup.with("http.deadline", "600ms");
    let Some(mut world) = world("late", deadline) else { return };
    assert_eq!(world.create("x").status, 200);
    let project = uuid::Uuid::parse_str(PROJECT).unwrap();
    let reads = Condition::RequestOpcode(RequestOpcode::Execute)
        .and(Condition::BodyContainsCaseSensitive(project.as_bytes().as_slice().into()));
    world.proxy.rules(vec![RequestRule(reads, RequestReaction::delay(Duration::from_secs(20)))]);
    let (status, wait, _) = told(&world.send("POST", &format!("{R}/count"), &json!({})));
    assert_eq!((status, wait.as_str()), (503, "1"));
    assert!(world.process.is_live(), "a slow store ends no process");
    world.proxy.rules(Vec::new());
    assert!(world.other.stop().success());
    world.process.kill();
}
