//! The profile `documented`: the worked examples of the contract, and what stands around them.

use serde_json::{Value as Json, json};

use super::setup::{A, B, C, C1, C2, D, P, R, served};

#[tokio::test]
async fn a_list_has_filter_select_sort_and_one_page() {
    let served = served().await;
    let body = json!({
        "query": {"isAnswered": false, "createdAt": {
            "_type": "InBetween", "startValue": "2026-05-14",
            "endValue": "2026-05-14T23:59:59.999Z"}},
        "select": {"userPhoneNumber": true, "status": true, "dialDurationInSeconds": true,
                   "startedAt": true},
        "sort": {"startedAt": 1},
    });
    let expected = "{\"count\":2,\"limit\":1,\"skip\":1,\"data\":[{\
        \"_id\":\"019e286e-a380-8208-8827-548f7f292f47\",\"dialDurationInSeconds\":4,\
        \"startedAt\":\"2026-05-14T21:40:00.000Z\",\"status\":\"Busy\",\
        \"userPhoneNumber\":\"+441632960021\"}]}";
    let answer = served.post(&format!("{R}/get-list?limit=1&skip=1"), &body).await;
    assert_eq!(answer, (200, expected.to_owned()));
    let path = format!("{}/GET-LIST/?skip=1&limit=1", R.to_uppercase());
    let answer = served.ask(&served.reader, "GET", &path, &body).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, expected), "GET with a body");
}

#[tokio::test]
async fn paging_may_stand_in_the_body() {
    let served = served().await;
    let path = format!("{R}/get-list");
    let body = json!({"limit": 1, "skip": 3, "sort": {"startedAt": "DESC"}});
    let expected = format!("{{\"count\":4,\"limit\":1,\"skip\":3,\"data\":[{{\"_id\":\"{A}\"}}]}}");
    assert_eq!(served.post(&path, &body).await, (200, expected));
    let refused = "{\"error\":\"limit must be an integer from 1 to 100\",\
        \"code\":\"invalid_paging\",\"field\":\"limit\"}";
    let answer = served.post(&format!("{path}?limit=101"), &json!({})).await;
    assert_eq!(answer, (400, refused.to_owned()));
    let far = served.post(&format!("{path}?skip=9223372036854775807"), &json!({})).await;
    let expected = "{\"count\":4,\"limit\":10,\"skip\":9223372036854775807,\"data\":[]}";
    assert_eq!(far, (200, expected.to_owned()));
}

#[tokio::test]
async fn sorts_place_nulls_as_the_contract_says() {
    let served = served().await;
    for (sort, expected) in [
        (json!({}), "dcba"),
        (json!({"endedAt": "DESC"}), "dcba"),
        (json!({"endedAt": {"direction": "DESC", "nulls": "last"}}), "cbad"),
        (json!({"isAnswered": -1, "dialDurationInSeconds": 1}), "bcad"),
        (json!({"createdAt": 1}), "abcd"),
        (json!({"status": 1}), "cbad"),
    ] {
        assert_eq!(served.listed(&json!({"sort": sort})).await, expected, "{sort}");
    }
}

#[tokio::test]
async fn counts_follow_the_null_rules() {
    let served = served().await;
    for (query, count) in [
        (json!({}), 4),
        (json!({"userPhoneNumber": {"_type": "NotEqual", "value": "+441632960021"}}), 1),
        (json!({"userPhoneNumber": {"_type": "EqualToOrNull", "value": "+441632960044"}}), 2),
        (json!({"callCostInUSDCents": {"_type": "LessThanOrNull", "value": 2.375}}), 3),
        (json!({"userPhoneNumber": {"_type": "NotContains", "value": "960021"}}), 2),
        (json!({"incomingCallLogId": C2}), 2),
        (json!({"incomingCallLogId": [C1, C2], "status": "Busy"}), 1),
        (json!({"_id": [A, B, A]}), 2),
        (json!({"_id": D.to_uppercase(), "incomingCallLogId": C2}), 1),
        (json!({"_id": {"_type": "NotEqual", "value": D}}), 3),
        (json!({"createdAt": "2026-05-14T08:16:02Z"}), 1),
        (json!({"createdAt": {"_type": "GreaterThan", "value": "2026-05-14T08:16:02Z"}}), 2),
        (json!({"createdAt": []}), 0),
        (json!({"projectId": P}), 4),
        (json!({"projectId": "e8a1d6b3-05f4-4c79-8d2e-b7c93f60a514"}), 0),
    ] {
        let answer = served.post(&format!("{R}/count"), &json!({"query": query})).await;
        assert_eq!(answer, (200, format!("{{\"count\":{count}}}")), "{query}");
    }
}

#[tokio::test]
async fn a_get_shows_what_is_selected_in_the_order_of_names() {
    let served = served().await;
    let path = format!("{R}/{A}/get-item");
    let select = json!({"select": {"user": true, "incomingCallLog": {},
        "callCostInUSDCents": true, "endedAt": true, "isAnswered": true, "statusMessage": true}});
    let expected = format!(
        "{{\"_id\":\"{A}\",\"callCostInUSDCents\":0,\"endedAt\":\"2026-05-14T08:16:00.900Z\",\
         \"incomingCallLog\":{{\"_id\":\"{C1}\"}},\"isAnswered\":false,\
         \"statusMessage\":\"Nobody answered.\",\
         \"user\":{{\"_id\":\"d94a1f77-2c06-4e3b-8f58-63b0a1c2e5d7\"}}}}"
    );
    assert_eq!(served.post(&path, &select).await, (200, expected));
    let only_id = (200, format!("{{\"_id\":\"{A}\"}}"));
    assert_eq!(served.post(&path, &json!({})).await, only_id);
    assert_eq!(served.post(&path.to_uppercase(), &json!({"select": null})).await, only_id);
    let answer = served.ask(&served.admin, "GET", &path, &json!({})).await;
    assert_eq!((answer.status, answer.body), only_id);
    let nulls = json!({"select": {"user": true, "userId": true, "endedAt": true}});
    let expected = format!("{{\"_id\":\"{D}\",\"endedAt\":null,\"user\":null,\"userId\":null}}");
    assert_eq!(served.post(&format!("{R}/{D}/get-item"), &nulls).await, (200, expected));
}

#[tokio::test]
async fn every_column_of_the_page_can_be_selected() {
    let served = served().await;
    let all = [
        "_id",
        "createdAt",
        "updatedAt",
        "project",
        "projectId",
        "incomingCallLog",
        "incomingCallLogId",
        "incomingCallPolicyEscalationRule",
        "incomingCallPolicyEscalationRuleId",
        "user",
        "userId",
        "userPhoneNumber",
        "status",
        "statusMessage",
        "dialDurationInSeconds",
        "callCostInUSDCents",
        "startedAt",
        "endedAt",
        "isAnswered",
    ];
    let select: serde_json::Map<_, _> =
        all.iter().map(|name| ((*name).to_owned(), json!(true))).collect();
    let body = json!({"select": select, "query": {"_id": B}});
    let answer = served.ask(&served.admin, "POST", &format!("{R}/get-list"), &body).await;
    let json = answer.json();
    let names: Vec<&str> =
        json["data"][0].as_object().unwrap().keys().map(String::as_str).collect();
    let mut sorted = all.to_vec();
    sorted.sort_unstable();
    assert_eq!(names, sorted, "`_` sorts before every letter that begins a name");
    assert!(answer.body.contains("\"callCostInUSDCents\":2.375,"), "{}", answer.body);
}

#[tokio::test]
async fn a_missing_item_is_told_so() {
    let served = served().await;
    let missing = (
        404,
        "{\"error\":\"Incoming Call Log Item not found.\",\"code\":\"item_not_found\"}".to_owned(),
    );
    for id in [
        "7f2b9c04-e1d6-4a58-b3c7-90ad5e8f1263",
        "00000000-0000-0000-0000-000000000000",
        "019e258e-19ca-8040-8d5e-69122fbc8f21",
    ] {
        let path = format!("{R}/{id}/get-item");
        assert_eq!(served.post(&path, &json!({"select": {"status": true}})).await, missing);
    }
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let served = served().await;
    let list = format!("{R}/get-list");
    let count = format!("{R}/count");
    let error = |text: &str, code: &str, field: Option<&str>| {
        let field = field.map_or(String::new(), |field| format!(",\"field\":\"{field}\""));
        format!("{{\"error\":\"{text}\",\"code\":\"{code}\"{field}}}")
    };
    let unknown = |name: &str, known: &str| {
        let text = format!("Unknown field {name}. Fields you can send: {known}");
        error(&text, "unknown_field", Some(name))
    };
    let of_list = "query, select, sort, limit, skip, groupBy";
    let group =
        error("GroupBy is currently not supported", "group_by_unsupported", Some("groupBy"));
    let date =
        error("Invalid value for startedAt: expected a date.", "invalid_value", Some("startedAt"));
    for (path, body, expected) in [
        (&list, json!({"query": {"startedAt": "yesterday"}}), date),
        (&list, json!({"Query": {}}), unknown("Query", of_list)),
        (&count, json!({"limit": 1}), unknown("limit", "query, groupBy")),
        (&list, json!({"groupBy": {"status": true}}), group),
        (
            &list,
            json!({"sort": {"user": 1}}),
            error("Cannot sort on user. Sort on userId instead.", "invalid_sort", Some("user")),
        ),
    ] {
        assert_eq!(served.post(path, &body).await, (400, expected), "{body}");
    }
    for accepted in [json!(null), json!({})] {
        assert_eq!(served.post(&list, &json!({"groupBy": accepted})).await.0, 200);
    }
    let headers = [("apikey", served.admin.as_str())];
    let cut_off = served.send("POST", &list, &headers, "{\"query\":{\"status\":").await;
    let expected =
        error("Invalid JSON body: unexpected end at line 1 column 19.", "malformed_json", None);
    assert_eq!((cut_off.status, cut_off.body), (400, expected));
}

#[tokio::test]
async fn ids_are_8_4_4_4_12_hex_digits() {
    let served = served().await;
    for id in ["get-list", "019e258e19ca80408d5e69122fbc8f20", "x", "%C3%A4"] {
        let (status, body) = served.post(&format!("{R}/{id}/get-item"), &json!({})).await;
        let shown = if id == "%C3%A4" { "ä" } else { id };
        let text = format!(
            "Invalid ID format: \"{shown}\". Expected a valid UUID (e.g., \
             \"550e8400-e29b-41d4-a716-446655440000\")."
        );
        let json: Json = serde_json::from_str(&body).unwrap();
        assert_eq!(json, json!({"error": text, "code": "invalid_id", "field": "id"}));
        assert_eq!(status, 400);
    }
}

#[tokio::test]
async fn routes_and_methods_are_exactly_those_of_the_contract() {
    let served = served().await;
    let answer = served.ask(&served.admin, "GET", &format!("{R}/count"), &json!({})).await;
    assert_eq!((answer.status, answer.header("allow")), (405, "POST, PUT, DELETE, OPTIONS"));
    assert_eq!(
        answer.body,
        "{\"error\":\"GET is not allowed here. Use one of: POST, PUT, DELETE, OPTIONS\",\
         \"code\":\"method_not_allowed\"}"
    );
    let answer = served.send("GET", "/api/nope?x=1", &[], "").await;
    assert_eq!(answer.status, 404);
    assert_eq!(
        answer.body,
        "{\"error\":\"No such route: GET /api/nope\",\"code\":\"route_not_found\"}"
    );
    let answer = served.send("OPTIONS", &format!("{R}/get-list"), &[], "").await;
    assert_eq!(
        (answer.status, answer.header("allow")),
        (204, "GET, HEAD, POST, PUT, DELETE, OPTIONS")
    );
    assert_eq!(answer.header("content-type"), "");
    let answer = served.send("POST", &format!("{R}/%zz/get-item"), &[], "").await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn every_answer_has_its_headers() {
    let served = served().await;
    let key = [("APIKEY", served.admin.as_str()), ("x-request-id", "a.b-C_9")];
    let path = format!("{R}/get-list");
    let answer = served.send("POST", &path, &key, "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("x-request-id"), "a.b-C_9");
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(answer.header("content-length"), answer.body.len().to_string());
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("access-control-allow-origin"), "");
    for bad in ["", "a b", &"x".repeat(65), "ä"] {
        let answer = served.send("GET", "/status", &[("x-request-id", bad)], "").await;
        let id = uuid::Uuid::parse_str(answer.header("x-request-id")).unwrap();
        assert_eq!(id.get_version_num(), 7, "{bad}");
    }
    let head = served.send("HEAD", &path, &key, "").await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), answer.body.len().to_string());
}

#[tokio::test]
async fn probes_and_the_version_need_no_key() {
    let served = served().await;
    for path in ["/status", "/status/live", "/status/ready", "/api/status/", "/api/Status/Live"] {
        let answer = served.send("GET", path, &[], "").await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "{\"status\":\"ok\"}"), "{path}");
    }
    let answer = served.send("GET", "/version", &[], "").await;
    assert_eq!(answer.json()["version"], env!("CARGO_PKG_VERSION"));
    assert!(answer.json()["commit"].is_null() || answer.json()["commit"].is_string());
    assert_eq!(served.listed(&json!({"query": {"_id": C}})).await, "c");
}
