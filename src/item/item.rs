//! The item: what a reader sees of one dial, and what is kept beside it.
//! Only `dial::render` makes one.

use std::sync::Arc;

use crate::value::{CallId, DialId, ItemId, MicroUsd, Micros, Phone, ProjectId, RuleId, UserId};

use super::{EndReason, Rendered};

/// One `IncomingCallLogItem` with every column of the resource.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// `_id`.
    pub id: ItemId,
    /// `projectId`.
    pub project: ProjectId,
    /// `createdAt`.
    pub created_at: Micros,
    /// `updatedAt`: the newest fact or edit.
    pub updated_at: Micros,
    /// `incomingCallLogId`.
    pub call: Option<CallId>,
    /// `incomingCallPolicyEscalationRuleId`.
    pub rule: Option<RuleId>,
    /// `userId`.
    pub user: Option<UserId>,
    /// `userPhoneNumber`.
    pub phone: Option<Phone>,
    /// `status`: one of the nine words, or what a client wrote.
    pub status: Arc<str>,
    /// `statusMessage`.
    pub status_message: Option<Arc<str>>,
    /// `dialDurationInSeconds`.
    pub dial_duration_s: Option<i64>,
    /// `callCostInUSDCents`.
    pub cost: Option<MicroUsd>,
    /// `startedAt`.
    pub started_at: Option<Micros>,
    /// `endedAt`.
    pub ended_at: Option<Micros>,
    /// `isAnswered`.
    pub is_answered: bool,
    /// `version` of the `drop-in` profile: revision + edits.
    pub version: u64,
    /// What is kept beside the columns.
    pub kept: Kept,
}

/// What ringfold keeps beside the resource's columns.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// The gateway's name of the dial.
    pub dial: Option<DialId>,
    /// When the phone was picked up.
    pub answered_at: Option<Micros>,
    /// Who picked up: `human`, `machine`.
    pub answered_by: Option<&'static str>,
    /// Why the dial ended, if an end was reported.
    pub end_reason: Option<EndReason>,
    /// The raw codes of the end, as text.
    pub end_code: Option<Arc<str>>,
    /// Revision of the facts.
    pub revision: u32,
    /// Write timestamp of the facts, µs.
    pub write_version: i64,
    /// Spans, finality, cost and its provenance. Its status, duration and cost follow the facts
    /// alone but for `cost` and `cost_source`, which are those shown.
    pub rendered: Rendered,
}
