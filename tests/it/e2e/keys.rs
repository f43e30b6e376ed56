//! API keys over several processes and at rest: what one command does every process knows within a
//! second, and nobody finds a secret where keys are kept.

use std::path::Path;
use std::time::{Duration, Instant};

use scylla::client::session_builder::SessionBuilder;
use serde_json::{Value as Json, json};

use crate::support::engines;
use crate::support::process::{Process, Setup, wait_until};

use super::escalation::on_engines;

const PROJECT: &str = "5c0f7b1e-3a52-4d8e-9b60-7d1f2a4c8e90";
const R: &str = "/api/incoming-call-log-item";
/// What a change of a key may take until every process obeys it.
const WITHIN: Duration = Duration::from_secs(1);

struct World {
    setup: Setup,
    processes: [Process; 2],
    _dir: tempfile::TempDir,
}

fn world(test: &str) -> Option<World> {
    let dir = tempfile::tempdir().unwrap();
    let (_, setup) = on_engines(test, dir.path())?;
    let setup = setup.with("intake.enabled", "true");
    let processes = ["one", "two"].map(|name| setup.start(name));
    Some(World { setup, processes, _dir: dir })
}

impl World {
    fn made(&self, arguments: &[&str]) -> (String, String) {
        let made = self.setup.output(&[&["keys"], arguments, &["--json"]].concat());
        let made: Json = serde_json::from_str(made.trim()).unwrap();
        let field = |name: &str| made[name].as_str().unwrap().to_owned();
        (field("keyId"), field("key"))
    }

    fn create(&self, more: &[&str]) -> (String, String) {
        self.made(&[&["create", "--name", "x", "--project", PROJECT], more].concat())
    }

    fn answers(&self, key: &str) -> [u16; 2] {
        self.processes.each_ref().map(|p| p.post(&format!("{R}/count"), key, &json!({})).0)
    }

    /// Whoever asks a second from now is answered so by both, also if they are asked all the time.
    fn soon(&self, key: &str, status: u16, what: &str) {
        let began = now();
        while began.elapsed() < WITHIN {
            self.answers(key);
            // More often would be guessing: a wrong key counts.
            #[allow(clippy::disallowed_methods, reason = "asks at a human pace")]
            std::thread::sleep(Duration::from_millis(100));
        }
        assert_eq!(self.answers(key), [status; 2], "{what}");
    }

    fn stop(self) {
        for process in self.processes {
            assert!(process.stop().success());
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "measures from outside")]
fn now() -> Instant {
    Instant::now()
}

#[test]
fn every_process_knows_within_a_second_what_became_of_a_key() {
    let Some(world) = world("keys") else { return };
    let member = ["--allow", "ProjectMember"];
    // A key is good everywhere from its first moment.
    let (first_id, first) = world.create(&member);
    assert_eq!(world.answers(&first), [200, 200]);
    let (second_id, second) = world.made(&["rotate", "--overlap", "2s", &first_id]);
    assert_eq!((world.answers(&second), world.answers(&first)), ([200, 200], [200, 200]));
    let began = now();
    wait_until("the end of the overlap", || (world.answers(&first) == [401, 401]).then_some(()));
    assert!(began.elapsed() <= Duration::from_secs(3), "{:?}", began.elapsed());
    assert_eq!(world.answers(&second), [200, 200], "the second goes on");
    world.setup.output(&["keys", "revoke", &second_id]);
    world.soon(&second, 401, "the revocation");
    let (_, short) =
        world.create(&[&member[..], &["--expires-at", "2020-01-01T00:00:00Z"]].concat());
    assert_eq!(world.answers(&short), [401, 401], "expired from the start");
    world.stop();
}

#[test]
fn every_process_knows_within_a_second_what_a_key_may_do() {
    let Some(world) = world("grants") else { return };
    let key = "c27d05f8-6b91-4a3e-b8d4-91f0e2a7c635";
    let file = world.setup.dir.join("keys.ndjson");
    let import = |allow: &[&str], block: &[&str]| {
        let line = json!({"key": key, "name": "old", "projectId": PROJECT,
                          "allow": allow, "block": block});
        std::fs::write(&file, line.to_string()).unwrap();
        world.setup.output(&["keys", "import", file.to_str().unwrap()]);
    };
    import(&["ProjectMember"], &[]);
    assert_eq!(world.answers(key), [200, 200]);
    import(&["ProjectMember"], &["ProjectOwner"]);
    world.soon(key, 403, "the block");
    import(&["ProjectAdmin"], &[]);
    world.soon(key, 200, "the grant");
    let listed = world.setup.output(&["keys", "list", "--json", "--project", PROJECT]);
    let listed: Json = serde_json::from_str(listed.lines().next().unwrap()).unwrap();
    assert!(listed["lastUsed"].is_string(), "noted by the processes: {listed}");
    world.stop();
}

#[test]
fn a_gateway_key_posts_events_and_nothing_else() {
    let Some(world) = world("gateway") else { return };
    let (_, gateway) = world.made(&["create", "--name", "pbx", "--gateway", "--project", PROJECT]);
    let member = world.setup.key(PROJECT, "ProjectMember");
    let event = |project: &str| {
        json!({"specversion": "1.0", "id": "1", "source": "/pbx",
               "type": "ringfold.dial.started.v1", "time": "2026-05-15T02:05:08Z",
               "data": {"projectId": project, "dialId": "d-1", "startedAt": "2026-05-15T02:05:08Z",
                        "incomingCallLogId": "c27d05f8-6b91-4a3e-b8d4-91f0e2a7c635"}})
        .to_string()
    };
    let kind = "application/cloudevents+json";
    for process in &world.processes {
        assert_eq!(process.post_as("/events", &gateway, kind, event(PROJECT)).0, 200);
        let foreign = event("e8a1d6b3-05f4-4c79-8d2e-b7c93f60a514");
        assert_eq!(process.post_as("/events", &gateway, kind, foreign).0, 403);
        assert_eq!(process.post_as("/events", &member, kind, event(PROJECT)).0, 403);
        for path in ["/get-list", "/count", "", "/00000000-0000-0000-0000-000000000000/get-item"] {
            let (status, said) = process.post(&format!("{R}{path}"), &gateway, &json!({}));
            assert_eq!((status, &said["code"]), (401, &json!("invalid_key")), "{path}");
        }
        let call = "/api/ringfold/call/c27d05f8-6b91-4a3e-b8d4-91f0e2a7c635";
        assert_eq!(process.get(call, &gateway).0, 401);
    }
    wait_until("the one item", || (world.processes[1].count(&member) == 1).then_some(()));
    world.stop();
}

/// The secret part of a key's text.
fn secret(key: &str) -> &str {
    &key[17..60]
}

#[test]
fn a_keyspace_holds_hashes_of_keys_and_no_secret() {
    let dir = tempfile::tempdir().unwrap();
    let Some((_, setup)) = on_engines("at_rest", dir.path()) else { return };
    let key = setup.key(PROJECT, "ProjectMember");
    let keyspace = setup.settings.iter().find(|(name, _)| name == "cql.keyspace").unwrap();
    let query = format!("SELECT JSON * FROM {}.api_key", keyspace.1);
    let rows = tokio::runtime::Runtime::new().unwrap().block_on(async {
        let node = engines::cql_address().unwrap();
        let session = SessionBuilder::new().known_node(node).build().await.unwrap();
        let rows = session.query_unpaged(query, &[]).await.unwrap().into_rows_result().unwrap();
        rows.rows::<(String,)>().unwrap().map(|row| row.unwrap().0).collect::<Vec<_>>()
    });
    assert_eq!(rows.len(), 1);
    assert!(rows[0].contains(&key[4..16]), "its id is there: {}", rows[0]);
    assert!(!rows[0].contains(secret(&key)), "and its secret is not");
}

#[test]
fn a_data_directory_holds_hashes_of_keys_and_no_secret() {
    let dir = tempfile::tempdir().unwrap();
    let setup = Setup::new(dir.path());
    let key = setup.key(PROJECT, "ProjectMember");
    let process = setup.start("at-rest");
    assert_eq!(process.post(&format!("{R}/count"), &key, &json!({})).0, 200);
    assert!(process.stop().success());
    let bytes = everything(dir.path());
    let holds = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds(&key[4..16]), "its id is there");
    assert!(!holds(secret(&key)), "and its secret is not");
}

/// The bytes of every file, the log of the process too.
fn everything(dir: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            bytes.extend(everything(&path));
        } else {
            bytes.extend(std::fs::read(&path).unwrap());
        }
    }
    bytes
}
