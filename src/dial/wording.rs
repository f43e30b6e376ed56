//! The status and its text: first row of the table that applies. It does not know edits.

use crate::item::{EndReason, Finality, Status};

use super::event::AnsweredBy;
use super::facts::Facts;
use super::reason;

/// What is said of a dial by its facts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wording {
    /// The status.
    pub status: Status,
    /// The text, without the end code.
    pub text: &'static str,
    /// Why the dial ended, if an end was reported.
    pub end_reason: Option<EndReason>,
}

/// Status, text and end reason of a dial.
pub fn wording(facts: &Facts, finality: Finality) -> Wording {
    let end_reason = facts.ended.as_ref().map(|fact| reason::end_reason(&fact.said));
    let is_answered = facts.answered.is_some();
    let is_machine =
        is_answered && facts.detected.as_ref().is_some_and(|f| f.said == AnsweredBy::Machine);
    let (status, text) = match end_reason {
        Some(reason) if is_answered => (Status::Completed, answered_end(reason, is_machine)),
        Some(reason) => unanswered_end(reason),
        None if finality == Finality::Provisional && is_answered => {
            (Status::Completed, "No end was reported; shown as completed, length and cost unknown.")
        }
        None if finality == Finality::Provisional => {
            (Status::NoAnswer, "No end was reported; shown as not answered.")
        }
        None if is_machine => (Status::Connected, "A machine or voicemail answered."),
        None if is_answered => (Status::Connected, "The call is connected."),
        None if facts.ringing.is_some() => (Status::Ringing, "The phone is ringing."),
        None => (Status::Initiated, "Dialing."),
    };
    Wording { status, text, end_reason }
}

const fn answered_end(reason: EndReason, is_machine: bool) -> &'static str {
    match reason {
        EndReason::TimeLimit => "Answered; the call reached its time limit.",
        EndReason::NetworkError | EndReason::Unknown => "Answered; the connection was lost.",
        EndReason::Completed
        | EndReason::Cleared
        | EndReason::Busy
        | EndReason::NoAnswer
        | EndReason::Unreachable
        | EndReason::AnsweredElsewhere
        | EndReason::CallerHungUp
        | EndReason::Rejected
        | EndReason::InvalidNumber => {
            if is_machine {
                "A machine or voicemail answered; the call has ended."
            } else {
                "Answered; the call has ended."
            }
        }
    }
}

const fn unanswered_end(reason: EndReason) -> (Status, &'static str) {
    match reason {
        EndReason::Busy => (Status::Busy, "The line was busy."),
        EndReason::NoAnswer => (Status::NoAnswer, "Nobody answered."),
        EndReason::Unreachable => (Status::NoAnswer, "The phone could not be reached."),
        EndReason::AnsweredElsewhere => (Status::NoAnswer, "Another responder answered first."),
        EndReason::CallerHungUp => (Status::CallerHungUp, "The caller hung up before an answer."),
        EndReason::Cleared => (Status::CallerHungUp, "The call was ended before an answer."),
        EndReason::Rejected => (Status::Failed, "The call was rejected."),
        EndReason::InvalidNumber => (Status::Failed, "The number could not be dialed."),
        EndReason::NetworkError => (Status::Failed, "The network could not complete the call."),
        // An end that says answered fills the register: these two do not come without it.
        EndReason::Unknown | EndReason::Completed | EndReason::TimeLimit => {
            (Status::Failed, "The call failed without a known reason.")
        }
    }
}
