//! The accept loop of the public listener and its end: no new connections, what is in progress is
//! answered, and what does not end within the grace is cut.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::ports::log::EventSink;
use crate::ports::registry::{KeyUses, Registry};
use crate::ports::store::{DialStore, Directory, ItemReader};

use super::api::Api;
use super::app::App;
use super::connection::{Manners, serve_connection};
use super::error::{Refused, late_head};
use super::profile::Profile;
use super::writer::JsonWriter;

/// Serves the API until `stop` is cancelled, then drains for at most `grace`.
pub async fn serve<S, K>(
    api: Api<S, K>,
    listener: TcpListener,
    stop: CancellationToken,
    grace: Duration,
) -> io::Result<()>
where
    S: DialStore + ItemReader + Directory + Registry + KeyUses + Clone + 'static,
    K: EventSink + Clone + 'static,
{
    let read_timeout = api.settings.read_timeout;
    let manners = Manners { read_timeout, late_head: told_late(api.profile), stop };
    let app = Arc::new(App::new(api));
    let beside = Arc::clone(&app);
    let answer = move |peer: SocketAddr, request: Request<Incoming>| {
        let app = Arc::clone(&app);
        async move { app.answer(peer.ip(), request).await }
    };
    let settling = beside.settle(manners.stop.clone());
    let noting = beside.note_uses(manners.stop.clone());
    tokio::join!(accept(listener, manners, grace, answer), settling, noting);
    Ok(())
}

/// The answer to a head that does not come in time, as the profile writes it.
pub(super) fn told_late(profile: &dyn Profile) -> Arc<[u8]> {
    let mut writer = JsonWriter::default();
    profile.write_refusal(&mut writer, &Refused::RequestTimeout);
    late_head(&writer.into_bytes()).into()
}

/// Accepts connections and joins them all.
pub(super) async fn accept<A, F>(
    listener: TcpListener,
    manners: Manners,
    grace: Duration,
    answer: A,
) where
    A: Fn(SocketAddr, Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = manners.stop.cancelled() => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    connections.spawn(connection(stream, peer, manners.clone(), answer.clone()));
                }
                Err(error) => on_accept_error(&error).await,
            },
        }
    }
    // Whoever connects now is refused by the system and goes elsewhere.
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(grace, all).await.is_err() {
        tracing::warn!(open = connections.len(), "connections did not end within the grace");
    }
    connections.shutdown().await;
}

async fn connection<A, F>(stream: TcpStream, peer: SocketAddr, manners: Manners, answer: A)
where
    A: Fn(SocketAddr, Request<Incoming>) -> F,
    F: Future<Output = Response<Body>>,
{
    serve_connection(stream, manners, |request| answer(peer, request)).await;
}

/// A connection that broke before it was accepted is nobody's loss; without file handles waiting
/// is all that helps.
async fn on_accept_error(error: &io::Error) {
    if !matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    ) {
        tracing::warn!(%error, hint = "raise the limit of open files", "cannot accept");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
