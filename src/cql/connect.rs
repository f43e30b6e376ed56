//! Opens the connection to the store and sends prepared requests over it: profiles, routing,
//! timeouts, bound on what is in flight. It does not know tables (`statements`) or retry anything.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use scylla::client::execution_profile::{ExecutionProfile, ExecutionProfileHandle};
use scylla::client::session::Session;
use scylla::client::session_builder::SessionBuilder;
use scylla::errors::NewSessionError;
use scylla::policies::load_balancing::{DefaultPolicy, LoadBalancingPolicy};
use scylla::policies::retry::FallthroughRetryPolicy;
use scylla::policies::speculative_execution::PercentileSpeculativeExecutionPolicy;
use scylla::policies::timestamp_generator::MonotonicTimestampGenerator;
use scylla::response::query_result::QueryRowsResult;
use scylla::response::{PagingState, PagingStateResponse};
use scylla::serialize::batch::BatchValues;
use scylla::serialize::row::SerializeRow;
use scylla::statement::batch::Batch;
use scylla::statement::prepared::PreparedStatement;
use scylla::statement::unprepared::Statement;
use secrecy::{ExposeSecret, SecretString};

use crate::ports::store::{ReadError, WriteError};

use super::dialect::Dialect;
use super::in_flight::InFlight;
use super::schema::{self, SchemaError};
use super::statements::{Profile, Statements};
use super::{tls, verdict};

/// How the store is reached. Made by the composition root from the configuration.
#[derive(Clone, Debug)]
pub struct CqlSettings {
    /// `host:port` of some nodes; the others are found through them.
    pub nodes: Vec<String>,
    /// The keyspace: letters, digits and `_`.
    pub keyspace: String,
    /// Which server it is.
    pub dialect: Dialect,
    /// The data center whose nodes are asked; `None` = any node.
    pub datacenter: Option<String>,
    /// How many replicas must answer.
    pub consistency: Consistency,
    /// User name; `None` = no authentication.
    pub user: Option<String>,
    /// The user's password.
    pub password: Option<SecretString>,
    /// TLS; `None` = plain text.
    pub tls: Option<CqlTls>,
}

/// Files of a TLS connection, PEM.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CqlTls {
    /// Certificates that sign the nodes' own. Nodes are known by address, so their certificates
    /// must name it.
    pub ca: PathBuf,
    /// Our certificate and its private key, where nodes ask for one.
    pub identity: Option<(PathBuf, PathBuf)>,
}

/// How many replicas must answer a request. One setting for reads and writes, so that they meet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Consistency {
    /// A majority in the data center.
    LocalQuorum,
    /// A majority of all replicas.
    Quorum,
}

impl Consistency {
    /// The word in the configuration.
    pub const fn word(self) -> &'static str {
        match self {
            Self::LocalQuorum => "LOCAL_QUORUM",
            Self::Quorum => "QUORUM",
        }
    }

    /// The consistency of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::LocalQuorum, Self::Quorum].into_iter().find(|level| level.word() == word)
    }

    const fn driver(self) -> scylla::statement::Consistency {
        match self {
            Self::LocalQuorum => scylla::statement::Consistency::LocalQuorum,
            Self::Quorum => scylla::statement::Consistency::Quorum,
        }
    }
}

/// Why there is no connection to the store. `Unreachable` may heal; the others need an operator.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// No node answers.
    #[error("no node of the store answers at {nodes}: {cause}")]
    Unreachable {
        /// The addresses tried.
        nodes: String,
        /// What the last one said.
        cause: String,
    },
    /// Credentials or settings are refused.
    #[error("the store at {nodes} refuses us: {cause}")]
    Refused {
        /// The addresses tried.
        nodes: String,
        /// What it said.
        cause: String,
    },
    /// A file of the TLS settings cannot be used.
    #[error("cannot use {} for TLS to the store: {cause}", path.display())]
    Tls {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: String,
    },
    /// The keyspace or its tables are not those of this program.
    #[error("the schema of the store at {nodes} does not fit: {source}")]
    Schema {
        /// The addresses.
        nodes: String,
        /// What differs.
        source: SchemaError,
    },
}

/// The store on CQL. Cheap to clone: all clones share one set of connections.
#[derive(Clone)]
pub struct CqlStore {
    pub(super) link: Arc<Link>,
    pub(super) statements: Arc<Statements>,
}

impl std::fmt::Debug for CqlStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CqlStore").finish_non_exhaustive()
    }
}

impl CqlStore {
    /// Connects, checks the schema and prepares every statement.
    pub async fn connect(settings: &CqlSettings) -> Result<Self, ConnectError> {
        let link = Box::pin(Link::open(settings)).await?;
        let misfit = |source| ConnectError::Schema { nodes: settings.nodes.join(", "), source };
        schema::check_on(&link, settings).await.map_err(misfit)?;
        let keyspace = schema::keyspace_of(settings).map_err(misfit)?;
        let statements = Box::pin(Statements::prepare(&link, &keyspace)).await;
        let statements = statements.map_err(|error| misfit(SchemaError::from(error)))?;
        Ok(Self { link: Arc::new(link), statements: Arc::new(statements) })
    }
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
// Longer than the servers' own (write 2 s, read 5 s, range 10 s): a request given up here keeps
// its stream id until the server answers.
const WRITE_TIMEOUT: Duration = Duration::from_secs(5);
const POINT_TIMEOUT: Duration = Duration::from_secs(6);
const SCAN_TIMEOUT: Duration = Duration::from_secs(30);
const AGREEMENT_INTERVAL: Duration = Duration::from_millis(20);
const SCHEMA_TIMEOUT: Duration = Duration::from_mins(1);

/// One open connection to the store.
pub(super) struct Link {
    session: Session,
    in_flight: InFlight,
    point: ExecutionProfileHandle,
    scan: ExecutionProfileHandle,
}

impl Link {
    /// Connects without looking at any table.
    pub(super) async fn open(settings: &CqlSettings) -> Result<Self, ConnectError> {
        let profile = |timeout| profile_builder(settings, timeout);
        let slow = PercentileSpeculativeExecutionPolicy { max_retry_count: 1, percentile: 99.0 };
        let point = profile(POINT_TIMEOUT).speculative_execution_policy(Some(Arc::new(slow)));
        let mut builder = SessionBuilder::new()
            .known_nodes(&settings.nodes)
            .pool_size(settings.dialect.pool())
            .connection_timeout(CONNECT_TIMEOUT)
            .keyspaces_to_fetch([&settings.keyspace])
            .schema_agreement_interval(AGREEMENT_INTERVAL)
            .refresh_metadata_on_auto_schema_agreement(false)
            .timestamp_generator(Arc::new(MonotonicTimestampGenerator::new().without_warnings()))
            .default_execution_profile_handle(profile(WRITE_TIMEOUT).build().into_handle());
        if let (Some(user), Some(password)) = (&settings.user, &settings.password) {
            builder = builder.user(user, password.expose_secret());
        }
        if let Some(files) = &settings.tls {
            builder = builder.tls_context(Some(tls::client(files)?));
        }
        let session = Box::pin(builder.build()).await.map_err(|e| refusal(settings, &e))?;
        Ok(Self {
            session,
            in_flight: InFlight::default(),
            point: point.build().into_handle(),
            scan: profile(SCAN_TIMEOUT).build().into_handle(),
        })
    }

    /// Prepares a statement on all nodes and marks it idempotent.
    pub(super) async fn prepare(
        &self,
        text: &str,
        profile: Profile,
    ) -> Result<PreparedStatement, ReadError> {
        let prepared = self.session.prepare(text).await;
        let mut prepared = prepared.map_err(|e| verdict::read(&e.into()))?;
        prepared.set_is_idempotent(true);
        prepared.set_execution_profile_handle(match profile {
            Profile::Write => None,
            Profile::Point => Some(self.point.clone()),
            Profile::Scan => Some(self.scan.clone()),
        });
        Ok(prepared)
    }

    /// Sends one write and waits for its acknowledgement.
    pub(super) async fn write(
        &self,
        statement: &PreparedStatement,
        values: impl SerializeRow,
    ) -> Result<(), WriteError> {
        let place = self.in_flight.enter().await;
        let answer = Box::pin(self.session.execute_unpaged(statement, values)).await;
        let outcome = answer.map(|_| ()).map_err(|e| verdict::write(&e));
        place.leave(&outcome).await;
        outcome
    }

    /// Sends one batch and waits for its acknowledgement.
    pub(super) async fn write_batch(
        &self,
        batch: &Batch,
        values: impl BatchValues,
    ) -> Result<(), WriteError> {
        let place = self.in_flight.enter().await;
        let answer = Box::pin(self.session.batch(batch, values)).await;
        let outcome = answer.map(|_| ()).map_err(|e| verdict::write(&e));
        place.leave(&outcome).await;
        outcome
    }

    /// Reads one page; the size is the statement's.
    pub(super) async fn page(
        &self,
        statement: &PreparedStatement,
        values: impl SerializeRow,
        from: PagingState,
    ) -> Result<(QueryRowsResult, Option<PagingState>), ReadError> {
        let answer = Box::pin(self.session.execute_single_page(statement, values, from)).await;
        let (result, state): (_, PagingStateResponse) = answer.map_err(|e| verdict::read(&e))?;
        let rows = result.into_rows_result().map_err(verdict::unreadable)?;
        Ok((rows, continuation(state)))
    }

    /// Reads all pages, one after the other, and hands each to `take`.
    pub(super) async fn each_page(
        &self,
        statement: &PreparedStatement,
        values: impl SerializeRow,
        mut take: impl FnMut(QueryRowsResult) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let mut from = PagingState::start();
        loop {
            let (rows, next) = self.page(statement, &values, from).await?;
            take(rows)?;
            match next {
                Some(state) => from = state,
                None => return Ok(()),
            }
        }
    }

    /// Runs a statement of the schema, which is never prepared.
    pub(super) async fn define(&self, text: &str) -> Result<(), WriteError> {
        let mut statement = Statement::new(text);
        statement.set_request_timeout(Some(SCHEMA_TIMEOUT));
        statement.set_is_idempotent(true);
        let answer = Box::pin(self.session.query_unpaged(statement, &[])).await;
        answer.map(|_| ()).map_err(|e| verdict::write(&e))
    }

    /// Makes the keyspace the one of unqualified names.
    pub(super) async fn enter(&self, keyspace: &str) -> Result<(), ReadError> {
        let entered = Box::pin(self.session.use_keyspace(keyspace, false)).await;
        entered.map_err(|e| ReadError::Refused(verdict::line(&e)))
    }
}

fn continuation(state: PagingStateResponse) -> Option<PagingState> {
    match state.into_paging_control_flow() {
        ControlFlow::Continue(next) => Some(next),
        ControlFlow::Break(()) => None,
    }
}

fn profile_builder(
    settings: &CqlSettings,
    timeout: Duration,
) -> scylla::client::execution_profile::ExecutionProfileBuilder {
    ExecutionProfile::builder()
        .request_timeout(Some(timeout))
        .consistency(settings.consistency.driver())
        .load_balancing_policy(routing(settings.datacenter.as_ref()))
        // Retries belong to the caller, in one place.
        .retry_policy(Arc::new(FallthroughRetryPolicy::new()))
}

fn routing(datacenter: Option<&String>) -> Arc<dyn LoadBalancingPolicy> {
    // The same replica coordinates the same row partition.
    let policy = DefaultPolicy::builder().token_aware(true).enable_shuffling_replicas(false);
    match datacenter {
        Some(name) => policy.prefer_datacenter(name.clone()).build(),
        None => policy.build(),
    }
}

fn refusal(settings: &CqlSettings, error: &NewSessionError) -> ConnectError {
    let (nodes, cause) = (settings.nodes.join(", "), verdict::line(error));
    if verdict::is_refused(error) {
        ConnectError::Refused { nodes, cause }
    } else {
        ConnectError::Unreachable { nodes, cause }
    }
}
