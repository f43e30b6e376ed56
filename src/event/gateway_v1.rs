//! `gateway.started`, version 1, and the `gateway` object that dial events hold too.

use crate::dial::event::{Gateway, GatewayStarted};
use crate::value::{DialId, ProjectId};

use super::json::{self, Slot, wire};
use super::judge::{Judge, Stamp};
use super::reject::Reject;

wire! {
    /// A gateway: its kind and which one of the kind.
    GatewayWire, read on their own: [],
    kind: "kind",
    instance: "instance",
}

wire! {
    /// Data of `gateway.started`.
    GatewayStartedWire, read on their own: ["gateway"],
    gateway: "gateway",
    live: "liveDialIds",
    project: "projectId",
}

/// Most dials that a start may list.
pub(super) const LIVE_MAX: usize = 1_000;

const KIND: (fn(&str) -> bool, &str) =
    (is_kind, "1 to 32 lower-case letters, digits or hyphens, such as twilio");
const INSTANCE: (fn(&str) -> bool, &str) =
    (is_instance, "1 to 64 letters, digits or any of . _ : -");
const LIVE: &str = "a list of at most 1000 dial ids";

/// Reads the data of a gateway's start.
pub(super) fn read(data: &str, stamp: &Stamp<'_>) -> Result<GatewayStarted, Reject> {
    let wire: GatewayStartedWire<'_> = json::read(data, 1)?;
    let gateway_wire: GatewayWire<'_> = json::read_inner(&wire.gateway, 2)?.unwrap_or_default();
    let mut judge = Judge::new(stamp);
    if stamp.time.is_absent() {
        judge.missing("time");
    }
    // Of something else than an object nothing is missing: it is wrong as a whole.
    if wire.gateway.is_absent() || is_object(&wire.gateway) {
        for (name, slot) in
            [("gateway.kind", &gateway_wire.kind), ("gateway.instance", &gateway_wire.instance)]
        {
            if slot.is_absent() {
                judge.missing(name);
            }
        }
    }
    let at = judge.time("time", &stamp.time);
    let gateway = gateway(&mut judge, &wire.gateway, Some(&gateway_wire));
    let live = live(&mut judge, &wire.live, 2);
    let project = judge.uuid("projectId", &wire.project).map(ProjectId::new);
    let started = gateway.zip(at).zip(live);
    judge.verdict(started.map(|((gateway, at), live)| GatewayStarted {
        gateway,
        at,
        live,
        project,
    }))
}

/// Kind and instance as one text; `None` if neither is there.
pub(super) fn gateway(
    judge: &mut Judge,
    slot: &Slot<'_>,
    wire: Option<&GatewayWire<'_>>,
) -> Option<Gateway> {
    if !is_object(slot) && !slot.is_absent() {
        judge.wrong("gateway", "an object with kind and instance");
    }
    let wire = wire?;
    let kind = judge.pattern("gateway.kind", &wire.kind, KIND);
    let instance = judge.pattern("gateway.instance", &wire.instance, INSTANCE);
    Gateway::new(kind, instance)
}

fn is_object(slot: &Slot<'_>) -> bool {
    slot.nested().is_some_and(|text| text.starts_with('{'))
}

fn live(judge: &mut Judge, slot: &Slot<'_>, depth: usize) -> Option<Vec<DialId>> {
    if slot.is_absent() {
        return Some(Vec::new());
    }
    let elements = slot.nested().and_then(|text| json::read_array(text, depth));
    let ids: Option<Vec<DialId>> =
        elements.filter(|elements| elements.len() <= LIVE_MAX).and_then(|elements| {
            elements.iter().map(|slot| slot.text().and_then(DialId::parse)).collect()
        });
    if ids.is_none() {
        judge.wrong("liveDialIds", LIVE);
    }
    ids
}

/// `[a-z0-9-]{1,32}`
fn is_kind(text: &str) -> bool {
    let is_kept = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=32).contains(&text.len()) && text.bytes().all(is_kept)
}

/// `[A-Za-z0-9._:-]{1,64}`
fn is_instance(text: &str) -> bool {
    let is_kept = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'-');
    (1..=64).contains(&text.len()) && text.bytes().all(is_kept)
}
