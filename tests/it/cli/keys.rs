//! `keys rotate`, `revoke` and `import`: what a key may do afterwards.

use ringfold::ports::world::WallClock as _;
use ringfold::system::SystemClock;
use serde_json::{Value as Json, json};

use crate::support::process::Setup;

const PROJECT: &str = "5c0f7b1e-3a52-4d8e-9b60-7d1f2a4c8e90";
const COUNT: &str = "/api/incoming-call-log-item/count";

fn listed(setup: &Setup) -> Vec<Json> {
    let text = setup.output(&["keys", "list", "--json", "--project", PROJECT]);
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn made(text: &str) -> (String, String) {
    let made: Json = serde_json::from_str(text.trim()).unwrap();
    let field = |name: &str| made[name].as_str().unwrap().to_owned();
    (field("keyId"), field("key"))
}

#[test]
fn two_keys_live_while_a_client_changes_over() {
    let dir = tempfile::tempdir().unwrap();
    let setup = Setup::new(dir.path());
    let create = ["keys", "create", "--json", "--name", "dashboard", "--project", PROJECT];
    let (first_id, first) = made(&setup.output(&[&create[..], &["--allow", "Viewer"]].concat()));
    let dry = setup.output(&["keys", "rotate", "--json", "--dry-run", &first_id]);
    assert!(dry.contains("(not made)"), "{dry}");
    assert_eq!(listed(&setup).len(), 1);
    let rotate = ["keys", "rotate", "--json", "--overlap", "1h", &first_id];
    let (second_id, second) = made(&setup.output(&rotate));
    let keys = listed(&setup);
    assert_eq!(keys.len(), 2);
    for key in &keys {
        let is_first = key["keyId"] == first_id.as_str();
        assert_eq!((&key["state"], &key["allow"]), (&json!("live"), &json!(["Viewer"])));
        assert_eq!(key["expiresAt"].is_string(), is_first, "{key}");
    }
    let (third_id, third) = made(&setup.output(&["keys", "rotate", "--json", &second_id]));
    setup.output(&["keys", "revoke", &second_id]);
    let again = setup.command(&["keys", "rotate", &second_id]).output().unwrap();
    assert_eq!(again.status.code(), Some(1), "a revoked key is not rotated");
    let process = setup.with("http.profile", "drop-in").start("keys");
    for (key, status) in [(&first, 200), (&second, 400), (&third, 200)] {
        assert_eq!(process.post(COUNT, key, &json!({})).0, status, "{third_id}");
    }
}

#[test]
fn a_dry_run_makes_and_revokes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let setup = Setup::new(dir.path());
    let create = ["keys", "create", "--json", "--name", "x", "--project", PROJECT];
    let dry = made(&setup.output(&[&create[..], &["--dry-run"]].concat()).replace("null", "\"\""));
    assert_eq!(dry, (String::new(), "(not made)".to_owned()));
    assert!(listed(&setup).is_empty());
    let (id, _) = made(&setup.output(&create));
    let told = setup.output(&["keys", "revoke", "--dry-run", &id]);
    assert_eq!(told, format!("{id} would be revoked\n"));
    assert_eq!(listed(&setup)[0]["state"], "live");
    setup.output(&["keys", "revoke", &id]);
    assert!(setup.output(&["keys", "revoke", "--dry-run", &id]).contains("already"));
    let none = setup.command(&["keys", "revoke", "--dry-run", "nosuchkey000"]).output().unwrap();
    assert_eq!(none.status.code(), Some(1));
}

fn today() -> String {
    SystemClock.now().day().to_string()
}

#[test]
fn the_day_of_the_last_use_is_listed_and_survives_a_rotation() {
    let dir = tempfile::tempdir().unwrap();
    let setup = Setup::new(dir.path());
    let create = ["keys", "create", "--json", "--name", "x", "--project", PROJECT];
    let (id, key) = made(&setup.output(&[&create[..], &["--allow", "ProjectMember"]].concat()));
    assert_eq!(listed(&setup)[0]["lastUsed"], Json::Null);
    let before = today();
    let process = setup.start("used");
    assert_eq!(process.post(COUNT, &key, &json!({})).0, 200);
    assert!(process.stop().success());
    let after = today();
    let used = listed(&setup)[0]["lastUsed"].clone();
    assert!(used == before.as_str() || used == after.as_str(), "{used}");
    setup.output(&["keys", "rotate", &id]);
    for key in listed(&setup) {
        let own = if key["keyId"] == id.as_str() { used.clone() } else { Json::Null };
        assert_eq!(key["lastUsed"], own, "the second key was never used");
    }
    let lines = setup.output(&["keys", "list", "--project", PROJECT]);
    assert!(lines.contains(used.as_str().unwrap()) && lines.contains("never used"), "{lines}");
}

#[test]
fn a_file_does_not_let_a_revoked_key_in_again() {
    let dir = tempfile::tempdir().unwrap();
    let setup = Setup::new(dir.path());
    let key = "c27d05f8-6b91-4a3e-b8d4-91f0e2a7c635";
    let file = dir.path().join("keys.ndjson");
    let line = json!({"key": key, "name": "old", "projectId": PROJECT, "allow": ["ProjectAdmin"]});
    std::fs::write(&file, line.to_string()).unwrap();
    let import = ["keys", "import", "--json", file.to_str().unwrap()];
    let added: Json = serde_json::from_str(setup.output(&import).trim()).unwrap();
    setup.output(&["keys", "revoke", added["keyId"].as_str().unwrap()]);
    assert!(setup.output(&import).contains("replaced"));
    assert_eq!(listed(&setup)[0]["state"], "revoked");
    let process = setup.start("imported");
    assert_eq!(process.post(COUNT, key, &json!({})).0, 401);
}
