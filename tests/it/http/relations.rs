//! Relations as references come and go, and that nothing of another project is ever joined. What
//! can be asked of them is in `tests/data/http/cases`.

use ringfold::ports::registry::Registry as _;
use ringfold::relation::{Reference, ReferenceKind};
use ringfold::value::Micros;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::setup::{A, B, D, P, R, project, served};

const U: &str = "d94a1f77-2c06-4e3b-8f58-63b0a1c2e5d7";

#[tokio::test]
async fn a_list_shows_one_level_and_null_where_nothing_is() {
    let served = served().await;
    let select = json!({
        "user": {"twoFactorAuthEnabled": true, "profilePictureId": true, "name": false},
        "incomingCallPolicyEscalationRule": {"order": true, "name": true, "projectId": true},
        "project": {"_id": true, "planName": true},
        "incomingCallLog": {"startedAt": true, "callDurationInSeconds": true, "status": true},
    });
    let body = json!({"select": select, "sort": {"createdAt": 1}});
    let (status, text) = served.post(&format!("{R}/get-list"), &body).await;
    assert_eq!(status, 200, "{text}");
    let answer: Json = serde_json::from_str(&text).unwrap();
    let data = answer["data"].as_array().unwrap();
    assert_eq!(
        data[0],
        json!({
            "_id": A,
            "incomingCallLog": {
                "_id": "8b3e6d10-47aa-4f19-a2c5-0e9b7f61d3c4", "callDurationInSeconds": 131,
                "startedAt": "2026-05-14T08:15:28.000Z", "status": "Completed",
            },
            "incomingCallPolicyEscalationRule": {
                "_id": "3e7a9c52-18bd-4f60-95e7-2ab4d8c0f163", "name": "Primary on-call",
                "order": 1, "projectId": P,
            },
            "project": {"_id": P, "planName": "Scale"},
            "user": {"_id": U, "profilePictureId": null, "twoFactorAuthEnabled": true},
        })
    );
    assert_eq!((&data[1]["user"], &data[1]["_id"]), (&Json::Null, &json!(B)));
    let call = json!({"_id": "c27d05f8-6b91-4a3e-b8d4-91f0e2a7c635",
        "callDurationInSeconds": null, "startedAt": null, "status": "NoAnswer"});
    assert_eq!((&data[3]["incomingCallLog"], &data[3]["_id"]), (&call, &json!(D)));
}

#[tokio::test]
async fn what_is_unknown_or_gone_shows_its_id_alone() {
    let served = served().await;
    let select = json!({"user": {"name": true}, "incomingCallLog": true});
    let path = format!("{R}/{A}/get-item");
    let gone = Reference {
        kind: ReferenceKind::User,
        project: project(P),
        id: Uuid::parse_str(U).unwrap(),
        at: Micros::from_ms(1_778_800_000_000),
        body: None,
    };
    served.store.put_reference(&gone).await.unwrap();
    let (_, text) = served.post(&path, &json!({"select": select})).await;
    let answer: Json = serde_json::from_str(&text).unwrap();
    assert_eq!(answer["user"], json!({"_id": U}));
    assert_eq!(answer["incomingCallLog"], json!({"_id": "8b3e6d10-47aa-4f19-a2c5-0e9b7f61d3c4"}));
    let body = json!({"query": {"user": {"name": null}}});
    let answer = served.post(&format!("{R}/count"), &body).await;
    assert_eq!(answer, (200, "{\"count\":4}".to_owned()), "of what is gone every column is null");
}

#[tokio::test]
async fn references_of_another_project_are_unknown() {
    let served = served().await;
    let path = format!("{R}/get-list");
    let select = json!({"user": {"name": true, "email": true}, "incomingCallLog": {"status": true,
        "callerPhoneNumber": true}});
    let (_, text) = served.post(&path, &json!({"select": select})).await;
    for foreign in ["Foreign", "southpier", "960999"] {
        assert!(!text.contains(foreign), "{text}");
    }
    for query in [
        json!({"user": {"name": "Foreign name"}}),
        json!({"user": {"email": {"_type": "Search", "value": "southpier"}}}),
        json!({"incomingCallLog": {"status": "Foreign"}}),
        json!({"incomingCallLog": {"callerPhoneNumber": "+441632960999"}}),
    ] {
        let answer = served.post(&format!("{R}/count"), &json!({"query": query})).await;
        assert_eq!(answer, (200, "{\"count\":0}".to_owned()), "{query}");
    }
}
