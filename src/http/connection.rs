//! One connection from its first byte to its last: HTTP/1.1 with keep-alive, bounds on silence and
//! on slow heads, and a polite end at the stop. It knows no routes.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::limits::HEAD_BUFFER;
use super::watched::{Expired, Watch, Watched};

/// How a process treats its connections.
#[derive(Clone, Debug)]
pub(super) struct Manners {
    /// Time to send the head of a request.
    pub(super) read_timeout: Duration,
    /// What a peer is told whose head does not come in that time.
    pub(super) late_head: Arc<[u8]>,
    /// Cancelled when no new request may begin.
    pub(super) stop: CancellationToken,
}

/// Serves a connection until one side ends it.
pub(super) async fn serve_connection<F>(
    stream: TcpStream,
    manners: Manners,
    answer: impl Fn(Request<Incoming>) -> F,
) where
    F: Future<Output = Response<Body>>,
{
    // Answers are small and whole: waiting for more to send only delays them.
    drop(stream.set_nodelay(true));
    let watch = Watch::new(manners.read_timeout);
    let io = TokioIo::new(Watched { io: stream, watch: Arc::clone(&watch) });
    let service = service_fn(|request| {
        watch.on_request();
        let answer = answer(request);
        let watch = &watch;
        async move {
            let answer = answer.await;
            watch.on_answer();
            Ok::<_, Infallible>(answer)
        }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).max_buf_size(HEAD_BUFFER).header_read_timeout(None);
    let mut connection = builder.serve_connection(io, service);
    let mut is_stopping = false;
    let expired = loop {
        tokio::select! {
            biased;
            () = manners.stop.cancelled(), if !is_stopping => {
                is_stopping = true;
                // What is in progress is answered with `Connection: close`.
                Pin::new(&mut connection).graceful_shutdown();
            }
            // How a peer leaves is its own affair.
            _ = &mut connection => return,
            expired = watch.expired() => break expired,
        }
    };
    if expired == Expired::Reading {
        let mut stream = connection.into_parts().io.into_inner().io;
        // A peer that does not even take the answer is not waited for.
        let told = async {
            stream.write_all(&manners.late_head).await?;
            stream.shutdown().await
        };
        drop(tokio::time::timeout(Duration::from_secs(1), told).await);
    }
}
