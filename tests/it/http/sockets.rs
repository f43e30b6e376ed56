//! What only shows on a connection: keep-alive, slow heads, and the end.

use std::net::SocketAddr;
use std::time::Duration;

use ringfold::access::KeyReach;
use ringfold::http::{Admin, Api, ApiSettings, Health, serve, serve_admin};
use ringfold::memory::{MemorySink, MemoryStore, WriteFault};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::setup::{C1, P, R, api, issue, project};

async fn listening(read_timeout: Duration) -> (SocketAddr, CancellationToken, JoinHandle<()>) {
    serving(api(ApiSettings { read_timeout, ..ApiSettings::default() })).await
}

async fn serving(
    api: Api<MemoryStore, MemorySink>,
) -> (SocketAddr, CancellationToken, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let served = serve(api, listener, stop.clone(), Duration::from_secs(5));
    #[expect(clippy::disallowed_methods, reason = "joined by the test")]
    let task = tokio::spawn(async move { served.await.unwrap() });
    (address, stop, task)
}

async fn send(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.unwrap();
}

/// Reads what has come until a blank line and the body behind it.
async fn answer(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4_096];
    loop {
        let count = stream.read(&mut buffer).await.unwrap();
        text.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
        let body = text.split_once("\r\n\r\n").map(|(_, body)| body.len());
        if count == 0 || body >= length.map(|length| length.parse().unwrap()) {
            return text;
        }
    }
}

const STATUS: &str = "GET /status HTTP/1.1\r\nhost: x\r\n\r\n";

#[tokio::test]
async fn a_connection_is_kept_until_the_stop() {
    let (address, stop, task) = listening(Duration::from_secs(10)).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    for _ in 0..2 {
        send(&mut stream, STATUS).await;
        let answer = answer(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.ends_with("{\"status\":\"ok\"}"), "{answer}");
        assert!(!answer.contains("connection:") && !answer.contains("server:"), "{answer}");
    }
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(2), task).await.unwrap().unwrap();
    assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0, "an idle connection is closed");
    assert!(TcpStream::connect(address).await.is_err(), "and no new one is taken");
}

#[tokio::test]
async fn what_is_in_progress_at_the_stop_is_answered_with_a_close() {
    let (address, stop, task) = listening(Duration::from_secs(10)).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = "POST /api/incoming-call-log-item/count HTTP/1.1\r\nhost: x\r\n\
                content-length: 2\r\nconnection: keep-alive\r\n\r\n{";
    send(&mut stream, STATUS).await;
    answer(&mut stream).await;
    send(&mut stream, head).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    stop.cancel();
    let answer = answer(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    drop(stream);
    tokio::time::timeout(Duration::from_secs(2), task).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_write_of_unknown_outcome_is_repeated_until_it_is_there() {
    let api = api(ApiSettings::default());
    let store = api.store.clone();
    let key = issue(&store, 1, KeyReach::Project(project(P)), &["ProjectAdmin"]).await;
    let (address, stop, task) = serving(api).await;
    store.faults().every_write(Some(WriteFault::RequestLost));
    let mut stream = TcpStream::connect(address).await.unwrap();
    let body = format!(
        "{{\"data\":{{\"incomingCallLogId\":\"{C1}\",\"status\":\"x\",\"isAnswered\":true}}}}"
    );
    let head = format!(
        "POST {R} HTTP/1.1\r\nhost: x\r\napikey: {key}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    send(&mut stream, &format!("{head}{body}")).await;
    let answer = answer(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("The outcome of this write is unknown. Repeat it."), "{answer}");
    assert_eq!(store.rows().len(), 0, "nothing is there yet");
    store.faults().every_write(None);
    let there = async {
        while store.rows().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), there).await.unwrap();
    stop.cancel();
    task.await.unwrap();
    assert_eq!(store.rows().len(), 1, "and once only");
}

#[tokio::test]
async fn a_head_that_does_not_come_is_a_408() {
    let (address, stop, task) = listening(Duration::from_millis(300)).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    send(&mut stream, STATUS).await;
    answer(&mut stream).await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    send(&mut stream, "GET /status HT").await;
    let answer = answer(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "silence is allowed, slowness is not: {answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    assert!(answer.ends_with("\"code\":\"request_timeout\"}"), "{answer}");
    assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0);
    stop.cancel();
    task.await.unwrap();
}

#[tokio::test]
async fn a_head_beyond_every_bound_is_a_431() {
    let (address, stop, task) = listening(Duration::from_secs(10)).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let long = "x".repeat(20_000);
    send(&mut stream, &format!("GET /status HTTP/1.1\r\nhost: x\r\nx-long: {long}\r\n\r\n")).await;
    let answer = answer(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    assert!(answer.ends_with("\"code\":\"headers_too_large\"}"), "{answer}");
    stop.cancel();
    task.await.unwrap();
}

#[tokio::test]
async fn the_admin_listener_shows_the_metrics_it_is_given() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let metrics = std::sync::Arc::new(|| "ringfold_build_info 1\n".to_owned());
    let admin = Admin { metrics, health: Health::new(&[]), password: None };
    let stop = CancellationToken::new();
    let served = serve_admin(admin, listener, stop.clone());
    #[expect(clippy::disallowed_methods, reason = "joined by the test")]
    let task = tokio::spawn(served);
    let mut stream = TcpStream::connect(address).await.unwrap();
    send(&mut stream, "GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    let answer = answer(&mut stream).await;
    assert!(answer.ends_with("\r\n\r\nringfold_build_info 1\n"), "{answer}");
    stop.cancel();
    task.await.unwrap().unwrap();
}
