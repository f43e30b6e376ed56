//! `import` and `export`: ids are kept, a second import is free, a process serves what was imported,
//! and what is moved to another store and out again has the same hash.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::support::engines;
use crate::support::process::{Setup, free_port, wait_until};
use crate::support::sample::{self, PROJECTS};

const PROJECT: &str = "3f2b8c1e-5d74-4a0b-9c1d-7e6f5a4b3c2d";
const USER: &str = "c86d5606-5f87-46ca-ae53-dc4628a42502";

fn items() -> [Value; 2] {
    let item = json!({
        "_id": "019d3683-d658-80b2-aca8-8c0467ed6272",
        "createdAt": "2026-03-28T22:15:03.000Z",
        "updatedAt": "2026-03-28T22:15:36.000Z",
        "projectId": PROJECT,
        "incomingCallLogId": "72884fe2-54ee-4c9e-ae6c-beefc4cfc7b3",
        "incomingCallPolicyEscalationRuleId": null,
        "userId": USER,
        "userPhoneNumber": "+12025550143",
        "status": "Completed",
        "statusMessage": null,
        "dialDurationInSeconds": 33,
        "callCostInUSDCents": 2.3205,
        "startedAt": "2026-03-28T22:15:03.000Z",
        "endedAt": null,
        "isAnswered": true,
    });
    let mut untimed = item.clone();
    untimed["_id"] = json!("550e8400-e29b-41d4-a716-446655440000");
    untimed["createdAt"] = json!("2026-03-29T08:00:00.000Z");
    untimed["updatedAt"] = json!("2026-03-29T08:00:30.000Z");
    [item, untimed]
}

fn command(setup: &Setup, arguments: &[&str]) -> Value {
    let told = setup.output(arguments);
    serde_json::from_str(told.trim()).unwrap_or_else(|error| panic!("{arguments:?}: {error}"))
}

#[test]
fn imported_items_are_served_as_they_were_and_a_second_import_is_free() {
    let dir = tempfile::tempdir().unwrap();
    let setup = Setup::new(dir.path());
    let file = dir.path().join("items.ndjson");
    let [first, second] = items();
    let mut known = first.clone();
    known["user"] = json!({ "_id": USER, "name": "One" });
    std::fs::write(&file, format!("{known}\n\n{second}\n{first}\n")).unwrap();
    let file = file.to_str().unwrap();
    let import = |more: &[&str]| command(&setup, &[&["import", "--json", file], more].concat());
    let looked = import(&["--dry-run"]);
    assert_eq!((&looked["imported"], &looked["dryRun"]), (&json!(2), &json!(true)));
    let once = import(&[]);
    assert_eq!((&once["imported"], &once["known"]), (&json!(2), &json!(1)));
    let twice = import(&[]);
    assert_eq!((&twice["imported"], &twice["known"]), (&json!(0), &json!(3)));
    assert_eq!(once["hash"], twice["hash"]);
    assert_eq!(once["hash"], looked["hash"]);

    let key = setup.key(PROJECT, "ProjectMember");
    let process = setup.start("imported");
    let served = process.items(&key);
    assert_eq!(served.len(), 2);
    for (served, item) in served.iter().zip(items()) {
        for (column, value) in item.as_object().unwrap() {
            assert_eq!(&served[column], value, "{column}");
        }
    }
    let ask = json!({
        "query": { "user": { "name": "One" }, "_id": first["_id"] },
        "select": { "user": { "name": true, "email": true } },
    });
    let (_, page) = process.post("/api/incoming-call-log-item/get-list", &key, &ask);
    assert_eq!(page["data"][0]["user"], json!({ "_id": USER, "name": "One", "email": null }));
    assert!(process.stop().success());
}

#[test]
fn a_line_that_does_not_fit_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let setup = Setup::new(dir.path());
    let id = "{\"_id\":\"550e8400-e29b-41d4-a716-446655440000\"";
    for (name, text, line, error) in [
        ("a.ndjson", "\n{\"_id\":\"x\"}\n".to_owned(), 2, "`_id` must be a UUID"),
        ("b.ndjson", "[1]".to_owned(), 1, "this is not one JSON object"),
        ("c.ndjson", format!("{id},\"colour\":1}}"), 1, "there is no column `colour`"),
        ("d.ndjson", format!("{id}}}"), 1, "`projectId` is missing"),
        ("e.ndjson", "{\"specversion\":\"1.0\"}".to_owned(), 1, "id"),
        ("f.csv", "_id,colour\n".to_owned(), 1, "there is no column `colour`"),
        ("g.csv", "_id,projectId\na\n".to_owned(), 2, "1 cells stand under 2 columns"),
        ("h.csv", "_id,isAnswered\n\n,yes\n".to_owned(), 3, "`_id` is missing"),
    ] {
        let file = dir.path().join(name);
        std::fs::write(&file, text).unwrap();
        let output = setup.command(&["import", file.to_str().unwrap()]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(error), "{name}: {told}");
        assert!(told.contains(&format!("{name}:{line}")), "{name}: {told}");
        assert!(told.contains("   do: "), "{name}: {told}");
    }
}

/// Items of every shape over some days, and events and relations that tell of references.
fn many() -> String {
    let mut lines = String::new();
    let rule = "3e7a9c52-18bd-4f60-95e7-2ab4d8c0f163";
    let event = |kind: &str, mut data: Value| {
        data["projectId"] = json!(PROJECT);
        let kind = format!("ringfold.{kind}.v1");
        json!({
            "specversion": "1.0", "id": "1", "source": "/product", "type": kind,
            "time": "2026-03-01T00:00:00Z", "data": data,
        })
    };
    for told in [
        event("project.upserted", json!({ "name": "North pier" })),
        event("user.upserted", json!({ "userId": USER, "name": "One", "email": "one@x.example" })),
        event(
            "escalation-rule.upserted",
            json!({ "incomingCallPolicyEscalationRuleId": rule, "name": "Primary", "order": 1 }),
        ),
    ] {
        writeln!(lines, "{told}").unwrap();
    }
    for number in 0..400_u64 {
        // Version 7 ids three hours apart, and every fifth without a time.
        let ms = 1_774_736_103_000 + number * 10_800_000;
        let id = if number % 5 == 0 {
            format!("{number:08x}-0000-4000-8000-{ms:012x}")
        } else {
            let ms = format!("{ms:012x}");
            format!("{}-{}-7000-8000-{number:012x}", &ms[..8], &ms[8..])
        };
        let mut item = items()[0].clone();
        item["_id"] = json!(id);
        item["createdAt"] = json!(time(ms));
        item["updatedAt"] = json!(time(ms + 60_000));
        item["incomingCallLogId"] = json!(format!("{:08x}-0000-4000-8000-{number:012x}", number));
        item["incomingCallPolicyEscalationRuleId"] =
            if number % 3 == 0 { Value::Null } else { json!(rule) };
        item["statusMessage"] = [json!("He said \"no\",\r\ntwice\n"), json!(""), Value::Null]
            [usize::try_from(number % 3).unwrap()]
        .clone();
        item["callCostInUSDCents"] = if number % 4 == 0 { Value::Null } else { json!(number) };
        item["incomingCallLog"] = json!({
            "_id": item["incomingCallLogId"], "callerPhoneNumber": "+441632960155",
            "status": "Completed",
        });
        writeln!(lines, "{item}").unwrap();
    }
    lines
}

fn time(ms: u64) -> String {
    let ms = i64::try_from(ms).unwrap();
    chrono::DateTime::from_timestamp_millis(ms)
        .unwrap()
        .format("%Y-%m-%dT%H:%M:%S%.3fZ")
        .to_string()
}

/// Moves items to further stores and out again, as NDJSON and as CSV.
fn moves_without_a_difference(stores: [&Setup; 3]) {
    let [first, second, third] = stores;
    let path = |name: &str| first.dir.join(name).to_str().unwrap().to_owned();
    let (source, ndjson, again, csv, last) =
        (path("m.ndjson"), path("1.ndjson"), path("2.ndjson"), path("1.csv"), path("3.ndjson"));
    std::fs::write(&source, many()).unwrap();
    let imported = command(first, &["import", "--json", &source]);
    assert_eq!((&imported["imported"], &imported["known"]), (&json!(400), &json!(0)));
    assert_eq!(imported["references"]["imported"], json!(403));

    let export = |setup: &Setup, more: &[&str]| {
        command(setup, &[&["export", "--json", "--project", PROJECT], more].concat())
    };
    let out = export(first, &["--references", &ndjson]);
    assert_eq!((&out["count"], &out["references"]), (&json!(400), &json!(403)));
    assert_eq!(out["hash"], imported["hash"], "the store shows what was imported");

    command(second, &["import", "--json", &ndjson]);
    let moved = export(second, &["--references", &again]);
    assert_eq!(moved, out);
    let read = |path: &str| std::fs::read(path).unwrap();
    assert!(read(&again) == read(&ndjson), "the same bytes in the same order");

    let cells = export(first, &[&csv]);
    assert_eq!(cells["hash"], out["hash"], "the hash is of the items, not of the form");
    command(third, &["import", "--json", &csv]);
    assert_eq!(export(third, &[&last])["hash"], out["hash"]);
    let some =
        export(third, &["--from", "2026-03-30T00:00:00Z", "--to", "2026-03-31T00:00:00Z", &last]);
    assert_eq!(some["count"], json!(8));
    let masked = export(third, &["--mask-phones", &last]);
    assert_ne!(masked["hash"], out["hash"]);
    assert!(!String::from_utf8(read(&last)).unwrap().contains("2025550143"));
}

#[test]
fn what_moves_between_embedded_stores_stays_the_same() {
    let dirs = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let setups = [0, 1, 2].map(|at: usize| Setup::new(dirs[at].path()));
    moves_without_a_difference([&setups[0], &setups[1], &setups[2]]);
}

#[test]
fn what_moves_between_cassandra_keyspaces_stays_the_same() {
    let Some(address) = engines::cql_address() else { return };
    let dir = tempfile::tempdir().unwrap();
    let setups = [1, 2, 3].map(|number| {
        let keyspace = format!("rf_move{number}_{}", free_port());
        let setup = Setup::new(dir.path())
            .with("log.kind", "kafka")
            .with("kafka.brokers", "127.0.0.1:1")
            .with("store.kind", "cql")
            .with("cql.nodes", &address)
            .with("cql.dialect", "cassandra")
            .with("cql.keyspace", &keyspace);
        setup.output(&["schema", "apply", "--create-keyspace", "--replication", "1"]);
        setup
    });
    moves_without_a_difference([&setups[0], &setups[1], &setups[2]]);
}

#[test]
fn items_folded_from_events_move_with_every_column() {
    let dirs = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let [first, second] = [0, 1].map(|at: usize| Setup::new(dirs[at].path()));
    let project = PROJECTS[0];
    let (key, gateway) = (first.key(project, "ProjectMember"), first.gateway_key());
    let process = first.start("folded");
    for line in sample::lines() {
        process.post_as("/events", &gateway, "application/cloudevents+json", line);
    }
    let expected = sample::expected(project).len() as u64;
    wait_until("all items", || (process.count(&key) == expected).then_some(()));
    wait_until("all folded", || {
        (process.metric("ringfold_budget_used_bytes") == 0.0).then_some(())
    });
    assert!(process.stop().success());
    let file = dirs[0].path().join("out.ndjson");
    let file = file.to_str().unwrap();
    let export = ["export", "--json", "--references", "--project", project, file];
    let out = command(&first, &export);
    assert_eq!(out["count"], json!(expected));
    let imported = command(&second, &["import", "--json", file]);
    assert_eq!(imported["hash"], out["hash"]);
    assert_eq!(command(&second, &export), out);
}

#[test]
fn an_export_that_cannot_be_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let setup = Setup::new(dir.path());
    for (arguments, code, told) in [
        (&["export"][..], 2, "--project"),
        (&["export", "--project", "x"], 2, "expects the UUID of a project"),
        (&["export", "--references", "--project", PROJECT, "a.csv"], 2, "--references"),
        (&["export", "--project", PROJECT, "a.csv.gz"], 2, "gzip"),
        (&["export", "--project", PROJECT, "no/such/dir"], 1, "cannot write the file"),
    ] {
        let output = setup.command(arguments).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
        assert!(error.contains(told), "{arguments:?}: {error}");
    }
    let output = setup.command(&["export", "--project", PROJECT]).output().unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0), "nothing is there");
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("0 items"));
}
