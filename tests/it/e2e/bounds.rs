//! What one client may ask of the built binary, measured from outside: slow senders, requests in
//! progress, rates, allowances, guesses.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use ringfold::access::IssuedKey;
use serde_json::{Value as Json, json};

use crate::support::process::{PATIENCE, Process, Setup, wait_until};
use crate::support::wire::{Wire, WireAnswer};

const PROJECT: &str = "5c0f7b1e-3a52-4d8e-9b60-7d1f2a4c8e90";
const R: &str = "/api/incoming-call-log-item";

struct World {
    process: Process,
    key: String,
    other: String,
    _dir: tempfile::TempDir,
}

fn world(settings: &[(&str, &str)]) -> World {
    let dir = tempfile::tempdir().unwrap();
    let with = |setup: Setup, (key, value): &(&str, &str)| setup.with(key, value);
    let setup = settings.iter().fold(Setup::new(dir.path()), with);
    let [key, other] = ["ProjectAdmin", "ProjectMember"].map(|grant| setup.key(PROJECT, grant));
    World { process: setup.start("bounds"), key, other, _dir: dir }
}

impl World {
    fn ask(&self, key: &str, path: &str, body: &Json) -> WireAnswer {
        let headers = [("ApiKey".to_owned(), key.to_owned())];
        let body = body.to_string();
        Wire::to(self.process.http).send(("POST", path), &headers, Some(&body))
    }

    fn count(&self, key: &str) -> WireAnswer {
        self.ask(key, &format!("{R}/count"), &json!({}))
    }

    fn refused(&self, reason: &str) -> f64 {
        let label = format!("reason=\"{reason}\"");
        self.process.metric_where("ringfold_http_refused_total", |labels| labels.contains(&label))
    }

    /// A connection on which this much was sent.
    fn begun(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.process.http)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    }

    /// A count whose body does not come to its end.
    fn half_a_count(&self) -> TcpStream {
        let key = &self.key;
        self.begun(&format!(
            "POST {R}/count HTTP/1.1\r\nhost: x\r\napikey: {key}\r\ncontent-length: 2\r\n\r\n{{"
        ))
    }
}

/// All that comes until the other side closes.
fn rest(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

fn told(answer: &WireAnswer) -> (u16, &str, Json) {
    let wait = answer.headers.get("retry-after").map_or("", String::as_str);
    (answer.status, wait, serde_json::from_str::<Json>(&answer.body).unwrap()["code"].clone())
}

#[test]
fn slow_senders_are_told_so_and_left() {
    let world = world(&[("http.read_timeout", "400ms")]);
    for mut stream in [
        world.half_a_count(),
        world.begun("POST /api/incoming-call-log-item/count HTTP/1.1\r\nhost: x\r\nx-slow: "),
    ] {
        let answer = rest(&mut stream);
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("connection: close\r\n"), "{answer}");
        assert!(answer.contains("x-content-type-options: nosniff\r\n"), "{answer}");
        assert!(answer.ends_with("\"code\":\"request_timeout\"}"), "{answer}");
    }
    // A drop every now and then is no progress either: the time is that of the whole request.
    let mut stream = world.half_a_count();
    for _ in 0..40 {
        #[allow(clippy::disallowed_methods, reason = "a sender that dawdles")]
        std::thread::sleep(Duration::from_millis(50));
        if stream.write_all(b" ").is_err() {
            break;
        }
    }
    let mut answer = [0; 12];
    if stream.read_exact(&mut answer).is_ok() {
        assert_ne!(&answer, b"HTTP/1.1 200", "a body of two bytes was never ended");
    }
    assert_eq!(world.count(&world.key).status, 200);
    assert!(world.process.stop().success());
}

#[test]
fn only_so_many_requests_are_in_progress() {
    let world = world(&[("http.max_in_flight", "1")]);
    // Which of two requests comes first is not ours to say, so the slow one is begun again until it
    // was: then the other is refused and the slow one answered.
    let busy = wait_until("the one place to be taken by the slow one", || {
        let mut slow = world.half_a_count();
        let other = world.count(&world.other);
        // A slow one that was refused may be closed before its end is sent.
        let _ = slow.write_all(b"}").ok();
        let mut answer = [0; 12];
        let length = slow.read(&mut answer).unwrap_or(0);
        (other.status != 200 && answer[..length] == *b"HTTP/1.1 200").then_some(other)
    });
    assert_eq!(told(&busy), (503, "1", json!("unavailable")));
    assert!(world.process.is_live() && world.process.is_ready(), "probes are always answered");
    assert_eq!(world.count(&world.other).status, 200, "the place is free again");
    assert!(world.process.stop().success());
}

#[test]
fn a_deadline_ends_a_request_whatever_it_waits_for() {
    let world = world(&[("http.deadline", "300ms")]);
    let mut slow = world.half_a_count();
    let mut answer = [0; 1_024];
    let length = slow.read(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("retry-after: 1\r\n"), "{answer}");
    assert!(world.process.stop().success());
}

#[test]
fn rates_bound_a_key_and_a_project() {
    let world = world(&[("http.rate.per_key", "2/s"), ("http.rate.per_project", "3/s")]);
    let mut passed = 0;
    let refused = loop {
        let answer = world.count(&world.key);
        if answer.status != 200 {
            break answer;
        }
        passed += 1;
        assert!(passed < 100, "a rate of 2/s lets a hundred pass");
    };
    assert!(passed >= 4, "twice the rate at once: {passed}");
    assert_eq!(told(&refused), (429, "1", json!("rate_limited")));
    assert!(refused.body.contains("Too many requests for this API key. Try again in 1 s."));
    let of_project = wait_until("the bound of the project", || {
        let answers = [&world.other, &world.key].map(|key| world.count(key));
        answers.into_iter().find(|answer| answer.body.contains("for this project"))
    });
    assert_eq!(told(&of_project), (429, "1", json!("rate_limited")));
    assert!(world.refused("rate") >= 2.0);
    assert!(world.process.stop().success());
}

#[test]
fn a_query_that_reads_too_much_is_refused_whole() {
    let world = world(&[("http.query.max_items_read", "2")]);
    let call = "c27d05f8-6b91-4a3e-b8d4-91f0e2a7c635";
    let new = json!({"data": {"incomingCallLogId": call, "status": "x", "isAnswered": true}});
    for _ in 0..3 {
        assert_eq!(world.ask(&world.key, R, &new).status, 200);
    }
    let list = format!("{R}/get-list");
    let broad = world.ask(&world.key, &list, &json!({"query": {"status": "x"}}));
    assert_eq!(told(&broad), (422, "", json!("query_too_broad")));
    assert!(broad.body.contains("This query would read more than 2 items. Narrow it:"));
    for narrow in [json!({}), json!({"skip": 2}), json!({"select": {"status": true}})] {
        assert_eq!(world.ask(&world.key, &list, &narrow).status, 200, "{narrow}");
    }
    assert!(world.refused("allowance") >= 1.0);
    assert!(world.process.stop().success());
}

#[test]
fn guesses_of_a_peer_are_bounded_and_its_good_keys_go_on() {
    let world = world(&[]);
    assert_eq!(world.count(&world.key).status, 200);
    let mut refused = Vec::new();
    for seed in 1..=60 {
        let guess = IssuedKey::make(&[seed; 48]);
        refused.push(world.count(guess.reveal()));
    }
    let unknown = refused.iter().filter(|answer| answer.status == 401).count();
    assert!((20..60).contains(&unknown), "{unknown}");
    let last = refused.last().unwrap();
    assert_eq!(told(last), (429, "1", json!("rate_limited")));
    assert_eq!(world.count(&world.key).status, 200, "known from this peer");
    assert!(world.process.stop().success());
}
