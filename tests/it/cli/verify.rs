//! `verify` on a store with a rendering that is wrong: it is told, put right only when asked for,
//! and nothing else is touched.

use std::path::Path;
use std::sync::Arc;

use ringfold::dial::fold;
use ringfold::embedded::{Embedded, EmbeddedSettings};
use ringfold::item::{CostSource, Rendered};
use ringfold::ports::renderings::{Renderings, StoredRendering};
use ringfold::ports::store::DayRange;
use ringfold::system::SystemClock;
use ringfold::value::MicroUsd;
use serde_json::{Value, json};

use crate::support::dials::{a, e, key, s};
use crate::support::process::Setup;
use crate::support::rows::write_states;

/// The exit code of `verify`, its findings and its counts.
fn verify(setup: &Setup, more: &[&str]) -> (i32, Vec<Value>, Value) {
    let output = setup.command(&[&["verify", "--json"], more].concat()).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let is_finding = |line: &Value| line.get("finding").is_some();
    let (found, counts): (Vec<Value>, Vec<Value>) = lines.into_iter().partition(is_finding);
    (output.status.code().unwrap(), found, counts[0].clone())
}

fn open(dir: &Path) -> Embedded {
    let settings =
        EmbeddedSettings { disk_reserve_bytes: 0, ..EmbeddedSettings::in_dir(dir.join("data")) };
    Embedded::open(&settings, Arc::new(SystemClock)).unwrap()
}

async fn kept(store: &Embedded) -> StoredRendering {
    let range = DayRange::whole(key().project, key().day());
    store.renderings(&range).await.unwrap().pop().unwrap()
}

/// A dial that was never rated, with a rendering that says it cost something.
async fn wrong(dir: &Path) -> StoredRendering {
    let store = open(dir);
    let events = [s().0, a(9_250).0, e(75_500).reason("completed").0];
    write_states(&store, fold(&events)).await;
    let right = kept(&store).await;
    let cost = Some(MicroUsd::new(13_000));
    let cost_source = Some(CostSource::Tariff);
    let rendered = Rendered { cost, cost_source, ..right.rendered.clone() };
    let wrong = StoredRendering { rendered, written: right.written + 1, ..right };
    store.put_rendering(&wrong).await.unwrap();
    right
}

#[test]
fn a_rendering_that_differs_is_told_and_put_right_when_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let setup = Setup::new(dir.path()).without("tariff.files");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let right = runtime.block_on(wrong(dir.path()));
    for more in [&[][..], &["--fix", "--dry-run"], &["--backdate"]] {
        let (code, found, count) = verify(&setup, more);
        assert_eq!(code, 3, "{more:?}");
        assert_eq!(found.len(), 1, "{found:?}");
        let fields = json!({ "costMicroUsd": [13_000, null], "costSource": ["tariff", null] });
        assert_eq!((&found[0]["finding"], &found[0]["fields"]), (&json!("differs"), &fields));
        assert_eq!(found[0]["_id"], key().item.to_string());
        assert!(!found[0].to_string().contains("2025550143"), "no phone number is told");
        let told = json!({ "items": 1, "differing": 1, "fixed": 0, "outdated": 0 });
        assert_eq!(count, told);
    }
    assert_eq!(verify(&setup, &["--to", "2026-03-30T12:00:00Z"]).0, 0);
    assert_eq!(verify(&setup, &["--fix"]).0, 0);
    assert_eq!(verify(&setup, &[]).0, 0);
    let store = open(dir.path());
    assert_eq!(runtime.block_on(kept(&store)).rendered, right.rendered);
}
