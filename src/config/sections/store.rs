//! Settings of where rows go and how they come to be: the store, ingest, the limits of items.
//! It does not know the CQL driver's settings (`cql/connect` does).

use std::path::PathBuf;

use super::{Secret, Visitor, spec};
use crate::config::value::{Bytes, Span, Word};

/// Where rows go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StoreKind {
    /// The store in `data.dir`.
    Local,
    /// ScyllaDB or Cassandra.
    Cql,
}

impl Word for StoreKind {
    const ALL: &'static [Self] = &[Self::Local, Self::Cql];

    fn word(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Cql => "cql",
        }
    }
}

/// Which server speaks CQL.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    /// ScyllaDB.
    Scylla,
    /// Apache Cassandra.
    Cassandra,
}

impl Word for Dialect {
    const ALL: &'static [Self] = &[Self::Scylla, Self::Cassandra];

    fn word(self) -> &'static str {
        match self {
            Self::Scylla => "scylla",
            Self::Cassandra => "cassandra",
        }
    }
}

/// How many replicas must answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Consistency {
    /// A majority in the data center.
    LocalQuorum,
    /// A majority of all.
    Quorum,
}

impl Word for Consistency {
    const ALL: &'static [Self] = &[Self::LocalQuorum, Self::Quorum];

    fn word(self) -> &'static str {
        match self {
            Self::LocalQuorum => "LOCAL_QUORUM",
            Self::Quorum => "QUORUM",
        }
    }
}

pub(super) fn visit_kind(kind: &mut StoreKind, visitor: &mut impl Visitor) {
    visitor.setting(
        spec(
            "store.kind",
            "where rows go: `local` (the store in `data.dir`) or `cql`",
            "works without a server",
        ),
        kind,
    );
}

/// The CQL client.
#[derive(Clone, Debug)]
pub struct CqlSettings {
    /// `host:port` of some nodes.
    pub nodes: Vec<String>,
    /// The keyspace.
    pub keyspace: String,
    /// Which server it is.
    pub dialect: Dialect,
    /// The data center whose nodes are asked; `None` = any.
    pub datacenter: Option<String>,
    /// How many replicas must answer.
    pub consistency: Consistency,
    /// User name.
    pub user: Option<String>,
    /// The user's password.
    pub password: Secret,
    /// Encryption.
    pub tls: CqlTlsSettings,
}

/// Encryption towards the nodes: on as soon as `ca_file` is set.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[expect(clippy::struct_field_names, reason = "the settings are called so")]
pub struct CqlTlsSettings {
    /// Certificates that sign the nodes' own, PEM.
    pub ca_file: Option<PathBuf>,
    /// Our certificate, PEM.
    pub certificate_file: Option<PathBuf>,
    /// Its private key, PEM.
    pub key_file: Option<PathBuf>,
}

impl Default for CqlSettings {
    fn default() -> Self {
        Self {
            nodes: Vec::new(),
            keyspace: "ringfold".to_owned(),
            dialect: Dialect::Scylla,
            datacenter: None,
            consistency: Consistency::LocalQuorum,
            user: None,
            password: Secret::default(),
            tls: CqlTlsSettings::default(),
        }
    }
}

impl CqlSettings {
    pub(super) fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.setting(
            spec("cql.nodes", "`host:port` of some nodes", "none: required with `cql`"),
            &mut self.nodes,
        );
        visitor.setting(
            spec("cql.keyspace", "keyspace: letters, digits, `_`", "a plain name"),
            &mut self.keyspace,
        );
        visitor.setting(
            spec("cql.dialect", "`scylla` or `cassandra`", "what `deploy/` runs"),
            &mut self.dialect,
        );
        visitor.setting(
            spec("cql.datacenter", "data center whose nodes are asked", "any: one data center"),
            &mut self.datacenter,
        );
        visitor.setting(
            spec(
                "cql.consistency",
                "`LOCAL_QUORUM` or `QUORUM`, for reads and writes alike",
                "what was acknowledged is read; survives a lost data center",
            ),
            &mut self.consistency,
        );
        visitor.setting(spec("cql.user", "user name", "no authentication"), &mut self.user);
        visitor.secret(
            spec("cql.password", "file that holds the user's password", "none"),
            &mut self.password,
        );
        visitor.setting(
            spec("cql.tls.ca_file", "PEM file that signs the nodes; TLS if set", "plain text"),
            &mut self.tls.ca_file,
        );
        visitor.setting(
            spec("cql.tls.certificate_file", "PEM file of our certificate", "none"),
            &mut self.tls.certificate_file,
        );
        visitor.setting(
            spec("cql.tls.key_file", "PEM file of its private key", "none"),
            &mut self.tls.key_file,
        );
    }
}

/// Folding and writing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IngestSettings {
    /// How far after its record's time an event may claim to have happened.
    pub future_limit: Span,
    /// How far below the newest id time a missing dial may still be called new.
    pub floor_margin: Span,
    /// Memory for facts of recent dials.
    pub cache_bytes: Bytes,
    /// Memory for records taken and not yet durable.
    pub budget_bytes: Bytes,
    /// Most rows of one write.
    pub batch_rows: u64,
    /// How long a row may wait for others while there is a backlog.
    pub batch_age: Span,
    /// How long the frontier may stand still while log and store answer.
    pub watchdog: Span,
}

impl Default for IngestSettings {
    fn default() -> Self {
        Self {
            future_limit: Span::from_ms(300_000),
            floor_margin: Span::from_ms(300_000),
            cache_bytes: Bytes(256 << 20),
            budget_bytes: Bytes(64 << 20),
            batch_rows: 100,
            batch_age: Span::from_ms(1_000),
            watchdog: Span::from_ms(120_000),
        }
    }
}

impl IngestSettings {
    pub(super) fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.setting(
            spec(
                "ingest.future.limit",
                "how far after its record's time an event may have happened; beyond it: reject",
                "clocks of gateways without time service drift by seconds, not minutes",
            ),
            &mut self.future_limit,
        );
        visitor.setting(
            spec(
                "ingest.floor.margin",
                "how long before the newest dial one is still looked up in the store; at least \
                 `ingest.future.limit`",
                "covers every event time that is accepted",
            ),
            &mut self.floor_margin,
        );
        visitor.setting(
            spec(
                "ingest.cache.bytes",
                "memory for facts of recent dials",
                "about a million open dials",
            ),
            &mut self.cache_bytes,
        );
        visitor.setting(
            spec(
                "ingest.budget.bytes",
                "memory for records taken and not yet durable; beyond it none are taken",
                "a second of full speed",
            ),
            &mut self.budget_bytes,
        );
        visitor.setting(
            spec(
                "ingest.batch.rows",
                "most rows of one write",
                "a row costs the store a third of a single one; 300 is no better",
            ),
            &mut self.batch_rows,
        );
        visitor.setting(
            spec(
                "ingest.batch.age",
                "how long a row may wait for others while there is a backlog",
                "fewer, larger batches in catch-up; without a backlog rows never wait",
            ),
            &mut self.batch_age,
        );
        visitor.setting(
            spec(
                "ingest.watchdog",
                "how long nothing may move while log and store answer; then exit 75",
                "far above any pause of a healthy process",
            ),
            &mut self.watchdog,
        );
    }
}

/// How long items may stay open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ItemLimits {
    /// Ringing, if no ring timeout was sent.
    pub ringing: Span,
    /// Connected.
    pub connected: Span,
}

impl Default for ItemLimits {
    fn default() -> Self {
        Self { ringing: Span::from_ms(120_000), connected: Span::from_ms(14_700_000) }
    }
}

impl ItemLimits {
    pub(super) fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.setting(
            spec(
                "item.limit.ringing",
                "how long a dial may ring without an end, if its event names no ring timeout",
                "phones ring a minute at most, and the end may be late",
            ),
            &mut self.ringing,
        );
        visitor.setting(
            spec(
                "item.limit.connected",
                "how long a call may last without an end",
                "carriers cut at 4 h",
            ),
            &mut self.connected,
        );
    }
}
