//! The workers of a round, and the eye on them: while the schedule waits for anything, every process
//! is asked how it is. What it must never say is kept as a violation.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use reqwest::blocking::Client;
use serde_json::Value;

use crate::support::process::{Process, Setup};
use crate::support::tcp::Line;

/// Bytes a worker may have: budget and cache as set, the clients' buffers, code.
const RSS_MAX: u64 = 320 << 20;
const DESCRIPTORS_MAX: usize = 256;
/// Between two looks at one process.
const LOOK: Duration = Duration::from_millis(250);
/// A process that runs and answers no probe for so long is not alive.
const SILENCE_MAX: Duration = Duration::from_secs(40);

/// A worker through all its lives.
pub struct Worker {
    name: String,
    setup: Setup,
    life: u32,
    process: Option<Process>,
    /// It reaches the store through it.
    pub to_store: Line,
    is_hanging: bool,
    /// It has answered since it was started or woken: from now on it must.
    has_answered: bool,
    silent_since: Option<Instant>,
    /// Records it had polled when it was asked last.
    polled: u64,
}

/// All of them.
pub struct Fleet {
    pub workers: Vec<Worker>,
    /// Where the API can be reached, or could a moment ago.
    pub ports: Arc<ArcSwap<Vec<u16>>>,
    pub violations: Vec<String>,
    pub peak: Peak,
    setup: Setup,
    store: SocketAddr,
    client: Client,
    looked: Instant,
    /// Polled by processes that are gone.
    polled_before: u64,
}

/// The most that any process had.
#[derive(Clone, Copy, Debug, Default)]
pub struct Peak {
    pub resident: u64,
    pub descriptors: usize,
}

#[allow(clippy::disallowed_methods, reason = "a test outside of any runtime")]
pub fn now() -> Instant {
    Instant::now()
}

impl Fleet {
    /// None yet. The store is at this address.
    pub fn new(setup: &Setup, store: SocketAddr) -> Self {
        let client = Client::builder().timeout(Duration::from_secs(2)).build().unwrap();
        Self {
            workers: Vec::new(),
            ports: Arc::default(),
            violations: Vec::new(),
            peak: Peak::default(),
            setup: setup.clone(),
            store,
            client,
            looked: now(),
            polled_before: 0,
        }
    }

    /// One more process; `roles` is what it does.
    pub fn add(&mut self, roles: &str) -> usize {
        let name = format!("{}{}", roles.replace(',', "-"), self.workers.len());
        let to_store = Line::new(SocketAddr::from(([127, 0, 0, 1], 0)), self.store);
        let nodes = to_store.address.to_string();
        let setup = self.setup.clone().with("roles", roles).without("cql.nodes");
        let setup = setup.with("cql.nodes", &nodes);
        self.workers.push(Worker {
            name,
            setup,
            life: 0,
            process: None,
            to_store,
            is_hanging: false,
            has_answered: false,
            silent_since: None,
            polled: 0,
        });
        let place = self.workers.len() - 1;
        self.launch(place);
        place
    }

    pub fn launch(&mut self, place: usize) {
        let worker = &mut self.workers[place];
        worker.life += 1;
        worker.process = Some(worker.setup.launch(&format!("{}-{}", worker.name, worker.life)));
        (worker.is_hanging, worker.has_answered) = (false, false);
        self.tell_ports();
    }

    /// Waits until `done` gives something, and looks at everybody meanwhile.
    pub fn until<T>(
        &mut self,
        what: &str,
        patience: Duration,
        mut done: impl FnMut(&mut Self) -> Option<T>,
    ) -> T {
        let started = now();
        loop {
            self.look();
            if let Some(found) = done(self) {
                return found;
            }
            let states: Vec<_> = self.workers.iter().map(Worker::state).collect();
            assert!(started.elapsed() < patience, "waited {patience:?} for {what}: {states:?}");
            #[allow(clippy::disallowed_methods, reason = "polls with a deadline")]
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Lets so much time go by.
    pub fn pass(&mut self, time: Duration) {
        let started = now();
        self.until("time", Duration::MAX, |_| (started.elapsed() >= time).then_some(()));
    }

    /// SIGKILL.
    pub fn kill(&mut self, place: usize) {
        self.ask(place);
        let worker = &mut self.workers[place];
        self.polled_before += std::mem::take(&mut worker.polled);
        worker.process.take().unwrap().kill();
    }

    /// SIGTERM, which must end it in peace.
    pub fn stop(&mut self, place: usize) {
        let worker = &mut self.workers[place];
        let process = worker.process.take().unwrap();
        worker.polled = 0;
        let log = process.log_path();
        let status = process.stop();
        self.polled_before += polled_in_all(&log);
        if !status.success() {
            self.violations.push(format!("{}: {status} after SIGTERM", log.display()));
        }
        self.tell_ports();
    }

    /// SIGSTOP or SIGCONT.
    pub fn hang(&mut self, place: usize, signal: &str) {
        let worker = &mut self.workers[place];
        worker.process.as_ref().unwrap().signal(signal);
        worker.is_hanging = signal == "STOP";
        (worker.has_answered, worker.silent_since) = (false, None);
    }

    /// Places of the processes that run and do not sleep.
    pub fn awake(&self) -> Vec<usize> {
        let is_awake = |worker: &Worker| worker.process.is_some() && !worker.is_hanging;
        (0..self.workers.len()).filter(|place| is_awake(&self.workers[*place])).collect()
    }

    /// The awake ones that fold.
    pub fn folding(&self) -> Vec<usize> {
        let folds = |place: &usize| self.workers[*place].name.contains("ingest");
        self.awake().into_iter().filter(folds).collect()
    }

    pub fn is_ready(&self, place: usize) -> bool {
        self.workers[place].process.as_ref().is_some_and(Process::is_ready)
    }

    /// Records read from the log by all processes that ever were, as far as they were asked.
    pub fn polled(&self) -> u64 {
        self.polled_before + self.workers.iter().map(|worker| worker.polled).sum::<u64>()
    }

    fn tell_ports(&self) {
        let processes = self.workers.iter().filter_map(|worker| worker.process.as_ref());
        self.ports.store(Arc::new(processes.map(|process| process.http).collect()));
    }

    fn look(&mut self) {
        if self.looked.elapsed() < LOOK {
            return;
        }
        for place in self.awake() {
            self.ask(place);
        }
        self.looked = now();
    }

    /// Asks one process how it is.
    fn ask(&mut self, place: usize) {
        let worker = &mut self.workers[place];
        let Some(process) = &mut worker.process else { return };
        if worker.is_hanging {
            return;
        }
        if let Some(status) = process.ended() {
            self.violations.push(format!("{} ended by itself: {status}", worker.name));
            worker.process = None;
            self.launch(place);
            return;
        }
        let admin = format!("http://127.0.0.1:{}", process.admin);
        let get = |path: &str| {
            let answer = self.client.get(format!("{admin}{path}")).send().ok()?;
            Some((answer.status().as_u16(), answer.text().ok()?))
        };
        let Some((live, why)) = get("/status/live") else {
            let since = *worker.silent_since.get_or_insert_with(now);
            if worker.has_answered && since.elapsed() > SILENCE_MAX {
                self.violations.push(format!("{} answers no probe", worker.name));
                worker.silent_since = None;
            }
            return;
        };
        worker.silent_since = None;
        if live == 200 {
            worker.has_answered = true;
        } else if worker.has_answered {
            self.violations.push(format!("{} is not alive: {why}", worker.name));
        }
        let pid = process.pid();
        let Some((200, metrics)) = get("/metrics") else { return };
        worker.polled = total(&metrics, "ringfold_records_polled_total");
        let promises = broken_promises(&metrics);
        self.violations
            .extend(promises.map(|what| format!("{}: {what}", self.workers[place].name)));
        self.weigh(place, pid);
    }

    fn weigh(&mut self, place: usize, pid: u32) {
        let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count);
        let resident = resident_bytes(pid);
        self.peak.resident = self.peak.resident.max(resident);
        self.peak.descriptors = self.peak.descriptors.max(descriptors);
        let name = &self.workers[place].name;
        if resident > RSS_MAX {
            self.violations.push(format!("{name} has {} MiB", resident >> 20));
        }
        if descriptors > DESCRIPTORS_MAX {
            self.violations.push(format!("{name} has {descriptors} descriptors"));
        }
    }
}

impl Worker {
    fn state(&self) -> (&str, u32, &'static str) {
        let state = match (&self.process, self.is_hanging) {
            (None, _) => "gone",
            (Some(_), true) => "sleeps",
            (Some(process), false) if process.is_ready() => "ready",
            (Some(_), false) => "not ready",
        };
        (&self.name, self.life, state)
    }
}

fn resident_bytes(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let kib = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    kib.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok())
        .map_or(0, |kib| kib << 10)
}

/// Label set and value of every series of a metric.
fn series<'m>(metrics: &'m str, name: &'m str) -> impl Iterator<Item = (&'m str, u64)> {
    metrics.lines().filter_map(move |line| {
        let rest = line.strip_prefix(name)?;
        let (labels, value) = rest.rsplit_once(' ')?;
        let is_this = labels.is_empty() || labels.starts_with('{');
        // Counts: whole numbers, however they are written.
        let whole = value.split_once('.').map_or(value, |(whole, _)| whole);
        is_this.then_some((labels, whole.parse().ok()?))
    })
}

fn total(metrics: &str, name: &str) -> u64 {
    series(metrics, name).map(|(_, value)| value).sum()
}

/// Counted violations, and log partitions whose committed offset lies beyond the frontier.
fn broken_promises(metrics: &str) -> impl Iterator<Item = String> {
    let count = |(labels, by): (&str, u64)| (by > 0).then(|| format!("violated {labels}: {by}"));
    let counted: Vec<_> =
        series(metrics, "ringfold_invariant_violations_total").filter_map(count).collect();
    let frontiers: BTreeMap<_, _> = series(metrics, "ringfold_log_frontier_offset").collect();
    let ahead: Vec<_> = series(metrics, "ringfold_log_committed_offset")
        .filter(|(part, committed)| frontiers.get(part).is_some_and(|front| front < committed))
        .map(|(part, committed)| format!("{committed} committed of {part}: {frontiers:?}"))
        .collect();
    counted.into_iter().chain(ahead)
}

/// Records that a process had read from the log when it left it cleanly, as it says itself.
fn polled_in_all(log: &Path) -> u64 {
    let told = std::fs::read_to_string(log).unwrap();
    let lines = told.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut left = lines.filter(|line| {
        line["message"].as_str().is_some_and(|message| message.starts_with("left the log"))
    });
    left.next().and_then(|line| line["records"].as_u64()).unwrap_or(0)
}
