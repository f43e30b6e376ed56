//! A keyspace of one test: made, given to the test, dropped whatever comes.

use std::fs::File;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures::FutureExt;
use ringfold::cql::schema::{KeyspaceRule, apply};
use ringfold::cql::{Consistency, CqlSettings, CqlStore, Dialect};
use scylla::client::session::Session;
use scylla::client::session_builder::SessionBuilder;
use scylla::statement::unprepared::Statement;

use crate::support::engines::cql_address;

/// A server and a name nobody else uses.
#[derive(Clone, Debug)]
pub struct Place {
    pub settings: CqlSettings,
}

/// Runs a test against a server, with a keyspace name of its own that is dropped at the end.
pub fn on_server<F: Future<Output = ()>>(test: impl FnOnce(Place) -> F) {
    let Some(address) = cql_address() else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let place = Place { settings: settings(&address) };
        let keyspace = place.settings.keyspace.clone();
        let outcome = AssertUnwindSafe(test(place)).catch_unwind().await;
        let _turn = turn();
        let drop = format!("DROP KEYSPACE IF EXISTS {keyspace}");
        by_hand(&driver(&address).await, &drop).await;
        if let Err(panic) = outcome {
            std::panic::resume_unwind(panic);
        }
    });
}

/// Runs a test over a store with an empty schema.
pub fn on_store<F: Future<Output = ()>>(test: impl FnOnce(CqlStore, Place) -> F) {
    on_server(async |place| {
        create(&place.settings).await;
        let store = CqlStore::connect(&place.settings).await.unwrap();
        test(store, place).await;
    });
}

/// Makes the keyspace and its tables.
pub async fn create(settings: &CqlSettings) {
    // Servers want one change of the schema at a time; tests run in several processes.
    let _turn = turn();
    apply(settings, KeyspaceRule::Create { replicas: 1 }).await.unwrap();
}

impl Place {
    /// A plain session, for what ringfold itself never does.
    pub async fn by_hand(&self) -> Session {
        driver(&self.settings.nodes[0]).await
    }
}

/// Runs a statement as a person would.
pub async fn by_hand(session: &Session, text: &str) {
    let mut statement = Statement::new(text);
    statement.set_request_timeout(Some(Duration::from_mins(2)));
    session.query_unpaged(statement, &[]).await.unwrap();
}

/// Waits for this process's turn to change the schema; it ends when the file is dropped.
pub fn turn() -> File {
    let file = File::create(std::env::temp_dir().join("ringfold-test-schema.lock")).unwrap();
    file.lock().unwrap();
    file
}

async fn driver(address: &str) -> Session {
    SessionBuilder::new().known_node(address).build().await.unwrap()
}

fn settings(address: &str) -> CqlSettings {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    CqlSettings {
        nodes: vec![address.to_owned()],
        keyspace: format!("rf_{}_{number}", std::process::id()),
        dialect: Dialect::Cassandra,
        datacenter: None,
        consistency: Consistency::LocalQuorum,
        user: None,
        password: None,
        tls: None,
    }
}

/// One statement on a server, from outside of any runtime.
pub fn once(address: &str, text: &str) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async { by_hand(&driver(address).await, text).await });
}
