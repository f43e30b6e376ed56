//! `keys rotate`, `revoke` and `import`: what a key may do afterwards.

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
