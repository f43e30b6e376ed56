//! The statements of `schema` and no others.

use scylla::statement::prepared::PreparedStatement;

use crate::ports::store::ReadError;

use super::super::connect::Link;
use super::{Keyspace, Profile, put_in};

/// Makes the keyspace; `{replicas}` copies in every data center.
const CREATE_KEYSPACE: &str = "CREATE KEYSPACE IF NOT EXISTS {keyspace} WITH replication = \
    {'class': 'NetworkTopologyStrategy', 'replication_factor': {replicas}}";
/// Tables of a keyspace that exist.
const FIND_TABLE: &str = "SELECT table_name FROM system_schema.tables \
    WHERE keyspace_name = ? AND table_name = ?";
/// The schema files that were applied.
const LIST_APPLIED: &str = "SELECT version, checksum FROM {keyspace}.schema_version \
    WHERE component = 'schema'";
/// A schema file is applied.
const PUT_APPLIED: &str = "INSERT INTO {keyspace}.schema_version \
    (component, version, checksum, applied_at) VALUES ('schema', ?, ?, toTimestamp(now()))";

/// The statement that creates the keyspace.
pub(in crate::cql) fn create_keyspace(keyspace: &Keyspace, replicas: u16) -> String {
    put_in(CREATE_KEYSPACE, keyspace).replace("{replicas}", &replicas.to_string())
}

/// The statements of `schema`, prepared where they are needed.
pub(in crate::cql) struct SchemaStatements;

impl SchemaStatements {
    pub(in crate::cql) async fn find_table(link: &Link) -> Result<PreparedStatement, ReadError> {
        link.prepare(FIND_TABLE, Profile::Point).await
    }

    pub(in crate::cql) async fn list_applied(
        link: &Link,
        keyspace: &Keyspace,
    ) -> Result<PreparedStatement, ReadError> {
        link.prepare(&put_in(LIST_APPLIED, keyspace), Profile::Point).await
    }

    pub(in crate::cql) async fn put_applied(
        link: &Link,
        keyspace: &Keyspace,
    ) -> Result<PreparedStatement, ReadError> {
        link.prepare(&put_in(PUT_APPLIED, keyspace), Profile::Write).await
    }
}
