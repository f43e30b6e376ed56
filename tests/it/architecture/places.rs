//! Things that have one place: CQL, routes, status codes, the environment, metric names.

use super::{Source, expect_none, sources};

fn findings(rule: impl Fn(&Source, &str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources() {
        for (line, text) in source.code() {
            if rule(&source, text) {
                found.push(format!("{}:{line}: {}", source.path, text.trim()));
            }
        }
    }
    found
}

#[test]
fn cql_text_stands_among_the_statements() {
    let lawful = ["cql/statements.rs", "cql/statements/schema.rs", "cql/schema.rs"];
    let words = ["SELECT ", "INSERT INTO ", "UPDATE item", "DELETE FROM ", "CREATE TABLE"];
    let found = findings(|source, line| {
        !lawful.contains(&source.path.as_str()) && words.iter().any(|word| line.contains(word))
    });
    expect_none("CQL text stands in schemas/cql and cql/statements only", &found);
}

#[test]
fn no_cql_text_is_built_from_input() {
    let found = findings(|source, line| {
        source.path.starts_with("cql/statements") && line.contains("format!")
    });
    expect_none("statements are a fixed set of prepared texts", &found);
}

#[test]
fn status_codes_are_known_to_the_edge_alone() {
    let lawful = |path: &str| {
        path == "http/error.rs" || path.starts_with("http/profile/") || path.starts_with("http/")
    };
    let found = findings(|source, line| !lawful(&source.path) && line.contains("StatusCode::"));
    expect_none("conditions become status codes in http only", &found);
}

#[test]
fn paths_of_the_resource_stand_in_the_list_of_routes() {
    let found = findings(|source, line| {
        source.module() == "http"
            && source.path != "http/routes.rs"
            && (line.contains("\"/api") || line.contains("get-list\""))
    });
    expect_none("paths stand in http/routes.rs only", &found);
}

#[test]
fn the_environment_is_read_by_the_configuration_alone() {
    let found = findings(|source, line| {
        source.module() != "config" && (line.contains("env::var") || line.contains("env::vars"))
    });
    expect_none("config alone reads the environment", &found);
}

#[test]
fn metric_names_stand_in_telemetry_alone() {
    let found = findings(|source, line| {
        source.module() != "telemetry" && line.contains("\"ringfold_") && line.contains("_total\"")
    });
    expect_none("metrics are named in telemetry/metrics only", &found);
}

#[test]
fn adapters_are_named_by_the_composition_root_alone() {
    let adapters = ["crate::cql", "crate::kafka", "crate::embedded", "crate::memory"];
    let lawful = ["app", "cli", "simulator"];
    let found = findings(|source, line| {
        !lawful.contains(&source.module())
            && adapters.iter().any(|adapter| {
                let own = adapter.trim_start_matches("crate::");
                line.contains(adapter) && source.module() != own
            })
            // The settings refuse what librdkafka must not be told.
            && !(source.module() == "config" && line.contains("crate::kafka::"))
    });
    expect_none("adapters never know each other", &found);
}
