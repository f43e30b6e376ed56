//! What a client wrote outlives what the gateway says afterwards, a kill and every repetition.

use serde_json::{Value, json};

use super::escalation::on_engines;
use crate::support::process::{Process, Setup, wait_until};

const PROJECT: &str = "5c0f7b1e-3a52-4d8e-9b60-7d1f2a4c8e90";
const KEPT: &str = "019e258e-19ca-8040-8d5e-69122fbc8f20";
const GONE: &str = "019e258e-95d0-818c-92ad-a0a4d447f18e";
const ITEMS: &str = "/api/incoming-call-log-item";

fn tell(process: &Process, key: &str, item: &str, kind: &str, (time, more): (&str, Value)) {
    let mut data = json!({
        "projectId": PROJECT, "incomingCallLogId": "8b3e6d10-47aa-4f19-a2c5-0e9b7f61d3c4",
        "incomingCallLogItemId": item, "userPhoneNumber": "+441632960021",
        "startedAt": if item == KEPT { "2026-05-14T08:15:30.250Z" } else { "2026-05-14T08:16:02Z" },
    });
    if kind != "started" {
        data.as_object_mut().unwrap().remove("userPhoneNumber");
    }
    data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let event = json!({
        "specversion": "1.0", "id": "1", "source": "/on-call", "time": time,
        "type": format!("ringfold.dial.{kind}.v1"), "datacontenttype": "application/json",
        "data": data,
    });
    let kind = "application/cloudevents+json";
    let (status, answer) = process.post_as("/events", key, kind, event.to_string());
    assert_eq!(status, 200, "{answer}");
}

fn tell_all(process: &Process, key: &str) {
    for item in [KEPT, GONE] {
        tell(process, key, item, "started", ("2026-05-14T08:16:02Z", json!({})));
        let end = json!({"reason": "no_answer"});
        tell(process, key, item, "ended", ("2026-05-14T08:16:32.250Z", end));
    }
    wait_until("all folded", || {
        (process.metric("ringfold_budget_used_bytes") == 0.0).then_some(())
    });
}

fn kept(process: &Process, key: &str) -> Value {
    let select = json!({"select": {"status": true, "endedAt": true, "statusMessage": true}});
    process.post(&format!("{ITEMS}/{KEPT}/get-item"), key, &select).1
}

#[test]
fn edits_and_deletions_outlive_events_kills_and_repetitions() {
    let dir = tempfile::tempdir().unwrap();
    let setup = Setup::new(dir.path());
    let key = setup.key(PROJECT, "ProjectAdmin");
    let process = setup.start("first");
    for item in [KEPT, GONE] {
        tell(&process, &key, item, "started", ("2026-05-14T08:16:02Z", json!({})));
    }
    wait_until("both items", || (process.count(&key) == 2).then_some(()));
    let change = json!({"data": {"status": "Handled by phone"}});
    let update = format!("{ITEMS}/{KEPT}/update-item");
    assert_eq!(process.post(&update, &key, &change), (200, json!({})));
    let delete = format!("{ITEMS}/{GONE}/delete-item");
    assert_eq!(process.post(&delete, &key, &json!({})), (200, json!({})));
    let edited = json!({
        "_id": KEPT, "endedAt": "2026-05-14T08:16:32.250Z", "status": "Handled by phone",
        "statusMessage": "Nobody answered.",
    });
    tell_all(&process, &key);
    wait_until("the end beside the edit", || (kept(&process, &key) == edited).then_some(()));
    assert_eq!(process.count(&key), 1);
    process.kill();
    let process = setup.start("second");
    assert_eq!((kept(&process, &key), process.count(&key)), (edited.clone(), 1));
    tell_all(&process, &key);
    assert_eq!((kept(&process, &key), process.count(&key)), (edited, 1), "told again");
    assert_eq!(process.post(&delete, &key, &json!({})).0, 404, "and gone for good");
    assert!(process.stop().success());
}

/// Two processes over one keyspace, no wait in between: what one has answered the other shows.
#[test]
fn what_one_process_wrote_to_cassandra_is_seen_by_the_other_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let Some((_broker, setup)) = on_engines("writes", dir.path()) else { return };
    let key = setup.key(PROJECT, "ProjectAdmin");
    let both = [setup.start("one"), setup.start("two")];
    let post = |process: &Process, path: &str, body: &Value| {
        let (status, answer) = process.post(&format!("{ITEMS}{path}"), &key, body);
        assert!(status == 200 || status == 404, "{path}: {status} {answer}");
        (status, answer)
    };
    let call = "8b3e6d10-47aa-4f19-a2c5-0e9b7f61d3c4";
    for round in 0..20_usize {
        let (writer, reader) = (&both[round % 2], &both[(round + 1) % 2]);
        let new =
            json!({"data": {"incomingCallLogId": call, "status": "Ringing", "isAnswered": false}});
        let made = post(writer, "", &new).1;
        let id = made["_id"].as_str().unwrap();
        let get = format!("/{id}/get-item");
        let select = json!({"select": {"status": true, "callCostInUSDCents": true}});
        let shown = |status: &str, cost: Value| json!({"_id": id, "status": status, "callCostInUSDCents": cost});
        assert_eq!(post(reader, &get, &select), (200, shown("Ringing", Value::Null)), "{round}");
        let listed = json!({"query": {"incomingCallLogId": call}, "select": {"status": true}});
        let page = post(reader, "/get-list?limit=1", &listed).1;
        assert_eq!((&page["count"], &page["data"][0]["_id"]), (&json!(1), &json!(id)), "{round}");
        // The other one edits, and another column on the first: both see both.
        let update = format!("/{id}/update-item");
        post(reader, &update, &json!({"data": {"status": "Busy"}}));
        assert_eq!(post(writer, &get, &select).1, shown("Busy", Value::Null), "{round}");
        post(writer, &update, &json!({"data": {"callCostInUSDCents": round}}));
        for process in &both {
            assert_eq!(post(process, &get, &select).1, shown("Busy", json!(round)), "{round}");
        }
        post(writer, &format!("/{id}/delete-item"), &json!({}));
        assert_eq!(post(reader, &get, &select).0, 404, "{round}");
        assert_eq!(post(reader, &update, &json!({"data": {"status": "x"}})).0, 404, "{round}");
        assert_eq!(reader.count(&key), 0, "{round}");
    }
    for process in both {
        assert!(process.stop().success());
    }
}
