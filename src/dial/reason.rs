//! What an end said → end reason and end code; and the one mapping the fold needs: whether an end
//! says that somebody answered. It does not choose a status (`wording` does).

use std::fmt::Write;

use crate::item::EndReason;

use super::cause::{q850, sip, vendor};
use super::event::{Ended, HangupSide};

/// Words of `reason` that v1 knows. Closed: an end whose reason is one of them is not asked for
/// the vendor's word.
const V1_REASONS: [&str; 12] = [
    "completed",
    "time_limit",
    "cleared",
    "busy",
    "no_answer",
    "unreachable",
    "answered_elsewhere",
    "caller_hung_up",
    "rejected",
    "invalid_number",
    "network_error",
    "unknown",
];

/// Vendors' words that say answered. Closed within v1, so that all releases fold alike: a new word
/// that means an answer comes as `reason` or `answeredAt` from the adapter.
const V1_ANSWERED: [(&str, &str); 9] = [
    ("twilio", "completed"),
    ("twilio", "answered"),
    ("plivo", "completed"),
    ("plivo", "answered"),
    ("jambonz", "completed"),
    ("jambonz", "answered"),
    ("telnyx", "time_limit"),
    ("asterisk", "ANSWER"),
    ("freeswitch", "ALLOTTED_TIMEOUT"),
];

const SIP_OK: u16 = 200;

/// Whether the end itself says that somebody answered.
pub fn says_answered(ended: &Ended) -> bool {
    if ended.sip == Some(SIP_OK) {
        return true;
    }
    match ended.reason.as_deref() {
        Some(word) if V1_REASONS.contains(&word) => matches!(word, "completed" | "time_limit"),
        _ => match (ended.kind.as_deref(), ended.status.as_deref()) {
            (Some(kind), Some(status)) => V1_ANSWERED.contains(&(kind, status)),
            _ => false,
        },
    }
}

/// The end reason: from the first source that gives an answer.
pub fn end_reason(ended: &Ended) -> EndReason {
    let by_word = ended.reason.as_deref().and_then(EndReason::from_word);
    let by_vendor = || vendor::reason(ended.kind.as_deref()?, ended.status.as_deref()?);
    let by_cause = || ended.q850.and_then(q850::reason);
    let reason = match by_word.or_else(by_vendor).or_else(by_cause) {
        Some(reason) => reason,
        None => match (ended.sip, ended.side) {
            (Some(487), Some(HangupSide::Caller)) => EndReason::CallerHungUp,
            (Some(code), _) => sip::reason(code).unwrap_or(EndReason::Unknown),
            (None, _) => EndReason::Unknown,
        },
    };
    match (reason, ended.side) {
        (EndReason::Cleared, Some(HangupSide::Gateway)) => EndReason::NoAnswer,
        (EndReason::Cleared, Some(HangupSide::Callee)) => EndReason::Rejected,
        (reason, _) => reason,
    }
}

/// The raw codes as text: `twilio no-answer, SIP 487, by caller`. `None` if there are none.
pub fn end_code(ended: &Ended) -> Option<String> {
    let mut code = String::new();
    let mut part = |text: &dyn std::fmt::Display| {
        let comma = if code.is_empty() { "" } else { ", " };
        // Writing to a String cannot fail.
        write!(code, "{comma}{text}").unwrap_or_default();
    };
    match (ended.kind.as_deref(), ended.status.as_deref()) {
        (Some(kind), Some(status)) => part(&format_args!("{kind} {status}")),
        (None, Some(status)) => part(&status),
        (_, None) => {}
    }
    if let Some(word) = ended.reason.as_deref()
        && EndReason::from_word(word).is_none()
    {
        part(&word);
    }
    if let Some(sip) = ended.sip {
        part(&format_args!("SIP {sip}"));
    }
    if let Some(q850) = ended.q850 {
        part(&format_args!("Q.850 {q850}"));
    }
    if let Some(side) = ended.side {
        part(&format_args!("by {}", side.word()));
    }
    (!code.is_empty()).then_some(code)
}
