//! What the driver tells the outside: metrics and log lines, per batch and per tick.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::ports::log::{LogEnd, LogPartition};
use crate::ports::store::WriteUnit;
use crate::telemetry::metrics::{
    Counter, Gauge, Histogram, Part, count, gateway_label, observe, set,
};
use crate::value::Micros;

use super::counts::Counts;
use super::machine::Machine;
use super::vitals::Vitals;

/// Counts by label.
type Labeled = BTreeMap<&'static str, u64>;
/// The counter of a label.
type LabelOf = fn(&'static str) -> Counter;

fn part(partition: LogPartition) -> Part {
    Part { source: partition.source, number: partition.number }
}

/// Log partitions came or went.
pub(super) fn rebalance(event: &'static str, partitions: &[LogPartition]) {
    count(Counter::Rebalances { event }, 1);
    tracing::info!(event, log_partitions = partitions.len(), "rebalance");
}

/// One write was answered.
pub(super) fn write(unit: &WriteUnit, took: Duration, error_type: &'static str) {
    let rows = unit.batches.iter().map(|batch| batch.rows.len()).fold(0, usize::saturating_add);
    observe(Histogram::WriteRows, to_f64(i64::try_from(rows).unwrap_or(i64::MAX)));
    let name = Histogram::DbClientOperationDurationSeconds { operation: "write", error_type };
    observe(name, took.as_secs_f64());
}

/// What the machine did since the last tick.
pub(super) fn counts(counts: &Counts) {
    for ((source, number), by) in &counts.polled {
        count(Counter::RecordsPolled(Part { source: *source, number: *number }), *by);
    }
    let labeled: [(&Labeled, LabelOf); 7] = [
        (&counts.rejected, |reason| Counter::RecordsRejected { reason }),
        (&counts.folded, |kind| Counter::EventsFolded { kind }),
        (&counts.unchanged, |kind| Counter::EventsUnchanged { kind }),
        (&counts.replaced, |register| Counter::FactsReplaced { register }),
        (&counts.loads, |cause| Counter::StoreLoads { cause }),
        (&counts.flagged, |flag| Counter::ItemsFlagged { flag }),
        (&counts.locators, |kind| Counter::LocatorsWritten { kind }),
    ];
    for (map, counter) in labeled {
        for (label, by) in map {
            count(counter(label), *by);
        }
    }
    for (counter, by) in [
        (Counter::RowsWritten { outcome: "written" }, counts.rows_written),
        (Counter::WritesUnknown, counts.writes_unknown),
        (Counter::RecordsKeyMismatch, counts.key_mismatches),
        (Counter::DialsStartMismatch, counts.start_mismatches),
    ] {
        if by > 0 {
            count(counter, by);
        }
    }
    for (kind, by) in &counts.gateway_gaps {
        count(Counter::GatewayGaps { gateway_kind: gateway_label(kind.as_deref()) }, *by);
    }
    if let Some(age) = counts.oldest_readable {
        observe(Histogram::EventAgeSeconds, seconds(age));
    }
}

/// Where everything stands.
pub(super) fn positions(machine: &Machine, ends: &[LogEnd], vitals: &Vitals, now: Micros) {
    for position in machine.positions() {
        let part = part(position.partition);
        set(Gauge::LogFrontierOffset(part), to_f64(saturated(position.frontier)));
        set(Gauge::LogCommittedOffset(part), to_f64(saturated(position.committed)));
        let end = ends.iter().find(|end| end.partition == position.partition);
        if let Some(end) = end {
            let lag = end.end.saturating_sub(position.frontier);
            set(Gauge::LogLagEvents(part), to_f64(saturated(lag)));
        }
        let age = |time: Option<Micros>| seconds(time.map_or(0, |time| now.since(time)));
        let record_time = position.oldest.and_then(|oldest| oldest.record_time);
        set(Gauge::LogOldestIncompleteSeconds(part), age(record_time));
        let event_time = position.oldest.and_then(|oldest| oldest.event_time);
        set(Gauge::LogLagSeconds(part), age(event_time));
    }
    set(Gauge::BudgetUsedBytes, to_f64(i64::try_from(machine.budget_used()).unwrap_or(i64::MAX)));
    set(Gauge::GateClosed, if machine.room() == 0 { 1.0 } else { 0.0 });
    let stalled = vitals.stalled_since().map_or(0, |since| now.since(since));
    set(Gauge::StallAgeSeconds, seconds(stalled));
    set(Gauge::OpenDials, to_f64(i64::try_from(machine.open_dials()).unwrap_or(i64::MAX)));
}

fn saturated(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Microseconds as seconds; a negative age (clocks differ) is none.
fn seconds(micros: i64) -> f64 {
    Duration::from_micros(u64::try_from(micros).unwrap_or(0)).as_secs_f64()
}

/// Metrics are floats; above 2^53 they lose their last digits, which no graph shows.
#[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "metrics are floats")]
fn to_f64(n: i64) -> f64 {
    n as f64
}
