//! The built binary as a process of its own: settings in, ports out, signals, exit codes.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

pub const BINARY: &str = env!("CARGO_BIN_EXE_ringfold");
/// Nothing here takes longer; a test that waits so long has failed.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Nor does anything that is meant to take long.
pub const LONG: Duration = Duration::from_mins(8);

/// Waits until `done` gives something; fails with `what` after [`PATIENCE`].
pub fn wait_until<T>(what: &str, done: impl FnMut() -> Option<T>) -> T {
    wait(what, PATIENCE, done)
}

/// The same for what takes minutes.
pub fn wait_long<T>(what: &str, done: impl FnMut() -> Option<T>) -> T {
    wait(what, LONG, done)
}

fn wait<T>(what: &str, patience: Duration, mut done: impl FnMut() -> Option<T>) -> T {
    #[allow(clippy::disallowed_methods, reason = "a test outside of any runtime")]
    let started = Instant::now();
    loop {
        if let Some(found) = done() {
            return found;
        }
        assert!(started.elapsed() < patience, "waited {patience:?} for: {what}");
        #[allow(clippy::disallowed_methods, reason = "polls with a deadline")]
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Settings of one test's processes.
#[derive(Clone, Debug)]
pub struct Setup {
    pub dir: PathBuf,
    pub settings: Vec<(String, String)>,
    /// A program that runs the binary, with its arguments; empty = none.
    pub within: Vec<String>,
    /// A settings file, below `settings`.
    pub file: Option<PathBuf>,
}

impl Setup {
    pub fn new(dir: &Path) -> Self {
        let tariff = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/events/tariff.toml");
        Self { dir: dir.to_owned(), settings: Vec::new(), within: Vec::new(), file: None }
            .with("data.dir", dir.join("data").to_str().unwrap())
            .with("tariff.files", tariff)
    }

    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.settings.push((key.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, key: &str) -> Self {
        self.settings.retain(|(known, _)| known != key);
        self
    }

    /// The binary with these settings and further arguments.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut words = self.within.iter().map(String::as_str).chain([BINARY]);
        let mut command = Command::new(words.next().unwrap());
        command.args(words).args(arguments).current_dir(&self.dir).stdin(Stdio::null());
        if let Some(file) = &self.file {
            command.arg("--config").arg(file);
        }
        for (key, value) in &self.settings {
            command.arg("--set").arg(format!("{key}={value}"));
        }
        command
    }

    /// Runs a command to its end; gives its standard output.
    pub fn output(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {:?}: {told}", output.status);
        String::from_utf8(output.stdout).unwrap()
    }

    /// Makes an API key with a grant.
    pub fn key(&self, project: &str, grant: &str) -> String {
        let made = self.output(&[
            "keys",
            "create",
            "--json",
            "--name",
            "test",
            "--project",
            project,
            "--allow",
            grant,
        ]);
        let made: Value = serde_json::from_str(made.trim()).unwrap();
        made["key"].as_str().unwrap().to_owned()
    }

    /// Makes a gateway key for all projects.
    pub fn gateway_key(&self) -> String {
        let name = ["--name", "gateway", "--gateway", "--all-projects"];
        let made = self.output(&[&["keys", "create", "--json"][..], &name].concat());
        let made: Value = serde_json::from_str(made.trim()).unwrap();
        made["key"].as_str().unwrap().to_owned()
    }

    /// Starts `run` and waits until it is ready.
    pub fn start(&self, name: &str) -> Process {
        let mut process = self.launch(name);
        process.wait_ready();
        process
    }

    /// Starts `run`.
    pub fn launch(&self, name: &str) -> Process {
        let (http, admin) = (free_port(), free_port());
        let log = std::fs::File::create(self.dir.join(format!("{name}.log"))).unwrap();
        let child = self
            .command(&["run"])
            .arg("--set")
            .arg(format!("http.listen=127.0.0.1:{http}"))
            .arg("--set")
            .arg(format!("admin.listen=127.0.0.1:{admin}"))
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        Process { child, http, admin, log: self.dir.join(format!("{name}.log")) }
    }
}

/// A running `ringfold run`.
#[derive(Debug)]
pub struct Process {
    child: Child,
    pub http: u16,
    pub admin: u16,
    log: PathBuf,
}

impl Process {
    pub fn wait_ready(&mut self) {
        wait_until(&format!("readiness; {}", self.log.display()), || {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "it ended instead of becoming ready: {ended:?}");
            self.is_ready().then_some(())
        });
    }

    pub fn is_ready(&self) -> bool {
        self.says_yes("ready")
    }

    pub fn is_live(&self) -> bool {
        self.says_yes("live")
    }

    fn says_yes(&self, probe: &str) -> bool {
        let url = format!("http://127.0.0.1:{}/status/{probe}", self.admin);
        reqwest::blocking::get(url).is_ok_and(|answer| answer.status().is_success())
    }

    /// Memory that it has now.
    pub fn resident_bytes(&self) -> u64 {
        let status = format!("/proc/{}/status", self.child.id());
        let text = std::fs::read_to_string(status).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap() * 1024
    }

    /// One metric's value, summed over its series.
    pub fn metric(&self, name: &str) -> f64 {
        self.metric_where(name, |_| true)
    }

    /// The same of the series whose labels are wanted.
    pub fn metric_where(&self, name: &str, is_wanted: impl Fn(&str) -> bool) -> f64 {
        let url = format!("http://127.0.0.1:{}/metrics", self.admin);
        let text = reqwest::blocking::get(url).unwrap().text().unwrap();
        text.lines()
            .filter(|line| line.starts_with(name) && line[name.len()..].starts_with([' ', '{']))
            .filter(|line| is_wanted(&line[name.len()..]))
            .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
            .fold(0.0, |sum, value| sum + value)
    }

    /// A POST with a JSON body and an API key.
    pub fn post(&self, path: &str, key: &str, body: &Value) -> (u16, Value) {
        self.post_as(path, key, "application/json", body.to_string())
    }

    pub fn post_as(&self, path: &str, key: &str, r#type: &str, body: String) -> (u16, Value) {
        let answer = reqwest::blocking::Client::new()
            .post(format!("http://127.0.0.1:{}{path}", self.http))
            .header("ApiKey", key)
            .header("content-type", r#type)
            .body(body)
            .send()
            .unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().unwrap()).unwrap_or(Value::Null))
    }

    /// A GET with an API key.
    pub fn get(&self, path: &str, key: &str) -> (u16, Value) {
        let answer = reqwest::blocking::Client::new()
            .get(format!("http://127.0.0.1:{}{path}", self.http))
            .header("ApiKey", key)
            .send()
            .unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().unwrap()).unwrap_or(Value::Null))
    }

    /// The total of a list. A store that is coming back is asked again.
    pub fn count(&self, key: &str) -> u64 {
        wait_until("a count", || {
            let (status, answer) = self.post("/api/incoming-call-log-item/count", key, &json!({}));
            assert!(status == 200 || status == 503, "{status} {answer}");
            answer["count"].as_u64()
        })
    }

    /// All items with every column but relations, oldest first.
    pub fn items(&self, key: &str) -> Vec<Value> {
        self.items_of(key, &json!({}))
    }

    /// The same of those that a query names.
    pub fn items_of(&self, key: &str, query: &Value) -> Vec<Value> {
        let mut items = Vec::new();
        loop {
            let path =
                format!("/api/incoming-call-log-item/get-list?limit=100&skip={}", items.len());
            let sort = json!({ "createdAt": 1 });
            let body = json!({ "select": every_column(), "sort": sort, "query": query });
            let (status, answer) = self.post(&path, key, &body);
            assert_eq!(status, 200, "{answer}");
            let page = answer["data"].as_array().unwrap().clone();
            if page.is_empty() {
                assert_eq!(answer["count"].as_u64().unwrap(), items.len() as u64);
                return items;
            }
            items.extend(page);
        }
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and the exit.
    pub fn stop(mut self) -> ExitStatus {
        self.signal("TERM");
        wait_until("the stop", || self.child.try_wait().unwrap())
    }

    /// Its number among the processes.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Where it writes its log.
    pub fn log_path(&self) -> PathBuf {
        self.log.clone()
    }

    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status().unwrap();
        assert!(sent.success());
    }

    /// What it has written to its log.
    pub fn told(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let told = self.told();
            let last: Vec<&str> = told.lines().rev().take(30).collect();
            let log: Vec<&str> = last.into_iter().rev().collect();
            #[expect(clippy::print_stderr, reason = "a failed test shows what the process said")]
            {
                eprintln!("{}:\n{}", self.log.display(), log.join("\n"));
            }
        }
        // A test that failed leaves nothing running.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A select of every column that is no relation.
pub fn every_column() -> Value {
    json!({
        "createdAt": true, "updatedAt": true, "projectId": true, "incomingCallLogId": true,
        "incomingCallPolicyEscalationRuleId": true, "userId": true, "userPhoneNumber": true,
        "status": true, "statusMessage": true, "dialDurationInSeconds": true,
        "callCostInUSDCents": true, "startedAt": true, "endedAt": true, "isAnswered": true
    })
}
