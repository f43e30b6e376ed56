//! The local store on a disk that fills up, fails or takes no writes, and under kills in the middle of
//! requests: what was accepted is there, and what is not taken is refused.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use serde_json::{Value, json};

use crate::support::process::{Process, Setup, wait_until};

const PROJECT: &str = "3f2b8c1e-5d74-4a0b-9c1d-7e6f5a4b3c2d";
const CALL: &str = "674fd5fc-17ad-4cdb-9147-de680889f000";
const EVENTS: &str = "application/cloudevents-batch+json";
const START_MS: i64 = 1_774_872_000_000;

fn time(ms: i64) -> String {
    ringfold::value::Micros::from_ms(ms).to_string()
}

/// Starts of so many dials from a number on, in one request.
fn starts(first: i64, count: i64) -> String {
    let event = |number: i64| {
        let start = time(START_MS + number * 10);
        json!({
            "specversion": "1.0", "id": number.to_string(), "source": "/gateways/twilio/us1/b",
            "type": "ringfold.dial.started.v1", "time": start,
            "data": {
                "projectId": PROJECT, "incomingCallLogId": CALL, "dialId": format!("d-{number}"),
                "startedAt": start,
            },
        })
    };
    Value::from((first..first + count).map(event).collect::<Vec<_>>()).to_string()
}

fn status(process: &Process, key: &str, body: String) -> u16 {
    process.post_as("/events", key, EVENTS, body).0
}

/// A small file system that only the processes in its namespace and this test see. It ends with the
/// process that holds it.
struct Disk {
    holder: Child,
    dir: PathBuf,
}

impl Disk {
    /// So many MiB; `None` where a user may not make one, and that was said.
    fn new(dir: &Path, mib: u32) -> Option<Self> {
        let script = format!("mount -t tmpfs -o size={mib}m none \"$0\" && echo there && exec cat");
        let mut holder = Command::new("unshare")
            .args(["-rm", "sh", "-c", &script])
            .arg(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let mut told = String::new();
        let read = BufReader::new(holder.stdout.take().unwrap()).read_line(&mut told);
        if read.is_err() || told.trim() != "there" {
            drop(holder.wait());
            #[expect(clippy::print_stderr, reason = "a test that does nothing says so")]
            {
                eprintln!("skipped: no file system of one's own (unshare -rm)");
            }
            return None;
        }
        Some(Self { holder, dir: dir.to_owned() })
    }

    /// What runs in there.
    fn setup(&self) -> Setup {
        let mut setup = Setup::new(&self.dir);
        let holder = self.holder.id().to_string();
        let words = ["nsenter", "--target", &holder, "--user", "--mount", "--preserve-credentials"];
        setup.within = words.map(str::to_owned).to_vec();
        setup
    }

    /// A path on it, as it is seen from here.
    fn seen(&self, name: &str) -> PathBuf {
        let inside = self.dir.strip_prefix("/").unwrap();
        Path::new("/proc").join(self.holder.id().to_string()).join("root").join(inside).join(name)
    }

    /// Somebody else takes all the space there is.
    fn fill(&self) {
        let mut filler = std::fs::File::create(self.seen("filler")).unwrap();
        let block = vec![7; 1 << 20];
        for size in [1 << 20, 1 << 12, 1] {
            while filler.write_all(&block[..size]).is_ok() {}
        }
    }

    fn free(&self) {
        std::fs::remove_file(self.seen("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        drop(self.holder.wait());
    }
}

#[test]
fn a_full_disk_is_said_and_takes_nothing_until_there_is_room_again() {
    let dir = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::new(dir.path(), 400) else { return };
    let setup = disk.setup();
    let (key, gateway) = (setup.key(PROJECT, "ProjectAdmin"), setup.gateway_key());
    let process = setup.start("first");
    assert_eq!(status(&process, &gateway, starts(0, 50)), 200);
    wait_until("the rows", || (process.count(&key) == 50).then_some(()));
    disk.fill();
    wait_until("not ready on a full disk", || (!process.is_ready()).then_some(()));
    assert!(process.is_live(), "a full disk is no reason to start again");
    let (refused, answer) = process.post_as("/events", &gateway, EVENTS, starts(50, 10));
    assert_eq!(refused, 503, "{answer}");
    let update = json!({"data": {"status": "Handled by phone"}});
    let id = process.items(&key)[0]["_id"].as_str().unwrap().to_owned();
    let path = format!("/api/incoming-call-log-item/{id}/update-item");
    let (refused, answer) = process.post(&path, &key, &update);
    assert_eq!(refused, 503, "{answer}");
    assert_eq!(process.count(&key), 50, "what is there can be read");
    disk.free();
    wait_until("ready again", || process.is_ready().then_some(()));
    assert_eq!(status(&process, &gateway, starts(50, 10)), 200);
    assert_eq!(process.post(&path, &key, &update).0, 200);
    process.kill();
    disk.fill();
    // A process that starts on a full disk serves what is there.
    let full = setup.launch("full");
    wait_until("reads on a full disk", || {
        full.is_live().then(|| full.count(&key)).filter(|count| *count >= 50)
    });
    assert!(!full.is_ready());
    full.kill();
    disk.free();
    let last = setup.start("last");
    wait_until("everything accepted", || (last.count(&key) == 60).then_some(()));
    assert!(last.stop().success());
}

#[test]
fn a_journal_that_fails_ends_the_process_and_the_next_one_has_everything_accepted() {
    let dir = tempfile::tempdir().unwrap();
    let setup = Setup::new(dir.path());
    let (key, gateway) = (setup.key(PROJECT, "ProjectMember"), setup.gateway_key());
    let mut limited = setup.clone();
    // Files of 1 MiB at most, and no signal for who writes behind that: writes fail as on a disk
    // that has no room although it said so.
    let script = "trap '' XFSZ; exec \"$@\"";
    limited.within = ["sh", "-c", script, "sh"].map(str::to_owned).to_vec();
    let mut process = limited.start("limited");
    let pid = process.pid().to_string();
    let limit = Command::new("prlimit").args(["--pid", &pid, "--fsize=1048576"]).status();
    if !limit.is_ok_and(|status| status.success()) {
        #[expect(clippy::print_stderr, reason = "a test that does nothing says so")]
        {
            eprintln!("skipped: prlimit does not work here");
        }
        return;
    }
    let mut accepted = 0;
    let ended = wait_until("the end of the process", || {
        if let Some(ended) = process.ended() {
            return Some(ended);
        }
        match try_post(&process, &gateway, starts(accepted, 100)) {
            Some(200) => accepted += 100,
            Some(503) | None => {}
            Some(other) => panic!("{other}"),
        }
        None
    });
    assert!(accepted > 0);
    assert_eq!(ended.code(), Some(74), "the code of a failing disk");
    let told = process.told();
    assert!(told.contains("the journal failed"), "{told}");
    let last = setup.start("last");
    let expected = u64::try_from(accepted).unwrap();
    let count = wait_until("everything accepted", || {
        let is_idle = last.metric("ringfold_budget_used_bytes") == 0.0;
        Some(last.count(&key)).filter(|count| is_idle && *count >= expected)
    });
    assert_eq!(count % 100, 0, "a request is there as a whole or not at all: {count}");
    assert!(last.stop().success());
}

/// The status; `None` = no answer.
fn try_post(process: &Process, key: &str, body: String) -> Option<u16> {
    let answer = reqwest::blocking::Client::new()
        .post(format!("http://127.0.0.1:{}/events", process.http))
        .header("ApiKey", key)
        .header("content-type", EVENTS)
        .body(body)
        .send();
    Some(answer.ok()?.status().as_u16())
}

#[test]
fn a_directory_that_takes_no_writes_is_named_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let mut setup = Setup::new(dir.path());
    setup.key(PROJECT, "ProjectMember");
    let script = "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\" && exec \"$@\"";
    let data = dir.path().join("data").display().to_string();
    setup.within = ["unshare", "-rm", "sh", "-c", script, &data].map(str::to_owned).to_vec();
    let output = setup.command(&["run"]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    if told.contains("unshare:") || told.contains("mount:") {
        #[expect(clippy::print_stderr, reason = "a test that does nothing says so")]
        {
            eprintln!("skipped: no read-only directory here: {told}");
        }
        return;
    }
    assert_eq!(output.status.code(), Some(74), "{told}");
    assert!(told.contains(&data), "{told}");
}

#[test]
fn kills_in_the_middle_of_requests_lose_nothing_that_was_answered() {
    let dir = tempfile::tempdir().unwrap();
    let setup = Setup::new(dir.path());
    let (key, gateway) = (setup.key(PROJECT, "ProjectMember"), setup.gateway_key());
    let mut accepted = BTreeSet::new();
    for round in 0..5 {
        let process = setup.start(&format!("round-{round}"));
        let is_over = AtomicBool::new(false);
        let taken: Vec<i64> = std::thread::scope(|scope| {
            let posters: Vec<_> = (0..4)
                .map(|poster| {
                    let (process, gateway, is_over) = (&process, &gateway, &is_over);
                    scope.spawn(move || {
                        let mut taken = Vec::new();
                        let mut number = (round * 4 + poster) * 100_000;
                        while !is_over.load(SeqCst) {
                            if try_post(process, gateway, starts(number, 3)) == Some(200) {
                                taken.extend(number..number + 3);
                            }
                            number += 3;
                        }
                        taken
                    })
                })
                .collect();
            let enough = f64::from(50 + 37 * i32::try_from(round).unwrap());
            wait_until("some rows", || {
                (process.metric("ringfold_rows_written_total") > enough).then_some(())
            });
            process.signal("KILL");
            is_over.store(true, SeqCst);
            posters.into_iter().flat_map(|poster| poster.join().unwrap()).collect()
        });
        accepted.extend(taken);
        process.kill();
    }
    let last = setup.start("last");
    wait_until("everything folded", || {
        (last.metric("ringfold_budget_used_bytes") == 0.0
            && last.count(&key) >= accepted.len() as u64)
            .then_some(())
    });
    let there: BTreeSet<String> =
        last.items(&key).iter().map(|item| item["startedAt"].as_str().unwrap().into()).collect();
    let missing: Vec<_> =
        accepted.iter().filter(|n| !there.contains(&time(START_MS + **n * 10))).collect();
    let (first, count) = (missing.first(), missing.len());
    assert!(missing.is_empty(), "{count} of {} lost: {first:?}", accepted.len());
    assert!(last.stop().success());
}
