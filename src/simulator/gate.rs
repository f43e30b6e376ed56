//! Stops a whole simulated process for a while, at any await: its tasks, and every call of its
//! ports on the way out and on the way back.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::time::{Instant, Sleep, sleep_until};

use crate::memory::Shared;

/// Closed until an instant; clones share it.
#[derive(Clone, Debug)]
pub(super) struct Gate(Shared<Option<Instant>>);

impl Gate {
    /// An open gate.
    pub(super) fn open() -> Self {
        Self(Shared::new(None))
    }

    /// Nothing passes until this instant.
    pub(super) fn close_until(&self, until: Instant) {
        self.0.with(|closed| *closed = Some(until));
    }

    /// Everything passes again, as soon as it looks.
    pub(super) fn reopen(&self) {
        self.0.with(|closed| *closed = None);
    }

    /// Until when nothing passes.
    pub(super) fn closed_until(&self) -> Option<Instant> {
        self.0.with(|closed| closed.filter(|until| *until > Instant::now()))
    }

    /// Waits while it is closed. It looks again every second, since it may be reopened before.
    pub(super) async fn pass(&self) {
        while let Some(until) = self.closed_until() {
            sleep_until(until.min(Instant::now() + LOOK_EVERY)).await;
        }
    }

    /// A future that makes no step while the gate is closed.
    pub(super) fn around<F: Future>(&self, inner: F) -> Gated<F> {
        Gated { gate: self.clone(), sleep: None, inner: Box::pin(inner) }
    }
}

const LOOK_EVERY: std::time::Duration = std::time::Duration::from_secs(1);

/// See [`Gate::around`].
pub(super) struct Gated<F> {
    gate: Gate,
    sleep: Option<Pin<Box<Sleep>>>,
    inner: Pin<Box<F>>,
}

impl<F: Future> Future for Gated<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        while let Some(until) = self.gate.closed_until() {
            let until = until.min(Instant::now() + LOOK_EVERY);
            let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(until)));
            ready!(sleep.as_mut().poll(context));
            self.sleep = None;
        }
        self.sleep = None;
        self.inner.as_mut().poll(context)
    }
}
