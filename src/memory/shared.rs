//! State that clones of a handle share: the one lock of the in-memory adapters.

use std::fmt;
use std::sync::Arc;
#[expect(clippy::disallowed_types, reason = "clones share one state, held for no await")]
use std::sync::Mutex;
use std::sync::PoisonError;

/// A value that every clone sees.
#[expect(clippy::disallowed_types, reason = "clones share one state, held for no await")]
pub(crate) struct Shared<T>(Arc<Mutex<T>>);

impl<T> Shared<T> {
    #[expect(clippy::disallowed_types, reason = "clones share one state, held for no await")]
    pub(crate) fn new(value: T) -> Self {
        Self(Arc::new(Mutex::new(value)))
    }

    /// Does something with the value. Nobody awaits meanwhile, so it cannot be held for long; one
    /// that panicked within leaves what it had done.
    pub(crate) fn with<R>(&self, act: impl FnOnce(&mut T) -> R) -> R {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared")
    }
}
