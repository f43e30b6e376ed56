//! Keys and projects: who is let in, and that nothing of another project shows anywhere.

use std::sync::Arc;
use std::time::Duration;

use ringfold::access::{IssuedKey, KeyReach, PresentedKey};
use ringfold::memory::ReadFault;
use ringfold::ports::registry::Registry as _;
use ringfold::value::Micros;
use serde_json::json;

use super::setup::{A, NOW, P, Q, R, Served, issue, project, record_of, served};

async fn with_key(served: &Served, key: &str) -> (u16, String) {
    let answer = served.ask(key, "POST", &format!("{R}/count"), &json!({})).await;
    (answer.status, answer.body)
}

const INVALID: &str = "{\"error\":\"Invalid API Key\",\"code\":\"invalid_key\"}";

#[tokio::test]
async fn without_a_key_nothing_is_answered() {
    let served = served().await;
    let missing = "{\"error\":\"An API key is needed. Send it in the ApiKey header.\",\
                   \"code\":\"missing_key\"}";
    for header in ["x-api-key", "api-key", "authorization"] {
        let headers = [(header, served.admin.as_str())];
        let answer = served.send("POST", &format!("{R}/count"), &headers, "not json").await;
        assert_eq!((answer.status, answer.body.as_str()), (401, missing), "{header}");
    }
    let twice = [("apikey", served.admin.as_str()), ("ApiKey", served.admin.as_str())];
    let answer = served.send("POST", &format!("{R}/count"), &twice, "").await;
    assert_eq!((answer.status, answer.body.as_str()), (401, INVALID));
}

#[tokio::test]
async fn every_wrong_key_looks_the_same() {
    let served = served().await;
    let store = &served.store;
    let reach = || KeyReach::Project(project(P));
    let unknown = IssuedKey::make(&[99; 48]).reveal().to_owned();
    let expired = IssuedKey::make(&[10; 48]);
    let mut record = record_of(&expired, reach(), &["ProjectOwner"]);
    record.expires_at = Some(NOW);
    store.put_key(&record).await.unwrap();
    let revoked = IssuedKey::make(&[11; 48]);
    let mut record = record_of(&revoked, reach(), &["ProjectOwner"]);
    record.revoked_at = Some(NOW);
    store.put_key(&record).await.unwrap();
    // The id of a good key with the secret of another: only the hash tells.
    let forged = IssuedKey::make(&[12; 48]);
    let mut record = record_of(&forged, reach(), &["ProjectOwner"]);
    record.hash = [1; 32];
    store.put_key(&record).await.unwrap();
    for key in ["", " ", "x", &unknown, expired.reveal(), revoked.reveal(), forged.reveal()] {
        assert_eq!(with_key(&served, key).await, (401, INVALID.to_owned()), "{key}");
    }
    assert_eq!(with_key(&served, &served.gateway).await, (401, INVALID.to_owned()));
    let padded = format!("  {} ", served.admin);
    assert_eq!(with_key(&served, &padded).await, (200, "{\"count\":4}".to_owned()));
}

#[tokio::test]
async fn an_imported_uuid_is_a_key_in_any_letter_case() {
    let served = served().await;
    let text = "550E8400-E29B-41D4-A716-446655440000";
    let presented = PresentedKey::parse(text).unwrap();
    let mut record =
        record_of(&IssuedKey::make(&[1; 48]), KeyReach::Project(project(P)), &["ProjectMember"]);
    record.key_id = Arc::clone(presented.key_id());
    record.hash = presented.hash();
    served.store.put_key(&record).await.unwrap();
    assert_eq!(with_key(&served, text).await.0, 200);
    assert_eq!(with_key(&served, &text.to_lowercase()).await.0, 200);
}

#[tokio::test]
async fn permissions_are_asked_before_the_body_is_looked_at() {
    let served = served().await;
    let reach = KeyReach::Project(project(P));
    let viewer = issue(&served.store, 20, reach, &["Viewer", "Nonsense"]).await;
    let headers = [("apikey", viewer.as_str())];
    let refused = "{\"error\":\"You do not have permissions to read Incoming Call Log Item. You \
        need one of these permissions: Project Owner, Project Admin, Project Member, Read Incoming \
        Call Log Item, Read All Project Resources\",\"code\":\"not_permitted\"}";
    for path in ["get-list?limit=0", "count", "nonsense/get-item"] {
        let answer = served.send("POST", &format!("{R}/{path}"), &headers, "not json").await;
        assert_eq!((answer.status, answer.body.as_str()), (403, refused), "{path}");
    }
}

#[tokio::test]
async fn a_block_outranks_a_grant() {
    let served = served().await;
    let issued = IssuedKey::make(&[21; 48]);
    let mut record = record_of(&issued, KeyReach::Project(project(P)), &["ProjectAdmin"]);
    record.block.insert("ReadProjectIncomingCallLogItem".into());
    served.store.put_key(&record).await.unwrap();
    let (status, body) = with_key(&served, issued.reveal()).await;
    assert_eq!(status, 403);
    assert!(body.ends_with("permission block list.\",\"code\":\"permission_blocked\"}"), "{body}");
}

#[tokio::test]
async fn a_key_of_another_project_sees_nothing() {
    let served = served().await;
    let ask = async |path: &str, body| {
        let answer = served.ask(&served.foreign, "POST", &format!("{R}/{path}"), &body).await;
        (answer.status, answer.body)
    };
    let none = "{\"count\":0,\"limit\":10,\"skip\":0,\"data\":[]}".to_owned();
    for query in [
        json!({}),
        json!({"_id": A}),
        json!({"projectId": P}),
        json!({"project": {"_id": P}}),
        json!({"projectId": [P, Q]}),
        json!({"incomingCallLogId": super::setup::C1}),
        json!({"projectId": {"_type": "NotNull"}}),
        json!({"projectId": {"_type": "IncludesNone", "value": []}}),
    ] {
        let body = json!({"query": query, "select": {"projectId": true}});
        assert_eq!(ask("get-list", body).await, (200, none.clone()), "{query}");
        let zero = "{\"count\":0}".to_owned();
        assert_eq!(ask("count", json!({"query": query})).await, (200, zero), "{query}");
    }
    let headers = [("apikey", served.foreign.as_str()), ("tenantid", P), ("projectid", P)];
    let path = format!("{R}/get-list?tenantid={P}");
    assert_eq!(served.send("POST", &path, &headers, "").await.body, none);
}

#[tokio::test]
async fn a_foreign_item_is_missing_byte_for_byte() {
    let served = served().await;
    let ask = async |id: &str| {
        let path = format!("{R}/{id}/get-item");
        let mut answer = served.ask(&served.foreign, "POST", &path, &json!({})).await;
        answer.headers.remove("x-request-id");
        format!("{answer:?}")
    };
    assert_eq!(ask(A).await, ask("019e258e-19ca-8040-8d5e-69122fbc8f21").await);
    assert_eq!(ask(A).await, ask("7f2b9c04-e1d6-4a58-b3c7-90ad5e8f1263").await);
}

#[tokio::test]
async fn a_revocation_is_effective_within_a_second() {
    let served = served().await;
    let issued = IssuedKey::make(&[30; 48]);
    let mut record = record_of(&issued, KeyReach::Project(project(P)), &["ProjectMember"]);
    served.store.put_key(&record).await.unwrap();
    assert_eq!(with_key(&served, issued.reveal()).await.0, 200);
    record.revoked_at = Some(Micros::new(1));
    served.store.put_key(&record).await.unwrap();
    tokio::time::sleep(Duration::from_millis(950)).await;
    assert_eq!(with_key(&served, issued.reveal()).await, (401, INVALID.to_owned()));
    record.revoked_at = None;
    record.allow.clear();
    served.store.put_key(&record).await.unwrap();
    tokio::time::sleep(Duration::from_millis(950)).await;
    assert_eq!(with_key(&served, issued.reveal()).await.0, 403);
}

#[tokio::test]
async fn what_is_no_key_at_all_is_refused_without_a_look_at_the_store() {
    let served = served().await;
    served.store.faults().every_read(Some(ReadFault::Unavailable));
    let mut misspelled = served.admin.clone();
    let last = misspelled.pop().unwrap();
    misspelled.push(if last == '0' { '1' } else { '0' });
    assert_eq!(with_key(&served, &misspelled).await, (401, INVALID.to_owned()));
    assert_eq!(with_key(&served, &served.admin).await.0, 503, "that one is looked up");
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_a_503_and_no_verdict_on_the_key() {
    let served = served().await;
    served.store.faults().every_read(Some(ReadFault::Unavailable));
    let answer = served.ask(&served.admin, "POST", &format!("{R}/count"), &json!({})).await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, "1"));
    assert_eq!(answer.json()["code"], "unavailable");
    served.store.faults().every_read(None);
    assert_eq!(with_key(&served, &served.admin).await.0, 200);
}

#[tokio::test]
async fn guessing_is_slowed_down_and_good_keys_are_not() {
    let served = served().await;
    assert_eq!(with_key(&served, &served.admin).await.0, 200);
    let mut statuses = Vec::new();
    for seed in 100..140 {
        let guess = IssuedKey::make(&[seed; 48]);
        statuses.push(with_key(&served, guess.reveal()).await.0);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 20, "{statuses:?}");
    assert_eq!(statuses.last(), Some(&429));
    assert_eq!(with_key(&served, &served.admin).await.0, 200, "known from this peer");
}
