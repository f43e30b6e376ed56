//! Rules across settings. A fault names the setting to change, why, and what would do.
//! Kinds of single values are `load`'s.

use std::path::PathBuf;

use super::fault::Fault;
use super::sections::{LogKind, Protocol, Settings, StoreKind};
use super::value::Bytes;

/// librdkafka settings that would break a promise, with the promise.
const REFUSED_CLIENT: [(&str, &str); 12] = [
    ("enable.auto.offset.store", "a record that was read is not a row that was written"),
    ("enable.auto.commit", "only what is durable may be committed; the commit is ringfold's own"),
    ("auto.offset.reset", "a lost offset must mean a replay, never a gap"),
    ("allow.auto.create.topics", "a misspelt topic must be an error"),
    ("ssl.endpoint.identification.algorithm", "the broker's name must be checked"),
    ("enable.ssl.certificate.verification", "the broker's certificate must be checked"),
    ("bootstrap.servers", "it has a setting of its own: kafka.brokers"),
    ("metadata.broker.list", "it has a setting of its own: kafka.brokers"),
    ("group.id", "it has a setting of its own: kafka.group"),
    ("security.protocol", "it has a setting of its own: kafka.security.protocol"),
    ("sasl.password", "a secret is given as kafka.security.sasl_password_file"),
    ("ssl.key.password", "a secret does not belong into a settings file"),
];

/// One record of the largest size must fit, with room to go on.
const BYTES_MIN: Bytes = Bytes(4 << 20);

/// Every broken rule.
pub(super) fn check(settings: &Settings) -> Vec<Fault> {
    let mut rules = Rules { settings, faults: Vec::new() };
    rules.top();
    rules.pairs();
    rules.kafka();
    rules.cql();
    rules.ingest();
    rules.listeners();
    rules.files();
    rules.faults
}

struct Rules<'a> {
    settings: &'a Settings,
    faults: Vec<Fault>,
}

impl Rules<'_> {
    fn fault(&mut self, key: &str, what: impl Into<String>, fix: impl Into<String>) {
        let origin = self.settings.origin(key);
        self.faults.push(Fault { origin, key: key.to_owned(), what: what.into(), fix: fix.into() });
    }

    fn top(&mut self) {
        if self.settings.roles.is_empty() {
            self.fault("roles", "names no role", "name `ingest` or `api`");
        }
        let level = crate::telemetry::logs::check_level(&self.settings.telemetry.log_level);
        if let Err(error) = level {
            let fix = "write `info`, or directives like `info,ringfold::kafka=debug`";
            self.fault("telemetry.log.level", error.to_string(), fix);
        }
        if self.settings.stop_grace.0.is_zero() {
            self.fault("stop.grace", "leaves no time to stop", "give it some seconds");
        }
    }

    fn pairs(&mut self) {
        if self.settings.log.kind == LogKind::Local && self.settings.store == StoreKind::Cql {
            self.fault(
                "store.kind",
                "a local log and a shared store do not go together: the events would live on one \
                 machine and their rows on others, so losing that machine loses events",
                "set log.kind = \"kafka\", or store.kind = \"local\"",
            );
        }
    }

    fn kafka(&mut self) {
        let kafka = &self.settings.kafka;
        for (name, reason) in REFUSED_CLIENT {
            if kafka.client.contains_key(name) {
                let key = format!("kafka.client.{name}");
                self.fault(&key, format!("cannot be set: {reason}"), "remove it");
            }
        }
        if self.settings.log.kind != LogKind::Kafka {
            return;
        }
        self.addresses("kafka.brokers", &kafka.brokers, "[\"kafka-1:9092\"]");
        for (key, name) in [
            ("kafka.topics.dials", &kafka.topics.dials),
            ("kafka.topics.dead_letters", &kafka.topics.dead_letters),
            ("kafka.group", &kafka.group),
        ] {
            if name.is_empty() {
                self.fault(key, "is empty", "give it a name");
            }
        }
        let topics = &kafka.topics;
        if topics.dials == topics.references
            || topics.dials == topics.dead_letters
            || topics.references == topics.dead_letters
        {
            let what = "two of dials, references and dead_letters name one topic";
            self.fault("kafka.topics.dials", what, "give each of them a topic of its own");
        }
        self.sasl();
    }

    fn sasl(&mut self) {
        let security = &self.settings.kafka.security;
        if !matches!(security.protocol, Protocol::SaslPlaintext | Protocol::SaslSsl) {
            return;
        }
        let mechanism = security.sasl_mechanism.as_deref().unwrap_or("");
        if !["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"].contains(&mechanism) {
            let fix = "name PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512";
            self.fault("kafka.security.sasl_mechanism", "names none that is built in", fix);
        }
        if security.sasl_user.is_none() {
            self.fault("kafka.security.sasl_user", "is missing with SASL", "name the user");
        }
        if !security.sasl_password.is_named() {
            let fix = "name the file that holds the password";
            self.fault("kafka.security.sasl_password_file", "is missing with SASL", fix);
        }
    }

    fn cql(&mut self) {
        if self.settings.store != StoreKind::Cql {
            return;
        }
        let cql = &self.settings.cql;
        self.addresses("cql.nodes", &cql.nodes, "[\"scylla-1:9042\"]");
        let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !(1..=48).contains(&cql.keyspace.len()) || !cql.keyspace.chars().all(is_letter) {
            let fix = "use 1 to 48 letters, digits and `_`";
            self.fault("cql.keyspace", "is no name of a keyspace", fix);
        }
        if cql.user.is_some() != cql.password.is_named() {
            let fix = "set cql.user and cql.password_file, or neither";
            self.fault("cql.user", "user and password go together", fix);
        }
    }

    fn ingest(&mut self) {
        let ingest = &self.settings.ingest;
        if ingest.floor_margin < ingest.future_limit {
            self.fault(
                "ingest.floor.margin",
                "is less than ingest.future.limit: a dial whose clock is ahead could pass for new \
                 and hide what is stored",
                format!("make it at least \"{}\"", ingest.future_limit),
            );
        }
        if !(1..=1_000).contains(&ingest.batch_rows) {
            let fix = "use 1 to 1000; 100 is best on both stores";
            self.fault("ingest.batch.rows", "is out of range", fix);
        }
        for (key, bytes) in [
            ("ingest.cache.bytes", ingest.cache_bytes),
            ("ingest.budget.bytes", ingest.budget_bytes),
        ] {
            if bytes < BYTES_MIN {
                self.fault(key, "is too small for the largest records", "use at least \"4MiB\"");
            }
        }
        if ingest.watchdog.0.is_zero() {
            self.fault("ingest.watchdog", "leaves no time", "give it a minute or more");
        }
    }

    fn listeners(&mut self) {
        let (http, admin) = (&self.settings.http, &self.settings.admin);
        let is_exposed = !admin.listen.ip().is_loopback();
        let is_shared = admin.listen == http.listen && admin.listen.port() != 0;
        if (is_exposed || is_shared) && !admin.password.is_named() {
            self.fault(
                "admin.password_file",
                format!("is missing although others than operators can reach {}", admin.listen),
                "name a file that holds a password, or let admin.listen be 127.0.0.1",
            );
        }
        for (key, number) in [
            ("http.max_in_flight", http.max_in_flight),
            ("http.query.max_items_read", http.max_items_read),
        ] {
            if number == 0 {
                self.fault(key, "lets nothing through", "use at least 1");
            }
        }
        if !(1..=10_000).contains(&self.settings.intake.max_batch) {
            self.fault("intake.max_batch", "is out of range", "use 1 to 10000");
        }
        for (key, span) in
            [("http.deadline", http.deadline), ("http.read_timeout", http.read_timeout)]
        {
            if span.0.is_zero() {
                self.fault(key, "leaves no time", "give it some seconds");
            }
        }
    }

    fn files(&mut self) {
        let (security, tls) = (&self.settings.kafka.security, &self.settings.cql.tls);
        let named = [
            ("kafka.security.ca_file", &security.ca_file),
            ("kafka.security.certificate_file", &security.certificate_file),
            ("kafka.security.key_file", &security.key_file),
            ("cql.tls.ca_file", &tls.ca_file),
            ("cql.tls.certificate_file", &tls.certificate_file),
            ("cql.tls.key_file", &tls.key_file),
        ];
        let named = named.into_iter().filter_map(|(key, file)| Some((key, file.as_ref()?)));
        let tariffs = self.settings.tariff.files.iter().map(|file| ("tariff.files", file));
        let missing: Vec<(&str, &PathBuf)> =
            named.chain(tariffs).filter(|(_, file)| !file.is_file()).collect();
        for (key, file) in missing {
            let what = format!("there is no file {}", file.display());
            self.fault(key, what, "name a file that exists");
        }
        for (key, certificate, private) in [
            ("cql.tls.key_file", &tls.certificate_file, &tls.key_file),
            ("kafka.security.key_file", &security.certificate_file, &security.key_file),
        ] {
            if certificate.is_some() != private.is_some() {
                let fix = "set both certificate_file and key_file, or neither";
                self.fault(key, "certificate and private key go together", fix);
            }
        }
    }

    fn addresses(&mut self, key: &str, addresses: &[String], example: &str) {
        let is_address = |text: &String| {
            let parts = text.rsplit_once(':');
            parts.is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
        };
        if addresses.is_empty() {
            self.fault(key, "is empty", format!("name some, like {example}"));
        } else if !addresses.iter().all(is_address) {
            self.fault(key, "has an entry that is not `host:port`", format!("like {example}"));
        }
    }
}
