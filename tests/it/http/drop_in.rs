//! The profile `drop-in` in process: its own order of checks, and its headers for scripts.

use serde_json::json;

use super::setup::{A, R, dropped_in};

#[tokio::test]
async fn what_can_be_said_before_a_key_is_asked_for_is_said() {
    let served = dropped_in().await;
    let bad_id = "{\"error\":\"Invalid ID format: \\\"x\\\". Expected a valid UUID (e.g., \
                  \\\"550e8400-e29b-41d4-a716-446655440000\\\").\"}";
    let no_key = |operation: &str| {
        format!(
            "{{\"error\":\"Authenticated user or a valid API key is needed to {operation} record \
             of Incoming Call Log Item.\"}}"
        )
    };
    let page = "{\"error\":\"positiveNumber cannot be less than 0\"}";
    for (method, path, body, status, expected) in [
        ("POST", "/x/get-item", "{}", 400, bad_id.to_owned()),
        ("POST", "/get-list?limit=-1", "{}", 400, page.to_owned()),
        ("POST", "/get-list", "{\"query\":{\"nope\":1}}", 401, no_key("read")),
        ("POST", "", "{}", 400, "{\"error\":\"projectId is required\"}".to_owned()),
        ("PUT", &format!("/{A}"), "{\"data\":{\"status\":\"x\"}}", 401, no_key("update")),
        ("DELETE", &format!("/{A}"), "", 401, no_key("delete")),
    ] {
        let answer = served.send(method, &format!("{R}{path}"), &[], body).await;
        assert_eq!((answer.status, answer.body), (status, expected), "{method} {path}");
    }
    let bearer = [("authorization", "Bearer abc")];
    let answer = served.send("POST", &format!("{R}/count"), &bearer, "{}").await;
    let told = "{\"message\":\"AccessToken is invalid or expired. Please refresh your token.\"}";
    assert_eq!((answer.status, answer.body.as_str()), (401, told));
}

#[tokio::test]
async fn every_script_may_call() {
    let served = dropped_in().await;
    let headers = [("access-control-request-headers", "apikey")];
    for path in [R, "/nowhere", "/status"] {
        let answer = served.send("OPTIONS", path, &headers, "").await;
        assert_eq!((answer.status, answer.body.as_str()), (204, ""), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("access-control-allow-methods"), "GET,HEAD,PUT,PATCH,POST,DELETE");
        assert_eq!(answer.header("access-control-allow-headers"), "apikey");
        assert_eq!(answer.header("access-control-max-age"), "86400");
        assert_eq!(answer.header("allow"), "");
    }
    let (status, _) = served.post(&format!("{R}/count"), &json!({})).await;
    assert_eq!(status, 200);
    let answer = served.send("PATCH", &format!("{R}/count?x=1"), &[], "").await;
    let told = "{\"message\":\"Page not found - /api/incoming-call-log-item/count?x=1\"}";
    assert_eq!((answer.status, answer.body.as_str()), (404, told));
    assert_eq!(answer.header("access-control-allow-origin"), "*");
}
