//! The metrics as they are reviewed: names, labels, help, buckets. It emits nothing.

/// One metric as it is reviewed.
#[derive(Clone, Copy, Debug)]
pub struct Listed {
    /// The name in Prometheus form.
    pub name: &'static str,
    /// What it is.
    pub r#type: Type,
    /// Names of its labels, in the order they are written.
    pub labels: &'static [&'static str],
    /// What it says.
    pub help: &'static str,
}

/// What a metric is.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// Only rises.
    Counter,
    /// A present value.
    Gauge,
    /// Observations, counted in these buckets.
    Histogram(&'static [f64]),
}

const fn counter(
    name: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
) -> Listed {
    Listed { name, r#type: Type::Counter, labels, help }
}

const fn gauge(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Listed {
    Listed { name, r#type: Type::Gauge, labels, help }
}

/// Rows or items of one operation.
const SIZES: &[f64] = &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 1e4, 1e5, 1e6];
/// Seconds of one request or one store call.
const SPANS: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Seconds from "it happened" to "it can be read".
const AGES: &[f64] =
    &[0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 3_600.0, 86_400.0];

/// Every metric.
pub const LIST: &[Listed] = &[
    RECORDS_POLLED,
    RECORDS_REJECTED,
    EVENTS_FOLDED,
    EVENTS_UNCHANGED,
    ROWS_WRITTEN,
    WRITES_UNKNOWN,
    STORE_LOADS,
    COMMITS,
    REBALANCES,
    ITEMS_FLAGGED,
    FACTS_REPLACED,
    GATEWAY_GAPS,
    RECORDS_KEY_MISMATCH,
    DIALS_START_MISMATCH,
    LOCATORS_WRITTEN,
    HTTP_REFUSED,
    INVARIANT_VIOLATIONS,
    LOG_LAG_EVENTS,
    LOG_LAG_SECONDS,
    LOG_OLDEST_INCOMPLETE,
    LOG_FRONTIER,
    LOG_COMMITTED,
    BUDGET_USED,
    GATE_CLOSED,
    STALL_AGE,
    OPEN_DIALS,
    BUILD_INFO,
    WRITE_ROWS,
    EVENT_AGE,
    HTTP_DURATION,
    QUERY_ITEMS_READ,
    DB_DURATION,
];

const PART: &[&str] = &["log_partition"];

pub(super) const RECORDS_POLLED: Listed =
    counter("ringfold_records_polled_total", PART, "Records read from the log.");
pub(super) const RECORDS_REJECTED: Listed = counter(
    "ringfold_records_rejected_total",
    &["reason"],
    "Records that can never be read; they are dead letters.",
);
pub(super) const EVENTS_FOLDED: Listed =
    counter("ringfold_events_folded_total", &["kind"], "Events that changed a dial.");
pub(super) const EVENTS_UNCHANGED: Listed = counter(
    "ringfold_events_unchanged_total",
    &["kind"],
    "Duplicates and replays: they changed nothing and were not written.",
);
pub(super) const ROWS_WRITTEN: Listed =
    counter("ringfold_rows_written_total", &["outcome"], "Rows written, by outcome.");
pub(super) const WRITES_UNKNOWN: Listed =
    counter("ringfold_writes_unknown_total", &[], "Writes of unknown outcome; they are repeated.");
pub(super) const STORE_LOADS: Listed = counter(
    "ringfold_store_loads_total",
    &["cause"],
    "Dials read from the store on a miss; 0 when warm.",
);
pub(super) const COMMITS: Listed = counter(
    "ringfold_commits_total",
    &["outcome"],
    "Commits; refused ones are normal in a rebalance.",
);
pub(super) const REBALANCES: Listed =
    counter("ringfold_rebalances_total", &["event"], "Log partitions assigned, revoked or lost.");
pub(super) const ITEMS_FLAGGED: Listed =
    counter("ringfold_items_flagged_total", &["flag"], "Items with an adjusted or suspect value.");
pub(super) const FACTS_REPLACED: Listed = counter(
    "ringfold_facts_replaced_total",
    &["register"],
    "Conflicts: two different facts for one register.",
);
pub(super) const GATEWAY_GAPS: Listed = counter(
    "ringfold_gateway_gaps_total",
    &["gateway_kind"],
    "Dials that ended with events missing from their sequence.",
);
pub(super) const RECORDS_KEY_MISMATCH: Listed = counter(
    "ringfold_records_key_mismatch_total",
    &[],
    "Records whose key is not the call of their event.",
);
pub(super) const DIALS_START_MISMATCH: Listed = counter(
    "ringfold_dials_start_mismatch_total",
    &[],
    "Dials whose events name different starts: one dial became two items.",
);
pub(super) const LOCATORS_WRITTEN: Listed = counter(
    "ringfold_locators_written_total",
    &["kind"],
    "Items whose id carries no time, and slices of calls beyond their first.",
);
pub(super) const HTTP_REFUSED: Listed =
    counter("ringfold_http_refused_total", &["reason"], "Requests refused before any work.");
pub(super) const INVARIANT_VIOLATIONS: Listed =
    counter("ringfold_invariant_violations_total", &["id"], "Broken promises; must stay 0.");
pub(super) const LOG_LAG_EVENTS: Listed =
    gauge("ringfold_log_lag_events", PART, "Records between the frontier and the end of the log.");
pub(super) const LOG_LAG_SECONDS: Listed =
    gauge("ringfold_log_lag_seconds", PART, "Age of the oldest incomplete event by event time.");
pub(super) const LOG_OLDEST_INCOMPLETE: Listed = gauge(
    "ringfold_log_oldest_incomplete_seconds",
    PART,
    "Age of the oldest incomplete record by record time.",
);
pub(super) const LOG_FRONTIER: Listed =
    gauge("ringfold_log_frontier_offset", PART, "Everything below this offset is durable.");
pub(super) const LOG_COMMITTED: Listed =
    gauge("ringfold_log_committed_offset", PART, "The offset that was committed last.");
pub(super) const BUDGET_USED: Listed =
    gauge("ringfold_budget_used_bytes", &[], "Bytes of records taken and not yet durable.");
pub(super) const GATE_CLOSED: Listed =
    gauge("ringfold_gate_closed", &[], "1 while no records are taken for want of budget.");
pub(super) const STALL_AGE: Listed = gauge(
    "ringfold_stall_age_seconds",
    &[],
    "Seconds since the last acknowledged write while writes wait; else 0.",
);
pub(super) const OPEN_DIALS: Listed = gauge("ringfold_open_dials", &[], "Open dials in the cache.");
pub(super) const BUILD_INFO: Listed =
    gauge("ringfold_build_info", &["version", "commit"], "1; the labels say what runs.");
pub(super) const WRITE_ROWS: Listed = Listed {
    name: "ringfold_write_rows",
    r#type: Type::Histogram(SIZES),
    labels: &[],
    help: "Rows of one write.",
};
pub(super) const EVENT_AGE: Listed = Listed {
    name: "ringfold_event_age_seconds",
    r#type: Type::Histogram(AGES),
    labels: &[],
    help: "Seconds from an event's own time until it can be read.",
};
pub(super) const HTTP_DURATION: Listed = Listed {
    name: "http_server_request_duration_seconds",
    r#type: Type::Histogram(SPANS),
    labels: &["http_request_method", "http_route", "http_response_status_code"],
    help: "Seconds to answer a request.",
};
pub(super) const QUERY_ITEMS_READ: Listed = Listed {
    name: "ringfold_query_items_read",
    r#type: Type::Histogram(SIZES),
    labels: &[],
    help: "Items read for one query.",
};
pub(super) const DB_DURATION: Listed = Listed {
    name: "db_client_operation_duration_seconds",
    r#type: Type::Histogram(SPANS),
    labels: &["db_operation_name", "error_type"],
    help: "Seconds of one store call.",
};
