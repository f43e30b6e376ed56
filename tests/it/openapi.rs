//! The HTTP contracts on paper: generated, compared with the tracked files, and true of what is
//! served.

use std::path::Path;

use ringfold::http::profile::{Documented, DropIn, Profile};
use ringfold::http::{openapi, own_openapi};
use serde_json::{Value as Json, json};

use crate::http::setup::{Served, dropped_in, served};

const PROFILES: [(&str, &dyn Profile); 2] = [("documented", &Documented), ("drop-in", &DropIn)];
const METHODS: [&str; 6] = ["get", "post", "put", "delete", "patch", "trace"];

fn matches_file(name: &str, document: &Json) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/openapi/{name}.json"));
    let generated = format!("{document:#}\n");
    if std::env::var_os("RINGFOLD_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &generated).unwrap();
    }
    let tracked = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(tracked == generated, "{} is out of date: run with RINGFOLD_BLESS=1", path.display());
}

#[test]
fn the_documents_are_those_that_the_code_describes() {
    for (name, profile) in PROFILES {
        matches_file(name, &openapi(profile));
    }
    matches_file("own", &own_openapi(&Documented));
}

/// Whether the API has the route; what it says to the request does not matter.
async fn is_served(served: &Served, method: &str, path: &str) -> bool {
    let path = path.replace("{id}", "7f2b9c04-e1d6-4a58-b3c7-90ad5e8f1263");
    let answer = served.ask(&served.admin, &method.to_uppercase(), &path, &json!({})).await;
    let is_unknown = answer.body.contains("Page not found")
        || answer.body.contains("route_not_found")
        || answer.status == 405;
    !is_unknown
}

#[tokio::test]
async fn what_is_served_is_what_is_listed() {
    for (served, (_, profile)) in [served().await, dropped_in().await].iter().zip(PROFILES) {
        for document in [openapi(profile), own_openapi(profile)] {
            for (path, operations) in document["paths"].as_object().unwrap() {
                for method in METHODS {
                    let is_listed = operations.get(method).is_some();
                    // `/incoming-call-log-item/{id}` takes every single segment.
                    let is_shadowed = path.matches('/').count() == 3
                        && path.starts_with("/api/incoming")
                        && matches!(method, "put" | "delete");
                    if !is_shadowed || is_listed {
                        let is_served = is_served(served, method, path).await;
                        assert_eq!(is_served, is_listed, "{method} {path}");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn the_description_is_served_without_a_key() {
    let served = served().await;
    let answer = served.send("GET", "/api/openapi/spec", &[], "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json(), openapi(&Documented));
    assert_eq!(answer.json()["info"]["title"], "ringfold");
}

#[test]
fn every_answer_of_the_cases_has_the_shape_that_is_described() {
    for (name, profile) in PROFILES {
        let document = openapi(profile);
        let shape = |schema: &str| {
            let root = json!({
                "$ref": format!("#/components/schemas/{schema}"),
                "components": document["components"],
            });
            jsonschema::options().build(&root).unwrap()
        };
        let (page, item, refusal) = (shape("Page"), shape("Item"), shape("Refusal"));
        let path = format!("{}/tests/data/http/cases/{name}.ndjson", env!("CARGO_MANIFEST_DIR"));
        let mut checked = 0;
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let case: Json = serde_json::from_str(line).unwrap();
            let (Some(said), send) = (case.get("says"), case["send"].as_str().unwrap()) else {
                continue;
            };
            let shape = match (case["status"].as_u64(), send) {
                (Some(200), list) if list.to_lowercase().contains("/get-list") => &page,
                (Some(200), get) if get.contains("/get-item") => &item,
                (Some(200), _) => continue,
                _ => &refusal,
            };
            checked += 1;
            let errors: Vec<String> = shape.iter_errors(said).map(|e| e.to_string()).collect();
            assert!(errors.is_empty(), "{}: {errors:?}", case["name"]);
        }
        assert!(checked > 1_000);
    }
}
