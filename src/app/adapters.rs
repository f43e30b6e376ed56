//! Settings of the process → settings of each adapter.

use std::time::Duration;

use secrecy::ExposeSecret;

use crate::config::{self, LogKind, Protocol, Settings, StoreKind};
use crate::cql::{Consistency, CqlSettings, CqlTls, Dialect};
use crate::dial::limits::Limits;
use crate::embedded::EmbeddedSettings;
use crate::event::DecodeLimits;
use crate::http::ApiSettings;
use crate::http::profile::{Documented, DropIn, Profile};
use crate::ingest;
use crate::kafka::{KafkaSettings, Position};
use crate::ports::changes::{ChangeNotice, Changes};

/// What one cached dial costs, with its texts and its place in the maps.
const DIAL_BYTES: usize = 640;

pub(super) fn decode(settings: &Settings) -> DecodeLimits {
    DecodeLimits { future: settings.ingest.future_limit.0 }
}

/// How long items may stay open. Also used by commands that fold.
pub fn limits(settings: &Settings) -> Limits {
    Limits { ringing: settings.item.ringing.0, connected: settings.item.connected.0 }
}

/// How the worker's machine works. Also used by commands that fold into a store.
pub fn machine(settings: &Settings) -> ingest::Settings {
    ingest::Settings {
        decode: decode(settings),
        floor_margin: settings.ingest.floor_margin.0,
        cache_dials: settings.ingest.cache_bytes.size().div_euclid(DIAL_BYTES).max(1_000),
        budget_bytes: settings.ingest.budget_bytes.size(),
        batch_rows: usize::try_from(settings.ingest.batch_rows).unwrap_or(usize::MAX),
        batch_age: settings.ingest.batch_age.0,
        units_in_flight: 32,
        unit_rows: 5_000,
        hand_back_within: Duration::from_secs(5),
    }
}

pub(super) fn api(settings: &Settings) -> ApiSettings {
    let http = &settings.http;
    let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    ApiSettings {
        deadline: http.deadline.0,
        read_timeout: http.read_timeout.0,
        max_in_flight: count(http.max_in_flight),
        rate_per_key: http.rate_per_key.0.unwrap_or(0),
        rate_per_project: http.rate_per_project.0.unwrap_or(0),
        max_items_read: http.max_items_read,
        max_batch: count(settings.intake.max_batch),
        cors_origins: http.cors_origins.clone(),
    }
}

/// The one place that knows which dialect is which. Also used by the command that prints it.
pub fn profile(profile: config::Profile) -> &'static dyn Profile {
    match profile {
        config::Profile::Documented => &Documented,
        config::Profile::DropIn => &DropIn,
    }
}

/// Where the embedded store lies. Also used by commands that work on its files.
pub fn embedded(settings: &Settings) -> EmbeddedSettings {
    EmbeddedSettings {
        log_keep: Some(settings.log.keep.0),
        ..EmbeddedSettings::in_dir(settings.data_dir.clone())
    }
}

/// How the CQL store is reached. Also used by commands that work on it.
pub fn cql(settings: &Settings) -> CqlSettings {
    let cql = &settings.cql;
    let tls = cql.tls.ca_file.clone().map(|ca| CqlTls {
        ca,
        identity: cql.tls.certificate_file.clone().zip(cql.tls.key_file.clone()),
    });
    CqlSettings {
        nodes: cql.nodes.clone(),
        keyspace: cql.keyspace.clone(),
        dialect: match cql.dialect {
            config::Dialect::Scylla => Dialect::Scylla,
            config::Dialect::Cassandra => Dialect::Cassandra,
        },
        datacenter: cql.datacenter.clone(),
        consistency: match cql.consistency {
            config::Consistency::LocalQuorum => Consistency::LocalQuorum,
            config::Consistency::Quorum => Consistency::Quorum,
        },
        user: cql.user.clone(),
        password: cql.password.value.clone(),
        tls,
    }
}

/// How Kafka is reached. Also used by commands that work on it.
pub fn kafka(settings: &Settings, position: Position) -> KafkaSettings {
    let kafka = &settings.kafka;
    let security = &kafka.security;
    let path = |path: &Option<std::path::PathBuf>| path.as_ref().map(|p| p.display().to_string());
    let password = security.sasl_password.value.as_ref().map(|p| p.expose_secret().to_owned());
    let named = [
        ("security.protocol", Some(protocol(security.protocol).to_owned())),
        ("ssl.ca.location", path(&security.ca_file)),
        ("ssl.certificate.location", path(&security.certificate_file)),
        ("ssl.key.location", path(&security.key_file)),
        ("sasl.mechanism", security.sasl_mechanism.clone()),
        ("sasl.username", security.sasl_user.clone()),
        ("sasl.password", password),
    ];
    let topics = [&kafka.topics.dials, &kafka.topics.references];
    KafkaSettings {
        brokers: kafka.brokers.join(","),
        topics: topics.into_iter().filter(|topic| !topic.is_empty()).cloned().collect(),
        dead_letters: kafka.topics.dead_letters.clone(),
        group: kafka.group.clone(),
        prefetch_bytes: kafka.prefetch.size(),
        security: named.into_iter().filter_map(|(name, v)| Some((name.to_owned(), v?))).collect(),
        client: kafka.client.clone(),
        startup_deadline: settings.startup_deadline.0,
        position,
    }
}

fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Plaintext => "plaintext",
        Protocol::Ssl => "ssl",
        Protocol::SaslPlaintext => "sasl_plaintext",
        Protocol::SaslSsl => "sasl_ssl",
    }
}

/// Which pair of log and store the process runs on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Pair {
    LocalLocal,
    KafkaCql,
    KafkaLocal,
}

/// The pair of the settings; `None` for the one that is refused.
pub(super) fn pair(settings: &Settings) -> Option<Pair> {
    match (settings.log.kind, settings.store) {
        (LogKind::Local, StoreKind::Local) => Some(Pair::LocalLocal),
        (LogKind::Kafka, StoreKind::Cql) => Some(Pair::KafkaCql),
        (LogKind::Kafka, StoreKind::Local) => Some(Pair::KafkaLocal),
        (LogKind::Local, StoreKind::Cql) => None,
    }
}

/// Change notices that nobody follows: on CQL a reader polls. Also used by commands that fold.
#[derive(Clone, Copy, Debug)]
pub struct NoFollowers;

impl Changes for NoFollowers {
    fn publish(&self, _notices: &[ChangeNotice]) {}
}
