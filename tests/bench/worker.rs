//! The built binary catching up, as an operator runs it.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::measure::{Figures, cpu_of, store_cpu};

const BINARY: &str = env!("CARGO_BIN_EXE_ringfold");

/// A running worker and where it listens.
pub struct Worker {
    child: Child,
    pub http: u16,
    pub admin: u16,
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Settings of a worker on a topic and a fresh keyspace.
pub fn settings(kafka: &str, cql: &str, topic: &str, keyspace: &str) -> Vec<String> {
    [
        ("log.kind", "kafka"),
        ("store.kind", "cql"),
        ("cql.dialect", "cassandra"),
        ("kafka.brokers", kafka),
        ("kafka.group", keyspace),
        ("kafka.topics.dials", topic),
        ("kafka.topics.references", &format!("{topic}.references")),
        ("kafka.topics.dead_letters", &format!("{topic}.dead")),
        ("cql.nodes", cql),
        ("cql.keyspace", keyspace),
        ("telemetry.log.level", "warn"),
    ]
    .iter()
    .flat_map(|(key, value)| ["--set".to_owned(), format!("{key}={value}")])
    .collect()
}

/// Runs a command of the binary to its end; gives what it printed.
pub fn command(settings: &[String], arguments: &[&str]) -> String {
    let output = Command::new(BINARY).args(arguments).args(settings).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {told}");
    String::from_utf8(output.stdout).unwrap()
}

impl Worker {
    pub fn start(settings: &[String]) -> Self {
        let (http, admin) = (free_port(), free_port());
        let child = Command::new(BINARY)
            .arg("run")
            .args(settings)
            .args(["--set", &format!("http.listen=127.0.0.1:{http}")])
            .args(["--set", &format!("admin.listen=127.0.0.1:{admin}")])
            .args(["--set", "http.rate.per_key=off"])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, http, admin }
    }

    pub fn cpu(&self) -> Duration {
        cpu_of(self.child.id())
    }

    /// One metric, summed over its series; 0 while the process does not answer.
    pub fn metric(&self, name: &str) -> f64 {
        let url = format!("http://127.0.0.1:{}/metrics", self.admin);
        let text = reqwest::blocking::get(url).and_then(reqwest::blocking::Response::text);
        text.unwrap_or_default()
            .lines()
            .filter(|line| line.starts_with(name) && line[name.len()..].starts_with([' ', '{']))
            .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
            .sum()
    }

    fn peak_rss_mib(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmHWM"));
        let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
        kib.unwrap_or(0) / 1024
    }
}

/// From the first record polled until everything is durable.
pub fn catch_up(kafka: &str, cql: &str, topic: &str, events: u64) -> Figures {
    let keyspace = format!("rf_bench_{}", std::process::id());
    let settings = settings(kafka, cql, topic, &keyspace);
    command(&settings, &["schema", "apply", "--create-keyspace", "--replication", "1"]);
    let worker = Worker::start(&settings);
    while worker.metric("ringfold_records_polled_total") == 0.0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let (began, own, store) = (Instant::now(), worker.cpu(), store_cpu());
    // Frontiers count offsets, so every event is below them once all is durable.
    while worker.metric("ringfold_log_frontier_offset") < events as f64 {
        std::thread::sleep(Duration::from_millis(20));
    }
    let took = began.elapsed();
    let own_cpu = worker.cpu().saturating_sub(own);
    let store_cpu = store_cpu().zip(store).map(|(now, before)| now.saturating_sub(before));
    let started = worker.metric("ringfold_events_folded_total{kind=\"dial.started\"}");
    let rows = worker.metric("ringfold_rows_written_total");
    let requests = worker.metric("ringfold_write_rows_count");
    let loads = worker.metric("ringfold_store_loads_total");
    let locators = worker.metric("ringfold_locators_written_total");
    let more = format!(
        "rows/dial {:.3} requests/dial {:.4} loads {loads} locators {locators} marks 0, \
         {started} dials, peak RSS {} MiB",
        rows / started.max(1.0),
        requests / started.max(1.0),
        worker.peak_rss_mib(),
    );
    Figures { events, took, own_cpu, store_cpu, more }
}
