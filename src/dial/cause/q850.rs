//! Cause values of ITU-T Q.850, as switches report them.

use crate::item::EndReason;

/// The end reason of a cause value.
pub const fn reason(cause: u8) -> Option<EndReason> {
    match cause {
        16 | 31 => Some(EndReason::Cleared),
        17 => Some(EndReason::Busy),
        18 | 19 | 102 => Some(EndReason::NoAnswer),
        20 => Some(EndReason::Unreachable),
        26 => Some(EndReason::AnsweredElsewhere),
        21 => Some(EndReason::Rejected),
        1 | 2 | 3 | 22 | 28 => Some(EndReason::InvalidNumber),
        27 | 34 | 38 | 41 | 42 | 47 => Some(EndReason::NetworkError),
        _ => None,
    }
}
