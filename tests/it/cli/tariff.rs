//! `tariff check` and `tariff rate`: answers in the order of the questions, refusals with the line.

use serde_json::{Value, json};

use super::{data, run};

fn rate(input: &str) -> super::Ran {
    let tariff = data("events/tariff.toml");
    run(&["tariff", "rate", "--tariff", &tariff, "--batch", "-"], input.as_bytes())
}

#[test]
fn a_batch_is_answered_line_by_line() {
    let call = json!({
        "id": "a", "number": "+12025550143", "answered": true, "at": "2026-03-30T12:00:00Z",
        "seconds": "47.613", "project": "3f2b8c1e-5d74-4a0b-9c1d-7e6f5a4b3c2d",
        "gateway": "twilio/us1",
    });
    let mut unanswered = call.clone();
    unanswered["id"] = json!("b");
    unanswered["answered"] = json!(false);
    let mut nobody = call.clone();
    nobody["id"] = json!("c");
    nobody["number"] = json!("2025550143");
    let ran = rate(&format!("{call}\n\n{unanswered}\n{nobody}\n"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    let answers: Vec<Value> =
        ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let rated = json!({
        "id": "a", "status": "rated", "currency": "USD", "cost": "0.013", "billedSeconds": "60",
        "plan": "us-carrier", "version": 1, "prefix": "1",
    });
    assert_eq!(answers[0], rated);
    assert_eq!((&answers[1]["cost"], &answers[1]["billedSeconds"]), (&json!("0"), &json!("0")));
    assert_eq!(answers[2], json!({ "id": "c", "status": "unrated", "reason": "invalid_number" }));
}

#[test]
fn times_may_be_fractional_zero_and_negative() {
    let billed = [("0.001", "60"), ("60", "60"), ("60.000001", "120"), ("0", "0"), ("-5.5", "0")];
    let call = |seconds: &str| {
        json!({
            "id": seconds, "number": "+12025550143", "answered": true, "seconds": seconds,
            "at": "2026-03-30T12:00:00Z", "gateway": "twilio/us1",
        })
        .to_string()
    };
    let input: Vec<String> = billed.iter().map(|(seconds, _)| call(seconds)).collect();
    let ran = rate(&input.join("\n"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    for (line, (seconds, wanted)) in ran.out.lines().zip(billed) {
        let answer: Value = serde_json::from_str(line).unwrap();
        assert_eq!((&answer["id"], &answer["billedSeconds"]), (&json!(seconds), &json!(wanted)));
        assert_eq!(answer["status"], "rated", "{answer}");
    }
    assert_eq!(ran.out.lines().count(), billed.len());
    let tariff = data("events/tariff.toml");
    let at = "2026-03-30T12:00:00Z";
    let arguments = ["tariff", "rate", "--tariff", &tariff, "--at", at, "--gateway", "twilio"];
    let negative = run(&[&arguments[..], &["--", "+12025550143", "-5.5"]].concat(), b"");
    assert!(negative.out.ends_with("cost: 0 USD for 0 s\n"), "{}{}", negative.out, negative.err);
}

#[test]
fn an_unknown_name_is_refused_with_its_line() {
    let ran = rate("\n{\"id\":1,\"colour\":\"red\"}\n");
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("colour") && ran.err.contains("-:2"), "{}", ran.err);
}

#[test]
fn one_call_is_explained_step_by_step() {
    let tariff = data("events/tariff.toml");
    let at = "2026-03-30T12:00:00Z";
    let arguments = ["tariff", "rate", "--tariff", &tariff, "--at", at, "--gateway", "twilio"];
    let ran = run(&[&arguments[..], &["--", "+12025550143", "61"]].concat(), b"");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("billed: 120 s"), "{}", ran.out);
    assert!(ran.out.ends_with("cost: 0.026 USD for 120 s\n"), "{}", ran.out);
    let told = run(&[&arguments[..], &["--json", "--", "+12025550143", "61"]].concat(), b"");
    let told: Value = serde_json::from_str(&told.out).unwrap();
    let steps: Vec<&str> =
        told["steps"].as_array().unwrap().iter().map(|step| step.as_str().unwrap()).collect();
    assert_eq!((&told["cost"], &told["billedSeconds"]), (&json!("0.026"), &json!("120")));
    assert!(ran.out.starts_with(&steps.join("\n")), "{steps:?}");
}

#[test]
fn a_faulty_tariff_is_named_with_file_line_key_and_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("t.toml");
    std::fs::write(&file, "format = \"ringfold-tariff-1\"\n[[plan]]\nid = \"a\"\nrate = 3\n")
        .unwrap();
    let file = file.to_str().unwrap();
    let ran = run(&["tariff", "check", file], b"");
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.err.contains(&format!("{file}:4: plan.rate: ")), "{}", ran.err);
}
