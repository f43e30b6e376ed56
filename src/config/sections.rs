//! All settings with their defaults, in sections; each section lists its own for every purpose.
//! It reads nothing (`load`) and judges nothing across fields (`check`).

use std::collections::BTreeMap;
use std::path::PathBuf;

use secrecy::SecretString;

use super::fault::Origin;
use super::value::{Setting, Span, Word};

mod log;
mod serve;
mod store;

pub use log::{KafkaSecurity, KafkaSettings, KafkaTopics, LogKind, LogSettings, Protocol};
pub use serve::{
    AdminSettings, HttpSettings, IntakeSettings, Profile, TariffSettings, TelemetrySettings,
};
pub use store::{
    Consistency, CqlSettings, CqlTlsSettings, Dialect, IngestSettings, ItemLimits, StoreKind,
};

/// What a setting is for, as `docs/operations.md` prints it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spec {
    /// The full key.
    pub(super) key: &'static str,
    /// What it sets, with its unit or words.
    pub(super) what: &'static str,
    /// Why the default is what it is.
    pub(super) why: &'static str,
}

pub(super) const fn spec(key: &'static str, what: &'static str, why: &'static str) -> Spec {
    Spec { key, what, why }
}

/// Walks all settings: to read them, to print them, to name them.
pub(super) trait Visitor {
    /// An ordinary setting.
    fn setting<T: Setting>(&mut self, spec: Spec, slot: &mut T);
    /// Settings of a library, passed through by their own names.
    fn passed_through(&mut self, spec: Spec, slot: &mut BTreeMap<String, String>);
    /// A secret: `<key>_file` names its file; the key itself may come from the environment only.
    fn secret(&mut self, spec: Spec, slot: &mut Secret);
}

/// A secret and the file it comes from.
#[derive(Clone, Debug, Default)]
pub struct Secret {
    /// The file, if one is named.
    pub file: Option<PathBuf>,
    /// The secret itself, once it is read.
    pub value: Option<SecretString>,
}

impl Secret {
    /// Whether there is one, or a file that should hold it.
    pub fn is_named(&self) -> bool {
        self.file.is_some() || self.value.is_some()
    }
}

/// What a process does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Reads the log, folds, writes rows.
    Ingest,
    /// Serves HTTP.
    Api,
}

impl Word for Role {
    const ALL: &'static [Self] = &[Self::Ingest, Self::Api];

    fn word(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Api => "api",
        }
    }
}

/// Every setting.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What this process does.
    pub roles: Vec<Role>,
    /// Where the local log and the local store lie.
    pub data_dir: PathBuf,
    /// How long log and store may be out of reach at the start.
    pub startup_deadline: Span,
    /// How long a stop may take.
    pub stop_grace: Span,
    /// Where events come from.
    pub log: LogSettings,
    /// The Kafka client.
    pub kafka: KafkaSettings,
    /// Where rows go.
    pub store: StoreKind,
    /// The CQL client.
    pub cql: CqlSettings,
    /// Folding and writing.
    pub ingest: IngestSettings,
    /// How long items may stay open.
    pub item: ItemLimits,
    /// The public listener.
    pub http: HttpSettings,
    /// The operators' listener.
    pub admin: AdminSettings,
    /// Events over HTTP.
    pub intake: IntakeSettings,
    /// Prices.
    pub tariff: TariffSettings,
    /// Logs.
    pub telemetry: TelemetrySettings,
    /// Where each value that is no default came from, by key.
    pub origins: BTreeMap<String, Origin>,
    /// What is allowed but unwise; for the log of the start.
    pub warnings: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            roles: vec![Role::Ingest, Role::Api],
            data_dir: PathBuf::from("ringfold-data"),
            startup_deadline: Span::from_ms(60_000),
            stop_grace: Span::from_ms(20_000),
            log: LogSettings::default(),
            kafka: KafkaSettings::default(),
            store: StoreKind::Local,
            cql: CqlSettings::default(),
            ingest: IngestSettings::default(),
            item: ItemLimits::default(),
            http: HttpSettings::default(),
            admin: AdminSettings::default(),
            intake: IntakeSettings::default(),
            tariff: TariffSettings::default(),
            telemetry: TelemetrySettings::default(),
            origins: BTreeMap::new(),
            warnings: Vec::new(),
        }
    }
}

const ROLES: Spec =
    spec("roles", "what this process does: `ingest`, `api`", "one process does everything");
const DATA_DIR: Spec = spec(
    "data.dir",
    "directory of the local log and store; made if missing",
    "beside where it is started: a first try leaves nothing elsewhere",
);
const STARTUP_DEADLINE: Spec = spec(
    "startup.deadline",
    "time for log and store to answer at the start; afterwards exit 69",
    "longer than a broker or node takes to restart",
);
const STOP_GRACE: Spec = spec(
    "stop.grace",
    "time for a clean stop after the first signal",
    "below the 30 s after which service managers kill",
);

impl Settings {
    /// Whether this process has a role.
    pub fn has_role(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether events are taken over HTTP: as set, else with the local log only.
    pub fn takes_events(&self) -> bool {
        self.intake.enabled.unwrap_or(self.log.kind == LogKind::Local)
    }

    /// Where the value of a key came from.
    pub fn origin(&self, key: &str) -> Origin {
        self.origins.get(key).cloned().unwrap_or(Origin::Default)
    }

    /// Walks every setting, in the order of the documentation.
    pub(super) fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.setting(ROLES, &mut self.roles);
        visitor.setting(DATA_DIR, &mut self.data_dir);
        visitor.setting(STARTUP_DEADLINE, &mut self.startup_deadline);
        visitor.setting(STOP_GRACE, &mut self.stop_grace);
        self.log.visit(visitor);
        self.kafka.visit(visitor);
        store::visit_kind(&mut self.store, visitor);
        self.cql.visit(visitor);
        self.ingest.visit(visitor);
        self.item.visit(visitor);
        self.http.visit(visitor);
        self.admin.visit(visitor);
        self.intake.visit(visitor);
        self.tariff.visit(visitor);
        self.telemetry.visit(visitor);
    }
}
