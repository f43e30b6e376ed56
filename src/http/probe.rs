//! Answers to probes: the same on both listeners and in both profiles, without an API key.

use axum::http::StatusCode;

use super::error::{NOT_LIVE, NOT_READY};
use super::health::{Health, Part};
use super::writer::JsonWriter;

/// What a probe asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Probe {
    /// Does every loop go round?
    Live,
    /// May traffic come?
    Ready,
    /// Which program is this?
    Version,
}

impl Probe {
    /// Status and body.
    pub(super) fn answer(self, health: &Health) -> (StatusCode, Vec<u8>) {
        match self {
            Self::Live => told(health.live(), NOT_LIVE),
            Self::Ready => told(health.ready(), NOT_READY),
            Self::Version => (StatusCode::OK, version()),
        }
    }
}

fn told(result: Result<(), String>, failing: StatusCode) -> (StatusCode, Vec<u8>) {
    let mut writer = JsonWriter::default();
    let Err(missing) = result else {
        writer.raw("{\"status\":\"ok\"}");
        return (StatusCode::OK, writer.into_bytes());
    };
    writer.raw("{\"message\":");
    writer.string(&missing);
    writer.raw("}");
    (failing, writer.into_bytes())
}

fn version() -> Vec<u8> {
    let mut writer = JsonWriter::default();
    writer.raw("{\"version\":");
    writer.string(env!("CARGO_PKG_VERSION"));
    writer.raw(",\"commit\":");
    match option_env!("RINGFOLD_COMMIT") {
        Some(commit) => writer.string(commit),
        None => writer.raw("null"),
    }
    writer.raw("}");
    writer.into_bytes()
}

/// Parts and loops one by one, for operators.
pub(super) fn verbose(health: &Health) -> Vec<u8> {
    let mut writer = JsonWriter::default();
    writer.raw("{\"parts\":{");
    for (place, (name, part)) in health.parts().iter().enumerate() {
        writer.name(name, place);
        match part {
            Part::Ready => writer.string("ready"),
            Part::NotReady(reason) => writer.string(reason),
        }
    }
    writer.raw("},\"loops\":{");
    for (place, (name, since)) in health.loops().into_iter().enumerate() {
        writer.name(name, place);
        writer.raw("{\"millisecondsSinceTick\":");
        writer.number(u64::try_from(since.as_millis()).unwrap_or(u64::MAX));
        writer.raw("}");
    }
    writer.raw("}}");
    writer.into_bytes()
}
