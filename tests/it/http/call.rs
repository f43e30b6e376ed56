//! One call with its dials: what each costs, who says so, and the exact sum; nobody else's.

use serde_json::json;

use super::setup::{A, B, C1, Served, served};

async fn ask(served: &Served, key: &str, call: &str) -> (u16, serde_json::Value) {
    let path = format!("/api/ringfold/call/{call}");
    let answer = served.send("GET", &path, &[("ApiKey", key)], "").await;
    (answer.status, answer.json())
}

#[tokio::test]
async fn a_call_shows_its_dials_in_order_with_the_sum_of_their_costs() {
    let served = served().await;
    let (status, call) = ask(&served, &served.reader, C1).await;
    assert_eq!(status, 200, "{call}");
    let ids: Vec<_> = call["dials"].as_array().unwrap().iter().map(|dial| &dial["_id"]).collect();
    assert_eq!(ids, [A, B]);
    let cost = json!({
        "source": "carrier", "estimateInUSDCents": null, "tariff": null, "prefix": null,
        "billedMilliseconds": null, "unrated": "no_tariff", "flags": [],
    });
    assert_eq!(call["dials"][1]["cost"], cost);
    assert_eq!(call["dials"][1]["callCostInUSDCents"], json!(2.375));
    let total = json!({
        "dials": 2, "open": 0, "provisional": 0, "callCostInUSDCents": 2.375,
        "estimateInUSDCents": 0, "costBySourceInUSDCents": { "carrier": 2.375 },
        "withoutCost": {},
    });
    assert_eq!(call["total"].to_string(), total.to_string());
    assert_eq!(call["asOf"], "2026-05-15T02:05:20.000Z");
}

#[tokio::test]
async fn a_foreign_call_has_no_dials_and_needs_a_key_that_may_read() {
    let served = served().await;
    let (status, call) = ask(&served, &served.foreign, C1).await;
    assert_eq!((status, &call["dials"], &call["total"]["dials"]), (200, &json!([]), &json!(0)));
    assert_eq!(ask(&served, &served.gateway, C1).await.0, 401);
    assert_eq!(ask(&served, "", C1).await.0, 401);
    assert_eq!(ask(&served, &served.reader, "x").await.0, 400);
    let path = format!("/api/ringfold/call/{C1}");
    let post = served.ask(&served.reader, "POST", &path, &json!({})).await;
    assert_eq!(post.status, 405);
}
