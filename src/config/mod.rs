//! Settings: one TOML file, the environment and flags, over defaults that work by themselves.
//! The only code that reads files, environment and flags for settings.
//!
//! Order: defaults < file < environment < flags. Every section lists its settings in one place, its
//! `visit`; reading, printing, checking of names and the table in `docs/operations.md` all walk
//! that list.
//!
//! **Architecture invariant:** no setting is read anywhere else, and no secret is ever printed.

mod check;
mod fault;
mod load;
mod sections;
mod show;
mod source;
mod value;

pub use fault::{Fault, Origin};
pub use load::Sources;
pub use sections::{
    AdminSettings, Consistency, CqlSettings, CqlTlsSettings, Dialect, HttpSettings, IngestSettings,
    IntakeSettings, ItemLimits, KafkaSecurity, KafkaSettings, KafkaTopics, LogKind, LogSettings,
    Profile, Protocol, Role, Secret, Settings, StoreKind, TariffSettings, TelemetrySettings,
};
pub use show::{Shown, table};
pub use value::{Bytes, Rate, Span, Word};
