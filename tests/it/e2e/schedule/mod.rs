//! Process faults on a real broker and a real store, drawn from a seed. Every round has its own
//! topics, keyspace and workers; while faults strike, gateways send and clients read, edit, delete,
//! list and count. At the end the rows are those of an independent fold, and of a clean run.
//!
//! `RINGFOLD_FAULTS` says how many faults (none without it), `RINGFOLD_FAULTS_SEED` where they come
//! from (1). The seed is printed; logs of a round that failed stay in `target/faults`.

mod checks;
mod clients;
mod fleet;
mod load;
mod oracle;
mod plan;
mod strike;
mod words;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::broker::Broker;
use crate::support::engines;
use crate::support::process::Setup;
use crate::support::tcp::Line;

use super::faults::engines_are_ours;
use checks::{Produced, differences, digest, exported, letters, produced, rows};
use clients::{Client, History, Known};
use fleet::Fleet;
use load::Gateways;
use plan::{Round, rounds};
use strike::{PATIENCE, Scene, part_of};

/// Calls of a round for each of its faults; a call makes about eight events.
const CALLS: u64 = 250;

#[expect(clippy::print_stderr, reason = "the seed and the figures of a schedule")]
fn say(line: &str) {
    eprintln!("{line}");
}

fn number(variable: &str, default: u64) -> u64 {
    #[expect(clippy::disallowed_methods, reason = "tests are told by the environment")]
    let given = std::env::var(variable).ok();
    given.map_or(default, |text| text.parse().unwrap())
}

#[test]
fn faults_of_a_schedule_lose_nothing_invent_nothing_and_double_nothing() {
    let (Some(kafka), Some(cql)) = (engines::kafka_address(), engines::cql_address()) else {
        return;
    };
    if !engines_are_ours() {
        return;
    }
    let (seed, count) = (number("RINGFOLD_FAULTS_SEED", 1), number("RINGFOLD_FAULTS", 0));
    if count == 0 {
        say("skipped: process faults by a schedule: RINGFOLD_FAULTS says how many");
        return;
    }
    say(&format!("RINGFOLD_FAULTS_SEED={seed} RINGFOLD_FAULTS={count}"));
    for (number, round) in rounds(seed, usize::try_from(count).unwrap()).into_iter().enumerate() {
        let dir =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("target/faults/{seed}-{number}"));
        drop(std::fs::remove_dir_all(&dir));
        std::fs::create_dir_all(&dir).unwrap();
        say(&format!(
            "round {number}: {} workers, {} log partitions, batches of {}",
            round.workers, round.partitions, round.batch_rows
        ));
        World::new((&kafka, &cql), &round, &dir).run();
        drop(std::fs::remove_dir_all(&dir));
    }
}

/// One round.
struct World<'a> {
    round: &'a Round,
    dir: PathBuf,
    broker: Broker,
    setup: Setup,
    store: SocketAddr,
    /// Everybody but the gateways reaches the broker through it.
    to_broker: Line,
}

impl<'a> World<'a> {
    fn new((kafka, cql): (&str, &str), round: &'a Round, dir: &Path) -> Self {
        let broker = Broker::new(kafka, "faults", round.partitions);
        let setup = broker
            .setup(Setup::new(dir))
            .with("store.kind", "cql")
            .with("cql.nodes", cql)
            .with("cql.dialect", "cassandra")
            .with("http.rate.per_key", "off")
            .with("ingest.budget.bytes", "16MiB")
            .with("ingest.cache.bytes", "32MiB")
            .with("startup.deadline", "5m")
            .with("ingest.batch.rows", &round.batch_rows.to_string());
        // The broker's listener for a proxy, and where it sends clients that came there.
        let kafka: SocketAddr = kafka.parse().unwrap();
        let beside = |by: u16| SocketAddr::new(kafka.ip(), kafka.port() + by);
        let to_broker = Line::new(beside(3), beside(2));
        let brokers = to_broker.address.to_string();
        let setup = setup.without("kafka.brokers").with("kafka.brokers", &brokers);
        let store = cql.parse().unwrap();
        Self { round, dir: dir.to_owned(), broker, setup, store, to_broker }
    }

    /// Settings with a keyspace of their own.
    fn keyspace(&self) -> Setup {
        let name = format!("rf_faults_{}", crate::support::process::free_port());
        let setup = self.setup.clone().with("cql.keyspace", &name);
        setup.output(&["schema", "apply", "--create-keyspace", "--replication", "1"]);
        setup
    }

    fn run(&self) {
        let calls = CALLS * self.round.faults.len() as u64;
        let (records, bad) = load::records(self.round.seed, calls);
        let setup = self.keyspace();
        let mut fleet = Fleet::new(&setup, self.store);
        for _ in 0..self.round.workers {
            fleet.add("ingest,api");
        }
        let api = fleet.add("api");
        fleet.until("ready workers", PATIENCE, |fleet| {
            (0..fleet.workers.len()).all(|place| fleet.is_ready(place)).then_some(())
        });
        let mut projects: Vec<String> = records.iter().filter_map(project_of).collect();
        projects.sort_unstable();
        projects.dedup();
        let clients: Vec<_> = (1..)
            .zip(projects.iter().take(2))
            .map(|(name, project)| {
                Client::new(name, setup.key(project, "ProjectAdmin"), &fleet.ports).start()
            })
            .collect();
        let part = part_of(&records, self.round);
        let gateways = Gateways::start(&self.broker, records);
        let (broker, to_broker, round) = (&self.broker, &self.to_broker, self.round);
        let mut scene = Scene { fleet: &mut fleet, broker, to_broker, round, api };
        for (number, fault) in self.round.faults.iter().enumerate() {
            gateways.allow(part * (number + 1));
            scene.progress(part as u64 * fault.moment / 100 + 1);
            say(&format!("  {fault}"));
            scene.strike(fault);
        }
        let count = gateways.finish();
        let (mut told, mut violations) = self.settle(&mut fleet, clients);
        let produced = produced(&self.broker);
        assert!(produced.records >= count, "{} of {count} records are there", produced.records);
        assert_eq!(produced.unreadable.len(), bad, "unreadable records in the log");
        let found = exported(&setup, &projects, &self.dir.join("found.ndjson"));
        violations.extend(rows(&found, &produced.oracle, &mut told));
        violations.extend(letters(&self.broker, &setup, &produced));
        tell(&fleet, &produced, found.len());
        violations.extend(self.clean_run(&produced, (&projects, &found), &told));
        let shown: Vec<_> = violations.iter().take(10).map(String::as_str).collect();
        assert!(violations.is_empty(), "{} violations:\n{}", violations.len(), shown.join("\n"));
    }

    /// Everything is folded, clients are heard, and the workers leave cleanly.
    fn settle(
        &self,
        fleet: &mut Fleet,
        clients: Vec<clients::Running>,
    ) -> (BTreeMap<String, Known>, Vec<String>) {
        let (broker, partitions) = (&self.broker, self.round.partitions);
        fleet.until("the end of the log", PATIENCE, |_| {
            let committed = broker.committed_of(&broker.dials, partitions)?;
            (Some(committed) == filled(broker)).then_some(())
        });
        let histories: Vec<History> = clients.into_iter().map(clients::Running::finish).collect();
        for place in fleet.awake() {
            fleet.stop(place);
        }
        let committed = broker.committed_of(&broker.dials, partitions);
        assert_eq!(committed, filled(broker), "committed after the stop");
        let mut violations = std::mem::take(&mut fleet.violations);
        let mut told = BTreeMap::new();
        for history in histories {
            say(&format!(
                "  a client: {} edits, {} deletions, {} reads, {} lists counted, {} failures",
                history.edits, history.deletions, history.reads, history.counts, history.failures
            ));
            violations.extend(history.violations);
            told.extend(history.items);
        }
        (told, violations)
    }

    /// O2: one worker that nothing happens to makes the same of the same log.
    fn clean_run(
        &self,
        produced: &Produced,
        (projects, found): (&[String], &BTreeMap<String, Value>),
        told: &BTreeMap<String, Known>,
    ) -> Vec<String> {
        let group = format!("{}.clean", self.broker.dials);
        let setup = self.keyspace().with("kafka.group", &group).with("ingest.batch.rows", "50");
        let mut fleet = Fleet::new(&setup, self.store);
        fleet.add("ingest,api");
        fleet.until("the clean run", PATIENCE, |_| {
            let committed = self.broker.committed_of(&group, self.round.partitions)?;
            (Some(committed) == filled(&self.broker)).then_some(())
        });
        fleet.stop(0);
        assert_eq!(fleet.polled(), produced.records as u64, "a clean run reads everything once");
        let mut clean = exported(&setup, projects, &self.dir.join("clean.ndjson"));
        let mut found = found.clone();
        // What clients wrote is no part of the log.
        for (id, known) in told {
            let is_touched = known.acknowledged.is_some()
                || !known.unknown.is_empty()
                || known.deletion != clients::Deletion::None;
            if is_touched {
                found.remove(id);
                clean.remove(id);
            }
        }
        let mut wrong = differences(&found, &clean);
        if digest(found.values()) != digest(clean.values()) {
            wrong.push("another hash than that of the clean run".to_owned());
        }
        wrong
    }
}

/// The figures of a round.
fn tell(fleet: &Fleet, produced: &Produced, rows: usize) {
    let again = fleet.polled().saturating_sub(produced.records as u64);
    let permille = again * 1_000 / produced.records as u64;
    say(&format!(
        "  {} records, {} unreadable, {rows} rows; {again} read again ({}.{} %); at most {} MiB and \
         {} descriptors",
        produced.records,
        produced.unreadable.len(),
        permille / 10,
        permille % 10,
        fleet.peak.resident >> 20,
        fleet.peak.descriptors,
    ));
}

/// What is committed once everything is: the ends, and nothing where nothing ever was.
fn filled(broker: &Broker) -> Option<Vec<i64>> {
    let ends = broker.ends(&broker.dials)?;
    Some(ends.into_iter().map(|end| if end == 0 { -1 } else { end }).collect())
}

fn project_of(record: &ringfold::ports::log::NewRecord) -> Option<String> {
    let data: Value = serde_json::from_slice(&record.value).ok()?;
    data["projectId"].as_str().filter(|id| uuid::Uuid::parse_str(id).is_ok()).map(str::to_owned)
}

/// The oracle itself: it agrees with the command that folds, on everything that gateways say.
#[test]
fn the_independent_fold_agrees_with_the_command() {
    let dir = tempfile::tempdir().unwrap();
    let setup = Setup::new(dir.path());
    let (records, _) = load::records(5, 1_500);
    let mut oracle = oracle::Oracle::default();
    let mut lines = String::new();
    for record in &records {
        let header = |name: &str| {
            let found = record.headers.iter().find(|(header, _)| header == name);
            found.map_or("", |(_, value)| std::str::from_utf8(value).unwrap())
        };
        let (kind, time) = (header("ce_type"), header("ce_time"));
        if oracle.read(kind, time, &record.value).is_ok() {
            let data: Value = serde_json::from_slice(&record.value).unwrap();
            let event = serde_json::json!({
                "specversion": "1.0", "id": "1", "source": "/g", "type": kind, "time": time,
                "data": data,
            });
            lines.extend([event.to_string(), "\n".to_owned()]);
        }
    }
    let file = dir.path().join("events.ndjson");
    std::fs::write(&file, lines).unwrap();
    let printed = setup.output(&["fold", file.to_str().unwrap()]);
    let items = printed.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let found: BTreeMap<_, _> = items
        .filter_map(|line| line.get("item").cloned())
        .map(|item| (item["_id"].as_str().unwrap().to_owned(), item))
        .collect();
    let wrong = differences(&found, &oracle.items());
    assert!(found.len() > 2_000, "{} items", found.len());
    assert!(wrong.is_empty(), "{} of {}: {}", wrong.len(), found.len(), wrong[0]);
    assert_eq!(oracle.projects().len(), 3);
}
