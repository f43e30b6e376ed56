//! A connection's bytes with a clock beside them: how long it may be silent, and how long it may
//! take to send the head of a request. hyper's own timer cannot tell the two apart.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// Silence between two requests after which a connection is closed.
const IDLE_MAX: Duration = Duration::from_secs(75);
const NEVER: u64 = u64::MAX;

/// When a connection has to be closed, and why. Shared by the bytes, the service and the watchdog.
#[derive(Debug)]
pub(super) struct Watch {
    opened: Instant,
    read_timeout: Duration,
    /// Milliseconds after `opened`.
    due_ms: AtomicU64,
    /// Whether a part of a head has come.
    is_reading: AtomicBool,
}

/// Why a connection is closed by the clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Expired {
    /// Nothing came.
    Idle,
    /// A request began and did not go on.
    Reading,
}

impl Watch {
    pub(super) fn new(read_timeout: Duration) -> Arc<Self> {
        let watch = Self {
            opened: Instant::now(),
            read_timeout,
            due_ms: AtomicU64::new(NEVER),
            is_reading: AtomicBool::new(false),
        };
        watch.due_in(IDLE_MAX);
        Arc::new(watch)
    }

    /// A head is complete: the bounds of the request itself hold from now on.
    pub(super) fn on_request(&self) {
        self.is_reading.store(false, Ordering::Relaxed);
        self.due_ms.store(NEVER, Ordering::Relaxed);
    }

    /// The answer is made: the next request may come.
    pub(super) fn on_answer(&self) {
        self.due_in(IDLE_MAX);
    }

    /// Ends when the connection has to be closed.
    pub(super) async fn expired(&self) -> Expired {
        loop {
            let due = self.due_ms.load(Ordering::Relaxed);
            let elapsed = self.elapsed_ms();
            if due <= elapsed {
                let is_reading = self.is_reading.load(Ordering::Relaxed);
                return if is_reading { Expired::Reading } else { Expired::Idle };
            }
            // Looks often enough to notice a nearer end, seldom enough to cost nothing.
            let wait = Duration::from_millis(due - elapsed).min(Duration::from_millis(500));
            tokio::time::sleep(wait).await;
        }
    }

    fn on_bytes(&self) {
        let is_between = self.due_ms.load(Ordering::Relaxed) != NEVER;
        if is_between && !self.is_reading.swap(true, Ordering::Relaxed) {
            self.due_in(self.read_timeout);
        }
    }

    fn due_in(&self, span: Duration) {
        let span = u64::try_from(span.as_millis()).unwrap_or(NEVER);
        self.due_ms.store(self.elapsed_ms().saturating_add(span), Ordering::Relaxed);
    }

    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(NEVER - 1)
    }
}

/// The bytes.
#[derive(Debug)]
pub(super) struct Watched<I> {
    pub(super) io: I,
    pub(super) watch: Arc<Watch>,
}

impl<I: AsyncRead + Unpin> AsyncRead for Watched<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.io).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.watch.on_bytes();
        }
        read
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Watched<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}
