//! The series: one enum per type of metric; what names and labels each variant stands for.
//! It emits nothing.

use metrics::Label;

use super::list::{
    BUDGET_USED, BUILD_INFO, COMMITS, DB_DURATION, DIALS_START_MISMATCH, EVENT_AGE, EVENTS_FOLDED,
    EVENTS_UNCHANGED, FACTS_REPLACED, GATE_CLOSED, GATEWAY_GAPS, HTTP_DURATION, HTTP_REFUSED,
    INVARIANT_VIOLATIONS, ITEMS_FLAGGED, LOCATORS_WRITTEN, LOG_COMMITTED, LOG_FRONTIER,
    LOG_LAG_EVENTS, LOG_LAG_SECONDS, LOG_OLDEST_INCOMPLETE, Listed, OPEN_DIALS, QUERY_ITEMS_READ,
    REBALANCES, RECORDS_KEY_MISMATCH, RECORDS_POLLED, RECORDS_REJECTED, ROWS_WRITTEN, STALL_AGE,
    STORE_LOADS, WRITE_ROWS, WRITES_UNKNOWN,
};

/// A log partition as a label: the place of its topic or file in the settings, then its number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part {
    /// Place of the topic or file.
    pub source: u16,
    /// Number of the log partition.
    pub number: u16,
}

/// One series of a counter. Text labels are words of closed sets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the help texts above say it once")]
pub enum Counter {
    RecordsPolled(Part),
    RecordsRejected {
        reason: &'static str,
    },
    EventsFolded {
        kind: &'static str,
    },
    EventsUnchanged {
        kind: &'static str,
    },
    RowsWritten {
        outcome: &'static str,
    },
    WritesUnknown,
    StoreLoads {
        cause: &'static str,
    },
    Commits {
        outcome: &'static str,
    },
    Rebalances {
        event: &'static str,
    },
    ItemsFlagged {
        flag: &'static str,
    },
    FactsReplaced {
        register: &'static str,
    },
    /// The kind by [`gateway_label`].
    GatewayGaps {
        gateway_kind: &'static str,
    },
    RecordsKeyMismatch,
    DialsStartMismatch,
    LocatorsWritten {
        kind: &'static str,
    },
    HttpRefused {
        reason: &'static str,
    },
    InvariantViolations {
        id: &'static str,
    },
}

/// One series of a gauge.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the help texts above say it once")]
pub enum Gauge {
    LogLagEvents(Part),
    LogLagSeconds(Part),
    LogOldestIncompleteSeconds(Part),
    LogFrontierOffset(Part),
    LogCommittedOffset(Part),
    BudgetUsedBytes,
    GateClosed,
    StallAgeSeconds,
    OpenDials,
    BuildInfo { version: &'static str, commit: &'static str },
}

/// One series of a histogram.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the help texts above say it once")]
pub enum Histogram {
    WriteRows,
    EventAgeSeconds,
    /// The route as it is written in the list of routes, never the path of a request.
    HttpServerRequestDurationSeconds {
        method: &'static str,
        route: &'static str,
        status: u16,
    },
    QueryItemsRead,
    /// `error_type` empty: it succeeded.
    DbClientOperationDurationSeconds {
        operation: &'static str,
        error_type: &'static str,
    },
}

pub(super) struct Series {
    pub(super) metric: &'static Listed,
    pub(super) labels: Vec<Label>,
}

fn bare(metric: &'static Listed) -> Series {
    Series { metric, labels: Vec::new() }
}

fn word(metric: &'static Listed, value: &'static str) -> Series {
    words(metric, [value])
}

fn words<const N: usize>(metric: &'static Listed, values: [&'static str; N]) -> Series {
    let pairs = metric.labels.iter().zip(values);
    let labels = pairs.map(|(name, value)| Label::from_static_parts(name, value)).collect();
    Series { metric, labels }
}

fn part(metric: &'static Listed, part: Part) -> Series {
    let value = format!("{}/{}", part.source, part.number);
    let labels = metric.labels.iter().map(|name| Label::new(*name, value.clone())).collect();
    Series { metric, labels }
}

impl Counter {
    pub(super) fn series(self) -> Series {
        match self {
            Self::RecordsPolled(of) => part(&RECORDS_POLLED, of),
            Self::RecordsRejected { reason } => word(&RECORDS_REJECTED, reason),
            Self::EventsFolded { kind } => word(&EVENTS_FOLDED, kind),
            Self::EventsUnchanged { kind } => word(&EVENTS_UNCHANGED, kind),
            Self::RowsWritten { outcome } => word(&ROWS_WRITTEN, outcome),
            Self::WritesUnknown => bare(&WRITES_UNKNOWN),
            Self::StoreLoads { cause } => word(&STORE_LOADS, cause),
            Self::Commits { outcome } => word(&COMMITS, outcome),
            Self::Rebalances { event } => word(&REBALANCES, event),
            Self::ItemsFlagged { flag } => word(&ITEMS_FLAGGED, flag),
            Self::FactsReplaced { register } => word(&FACTS_REPLACED, register),
            Self::GatewayGaps { gateway_kind } => word(&GATEWAY_GAPS, gateway_kind),
            Self::RecordsKeyMismatch => bare(&RECORDS_KEY_MISMATCH),
            Self::DialsStartMismatch => bare(&DIALS_START_MISMATCH),
            Self::LocatorsWritten { kind } => word(&LOCATORS_WRITTEN, kind),
            Self::HttpRefused { reason } => word(&HTTP_REFUSED, reason),
            Self::InvariantViolations { id } => word(&INVARIANT_VIOLATIONS, id),
        }
    }
}

impl Gauge {
    pub(super) fn series(self) -> Series {
        match self {
            Self::LogLagEvents(of) => part(&LOG_LAG_EVENTS, of),
            Self::LogLagSeconds(of) => part(&LOG_LAG_SECONDS, of),
            Self::LogOldestIncompleteSeconds(of) => part(&LOG_OLDEST_INCOMPLETE, of),
            Self::LogFrontierOffset(of) => part(&LOG_FRONTIER, of),
            Self::LogCommittedOffset(of) => part(&LOG_COMMITTED, of),
            Self::BudgetUsedBytes => bare(&BUDGET_USED),
            Self::GateClosed => bare(&GATE_CLOSED),
            Self::StallAgeSeconds => bare(&STALL_AGE),
            Self::OpenDials => bare(&OPEN_DIALS),
            Self::BuildInfo { version, commit } => words(&BUILD_INFO, [version, commit]),
        }
    }
}

impl Histogram {
    pub(super) fn series(self) -> Series {
        match self {
            Self::WriteRows => bare(&WRITE_ROWS),
            Self::EventAgeSeconds => bare(&EVENT_AGE),
            Self::HttpServerRequestDurationSeconds { method, route, status } => {
                let mut series = words(&HTTP_DURATION, [method, route]);
                let name = "http_response_status_code";
                series.labels.push(Label::new(name, status.to_string()));
                series
            }
            Self::QueryItemsRead => bare(&QUERY_ITEMS_READ),
            Self::DbClientOperationDurationSeconds { operation, error_type } => {
                words(&DB_DURATION, [operation, error_type])
            }
        }
    }
}

/// The label of a gateway kind: kinds are an open set, labels are not.
pub fn gateway_label(kind: Option<&str>) -> &'static str {
    const KNOWN: [&str; 10] = [
        "twilio",
        "vonage",
        "plivo",
        "telnyx",
        "asterisk",
        "freeswitch",
        "jambonz",
        "kamailio",
        "opensips",
        "didww",
    ];
    let Some(kind) = kind else { return "none" };
    KNOWN.into_iter().find(|known| *known == kind).unwrap_or("other")
}

#[cfg(test)]
mod samples {
    use super::*;

    const PART: Part = Part { source: 0, number: 3 };

    impl Counter {
        pub(in super::super) fn samples() -> Vec<Self> {
            vec![
                Self::RecordsPolled(PART),
                Self::RecordsRejected { reason: "not_json" },
                Self::EventsFolded { kind: "dial.started" },
                Self::EventsUnchanged { kind: "dial.ended" },
                Self::RowsWritten { outcome: "ok" },
                Self::WritesUnknown,
                Self::StoreLoads { cause: "below_floor" },
                Self::Commits { outcome: "ok" },
                Self::Rebalances { event: "assigned" },
                Self::ItemsFlagged { flag: "clock_suspect" },
                Self::FactsReplaced { register: "ended" },
                Self::GatewayGaps { gateway_kind: gateway_label(Some("twilio")) },
                Self::RecordsKeyMismatch,
                Self::DialsStartMismatch,
                Self::LocatorsWritten { kind: "item" },
                Self::HttpRefused { reason: "rate" },
                Self::InvariantViolations { id: "I1" },
            ]
        }
    }

    impl Gauge {
        pub(in super::super) fn samples() -> Vec<Self> {
            vec![
                Self::LogLagEvents(PART),
                Self::LogLagSeconds(PART),
                Self::LogOldestIncompleteSeconds(PART),
                Self::LogFrontierOffset(PART),
                Self::LogCommittedOffset(PART),
                Self::BudgetUsedBytes,
                Self::GateClosed,
                Self::StallAgeSeconds,
                Self::OpenDials,
                Self::BuildInfo { version: "0.1.0", commit: "unknown" },
            ]
        }
    }

    impl Histogram {
        pub(in super::super) fn samples() -> Vec<Self> {
            let (method, route) = ("GET", "/status");
            vec![
                Self::WriteRows,
                Self::EventAgeSeconds,
                Self::HttpServerRequestDurationSeconds { method, route, status: 200 },
                Self::QueryItemsRead,
                Self::DbClientOperationDurationSeconds { operation: "write", error_type: "" },
            ]
        }
    }
}
