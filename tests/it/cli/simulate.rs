//! `simulate traffic`: what it writes is readable, repeatable, and folds to closed dials.

use serde_json::Value;

use super::run;

#[test]
fn traffic_is_repeatable_and_folds_without_a_dead_letter() {
    let arguments = ["simulate", "traffic", "--calls", "300", "--seed", "7", "--projects", "3"];
    let wild = ["--disorder", "5%", "--duplicates", "0.02", "--days", "2", "--to", "-"];
    let first = run(&[&arguments[..], &wild].concat(), b"");
    assert_eq!(first.code, 0, "{}", first.err);
    assert!(first.err.contains("300 calls"), "{}", first.err);
    let second = run(&[&arguments[..], &wild].concat(), b"");
    assert_eq!(first.out, second.out);

    let folded = run(&["fold", "-"], first.out.as_bytes());
    assert_eq!(folded.code, 0, "{}", folded.err);
    let items: Vec<Value> =
        folded.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(items.len() > 300, "{}", items.len());
    assert!(items.iter().all(|item| item["kept"]["finality"] == "final"));
    let statuses: std::collections::BTreeSet<&str> =
        items.iter().map(|item| item["item"]["status"].as_str().unwrap()).collect();
    for status in ["Busy", "CallerHungUp", "Completed", "Failed", "NoAnswer"] {
        assert!(statuses.contains(status), "{statuses:?}");
    }
}

#[test]
fn a_broker_that_is_not_there_ends_with_69() {
    // A port that nothing listens on refuses at once; the patience is for slow ones.
    let ran = run(&["simulate", "traffic", "--kafka", "127.0.0.1:1", "--topic", "t"], b"");
    assert_eq!(ran.code, 69, "{}", ran.err);
    assert!(ran.err.contains("   at: 127.0.0.1:1"), "{}", ran.err);
}
