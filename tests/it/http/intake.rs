//! Events over HTTP: who may post what, all or nothing, durable before the answer.

use ringfold::access::{IssuedKey, KeyReach};
use ringfold::http::ApiSettings;
use ringfold::ports::log::{EventLog as _, Polled, RecordBatch};
use ringfold::ports::registry::Registry as _;
use serde_json::{Value as Json, json};

use super::setup::{Answered, C1, P, Q, Served, project, record_of, served, served_with};

fn ringing(project: &str, dial: &str) -> Json {
    json!({"specversion": "1.0", "id": dial, "source": "/gateways/sip/a/1",
           "type": "ringfold.dial.ringing.v1", "time": "2026-05-15T02:05:10Z",
           "data": {"projectId": project, "incomingCallLogId": C1, "dialId": dial,
                    "startedAt": "2026-05-15T02:05:08Z"}})
}

const ONE: &str = "application/cloudevents+json";
const BATCH: &str = "application/cloudevents-batch+json";

async fn post(served: &Served, key: &str, content_type: &str, body: &Json) -> Answered {
    let headers = [("apikey", key), ("content-type", content_type)];
    served.send("POST", "/events", &headers, body.to_string()).await
}

/// Values of all records in the log.
async fn logged(served: &Served) -> Vec<Json> {
    let mut log = served.broker.sole_member();
    let mut values = Vec::new();
    served.broker.finish();
    loop {
        let mut batch = RecordBatch::default();
        let polled = log.next(&mut batch, usize::MAX).await.unwrap();
        let read = batch.iter().map(|record| serde_json::from_slice(record.value().unwrap()));
        values.extend(read.collect::<Result<Vec<Json>, _>>().unwrap());
        if matches!(polled, Polled::Ended) {
            return values;
        }
    }
}

#[tokio::test]
async fn all_three_modes_are_taken_and_kept_before_the_answer() {
    let served = served().await;
    let answer = post(&served, &served.gateway, ONE, &ringing(P, "d-1")).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "{\"accepted\":1}"));
    let batch = json!([ringing(P, "d-2"), ringing(P, "d-3")]);
    let answer = post(&served, &served.admin, BATCH, &batch).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "{\"accepted\":2}"));
    let headers = [
        ("apikey", served.gateway.as_str()),
        ("content-type", "application/json"),
        ("ce-specversion", "1.0"),
        ("ce-id", "4"),
        ("ce-source", "/gateways/sip/a/1"),
        ("ce-type", "dial.ringing.v1"),
        ("ce-time", "2026-05-15T02:05:10Z"),
    ];
    let data = ringing(P, "d-4")["data"].to_string();
    assert_eq!(served.send("POST", "/Events/", &headers, data).await.status, 200);
    let mut dials: Vec<_> = logged(&served).await.iter().map(|v| v["dialId"].clone()).collect();
    dials.sort_by_key(Json::to_string);
    assert_eq!(dials, ["d-1", "d-2", "d-3", "d-4"]);
}

#[tokio::test]
async fn one_event_of_another_project_refuses_the_request() {
    let served = served().await;
    let batch = json!([ringing(P, "d-1"), ringing(Q, "d-2")]);
    for key in [&served.gateway, &served.admin] {
        let answer = post(&served, key, BATCH, &batch).await;
        assert_eq!(answer.status, 403);
        assert_eq!(
            answer.json(),
            json!({"error": "Event 1 is of a project that this API key may not post for. Nothing \
                             was taken.",
                   "code": "not_permitted", "field": "projectId"})
        );
    }
    assert_eq!(logged(&served).await, Vec::<Json>::new());
}

#[tokio::test]
async fn posting_needs_the_grants_of_create() {
    let served = served().await;
    let answer = post(&served, &served.reader, ONE, &ringing(P, "d-1")).await;
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("to create Incoming Call Log Item"), "{}", answer.body);
    assert_eq!(post(&served, "x", ONE, &ringing(P, "d-1")).await.status, 401);
    assert_eq!(served.send("POST", "/events", &[], "").await.status, 401);
}

#[tokio::test]
async fn a_bad_event_names_its_field_and_nothing_is_taken() {
    let served = served().await;
    let mut bad = ringing(P, "d-2");
    bad["data"]["ringTimeoutInSeconds"] = json!(0);
    let answer = post(&served, &served.gateway, BATCH, &json!([ringing(P, "d-1"), bad])).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["code"], "bad_field");
    assert_eq!(answer.json()["field"], "ringTimeoutInSeconds");
    assert!(answer.json()["error"].as_str().unwrap().starts_with("Event 1: "));
    let answer = post(&served, &served.gateway, "text/plain", &ringing(P, "d-1")).await;
    assert_eq!(answer.status, 415);
    assert_eq!(logged(&served).await, Vec::<Json>::new());
}

#[tokio::test]
async fn a_gateway_start_speaks_for_the_projects_of_its_key() {
    let served = served().await;
    let start = json!({"specversion": "1.0", "id": "1", "source": "/gateways/sip/a/1",
        "type": "ringfold.gateway.started.v1", "time": "2026-05-15T02:05:10Z",
        "data": {"gateway": {"kind": "sip", "instance": "a"}, "liveDialIds": ["d-9"]}});
    let all = IssuedKey::make(&[40; 48]);
    let two = IssuedKey::make(&[41; 48]);
    for (issued, projects) in [(&all, vec![]), (&two, vec![project(P), project(Q)])] {
        let reach = KeyReach::Gateway(projects.into_iter().collect());
        served.store.put_key(&record_of(issued, reach, &[])).await.unwrap();
    }
    for key in [all.reveal(), two.reveal(), &served.admin] {
        let answer = post(&served, key, ONE, &start).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "{\"accepted\":1}"));
    }
    let logged = logged(&served).await;
    let mut projects: Vec<_> = logged.iter().map(|v| v["projectId"].to_string()).collect();
    projects.sort();
    let quoted = |text: &str| format!("\"{text}\"");
    assert_eq!(projects, [quoted(P), quoted(P), quoted(Q), "null".to_owned()]);
}

#[tokio::test]
async fn a_log_that_does_not_take_records_is_a_503() {
    let served = served().await;
    served.broker.stop();
    let answer = post(&served, &served.gateway, ONE, &ringing(P, "d-1")).await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, "1"));
    assert_eq!(answer.json()["code"], "unavailable");
    served.broker.resume();
    assert_eq!(post(&served, &served.gateway, ONE, &ringing(P, "d-1")).await.status, 200);
}

#[tokio::test]
async fn requests_of_events_have_their_bounds() {
    let served = served_with(ApiSettings { max_batch: 2, ..ApiSettings::default() }).await;
    let batch = json!([ringing(P, "a"), ringing(P, "b"), ringing(P, "c")]);
    let answer = post(&served, &served.gateway, BATCH, &batch).await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (400, Some("too_many_events")));
    assert_eq!(post(&served, &served.gateway, BATCH, &json!([])).await.body, "{\"accepted\":0}");
    let headers = [("apikey", served.gateway.as_str()), ("content-type", BATCH)];
    let answer = served.send("POST", "/events", &headers, " ".repeat(1_048_577)).await;
    assert_eq!(answer.status, 413);
}
