//! The files of `deploy/`, read as their tools would read them. Starts no container.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use ringfold::config::{Settings, Sources};
use serde_yaml_ng::Value;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("read {}: {e}", path.display()))
}

// ---- compose ------------------------------------------------------------------------------------

/// The services of the compose file, with YAML's merge keys applied as Compose applies them.
fn services() -> BTreeMap<String, Value> {
    let mut file: Value = serde_yaml_ng::from_str(&read("deploy/compose.yaml")).unwrap();
    file.apply_merge().unwrap();
    // One level of `<<` may bring in a mapping that has one itself.
    file.apply_merge().unwrap();
    let services = file.get("services").and_then(Value::as_mapping).expect("services");
    services.iter().map(|(name, body)| (name.as_str().unwrap().to_owned(), body.clone())).collect()
}

/// A list of words, or one text split at blanks.
fn words(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Sequence(items)) => items.iter().map(text).collect(),
        Some(Value::String(line)) => line.split_whitespace().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn text(value: &Value) -> String {
    let number = value.as_u64().map(|number| number.to_string());
    number.or_else(|| value.as_str().map(str::to_owned)).expect("a word")
}

/// Image references of a compose file or Dockerfile name one version and nothing that moves.
fn assert_pinned(image: &str) {
    let (name, digest) = image.split_once('@').map_or((image, None), |(n, d)| (n, Some(d)));
    let tag = name.rsplit_once(':').map(|(_, tag)| tag).unwrap_or_default();
    assert!(!tag.is_empty() && tag != "latest", "{image}: give a version");
    if let Some(digest) = digest {
        let hex = digest.strip_prefix("sha256:").unwrap_or_default();
        assert!(hex.len() == 64 && hex.chars().all(|c| c.is_ascii_hexdigit()), "{image}: digest");
    } else {
        let numbers = tag.split(['.', '-']).filter(|part| part.parse::<u32>().is_ok()).count();
        assert!(
            numbers >= 3,
            "{image}: {tag} is no exact version; give all three parts or a digest"
        );
    }
}

#[test]
fn compose_runs_two_ringfolds_over_one_broker_and_one_node() {
    let names: Vec<_> = services().into_keys().collect();
    let expected = ["kafka", "ready", "ringfold-1", "ringfold-2", "schema", "scylla", "topics"];
    assert_eq!(names, expected);
}

#[test]
fn every_image_of_compose_is_pinned() {
    for service in services().values() {
        assert_pinned(service.get("image").and_then(Value::as_str).expect("image"));
    }
}

#[test]
fn compose_runs_the_broker_that_the_tests_run() {
    let pom = read("tests/engines/kafka/pom.xml");
    let version = between(&pom, "<kafka.version>", "</kafka.version>");
    for name in ["kafka", "topics"] {
        let image = services()[name].get("image").and_then(Value::as_str).map(str::to_owned);
        assert_eq!(image, Some(format!("apache/kafka:{version}")));
    }
}

#[test]
fn a_server_is_waited_for_by_its_health_and_a_task_by_its_end() {
    let services = services();
    for (name, service) in &services {
        let Some(needs) = service.get("depends_on").and_then(Value::as_mapping) else { continue };
        for (needed, how) in needs {
            let needed = needed.as_str().unwrap();
            let target = services.get(needed).unwrap_or_else(|| panic!("{name} needs {needed}"));
            let has_health = target.get("healthcheck").is_some();
            let restarts = target.get("restart").is_some();
            match how.get("condition").and_then(Value::as_str).unwrap() {
                "service_healthy" => assert!(has_health, "{needed} has no health check"),
                "service_completed_successfully" => assert!(!restarts, "{needed} never ends"),
                "service_started" => assert!(restarts, "{needed} is no server"),
                other => panic!("{name}: condition {other}"),
            }
        }
    }
    for server in ["kafka", "scylla"] {
        let check = services[server].get("healthcheck").expect("health check");
        assert!(words(check.get("test")).len() >= 2, "{server}: what is asked");
        for key in ["interval", "timeout", "retries", "start_period"] {
            assert!(check.get(key).is_some(), "{server}: {key}");
        }
    }
}

#[test]
fn what_compose_mounts_exists() {
    let file: Value = serde_yaml_ng::from_str(&read("deploy/compose.yaml")).unwrap();
    let declared: BTreeSet<_> = file["volumes"].as_mapping().unwrap().keys().map(text).collect();
    for (name, service) in services() {
        for mount in words(service.get("volumes")) {
            let source = mount.split(':').next().unwrap();
            let known = match source.strip_prefix("./") {
                Some(file) => root().join("deploy").join(file).is_file(),
                None => declared.contains(source),
            };
            assert!(known, "{name} mounts {source}");
        }
    }
}

#[test]
fn compose_publishes_each_port_once_and_on_loopback() {
    let mut seen = BTreeSet::new();
    for (name, service) in services() {
        for port in words(service.get("ports")) {
            let parts: Vec<_> = port.split(':').collect();
            let [address, host, _container] = parts[..] else { panic!("{name}: {port}") };
            assert_eq!(address, "127.0.0.1", "{name}: {port}");
            assert!(seen.insert(host.to_owned()), "{name}: {port} is published twice");
        }
    }
}

#[test]
fn every_ringfold_of_compose_is_confined_and_reads_the_mounted_settings() {
    let services = services();
    for name in ["ringfold-1", "ringfold-2", "schema"] {
        let service = &services[name];
        let command = words(service.get("command"));
        let config = command.iter().position(|word| word == "--config").map(|at| &command[at + 1]);
        let mounts = words(service.get("volumes"));
        let target = mounts[0].split(':').nth(1).unwrap();
        assert_eq!(config.map(String::as_str), Some(target), "{name}");
        assert_eq!(service.get("read_only").and_then(Value::as_bool), Some(true), "{name}");
        assert_eq!(words(service.get("cap_drop")), ["ALL"], "{name}");
        let build = service.get("build").expect("build");
        let context = root().join("deploy").join(text(&build["context"]));
        assert!(context.join(text(&build["dockerfile"])).is_file(), "{name}");
    }
}

#[test]
fn the_settings_of_deploy_are_accepted_and_join_the_servers_of_compose() {
    let file = Some(root().join("deploy/ringfold.toml"));
    let settings = Settings::load(&Sources { file, ..Sources::default() });
    let settings = settings.unwrap_or_else(|faults| panic!("{faults:#?}"));
    assert_eq!(settings.warnings, Vec::<String>::new());
    let services = services();
    let addresses = settings.kafka.brokers.iter().chain(&settings.cql.nodes);
    for address in addresses {
        let host = address.split(':').next().unwrap();
        assert!(services.contains_key(host), "{address} is no service of compose");
    }
    assert!(settings.http.listen.ip().is_unspecified(), "published ports come from outside");
}

/// Runs the built binary; panics with what it said if it fails.
fn ringfold(arguments: &[String]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringfold"));
    let output = command.args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "ringfold {}: {said}", arguments.join(" "));
    assert_eq!(said, "", "ringfold {}", arguments.join(" "));
}

#[test]
fn check_config_accepts_the_settings_of_deploy() {
    let config = root().join("deploy/ringfold.toml").display().to_string();
    ringfold(&["check-config".to_owned(), "--config".to_owned(), config]);
}

#[test]
fn the_commands_of_deploy_are_commands_of_the_binary() {
    let services = services();
    let built = services.values().filter(|service| service.get("build").is_some());
    let mut commands: Vec<_> = built.map(|service| words(service.get("command"))).collect();
    let start = service_keys()["ExecStart"].concat();
    commands.push(start.split_whitespace().skip(1).map(str::to_owned).collect());
    assert_eq!(commands.len(), 4);
    for mut command in commands {
        // Arguments are read in order: whatever stands before this one must be known.
        command.push("--help".to_owned());
        ringfold(&command);
    }
}

#[test]
fn compose_creates_every_topic_that_the_settings_name() {
    let settings: toml_edit::DocumentMut = read("deploy/ringfold.toml").parse().unwrap();
    let script = read("deploy/kafka/create-topics.sh");
    let pages = read("deploy/kafka/topics.md");
    let topics = settings["kafka"]["topics"].as_table().unwrap();
    assert_eq!(topics.len(), 3);
    for (setting, topic) in topics {
        let topic = topic.as_str().unwrap();
        let short = topic.strip_prefix("ringfold.").expect("the script's prefix");
        assert!(script.contains(&format!("\ncreate {short} ")), "{topic} is not created");
        let row = format!("| `{topic}`");
        let setting = format!("`kafka.topics.{setting}`");
        assert!(
            pages.lines().any(|line| line.starts_with(&row) && line.contains(&setting)),
            "topics.md does not tell about {topic}"
        );
    }
}

// ---- the image ----------------------------------------------------------------------------------

/// Instructions of the Dockerfile, continuation lines joined.
fn instructions() -> Vec<(String, String)> {
    let file = read("deploy/docker/Dockerfile").replace("\\\n", " ");
    let lines = file.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines
        .map(|line| line.split_once(' ').unwrap_or((line, "")))
        .map(|(word, rest)| (word.to_owned(), rest.trim().to_owned()))
        .collect()
}

fn instruction(word: &str) -> String {
    let all = instructions();
    let (_, rest) = all.iter().rfind(|(w, _)| w == word).unwrap_or_else(|| panic!("no {word}"));
    rest.clone()
}

#[test]
fn the_image_has_two_pinned_stages_and_the_toolchain_of_the_crate() {
    let stages: Vec<_> = instructions().into_iter().filter(|(w, _)| w == "FROM").collect();
    assert_eq!(stages.len(), 2);
    for (_, stage) in &stages {
        assert_pinned(stage.split_whitespace().next().unwrap());
    }
    let toolchain: toml_edit::DocumentMut = read("rust-toolchain.toml").parse().unwrap();
    let channel = toolchain["toolchain"]["channel"].as_str().unwrap();
    assert!(stages[0].1.starts_with(&format!("rust:{channel}-")), "{}", stages[0].1);
    assert!(stages[1].1.contains("/distroless/"), "{}", stages[1].1);
    assert!(instruction("COPY").contains("--from=build"));
    let builds = instructions().iter().any(|(_, rest)| rest.contains("build --release --locked"));
    assert!(builds, "the lock file counts");
}

#[test]
fn the_image_is_no_root_and_stops_by_sigterm() {
    let user = instruction("USER");
    let id: u32 =
        user.split(':').next().unwrap().parse().expect("a number, to be checked by others");
    assert_ne!(id, 0);
    assert_eq!(instruction("STOPSIGNAL"), "SIGTERM");
    assert_eq!(instruction("ENTRYPOINT"), r#"["/usr/local/bin/ringfold"]"#);
    assert_eq!(instruction("CMD"), r#"["run"]"#);
}

#[test]
fn the_image_is_built_from_what_the_crate_reads() {
    let ignore = read(".dockerignore");
    let kept: Vec<_> = ignore.lines().filter_map(|line| line.strip_prefix('!')).collect();
    for path in ["Cargo.toml", "Cargo.lock", "src", "LICENSE"] {
        assert!(kept.contains(&path), "{path}");
    }
    let mut outside = BTreeSet::new();
    included_files(&root().join("src"), &mut outside);
    for path in outside {
        assert!(kept.iter().any(|k| path.starts_with(k)), "src/ includes {}", path.display());
    }
}

/// Files outside of `src/` that a source file takes in at compile time.
fn included_files(folder: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            included_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let source = std::fs::read_to_string(&path).unwrap();
            for rest in source.split("include_").skip(1) {
                let named = rest.split('"').nth(1).unwrap_or_default().trim_start_matches('/');
                if let Ok(target) = path.parent().unwrap().join(named).canonicalize() {
                    let target = target.strip_prefix(root().canonicalize().unwrap()).unwrap();
                    found.insert(target.to_owned());
                }
            }
        }
    }
    found.retain(|path| !path.starts_with("src"));
}

// ---- the unit -----------------------------------------------------------------------------------

/// Keys of the unit's `[Service]` section; a key that stands twice keeps both values.
fn service_keys() -> BTreeMap<String, Vec<String>> {
    let unit = read("deploy/systemd/ringfold.service");
    let mut keys: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in between(&unit, "[Service]", "[Install]").lines() {
        if let Some((key, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) {
            keys.entry(key.to_owned()).or_default().push(value.to_owned());
        }
    }
    keys
}

#[test]
fn the_unit_notifies_watches_and_gives_the_stop_its_time() {
    let keys = service_keys();
    let only = |key: &str| keys.get(key).map_or("", |values| values[0].as_str());
    assert_eq!(only("Type"), "notify");
    assert!(seconds(only("WatchdogSec")) > 10, "a loop may tick every ten seconds");
    assert!(seconds(only("TimeoutStartSec")) > 60, "startup.deadline");
    assert!(seconds(only("TimeoutStopSec")) > 20, "stop.grace");
    assert_eq!(only("Restart"), "on-failure");
    assert_eq!(only("RestartPreventExitStatus"), "2 77 78");
    assert_eq!(only("KillSignal"), "SIGTERM");
    assert_eq!(only("ExecReload"), "/bin/kill -HUP $MAINPID", "SIGHUP reads tariff.files again");
    assert!(only("ExecStart").starts_with("/usr/local/bin/ringfold run --config /etc/ringfold/"));
}

#[test]
fn the_unit_may_do_nothing_that_ringfold_does_not_need() {
    let keys = service_keys();
    for key in [
        "NoNewPrivileges",
        "DynamicUser",
        "PrivateTmp",
        "PrivateDevices",
        "PrivateUsers",
        "ProtectHome",
        "ProtectClock",
        "ProtectControlGroups",
        "ProtectHostname",
        "ProtectKernelLogs",
        "ProtectKernelModules",
        "ProtectKernelTunables",
        "LockPersonality",
        "MemoryDenyWriteExecute",
        "RestrictNamespaces",
        "RestrictRealtime",
        "RestrictSUIDSGID",
    ] {
        assert_eq!(keys.get(key).map(|values| values[0].as_str()), Some("yes"), "{key}");
    }
    assert_eq!(keys["ProtectSystem"], ["strict"]);
    assert_eq!(keys["CapabilityBoundingSet"], [""]);
    assert_eq!(keys["SystemCallFilter"], ["@system-service", "~@privileged @resources"]);
}

fn seconds(text: &str) -> u32 {
    text.strip_suffix('s').and_then(|number| number.parse().ok()).expect("seconds")
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let rest = text.split_once(from).unwrap_or_else(|| panic!("no {from}")).1;
    rest.split_once(to).unwrap_or_else(|| panic!("no {to}")).0
}
