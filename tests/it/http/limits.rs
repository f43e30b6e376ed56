//! Bounds: sizes, media types, rates, requests in progress, allowance, time, origins.

use std::time::Duration;

use ringfold::http::ApiSettings;
use ringfold::memory::ReadFault;
use serde_json::json;

use super::setup::{R, served, served_with};

#[tokio::test]
async fn what_is_too_large_is_refused_by_size() {
    let served = served().await;
    let key = ("apikey", served.admin.as_str());
    let list = format!("{R}/get-list");
    let fits = format!("{{{}}}", " ".repeat(65_534));
    assert_eq!(served.send("POST", &list, &[key], fits.clone()).await.status, 200);
    let answer = served.send("POST", &list, &[key], format!("{fits} ")).await;
    assert_eq!((answer.status, answer.header("connection")), (413, "close"));
    assert_eq!(answer.json()["code"], "body_too_large");
    let told = [key, ("content-length", "65537")];
    assert_eq!(served.send("POST", &list, &told, "").await.status, 413);
    let url = format!("{list}?x={}", "y".repeat(8_192));
    let answer = served.send("POST", &url, &[key], "").await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (414, Some("url_too_long")));
    let long = "z".repeat(16_384);
    let answer = served.send("POST", &list, &[key, ("x-long", &long)], "").await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (431, Some("headers_too_large")));
}

#[tokio::test]
async fn other_media_types_are_refused() {
    let served = served().await;
    let key = ("apikey", served.admin.as_str());
    for (name, value) in [
        ("content-type", "text/plain"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("content-encoding", "gzip"),
    ] {
        let answer = served.send("POST", &format!("{R}/count"), &[key, (name, value)], "{}").await;
        assert_eq!(answer.status, 415, "{value}");
        assert_eq!(answer.json()["code"], "unsupported_media_type");
    }
}

#[tokio::test]
async fn a_key_has_its_rate() {
    let served = served_with(ApiSettings { rate_per_key: 2, ..ApiSettings::default() }).await;
    let ask = async |key: &str| served.ask(key, "POST", &format!("{R}/count"), &json!({})).await;
    for _ in 0..4 {
        assert_eq!(ask(&served.admin).await.status, 200);
    }
    let answer = ask(&served.admin).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "1"));
    assert_eq!(
        answer.body,
        "{\"error\":\"Too many requests for this API key. Try again in 1 s.\",\
         \"code\":\"rate_limited\"}"
    );
    assert_eq!(ask(&served.reader).await.status, 200, "another key has its own");
}

#[tokio::test]
async fn a_project_has_its_rate_over_all_its_keys() {
    let served = served_with(ApiSettings { rate_per_project: 1, ..ApiSettings::default() }).await;
    let ask = async |key: &str| served.ask(key, "POST", &format!("{R}/count"), &json!({})).await;
    assert_eq!(ask(&served.admin).await.status, 200);
    assert_eq!(ask(&served.reader).await.status, 200);
    for key in [&served.admin, &served.reader] {
        let answer = ask(key).await;
        assert_eq!((answer.status, answer.header("retry-after")), (429, "1"));
        let said = "Too many requests for this project. Try again in 1 s.";
        assert_eq!(answer.json()["error"], said);
    }
    assert_eq!(ask(&served.foreign).await.status, 200, "another project has its own");
}

#[tokio::test]
async fn only_so_many_requests_are_in_progress() {
    let served = served_with(ApiSettings { max_in_flight: 1, ..ApiSettings::default() }).await;
    let count = format!("{R}/count");
    assert_eq!(served.post(&count, &json!({})).await.0, 200);
    served.store.faults().every_read(Some(ReadFault::Slow(Duration::from_millis(200))));
    let body = json!({});
    let slow = served.ask(&served.admin, "POST", &count, &body);
    let refused = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let answer = served.ask(&served.admin, "POST", &count, &body).await;
        let probe = served.send("GET", "/status/live", &[], "").await;
        (answer.status, answer.header("retry-after").to_owned(), probe.status)
    };
    let (slow, refused) = tokio::join!(slow, refused);
    assert_eq!(slow.status, 200);
    assert_eq!(refused, (503, "1".to_owned(), 200));
}

#[tokio::test]
async fn a_deadline_that_passes_is_a_503() {
    let deadline = Duration::from_millis(100);
    let served = served_with(ApiSettings { deadline, ..ApiSettings::default() }).await;
    let count = format!("{R}/count");
    assert_eq!(served.post(&count, &json!({})).await.0, 200);
    served.store.faults().every_read(Some(ReadFault::Slow(Duration::from_secs(5))));
    let answer = served.ask(&served.admin, "POST", &count, &json!({})).await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, "1"));
}

#[tokio::test]
async fn a_query_over_its_allowance_is_refused_whole() {
    let served = served_with(ApiSettings { max_items_read: 2, ..ApiSettings::default() }).await;
    let list = format!("{R}/get-list");
    let broad = (
        422,
        "{\"error\":\"This query would read more than 2 items. Narrow it: filter on \
         incomingCallLogId or userId, or give createdAt a range of at most 1 days (InBetween).\",\
         \"code\":\"query_too_broad\"}"
            .to_owned(),
    );
    assert_eq!(served.post(&list, &json!({"query": {"status": "Busy"}})).await, broad);
    assert_eq!(served.post(&list, &json!({"sort": {"status": 1}})).await, broad);
    for narrow in [
        json!({}),
        json!({"skip": 3, "sort": {"createdAt": -1}}),
        json!({"skip": 1, "sort": {"createdAt": 1}}),
        json!({"query": {"createdAt": {"_type": "GreaterThan", "value": "2026-05-01"}}}),
        json!({"query": {"incomingCallLogId": super::setup::C1}}),
    ] {
        assert_eq!(served.post(&list, &narrow).await.0, 200, "{narrow}");
    }
    assert_eq!(served.post(&format!("{R}/count"), &json!({})).await.0, 200);
}

#[tokio::test]
async fn listed_origins_may_call_from_scripts() {
    let cors_origins = vec!["https://a.example".to_owned()];
    let served = served_with(ApiSettings { cors_origins, ..ApiSettings::default() }).await;
    let from = |origin| {
        [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "apikey, content-type"),
        ]
    };
    let (path, origin) = (format!("{R}/count"), from("https://a.example"));
    let answer = served.send("OPTIONS", &path, &origin, "").await;
    assert_eq!((answer.status, answer.header("vary")), (204, "Origin"));
    assert_eq!(answer.header("access-control-allow-origin"), "https://a.example");
    assert_eq!(answer.header("access-control-allow-headers"), "apikey, content-type");
    assert_eq!(answer.header("access-control-max-age"), "86400");
    let other = served.send("GET", "/status", &from("https://b.example"), "").await;
    assert_eq!(other.header("access-control-allow-origin"), "");
}
