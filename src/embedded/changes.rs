//! Change notices inside one process: a bounded broadcast. Slow followers lose notices and are
//! told.

use tokio::sync::broadcast;

use crate::ports::changes::{ChangeNotice, Changes};

/// Notices that a follower may be behind.
const BEHIND_MAX: usize = 4_096;

/// Publishes notices to followers in this process.
#[derive(Clone, Debug)]
pub struct LocalChanges(broadcast::Sender<ChangeNotice>);

impl LocalChanges {
    pub(super) fn new() -> Self {
        Self(broadcast::Sender::new(BEHIND_MAX))
    }

    /// Everything published from now on. A follower that is too far behind gets
    /// `RecvError::Lagged` and is to read again what it shows.
    pub fn follow(&self) -> broadcast::Receiver<ChangeNotice> {
        self.0.subscribe()
    }
}

impl Changes for LocalChanges {
    fn publish(&self, notices: &[ChangeNotice]) {
        if self.0.receiver_count() == 0 {
            return;
        }
        for notice in notices {
            // An error says that nobody follows any more.
            let _nobody = self.0.send(*notice);
        }
    }
}
