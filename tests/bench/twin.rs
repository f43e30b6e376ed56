//! What people write first: an async consumer, a JSON value, one prepared statement on plain columns
//! per event. With one write in flight per log partition it keeps order; with 64 it is faster, and
//! wrong.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::{ClientConfig, Message};
use scylla::client::session::Session;
use scylla::client::session_builder::SessionBuilder;
use scylla::statement::prepared::PreparedStatement;
use serde_json::Value;
use tokio::sync::mpsc;

use super::measure::{Figures, cpu_of, store_cpu};

const KEYSPACE: &str = "CREATE KEYSPACE IF NOT EXISTS rf_twin WITH replication = \
    {'class': 'NetworkTopologyStrategy', 'replication_factor': 1}";
const TABLE: &str = "CREATE TABLE IF NOT EXISTS rf_twin.dial (project_id text, id text, \
    call_id text, rule_id text, user_id text, phone text, gateway text, status text, \
    started_at text, ringing_at text, answered_at text, ended_at text, reason text, amount text, \
    updated_at text, PRIMARY KEY ((project_id), id))";
const WRITE: &str = "INSERT INTO rf_twin.dial (project_id, id, call_id, rule_id, user_id, phone, \
    gateway, status, started_at, ringing_at, answered_at, ended_at, reason, amount, updated_at) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

async fn connect(cql: &str) -> (Arc<Session>, PreparedStatement) {
    let session = SessionBuilder::new().known_node(cql).build().await.unwrap();
    session.query_unpaged(KEYSPACE, ()).await.unwrap();
    session.query_unpaged(TABLE, ()).await.unwrap();
    let write = session.prepare(WRITE).await.unwrap();
    (Arc::new(session), write)
}

type Row = [Option<String>; 15];

async fn insert(session: &Session, write: &PreparedStatement, row: Row) {
    session.execute_unpaged(write, row.to_vec()).await.unwrap();
}

/// A server just started costs several times as much: writes until it is warm.
pub async fn warm(cql: &str, writes: u64) {
    let (session, write) = connect(cql).await;
    futures::stream::iter(0..writes)
        .for_each_concurrent(128, |number| {
            let (session, write) = (Arc::clone(&session), &write);
            async move {
                let text = |n: u64| Some(format!("warm-{n}"));
                let row = std::array::from_fn(|column| text(number + column as u64));
                insert(&session, write, row).await;
            }
        })
        .await;
}

fn row(kind: &str, time: &str, data: &Value) -> Row {
    let text = |name: &str| data[name].as_str().map(str::to_owned);
    let gateway = data["gateway"]["kind"].as_str().map(str::to_owned);
    let at = |wanted: &str| (kind == wanted).then(|| time.to_owned());
    [
        text("projectId"),
        text("dialId").or_else(|| text("incomingCallLogItemId")),
        text("incomingCallLogId"),
        text("incomingCallPolicyEscalationRuleId"),
        text("userId"),
        text("userPhoneNumber"),
        gateway,
        Some(kind.to_owned()),
        text("startedAt"),
        at("dial.ringing"),
        at("dial.answered"),
        at("dial.ended"),
        text("vendorStatus"),
        text("amount"),
        Some(time.to_owned()),
    ]
}

/// Reads so many events from the beginning, `in_flight` writes per log partition.
pub async fn run(kafka: &str, cql: &str, topic: &str, events: u64, in_flight: usize) -> Figures {
    let (session, write) = connect(cql).await;
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", kafka)
        .set("group.id", format!("twin-{in_flight}-{}", std::process::id()))
        .set("auto.offset.reset", "earliest")
        .set("fetch.queue.backoff.ms", "1")
        .set("enable.auto.commit", "true");
    let consumer: StreamConsumer = config.create().unwrap();
    consumer.subscribe(&[topic]).unwrap();
    let mut workers = Vec::new();
    let mut queues = Vec::new();
    for _ in 0..12 {
        let (queue, rows) = mpsc::channel::<Row>(1_000);
        let (session, write) = (Arc::clone(&session), write.clone());
        queues.push(queue);
        workers.push(tokio::spawn(async move {
            let rows = futures::stream::unfold(rows, |mut rows| async {
                let row = rows.recv().await?;
                Some((row, rows))
            });
            Box::pin(rows)
                .for_each_concurrent(in_flight, |row| insert(&session, &write, row))
                .await;
        }));
    }
    let first = consumer.recv().await.unwrap();
    let (began, own, store) = (Instant::now(), cpu_of(std::process::id()), store_cpu());
    let mut message = first;
    for _ in 0..events {
        let data: Value = serde_json::from_slice(message.payload().unwrap()).unwrap();
        let row = row(&header(&message, "ce_type"), &header(&message, "ce_time"), &data);
        let partition = usize::try_from(message.partition()).unwrap();
        queues[partition].send(row).await.unwrap();
        message = consumer.recv().await.unwrap();
    }
    drop(queues);
    for worker in workers {
        worker.await.unwrap();
    }
    let store_cpu = store_cpu().zip(store).map(|(now, before)| now.saturating_sub(before));
    let own_cpu = cpu_of(std::process::id()).saturating_sub(own);
    let took: Duration = began.elapsed();
    Figures { events, took, own_cpu, store_cpu, more: String::new() }
}

fn header(message: &rdkafka::message::BorrowedMessage<'_>, name: &str) -> String {
    use rdkafka::message::Headers;
    let headers = message.headers().unwrap();
    let found = headers.iter().find(|header| header.key == name);
    let text = found.and_then(|header| header.value).unwrap_or_default();
    let text = String::from_utf8_lossy(text).into_owned();
    text.trim_start_matches("ringfold.").trim_end_matches(".v1").to_owned()
}
