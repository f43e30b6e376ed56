//! Final SIP responses (RFC 3261, section 21; RFC 8197 for 607, RFC 8688 for 608).

use crate::item::EndReason;

/// The end reason of a response code.
pub const fn reason(code: u16) -> Option<EndReason> {
    match code {
        200 => Some(EndReason::Completed),
        486 | 600 => Some(EndReason::Busy),
        408 | 487 | 504 => Some(EndReason::NoAnswer),
        480 => Some(EndReason::Unreachable),
        403 | 603 | 607 | 608 => Some(EndReason::Rejected),
        404 | 410 | 484 | 485 | 604 => Some(EndReason::InvalidNumber),
        500 | 502 | 503 => Some(EndReason::NetworkError),
        _ => None,
    }
}
