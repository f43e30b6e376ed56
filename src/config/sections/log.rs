//! Settings of where events come from: the kind of log and the Kafka client.
//! It does not know librdkafka's own settings (`kafka/settings` does).

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{Secret, Visitor, spec};
use crate::config::value::{Bytes, Span, Word};

/// Where events come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogKind {
    /// The durable log in `data.dir`.
    Local,
    /// Kafka.
    Kafka,
}

impl Word for LogKind {
    const ALL: &'static [Self] = &[Self::Local, Self::Kafka];

    fn word(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Kafka => "kafka",
        }
    }
}

/// Where events come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogSettings {
    /// Which log.
    pub kind: LogKind,
    /// NDJSON files to follow, beside the local log.
    pub files: Vec<PathBuf>,
    /// How long records of the local log are kept once they are folded.
    pub keep: Span,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { kind: LogKind::Local, files: Vec::new(), keep: Span::from_ms(7 * 86_400_000) }
    }
}

impl LogSettings {
    pub(super) fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.setting(
            spec(
                "log.kind",
                "where events come from: `local` (the log in `data.dir`) or `kafka`",
                "works without a server",
            ),
            &mut self.kind,
        );
        visitor.setting(
            spec("log.local.files", "NDJSON files to follow, beside the local log", "none"),
            &mut self.files,
        );
        visitor.setting(
            spec(
                "log.local.keep",
                "how long folded records of the local log are kept",
                "how far back a replay can go; as long as a Kafka topic usually keeps them",
            ),
            &mut self.keep,
        );
    }
}

/// How the brokers are spoken to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protocol {
    /// Without encryption.
    Plaintext,
    /// TLS.
    Ssl,
    /// SASL without encryption.
    SaslPlaintext,
    /// SASL over TLS.
    SaslSsl,
}

impl Word for Protocol {
    const ALL: &'static [Self] = &[Self::Plaintext, Self::Ssl, Self::SaslPlaintext, Self::SaslSsl];

    fn word(self) -> &'static str {
        match self {
            Self::Plaintext => "plaintext",
            Self::Ssl => "ssl",
            Self::SaslPlaintext => "sasl_plaintext",
            Self::SaslSsl => "sasl_ssl",
        }
    }
}

/// The Kafka client.
#[derive(Clone, Debug)]
pub struct KafkaSettings {
    /// `host:port` of some brokers.
    pub brokers: Vec<String>,
    /// The topics.
    pub topics: KafkaTopics,
    /// The consumer group.
    pub group: String,
    /// Bytes prefetched by the client, over all log partitions.
    pub prefetch: Bytes,
    /// Encryption and authentication.
    pub security: KafkaSecurity,
    /// librdkafka's own settings, by their own names.
    pub client: BTreeMap<String, String>,
}

/// The topics.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KafkaTopics {
    /// Dial events and gateway starts.
    pub dials: String,
    /// References; empty = none.
    pub references: String,
    /// Dead letters.
    pub dead_letters: String,
}

/// Encryption and authentication towards the brokers.
#[derive(Clone, Debug)]
pub struct KafkaSecurity {
    /// How the brokers are spoken to.
    pub protocol: Protocol,
    /// Certificates that sign the brokers' own, PEM; `None` = those of the system.
    pub ca_file: Option<PathBuf>,
    /// Our certificate, PEM.
    pub certificate_file: Option<PathBuf>,
    /// Its private key, PEM.
    pub key_file: Option<PathBuf>,
    /// SASL mechanism.
    pub sasl_mechanism: Option<String>,
    /// SASL user.
    pub sasl_user: Option<String>,
    /// SASL password.
    pub sasl_password: Secret,
}

impl Default for KafkaSettings {
    fn default() -> Self {
        Self {
            brokers: Vec::new(),
            topics: KafkaTopics {
                dials: "ringfold.dials".to_owned(),
                references: "ringfold.references".to_owned(),
                dead_letters: "ringfold.dead-letters".to_owned(),
            },
            group: "ringfold".to_owned(),
            prefetch: Bytes(32 << 20),
            security: KafkaSecurity {
                protocol: Protocol::Plaintext,
                ca_file: None,
                certificate_file: None,
                key_file: None,
                sasl_mechanism: None,
                sasl_user: None,
                sasl_password: Secret::default(),
            },
            client: BTreeMap::new(),
        }
    }
}

impl KafkaSettings {
    pub(super) fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.setting(
            spec("kafka.brokers", "`host:port` of some brokers", "none: required with `kafka`"),
            &mut self.brokers,
        );
        self.topics.visit(visitor);
        visitor.setting(
            spec("kafka.group", "consumer group", "one installation, one group"),
            &mut self.group,
        );
        visitor.setting(
            spec(
                "kafka.prefetch",
                "size of what the client fetches ahead, over all log partitions",
                "a tenth of a second at full speed; librdkafka's own 64 MiB counts per partition",
            ),
            &mut self.prefetch,
        );
        self.security.visit(visitor);
        visitor.passed_through(
            spec(
                "kafka.client",
                "librdkafka settings by their own names, as in `kafka.client.\"fetch.min.bytes\"`",
                "ringfold's own defaults hold",
            ),
            &mut self.client,
        );
    }
}

impl KafkaTopics {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.setting(
            spec("kafka.topics.dials", "topic of dial events and gateway starts", "a plain name"),
            &mut self.dials,
        );
        visitor.setting(
            spec(
                "kafka.topics.references",
                "topic of users, projects, rules and calls; `\"\"` = none",
                "a plain name",
            ),
            &mut self.references,
        );
        visitor.setting(
            spec("kafka.topics.dead_letters", "topic of dead letters", "a plain name"),
            &mut self.dead_letters,
        );
    }
}

impl KafkaSecurity {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.setting(
            spec(
                "kafka.security.protocol",
                "`plaintext`, `ssl`, `sasl_plaintext` or `sasl_ssl`",
                "as librdkafka's",
            ),
            &mut self.protocol,
        );
        visitor.setting(
            spec("kafka.security.ca_file", "PEM file that signs the brokers", "the system's"),
            &mut self.ca_file,
        );
        visitor.setting(
            spec("kafka.security.certificate_file", "PEM file of our certificate", "none"),
            &mut self.certificate_file,
        );
        visitor.setting(
            spec("kafka.security.key_file", "PEM file of its private key", "none"),
            &mut self.key_file,
        );
        visitor.setting(
            spec(
                "kafka.security.sasl_mechanism",
                "`PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`",
                "none",
            ),
            &mut self.sasl_mechanism,
        );
        visitor.setting(spec("kafka.security.sasl_user", "SASL user", "none"), &mut self.sasl_user);
        visitor.secret(
            spec("kafka.security.sasl_password", "file that holds the SASL password", "none"),
            &mut self.sasl_password,
        );
    }
}
