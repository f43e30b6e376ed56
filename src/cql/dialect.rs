//! What differs between ScyllaDB and Apache Cassandra: the schema files and the pool of
//! connections. Statements and meaning of errors are the same.

use std::num::NonZeroUsize;

use scylla::client::PoolSize;

/// Which server speaks CQL. Set by the configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    /// ScyllaDB: shards, tablets.
    Scylla,
    /// Apache Cassandra 5.0.
    Cassandra,
}

impl Dialect {
    /// The word in the configuration, and the folder of the schema files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Scylla => "scylla",
            Self::Cassandra => "cassandra",
        }
    }

    /// The dialect of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Scylla, Self::Cassandra].into_iter().find(|dialect| dialect.word() == word)
    }

    /// One connection per shard; a few per Cassandra node, whose connections are served by one
    /// thread each.
    pub(super) const fn pool(self) -> PoolSize {
        const FOUR: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);
        match self {
            Self::Scylla => PoolSize::PerShard(NonZeroUsize::MIN),
            Self::Cassandra => PoolSize::PerHost(FOUR),
        }
    }

    /// Schema files in order, with their numbers.
    pub const fn files(self) -> &'static [(i32, &'static str)] {
        match self {
            Self::Scylla => &[
                (1, include_str!("../../schemas/cql/scylla/0001_tables.cql")),
                (2, include_str!("../../schemas/cql/scylla/0002_tariff.cql")),
            ],
            Self::Cassandra => &[
                (1, include_str!("../../schemas/cql/cassandra/0001_tables.cql")),
                (2, include_str!("../../schemas/cql/cassandra/0002_tariff.cql")),
            ],
        }
    }
}
