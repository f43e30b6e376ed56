//! Produce → readable at 1,000 events a second: each sampled dial is asked for over HTTP from the
//! moment it was to be sent until it is there. Open loop: the intended time counts, not the sent one.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::load;
use super::worker::{Worker, command, settings};

const RATE: u32 = 1_000;
const SECONDS: u32 = 30;
/// The first seconds warm the paths that catching up does not go: they are not looked at.
const WARM_SECONDS: u32 = 10;
/// Every so many-th event is looked for.
const SAMPLE: u32 = 50;
const PROJECT: &str = "3f2b8c1e-5d74-4a0b-9c1d-7e6f5a4b3c2d";

pub fn run(kafka: &str, cql: &str) {
    let topic = load::topic(kafka, 4);
    let settings = settings(kafka, cql, &topic, &format!("rf_latency_{}", std::process::id()));
    command(&settings, &["schema", "apply", "--create-keyspace", "--replication", "1"]);
    let made = command(
        &settings,
        &[
            "keys",
            "create",
            "--json",
            "--name",
            "b",
            "--project",
            PROJECT,
            "--allow",
            "ProjectMember",
        ],
    );
    let made: Value = serde_json::from_str(made.trim()).unwrap();
    let key = made["key"].as_str().unwrap().to_owned();
    let worker = Worker::start(&settings);
    let ready = format!("http://127.0.0.1:{}/status/ready", worker.admin);
    while !reqwest::blocking::get(&ready).is_ok_and(|answer| answer.status().is_success()) {
        std::thread::sleep(Duration::from_millis(50));
    }
    let (asked, to_ask) = mpsc::channel::<(String, Instant)>();
    let port = worker.http;
    let reader = std::thread::spawn(move || ask(&to_ask, port, &key));
    publish(kafka, &topic, &asked);
    drop(asked);
    let mut took = reader.join().unwrap();
    took.sort_unstable();
    let at = |share: usize| took.get(took.len() * share / 100).copied().unwrap_or_default();
    println!(
        "produce → readable at {RATE} events/s, {} samples: p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms",
        took.len(),
        at(50).as_secs_f64() * 1e3,
        at(99).as_secs_f64() * 1e3,
        took.last().copied().unwrap_or_default().as_secs_f64() * 1e3,
    );
}

fn publish(kafka: &str, topic: &str, asked: &mpsc::Sender<(String, Instant)>) {
    let mut config = rdkafka::ClientConfig::new();
    config.set("bootstrap.servers", kafka).set("linger.ms", "0").set("acks", "all");
    let producer: rdkafka::producer::BaseProducer = config.create().unwrap();
    let began = Instant::now();
    for number in 0..RATE * SECONDS {
        let intended = began + Duration::from_secs(1) / RATE * number;
        std::thread::sleep(intended.saturating_duration_since(Instant::now()));
        let now = chrono::Utc::now();
        let item = uuid::Uuid::new_v7(uuid::Timestamp::from_unix(
            uuid::NoContext,
            u64::try_from(now.timestamp()).unwrap(),
            now.timestamp_subsec_nanos(),
        ));
        let id = item.to_string();
        let data = json!({
            "projectId": PROJECT, "incomingCallLogId": id, "incomingCallLogItemId": id,
            "startedAt": now.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
        });
        send(&producer, topic, &id, &data.to_string());
        if number >= RATE * WARM_SECONDS && number % SAMPLE == 0 {
            asked.send((id, intended)).unwrap();
        }
    }
    rdkafka::producer::Producer::flush(&producer, Duration::from_secs(10)).unwrap();
}

fn send(producer: &rdkafka::producer::BaseProducer, topic: &str, key: &str, data: &str) {
    use rdkafka::message::{Header, OwnedHeaders};
    let mut headers = OwnedHeaders::new();
    for (key, value) in [
        ("ce_specversion", "1.0"),
        ("ce_id", key),
        ("ce_source", "/gateways/bench/1/1"),
        ("ce_type", "ringfold.dial.started.v1"),
    ] {
        headers = headers.insert(Header { key, value: Some(value) });
    }
    let time = serde_json::from_str::<Value>(data).unwrap()["startedAt"].to_string();
    headers = headers.insert(Header { key: "ce_time", value: Some(time.trim_matches('"')) });
    let record = rdkafka::producer::BaseRecord::to(topic).key(key).payload(data).headers(headers);
    producer.send(record).map_err(|(error, _)| error).unwrap();
    producer.poll(Duration::ZERO);
}

fn ask(to_ask: &mpsc::Receiver<(String, Instant)>, port: u16, key: &str) -> Vec<Duration> {
    let client = reqwest::blocking::Client::new();
    let mut took = Vec::new();
    for (item, intended) in to_ask {
        let url = format!("http://127.0.0.1:{port}/api/incoming-call-log-item/{item}/get-item");
        loop {
            let answer = client.post(&url).header("ApiKey", key).body("{}").send().unwrap();
            if answer.status().is_success() {
                took.push(intended.elapsed());
                break;
            }
            assert!(intended.elapsed() < Duration::from_secs(30), "{item} never became readable");
            std::thread::sleep(Duration::from_micros(500));
        }
    }
    took
}
