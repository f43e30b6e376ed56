//! The reference events, version 1: which columns are kept, and their canonical JSON.
//! Columns that no reader may see are dropped unread.

use std::collections::BTreeMap;

use crate::relation::{InnerKind, RECORD_COLUMNS, Reference, ReferenceKind};
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

impl Type {
    const fn of(kind: InnerKind) -> Self {
        match kind {
            InnerKind::ObjectId => Self::Id,
            InnerKind::Text | InnerKind::Name | InnerKind::Email | InnerKind::Phone => Self::Text,
            InnerKind::Number => Self::Integer,
            InnerKind::Boolean => Self::Boolean,
            InnerKind::Date => Self::Time,
        }
    }
}

const PROJECT_NAME: &str = "projectId";
/// Longest text of a reference, in characters.
pub(super) const TEXT_MAX: usize = 500;
const TEXT: (usize, &str) = (TEXT_MAX, "text of at most 500 characters without control characters");

/// Columns of a reference in the order of the contract; the project is told apart.
pub(super) fn columns(kind: ReferenceKind) -> impl Iterator<Item = (&'static str, Type)> {
    let columns = kind.exposed().iter().filter(|column| column.name != PROJECT_NAME);
    columns.map(|column| (column.name, Type::of(column.kind)))
}

/// Columns that every reference may carry.
pub(super) fn common() -> impl Iterator<Item = (&'static str, Type)> {
    RECORD_COLUMNS.into_iter().map(|column| (column.name, Type::of(column.kind)))
}

/// Whether the body tells the project: the two relations that expose `projectId`.
pub(super) fn exposes_project(kind: ReferenceKind) -> bool {
    kind.exposed().iter().any(|column| column.name == PROJECT_NAME)
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
            judge.required_uuid(kind.id_name(), &slot(&mut wire, kind.id_name()))
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
            for (name, of_type) in columns(kind).chain(common()) {
                let slot = slot(&mut wire, name);
                if let Some(text) = column(&mut judge, name, of_type, &slot) {
                    body.insert(name, text);
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
