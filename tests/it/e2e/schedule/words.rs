//! What ends are called: the tables of the event contract, read once more and apart from the product.
//! Only the words that the generated gateways use, and those that say of an answer.

/// End reason, then what names it: Q.850, SIP, and the words of each kind of gateway.
const REASONS: [[&str; 8]; 11] = [
    ["completed", "", "200", "completed answered", "", "", "ANSWER", ""],
    ["time_limit", "", "", "", "", "time_limit", "", "ALLOTTED_TIMEOUT"],
    ["cleared", "16 31", "", "", "completed", "normal_clearing", "", "NORMAL_CLEARING"],
    ["busy", "17", "486 600", "busy", "busy", "user_busy", "BUSY", "USER_BUSY"],
    [
        "no_answer",
        "18 19 102",
        "408 487 504",
        "no-answer",
        "unanswered unanswered:timeout timeout",
        "timeout no_answer",
        "NOANSWER",
        "NO_ANSWER NO_USER_RESPONSE",
    ],
    ["unreachable", "20", "480", "", "unanswered:unavailable", "", "", "USER_NOT_REGISTERED"],
    ["answered_elsewhere", "26", "", "", "", "", "", "LOSE_RACE PICKED_OFF"],
    [
        "caller_hung_up",
        "",
        "",
        "canceled",
        "cancelled",
        "originator_cancel",
        "CANCEL",
        "ORIGINATOR_CANCEL",
    ],
    [
        "rejected",
        "21",
        "403 603 607 608",
        "",
        "rejected:declined",
        "call_rejected",
        "",
        "CALL_REJECTED",
    ],
    [
        "invalid_number",
        "1 2 3 22 28",
        "404 410 484 485 604",
        "",
        "",
        "not_found",
        "",
        "UNALLOCATED_NUMBER",
    ],
    [
        "network_error",
        "27 34 38 41 42 47",
        "500 502 503",
        "",
        "failed:cannot_route",
        "",
        "CONGESTION",
        "NORMAL_TEMPORARY_FAILURE",
    ],
];
const KINDS: [&str; 5] = ["twilio", "vonage", "telnyx", "asterisk", "freeswitch"];
fn named(place: usize, word: &str) -> Option<&'static str> {
    let row = REASONS.iter().find(|row| row[place].split(' ').any(|known| known == word))?;
    (!word.is_empty()).then_some(row[0])
}

fn vendor_reason(said: &[String]) -> Option<&'static str> {
    let kind = KINDS.iter().position(|kind| *kind == said[1])?;
    named(3 + kind, &said[2])
}

/// Whether an end says that somebody answered, which is never taken back.
pub fn says_answered(said: &[String]) -> bool {
    let told = named(0, &said[0]).or_else(|| vendor_reason(said));
    told.is_some_and(|reason| ["completed", "time_limit"].contains(&reason)) || said[3] == "200"
}

pub fn end_reason(said: &[String]) -> &'static str {
    let by_sip = || match (said[3].as_str(), said[5].as_str()) {
        ("487", "caller") => Some("caller_hung_up"),
        (sip, _) => named(2, sip),
    };
    let told = named(0, &said[0])
        .or_else(|| vendor_reason(said))
        .or_else(|| named(1, &said[4]))
        .or_else(by_sip)
        .unwrap_or("unknown");
    match (told, said[5].as_str()) {
        ("cleared", "gateway") => "no_answer",
        ("cleared", "callee") => "rejected",
        _ => told,
    }
}

/// Status and text of an end without an answer.
pub fn unanswered(reason: &str) -> (&'static str, &'static str) {
    match reason {
        "busy" => ("Busy", "The line was busy."),
        "no_answer" => ("NoAnswer", "Nobody answered."),
        "unreachable" => ("NoAnswer", "The phone could not be reached."),
        "answered_elsewhere" => ("NoAnswer", "Another responder answered first."),
        "caller_hung_up" => ("CallerHungUp", "The caller hung up before an answer."),
        "cleared" => ("CallerHungUp", "The call was ended before an answer."),
        "rejected" => ("Failed", "The call was rejected."),
        "invalid_number" => ("Failed", "The number could not be dialed."),
        "network_error" => ("Failed", "The network could not complete the call."),
        _ => ("Failed", "The call failed without a known reason."),
    }
}

/// The raw codes, as they are shown behind the text.
pub fn end_code(said: &[String]) -> String {
    let own_word = named(0, &said[0]).is_some() || said[0] == "unknown";
    let parts = [
        (&said[2], format!("{} {}", said[1], said[2]).trim().to_owned()),
        (&said[0], if own_word { String::new() } else { said[0].clone() }),
        (&said[3], format!("SIP {}", said[3])),
        (&said[4], format!("Q.850 {}", said[4])),
        (&said[5], format!("by {}", said[5])),
    ];
    let told = parts.into_iter().filter(|(raw, part)| !raw.is_empty() && !part.is_empty());
    told.map(|(_, part)| part).collect::<Vec<_>>().join(", ")
}
