//! Create, update and delete in process: what is written, what outranks what, and what a client is
//! told when the store does not answer.

use std::time::Duration;

use ringfold::http::ApiSettings;
use ringfold::memory::{ReadFault, WriteFault};
use ringfold::ports::changes::Change;
use ringfold::value::Micros;
use serde_json::{Value as Json, json};

use super::setup::{A, C2, D, NOW, P, R, Served, dropped_in, project, served, served_with};

const UNKNOWN: &str = "The outcome of this write is unknown. Repeat it.";
const NOTHING: &str = "Nothing was changed. Repeat it.";
const MISSING: &str = "7f2b9c04-e1d6-4a58-b3c7-90ad5e8f1263";

fn new_item() -> Json {
    json!({"data": {"incomingCallLogId": C2, "status": "Connected", "isAnswered": true}})
}

async fn shown(served: &Served, id: &str, columns: &[&str]) -> Json {
    let select: serde_json::Map<_, _> =
        columns.iter().map(|column| ((*column).to_owned(), json!(true))).collect();
    let path = format!("{R}/{id}/get-item");
    let answer = served.ask(&served.admin, "POST", &path, &json!({"select": select})).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

async fn created(served: &Served) -> String {
    let (status, body) = served.post(R, &new_item()).await;
    assert_eq!(status, 200, "{body}");
    let made: Json = serde_json::from_str(&body).unwrap();
    made["_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_created_item_is_there_for_the_next_request() {
    let served = served().await;
    served.clock.set(Micros::from_ms(1_778_826_600_125));
    let id = created(&served).await;
    assert!(id.starts_with("019e2a53-debd-7") && id.ends_with("a9"), "{id}");
    assert_eq!(served.post(&format!("{R}/count"), &json!({})).await.1, "{\"count\":5}");
    let listed = json!({"query": {"incomingCallLogId": C2}, "select": {"status": true}});
    let (_, page) = served.post(&format!("{R}/get-list?limit=1"), &listed).await;
    let expected = format!(
        "{{\"count\":3,\"limit\":1,\"skip\":0,\"data\":[{{\"_id\":\"{id}\",\
         \"status\":\"Connected\"}}]}}"
    );
    assert_eq!(page, expected, "found through its call, newest first");
    let columns =
        ["createdAt", "updatedAt", "dialDurationInSeconds", "callCostInUSDCents", "projectId"];
    let item = shown(&served, &id, &columns).await;
    assert_eq!(
        item,
        json!({"_id": id, "createdAt": "2026-05-15T06:30:00.125Z",
               "updatedAt": "2026-05-15T06:30:00.125Z", "dialDurationInSeconds": null,
               "callCostInUSDCents": null, "projectId": P})
    );
}

#[tokio::test]
async fn an_update_changes_what_was_sent_and_the_duration_follows() {
    let served = served().await;
    let path = format!("{R}/{D}/update-item");
    let body = json!({"data": {"status": "CallerHungUp", "endedAt": "2026-05-15T02:05:30Z"}});
    assert_eq!(served.post(&path, &body).await, (200, "{}".to_owned()));
    assert_eq!(served.post(&path, &body).await, (200, "{}".to_owned()), "again");
    let columns = ["status", "endedAt", "dialDurationInSeconds", "statusMessage", "updatedAt"];
    assert_eq!(
        shown(&served, D, &columns).await,
        json!({"_id": D, "dialDurationInSeconds": 17, "endedAt": "2026-05-15T02:05:30.000Z",
               "status": "CallerHungUp", "statusMessage": "The phone is ringing.",
               "updatedAt": "2026-05-15T02:05:20.000Z"})
    );
    let cleared = json!({"data": {"endedAt": null, "dialDurationInSeconds": 5}});
    let answer = served.ask(&served.admin, "GET", &path, &cleared).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
    let item = shown(&served, D, &["endedAt", "dialDurationInSeconds", "status"]).await;
    assert_eq!(item["endedAt"], Json::Null);
    assert_eq!(
        (&item["dialDurationInSeconds"], &item["status"]),
        (&json!(5), &json!("CallerHungUp"))
    );
}

#[tokio::test]
async fn a_deleted_item_is_gone_from_everything() {
    let served = served().await;
    let path = format!("{R}/{A}");
    let answer = served.ask(&served.admin, "DELETE", &path, &json!({"any": "thing"})).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "{}"));
    assert_eq!(served.listed(&json!({})).await, "dcb");
    let expected = "{\"error\":\"Incoming Call Log Item not found.\",\"code\":\"item_not_found\"}";
    for (method, path) in [
        ("DELETE", path.clone()),
        ("GET", format!("{path}/delete-item")),
        ("POST", format!("{path}/get-item")),
        ("DELETE", format!("{R}/{MISSING}")),
    ] {
        let answer = served.ask(&served.admin, method, &path, &json!({})).await;
        assert_eq!((answer.status, answer.body.as_str()), (404, expected), "{method} {path}");
    }
    let change = json!({"data": {"status": "x"}});
    for (key, id) in [(&served.admin, A), (&served.foreign, D), (&served.admin, MISSING)] {
        let answer = served.ask(key, "PUT", &format!("{R}/{id}"), &change).await;
        assert_eq!((answer.status, answer.body.as_str()), (404, expected));
    }
    assert_eq!(shown(&served, D, &["status"]).await["status"], "Ringing");
}

#[tokio::test]
async fn followers_are_told_of_every_edit_that_is_there() {
    let served = served().await;
    let told = |served: &Served| -> Vec<String> {
        let notices = served.changes.take();
        assert!(notices.iter().all(|notice| notice.key.project == project(P)));
        let is_edit = |change| matches!(change, Change::Edit { wall } if wall >= NOW);
        assert!(notices.iter().all(|notice| is_edit(notice.change)), "{notices:?}");
        notices.iter().map(|notice| notice.key.item.to_string()).collect()
    };
    let id = created(&served).await;
    assert_eq!(told(&served), [id]);
    let update = format!("{R}/{A}/update-item");
    let change = json!({"data": {"status": "x"}});
    for _ in 0..2 {
        assert_eq!(served.post(&update, &change).await.0, 200);
    }
    let notices = served.changes.take();
    assert_eq!(notices.len(), 2);
    assert_ne!(notices[0], notices[1], "a second edit is another change");
    served.store.faults().every_write(Some(WriteFault::NotApplied));
    assert_eq!(served.post(&update, &change).await.0, 503);
    served.store.faults().every_write(None);
    assert_eq!(served.post(&update, &json!({"data": {}})).await.0, 400);
    assert_eq!(served.ask(&served.reader, "PUT", &format!("{R}/{A}"), &change).await.status, 403);
    assert!(told(&served).is_empty(), "nothing changed");
    let delete = format!("{R}/{A}/delete-item");
    assert_eq!(served.post(&delete, &json!({})).await.0, 200);
    assert_eq!(told(&served), [A]);
    assert_eq!(served.post(&delete, &json!({})).await.0, 404);
    assert!(told(&served).is_empty(), "it was gone already");
}

#[tokio::test]
async fn a_write_is_tried_again_and_then_told_as_it_is() {
    for (fault, sentence) in [
        (WriteFault::NotApplied, NOTHING),
        (WriteFault::Refused, NOTHING),
        (WriteFault::AnswerLost, UNKNOWN),
        (WriteFault::RequestLost, UNKNOWN),
        (WriteFault::Overloaded, UNKNOWN),
    ] {
        let served = served().await;
        served.store.faults().next_write(fault);
        let once = served.post(R, &new_item()).await;
        let is_refused_for_good = fault == WriteFault::Refused;
        assert_eq!(once.0, if is_refused_for_good { 503 } else { 200 }, "{fault:?} once");
        served.store.faults().every_write(Some(fault));
        let answer = served.ask(&served.admin, "POST", R, &new_item()).await;
        assert_eq!((answer.status, answer.header("retry-after")), (503, "1"), "{fault:?}");
        assert_eq!(answer.json()["error"], sentence, "{fault:?}");
        assert_eq!(answer.json()["code"], "unavailable");
    }
    let served = served().await;
    served.store.faults().every_read(Some(ReadFault::Unavailable));
    let change = json!({"data": {"status": "x"}});
    let answer = served.ask(&served.admin, "PUT", &format!("{R}/{A}"), &change).await;
    assert_eq!(answer.status, 503, "not even the API key can be read");
}

#[tokio::test]
async fn a_write_that_outlasts_its_deadline_has_an_unknown_outcome() {
    let deadline = Duration::from_millis(80);
    let served = served_with(ApiSettings { deadline, ..ApiSettings::default() }).await;
    let slow = WriteFault::Slow(Duration::from_secs(5));
    served.store.faults().every_write(Some(slow));
    let (status, body) = served.post(R, &new_item()).await;
    assert_eq!(status, 503);
    assert!(body.contains(UNKNOWN), "{body}");
}

#[tokio::test]
async fn upstream_is_told_in_its_own_words() {
    let served = dropped_in().await;
    let change = json!({"data": {"isAnswered": true}});
    let gone = "{\"error\":\"Unable to update this incoming call log item. It either does not \
                exist, has been deleted, or you do not have permission to update it.\"}";
    let answer = served.ask(&served.admin, "PUT", &format!("{R}/{MISSING}"), &change).await;
    assert_eq!((answer.status, answer.body.as_str()), (422, gone));
    for method in ["DELETE", "DELETE"] {
        let answer = served.ask(&served.admin, method, &format!("{R}/{A}"), &json!({})).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "{}"));
    }
    let unknown = "{\"error\":\"This request references Incoming Call Log that does not exist. \
                   Please check the request and try again.\"}";
    let mut new = new_item();
    new["data"]["incomingCallLogId"] = json!(MISSING);
    assert_eq!(served.post(R, &new).await, (400, unknown.to_owned()));
}
