//! Relations as references come and go, and that nothing of another project is ever joined. What
//! can be asked of them is in `tests/data/http/cases`.

use std::collections::BTreeSet;

use proptest::prelude::*;
use ringfold::memory::SeededEntropy;
use ringfold::ports::registry::Registry as _;
use ringfold::relation::{Reference, ReferenceKind};
use ringfold::value::Micros;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::setup::{A, B, D, P, R, Served, dropped_in, project, served};

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

/// What no answer may hold.
const SECRET: &str = "5ecret";
const RECORD: [&str; 4] = ["createdAt", "updatedAt", "deletedAt", "version"];

/// The relation to a kind of reference, and the id that item a has there.
fn relation(kind: ReferenceKind) -> (&'static str, &'static str) {
    match kind {
        ReferenceKind::User => ("user", U),
        ReferenceKind::Project => ("project", P),
        ReferenceKind::Rule => {
            ("incomingCallPolicyEscalationRule", "3e7a9c52-18bd-4f60-95e7-2ab4d8c0f163")
        }
        ReferenceKind::Call => ("incomingCallLog", "8b3e6d10-47aa-4f19-a2c5-0e9b7f61d3c4"),
    }
}

/// Records that hold more than may be seen, as a store of another release might.
async fn told_too_much(served: &Served) {
    for kind in ReferenceKind::ALL {
        let names = kind.hidden().iter().copied().chain(["slug", "_id", "secret"]);
        let mut body: serde_json::Map<_, _> =
            names.map(|name| (name.to_owned(), json!(SECRET))).collect();
        // A value of another type than its column's is none.
        body.extend(kind.exposed().iter().map(|column| {
            let is_text = matches!(column.name, "name" | "status" | "planName" | "email");
            (column.name.to_owned(), if is_text { json!("seen") } else { json!([SECRET]) })
        }));
        let reference = Reference {
            kind,
            project: project(P),
            id: Uuid::parse_str(relation(kind).1).unwrap(),
            at: Micros::from_ms(1_778_800_000_000),
            body: Some(Json::Object(body).to_string().into()),
        };
        served.store.put_reference(&reference).await.unwrap();
    }
}

/// A relation, and names of which some may be read through it.
struct Behind {
    kind: ReferenceKind,
    all: Vec<&'static str>,
    shows_records: bool,
}

impl Behind {
    fn of(kind: ReferenceKind, shows_records: bool) -> Self {
        let names: Vec<&str> = kind.exposed().iter().map(|column| column.name).collect();
        let all = [&names[..], kind.hidden(), &RECORD, &["slug", "secret"]].concat();
        Self { kind, all, shows_records }
    }

    fn is_seen(&self, name: &str) -> bool {
        self.kind.exposed().iter().any(|column| column.name == name)
            || (self.shows_records && RECORD.contains(&name))
    }

    fn any(&self, dice: &SeededEntropy) -> &'static str {
        self.all[below(dice, self.all.len())]
    }

    /// What a select shows is what was asked for and may be seen.
    async fn select(&self, served: &Served, dice: &SeededEntropy) {
        let (relation, id) = relation(self.kind);
        let asked: Vec<&str> = (0..=below(dice, 3)).map(|_| self.any(dice)).collect();
        let select: serde_json::Map<_, _> =
            asked.iter().map(|name| ((*name).to_owned(), json!(true))).collect();
        let body = json!({"select": {relation: select}});
        let answer = served.ask(&served.admin, "POST", &format!("{R}/{A}/get-item"), &body).await;
        assert!(!answer.body.contains(SECRET), "{body}: {}", answer.body);
        if !asked.iter().all(|name| self.is_seen(name)) {
            assert_eq!(answer.status, 400, "{body}: {}", answer.body);
            return;
        }
        let shown = &answer.json()[relation];
        assert_eq!((answer.status, &shown["_id"]), (200, &json!(id)), "{body}");
        let shown: BTreeSet<&str> = shown.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(shown, asked.into_iter().chain(["_id"]).collect(), "{body}");
    }

    /// Of what may not be seen every question has the same answer; nothing else holds the secret.
    async fn filter(&self, served: &Served, dice: &SeededEntropy) {
        let (name, mut answers) = (self.any(dice), BTreeSet::new());
        for value in [json!(SECRET), json!({"_type": "Search", "value": SECRET}), json!("x")] {
            let body = json!({"query": {relation(self.kind).0: {name: value}}});
            let answer = served.ask(&served.admin, "POST", &format!("{R}/count"), &body).await;
            let is_nothing = answer.status == 400 || answer.body == "{\"count\":0}";
            assert!(is_nothing, "{body}: {} {}", answer.status, answer.body);
            answers.insert((answer.status, answer.body));
        }
        if !self.is_seen(name) {
            assert_eq!(answers.first().map(|(status, _)| *status), Some(400), "{name}");
            assert_eq!(answers.len(), 1, "{name}: {answers:?}");
        }
    }
}

fn below(dice: &SeededEntropy, limit: usize) -> usize {
    usize::try_from(dice.number()).unwrap() % limit
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn nothing_behind_a_relation_is_seen_that_nobody_may_see(seed in any::<u64>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let dice = SeededEntropy::new(seed);
            for (served, shows_records) in [(served().await, false), (dropped_in().await, true)] {
                told_too_much(&served).await;
                for kind in ReferenceKind::ALL.into_iter().cycle().take(48) {
                    let behind = Behind::of(kind, shows_records);
                    behind.select(&served, &dice).await;
                    // The project is the caller's own: it is no filter.
                    if kind != ReferenceKind::Project {
                        behind.filter(&served, &dice).await;
                    }
                }
            }
        });
    }
}
