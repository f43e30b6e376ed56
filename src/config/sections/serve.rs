//! Settings of what is served and told: listeners, intake, tariffs, telemetry.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use super::{Secret, Visitor, spec};
use crate::config::value::{Rate, Span, Word};
use crate::telemetry::logs::Format;

/// The HTTP dialect of the resource.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Profile {
    /// As the reference documents it.
    Documented,
    /// As existing clients of the upstream product expect it.
    DropIn,
}

impl Word for Profile {
    const ALL: &'static [Self] = &[Self::Documented, Self::DropIn];

    fn word(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::DropIn => "drop-in",
        }
    }
}

/// The public listener.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HttpSettings {
    /// Address and port.
    pub listen: SocketAddr,
    /// The dialect.
    pub profile: Profile,
    /// Origins whose pages may call the API; `*` = any.
    pub cors_origins: Vec<String>,
    /// Time to answer a request.
    pub deadline: Span,
    /// Time to receive a request.
    pub read_timeout: Span,
    /// Requests in progress.
    pub max_in_flight: u64,
    /// Requests per API key and process.
    pub rate_per_key: Rate,
    /// Requests per project and process.
    pub rate_per_project: Rate,
    /// Items one query may read.
    pub max_items_read: u64,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8_080)),
            profile: Profile::Documented,
            cors_origins: Vec::new(),
            deadline: Span::from_ms(10_000),
            read_timeout: Span::from_ms(10_000),
            max_in_flight: 1_024,
            rate_per_key: Rate(Some(2_000)),
            rate_per_project: Rate(None),
            max_items_read: 1_000_000,
        }
    }
}

impl HttpSettings {
    pub(super) fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.setting(
            spec("http.listen", "address and port of the API", "loopback: nothing is exposed"),
            &mut self.listen,
        );
        visitor.setting(
            spec("http.profile", "`documented` or `drop-in`", "the documented resource"),
            &mut self.profile,
        );
        visitor.setting(
            spec("http.cors_origins", "origins whose pages may call the API", "none"),
            &mut self.cors_origins,
        );
        visitor.setting(
            spec("http.deadline", "time to answer a request; then 503", "people give up sooner"),
            &mut self.deadline,
        );
        visitor.setting(
            spec(
                "http.read_timeout",
                "time to receive a request; then 408",
                "slow senders must not hold connections",
            ),
            &mut self.read_timeout,
        );
        visitor.setting(
            spec("http.max_in_flight", "requests in progress; then 503", "bounds memory"),
            &mut self.max_in_flight,
        );
        visitor.setting(
            spec(
                "http.rate.per_key",
                "requests per API key and process, bursts of twice that; `\"off\"` = no limit",
                "far above what people and engines need, below what hurts",
            ),
            &mut self.rate_per_key,
        );
        visitor.setting(
            spec("http.rate.per_project", "the same over all API keys of a project", "no limit"),
            &mut self.rate_per_project,
        );
        visitor.setting(
            spec(
                "http.query.max_items_read",
                "items one query may read; then 422",
                "a project-day of the largest size that is planned for",
            ),
            &mut self.max_items_read,
        );
    }
}

/// The operators' listener.
#[derive(Clone, Debug)]
pub struct AdminSettings {
    /// Address and port.
    pub listen: SocketAddr,
    /// The operators' password.
    pub password: Secret,
}

impl Default for AdminSettings {
    fn default() -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8_081)), password: Secret::default() }
    }
}

impl AdminSettings {
    pub(super) fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.setting(
            spec("admin.listen", "address and port of metrics and probes", "loopback"),
            &mut self.listen,
        );
        visitor.secret(
            spec(
                "admin.password",
                "file that holds the operators' password; required unless loopback",
                "none",
            ),
            &mut self.password,
        );
    }
}

/// Events over HTTP.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IntakeSettings {
    /// Whether they are taken; `None` = with the local log only.
    pub enabled: Option<bool>,
    /// Most events of one request.
    pub max_batch: u64,
}

impl Default for IntakeSettings {
    fn default() -> Self {
        Self { enabled: None, max_batch: 500 }
    }
}

impl IntakeSettings {
    pub(super) fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.setting(
            spec(
                "intake.enabled",
                "whether `POST /events` takes events",
                "on with the local log, off with Kafka",
            ),
            &mut self.enabled,
        );
        visitor.setting(
            spec("intake.max_batch", "most events of one request", "fits the 1 MiB of a body"),
            &mut self.max_batch,
        );
    }
}

/// Prices.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TariffSettings {
    /// Tariff files.
    pub files: Vec<PathBuf>,
}

impl TariffSettings {
    pub(super) fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.setting(
            spec("tariff.files", "tariff files", "none: costs are null with `no_tariff`"),
            &mut self.files,
        );
    }
}

impl Word for Format {
    const ALL: &'static [Self] = &Self::ALL;

    fn word(self) -> &'static str {
        self.word()
    }
}

/// Logs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TelemetrySettings {
    /// How lines look.
    pub log_format: Format,
    /// Level, or directives.
    pub log_level: String,
}

impl Default for TelemetrySettings {
    fn default() -> Self {
        Self { log_format: Format::Auto, log_level: "info".to_owned() }
    }
}

impl TelemetrySettings {
    pub(super) fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.setting(
            spec(
                "telemetry.log.format",
                "`auto`, `pretty` or `json`",
                "readable on a terminal, JSON otherwise",
            ),
            &mut self.log_format,
        );
        visitor.setting(
            spec(
                "telemetry.log.level",
                "`error`, `warn`, `info`, `debug`, `trace`, or directives",
                "one line per start, stop and failure",
            ),
            &mut self.log_level,
        );
    }
}
