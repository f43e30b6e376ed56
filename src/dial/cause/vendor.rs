//! Words of vendors, by kind of gateway. Coarse words (Twilio's `failed`, Asterisk's
//! `CHANUNAVAIL`, …) are left out on purpose: a code beside them says more.

use crate::item::EndReason;

/// The end reason of a gateway's word.
pub fn reason(kind: &str, status: &str) -> Option<EndReason> {
    match kind {
        "twilio" | "jambonz" => twilio(status),
        "plivo" => plivo(status),
        "vonage" => vonage(status),
        "telnyx" => telnyx(status),
        "asterisk" => asterisk(status),
        "freeswitch" => freeswitch(status),
        _ => None,
    }
}

/// `CallStatus`, `DialCallStatus`; `call_status` of jambonz.
fn twilio(status: &str) -> Option<EndReason> {
    match status {
        "completed" | "answered" => Some(EndReason::Completed),
        "busy" => Some(EndReason::Busy),
        "no-answer" => Some(EndReason::NoAnswer),
        "canceled" => Some(EndReason::CallerHungUp),
        _ => None,
    }
}

/// `DialStatus`: Twilio's words and two more.
fn plivo(status: &str) -> Option<EndReason> {
    match status {
        "cancel" => Some(EndReason::CallerHungUp),
        "timeout" => Some(EndReason::NoAnswer),
        other => twilio(other),
    }
}

/// `status` or `status:detail`.
fn vonage(status: &str) -> Option<EndReason> {
    match status {
        "completed" => Some(EndReason::Cleared),
        "busy" => Some(EndReason::Busy),
        "unanswered" | "unanswered:timeout" | "timeout" => Some(EndReason::NoAnswer),
        "unanswered:unavailable" => Some(EndReason::Unreachable),
        "cancelled" => Some(EndReason::CallerHungUp),
        "rejected" | "rejected:declined" | "rejected:restricted" => Some(EndReason::Rejected),
        "rejected:invalid_number" | "failed:number_out_of_service" => {
            Some(EndReason::InvalidNumber)
        }
        "failed:cannot_route" | "failed:internal_error" => Some(EndReason::NetworkError),
        _ => None,
    }
}

/// `hangup_cause`.
fn telnyx(status: &str) -> Option<EndReason> {
    match status {
        "time_limit" => Some(EndReason::TimeLimit),
        "normal_clearing" => Some(EndReason::Cleared),
        "user_busy" => Some(EndReason::Busy),
        "timeout" | "no_answer" => Some(EndReason::NoAnswer),
        "originator_cancel" => Some(EndReason::CallerHungUp),
        "call_rejected" => Some(EndReason::Rejected),
        "not_found" => Some(EndReason::InvalidNumber),
        _ => None,
    }
}

/// `DialStatus` of `app_dial`.
fn asterisk(status: &str) -> Option<EndReason> {
    match status {
        "ANSWER" => Some(EndReason::Completed),
        "BUSY" => Some(EndReason::Busy),
        "NOANSWER" => Some(EndReason::NoAnswer),
        "CANCEL" => Some(EndReason::CallerHungUp),
        "CONGESTION" => Some(EndReason::NetworkError),
        _ => None,
    }
}

/// `Hangup-Cause`.
fn freeswitch(status: &str) -> Option<EndReason> {
    match status {
        "ALLOTTED_TIMEOUT" => Some(EndReason::TimeLimit),
        "NORMAL_CLEARING" | "NORMAL_UNSPECIFIED" => Some(EndReason::Cleared),
        "USER_BUSY" | "BUSY_EVERYWHERE" => Some(EndReason::Busy),
        "NO_ANSWER"
        | "NO_USER_RESPONSE"
        | "RECOVERY_ON_TIMER_EXPIRE"
        | "PROGRESS_TIMEOUT"
        | "NO_PICKUP" => Some(EndReason::NoAnswer),
        "SUBSCRIBER_ABSENT" | "USER_NOT_REGISTERED" => Some(EndReason::Unreachable),
        "LOSE_RACE" | "PICKED_OFF" => Some(EndReason::AnsweredElsewhere),
        "ORIGINATOR_CANCEL" => Some(EndReason::CallerHungUp),
        "CALL_REJECTED" | "DECLINE" | "UNWANTED" | "REJECT_ALL" => Some(EndReason::Rejected),
        "UNALLOCATED_NUMBER"
        | "NO_ROUTE_DESTINATION"
        | "NO_ROUTE_TRANSIT_NET"
        | "NUMBER_CHANGED"
        | "INVALID_NUMBER_FORMAT"
        | "DOES_NOT_EXIST_ANYWHERE" => Some(EndReason::InvalidNumber),
        "DESTINATION_OUT_OF_ORDER"
        | "NORMAL_CIRCUIT_CONGESTION"
        | "NETWORK_OUT_OF_ORDER"
        | "NORMAL_TEMPORARY_FAILURE"
        | "SWITCH_CONGESTION"
        | "MEDIA_TIMEOUT"
        | "GATEWAY_DOWN" => Some(EndReason::NetworkError),
        _ => None,
    }
}
