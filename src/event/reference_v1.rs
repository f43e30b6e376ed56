//! The reference events, version 1: which columns are kept, and their canonical JSON.
//! Columns that no reader may see are dropped unread.

use std::collections::BTreeMap;

use crate::relation::{Reference, ReferenceKind};
use crate::value::ProjectId;

use super::json::{self, Slot, wire};
use super::judge::{Judge, Stamp};
use super::reject::Reject;

wire! {
    /// Every name of the four references; each kind reads its own.
    ReferenceWire, read on their own: [],
    project: "projectId",
    user: "userId",
    rule: "incomingCallPolicyEscalationRuleId",
    call: "incomingCallLogId",
    name: "name",
    email: "email",
    picture: "profilePictureId",
    two_factor: "twoFactorAuthEnabled",
    plan_name: "planName",
    severity: "alertInvestigationMinimumSeverityId",
    reseller: "resellerId",
    reseller_plan: "resellerPlanId",
    reseller_license: "resellerLicenseId",
    policy: "incomingCallPolicyId",
    order: "order",
    caller_phone: "callerPhoneNumber",
    routing_phone: "routingPhoneNumber",
    status: "status",
    call_duration: "callDurationInSeconds",
    started_at: "startedAt",
    created_at: "createdAt",
    updated_at: "updatedAt",
    version: "version",
}

/// Type of a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Type {
    Id,
    Text,
    Boolean,
    Integer,
    Time,
}

/// Longest text of a reference, in characters.
pub(super) const TEXT_MAX: usize = 500;
const TEXT: (usize, &str) = (TEXT_MAX, "text of at most 500 characters without control characters");

/// Wire name of the id of a reference.
pub(super) const fn id_name(kind: ReferenceKind) -> &'static str {
    match kind {
        ReferenceKind::User => "userId",
        ReferenceKind::Project => "projectId",
        ReferenceKind::Rule => "incomingCallPolicyEscalationRuleId",
        ReferenceKind::Call => "incomingCallLogId",
    }
}

/// Exposed columns of a reference, in the order of the contract.
pub(super) const fn columns(kind: ReferenceKind) -> &'static [(&'static str, Type)] {
    match kind {
        ReferenceKind::User => &[
            ("name", Type::Text),
            ("email", Type::Text),
            ("profilePictureId", Type::Id),
            ("twoFactorAuthEnabled", Type::Boolean),
        ],
        ReferenceKind::Project => &[
            ("name", Type::Text),
            ("planName", Type::Text),
            ("alertInvestigationMinimumSeverityId", Type::Id),
            ("resellerId", Type::Id),
            ("resellerPlanId", Type::Id),
            ("resellerLicenseId", Type::Text),
        ],
        ReferenceKind::Rule => {
            &[("incomingCallPolicyId", Type::Id), ("name", Type::Text), ("order", Type::Integer)]
        }
        ReferenceKind::Call => &[
            ("incomingCallPolicyId", Type::Id),
            ("callerPhoneNumber", Type::Text),
            ("routingPhoneNumber", Type::Text),
            ("status", Type::Text),
            ("callDurationInSeconds", Type::Integer),
            ("startedAt", Type::Time),
        ],
    }
}

/// Columns that every reference may carry.
pub(super) const COMMON: [(&str, Type); 3] =
    [("createdAt", Type::Time), ("updatedAt", Type::Time), ("version", Type::Integer)];

/// Whether the body tells the project: the two relations that expose `projectId`.
pub(super) const fn exposes_project(kind: ReferenceKind) -> bool {
    matches!(kind, ReferenceKind::Rule | ReferenceKind::Call)
}

/// Whether a reference is there or gone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Upserted,
    Deleted,
}

/// Reads the data of a reference event.
pub(super) fn read(
    data: &str,
    (kind, presence): (ReferenceKind, Presence),
    stamp: &Stamp<'_>,
) -> Result<Reference, Reject> {
    let mut wire: ReferenceWire<'_> = json::read(data, 1)?;
    let mut judge = Judge::new(stamp);
    let project = judge.required_uuid("projectId", &wire.project).map(ProjectId::new);
    let id = match kind {
        ReferenceKind::Project => project.map(ProjectId::uuid),
        ReferenceKind::User | ReferenceKind::Rule | ReferenceKind::Call => {
            judge.required_uuid(id_name(kind), &slot(&mut wire, id_name(kind)))
        }
    };
    if stamp.time.is_absent() {
        judge.missing("time");
    }
    let at = judge.time("time", &stamp.time);
    let body = match presence {
        Presence::Deleted => None,
        Presence::Upserted => {
            let mut body = BTreeMap::new();
            if let Some(project) = project.filter(|_| exposes_project(kind)) {
                body.insert("projectId", quoted(&project.to_string()));
            }
            for (name, of_type) in columns(kind).iter().chain(&COMMON) {
                let slot = slot(&mut wire, name);
                if let Some(text) = column(&mut judge, name, *of_type, &slot) {
                    body.insert(*name, text);
                }
            }
            Some(canonical(&body).into())
        }
    };
    let read = project.zip(id).zip(at);
    judge.verdict(read.map(|((project, id), at)| Reference { kind, project, id, at, body }))
}

fn slot<'a>(wire: &mut ReferenceWire<'a>, name: &str) -> Slot<'a> {
    json::Wire::slot(wire, name).cloned().unwrap_or_default()
}

/// A column as canonical JSON; `None` if it is absent (or at fault, which the judge knows).
fn column(judge: &mut Judge, name: &'static str, of_type: Type, slot: &Slot<'_>) -> Option<String> {
    const INTEGER: ((i64, i64), &str) = ((i64::MIN, i64::MAX), "an integer");
    match of_type {
        Type::Id => judge.uuid(name, slot).map(|id| quoted(&id.to_string())),
        Type::Text => judge.text(name, slot, TEXT).map(quoted),
        Type::Boolean => judge.boolean(name, slot).map(|value| value.to_string()),
        Type::Integer => judge.integer::<i64>(name, slot, INTEGER).map(|value| value.to_string()),
        Type::Time => judge.time(name, slot).map(|at| quoted(&at.to_string())),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Names sorted by bytes, no blanks.
fn canonical(columns: &BTreeMap<&str, String>) -> String {
    let pairs: Vec<String> =
        columns.iter().map(|(name, value)| format!("{}:{value}", quoted(name))).collect();
    format!("{{{}}}", pairs.join(","))
}
