//! The model of the API over a real CQL server: fewer histories, the same answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ringfold::cql::CqlStore;
use ringfold::memory::{MemoryBroker, MemoryDeadLetters, MemoryLog, MemorySink};
use ringfold::ports::log::{
    AppendError, Commit, EventLog, EventSink, LogEnd, LogError, NewRecord, Polled, RecordBatch,
};

use crate::model::stand::{Parts, Stand, clock};
use crate::model::{number_of_histories, play_histories};

use super::cql::keyspace::on_store;

/// A log in memory before a store that keeps no cursors: what is committed is what is folded.
struct Remote {
    store: CqlStore,
    sink: Counted,
    committed: Arc<AtomicU64>,
}

/// Counts records before they are appended: a count that is reached covers all that were.
#[derive(Clone)]
struct Counted {
    sink: MemorySink,
    appended: Arc<AtomicU64>,
}

impl EventSink for Counted {
    async fn append(&self, records: Vec<NewRecord>) -> Result<(), AppendError> {
        self.appended.fetch_add(records.len() as u64, Ordering::SeqCst);
        self.sink.append(records).await
    }
}

/// One log partition whose commits are seen at once.
struct Noted {
    log: MemoryLog,
    committed: Arc<AtomicU64>,
}

impl EventLog for Noted {
    fn sources(&self) -> Vec<Arc<str>> {
        self.log.sources()
    }

    async fn next(&mut self, batch: &mut RecordBatch, room: usize) -> Result<Polled, LogError> {
        self.log.next(batch, room).await
    }

    fn commit(&mut self, commits: &[Commit]) {
        for commit in commits {
            self.committed.fetch_max(commit.next, Ordering::SeqCst);
        }
        self.log.commit(commits);
    }

    async fn hand_back(&mut self, commits: &[Commit]) {
        self.log.hand_back(commits).await;
    }

    fn ends(&self) -> Vec<LogEnd> {
        self.log.ends()
    }

    async fn close(self, commits: &[Commit]) -> Result<(), LogError> {
        self.log.close(commits).await
    }
}

impl Parts for Remote {
    type Store = CqlStore;
    type Sink = Counted;

    fn store(&self) -> &CqlStore {
        &self.store
    }

    fn sink(&self) -> &Counted {
        &self.sink
    }

    async fn folded(&self) {
        let posted = self.sink.appended.load(Ordering::SeqCst);
        while self.committed.load(Ordering::SeqCst) < posted {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

#[test]
fn a_cql_store_answers_as_a_plain_map_does() {
    on_store(async |store, _| {
        let broker = MemoryBroker::new(&[("dials", 1)], clock());
        let committed = Arc::<AtomicU64>::default();
        let sink = Counted { sink: broker.sink(0), appended: Arc::default() };
        let log = Noted { log: broker.sole_member(), committed: Arc::clone(&committed) };
        let parts = Remote { store, sink, committed };
        let stand = Stand::start(parts, log, MemoryDeadLetters::default());
        play_histories(&stand, number_of_histories(10_000, 1_000) / 25);
        stand.stop().await;
    });
}
