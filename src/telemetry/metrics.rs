//! Emits metrics and gives the text of `/metrics`; the only caller of the metrics recorder.
//! Which metrics there are is in `list`. Before [`install`] everything emitted is dropped.
//!
//! Emit per batch, not per event: a series with labels costs a look-up in the registry.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use metrics::{Key, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{
    BuildError, Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};
use tokio_util::sync::CancellationToken;

mod list;
mod series;

pub use list::{LIST, Listed, Type};
pub use series::{Counter, Gauge, Histogram, Part, gateway_label};

use series::Series;

static EXPORTER: OnceLock<Exporter> = OnceLock::new();
const METADATA: Metadata<'static> = Metadata::new("ringfold", Level::INFO, None);

/// Adds to a counter.
pub fn count(counter: Counter, by: u64) {
    let Some(exporter) = EXPORTER.get() else { return };
    let series = counter.series();
    match exporter.counters.get(series.metric.name) {
        Some(handle) => handle.increment(by),
        None => exporter.recorder.register_counter(&key(series), &METADATA).increment(by),
    }
}

/// Sets a gauge.
pub fn set(gauge: Gauge, to: f64) {
    let Some(exporter) = EXPORTER.get() else { return };
    let series = gauge.series();
    match exporter.gauges.get(series.metric.name) {
        Some(handle) => handle.set(to),
        None => exporter.recorder.register_gauge(&key(series), &METADATA).set(to),
    }
}

/// Records one observation.
pub fn observe(histogram: Histogram, value: f64) {
    observe_times(histogram, value, 1);
}

/// Records the same observation many times.
pub fn observe_times(histogram: Histogram, value: f64, times: usize) {
    let Some(exporter) = EXPORTER.get() else { return };
    let series = histogram.series();
    if let Some(handle) = exporter.histograms.get(series.metric.name) {
        handle.record_many(value, times);
    } else {
        let handle = exporter.recorder.register_histogram(&key(series), &METADATA);
        handle.record_many(value, times);
    }
}

/// What `/metrics` answers with; cloneable, cheap to hold.
pub type MetricsText = Arc<dyn Fn() -> String + Send + Sync>;

/// Starts to keep metrics; what is returned renders them. A second call returns the same.
pub fn install() -> Result<MetricsText, BuildError> {
    if EXPORTER.get().is_none() {
        // Of two that race one is dropped before anything was emitted to it.
        drop(EXPORTER.set(Exporter::build()?));
    }
    let handle = EXPORTER.get().map(|exporter| exporter.handle.clone());
    Ok(Arc::new(move || handle.as_ref().map(PrometheusHandle::render).unwrap_or_default()))
}

/// Folds raw observations into their histograms every few seconds, so that memory stays bounded
/// although nobody asks for `/metrics`. Ends when `stop` is cancelled.
pub async fn keep_up(stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(5)) => {}
        }
        if let Some(exporter) = EXPORTER.get() {
            exporter.handle.run_upkeep();
        }
    }
}

/// The recorder, and the handles of all series without labels: resolved once, told from the start.
struct Exporter {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    counters: BTreeMap<&'static str, metrics::Counter>,
    gauges: BTreeMap<&'static str, metrics::Gauge>,
    histograms: BTreeMap<&'static str, metrics::Histogram>,
}

impl fmt::Debug for Exporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exporter").finish_non_exhaustive()
    }
}

impl Exporter {
    fn build() -> Result<Self, BuildError> {
        let mut builder = PrometheusBuilder::new();
        for metric in LIST {
            if let Type::Histogram(buckets) = metric.r#type {
                let name = Matcher::Full(metric.name.to_owned());
                builder = builder.set_buckets_for_metric(name, buckets)?;
            }
        }
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        let (counters, gauges, histograms) = Default::default();
        let mut exporter = Self { recorder, handle, counters, gauges, histograms };
        for metric in LIST {
            exporter.tell(metric);
        }
        Ok(exporter)
    }

    /// Describes a metric and, if it has no labels, starts its one series.
    fn tell(&mut self, metric: &'static Listed) {
        let Self { recorder, counters, gauges, histograms, .. } = self;
        let (name, help) = (metric.name, metric.help);
        let bare = metric.labels.is_empty();
        let key = Key::from_static_name(name);
        match metric.r#type {
            Type::Counter => {
                recorder.describe_counter(name.into(), None, help.into());
                if bare {
                    counters.insert(name, recorder.register_counter(&key, &METADATA));
                }
            }
            Type::Gauge => {
                recorder.describe_gauge(name.into(), None, help.into());
                if bare {
                    gauges.insert(name, recorder.register_gauge(&key, &METADATA));
                }
            }
            Type::Histogram(_) => {
                recorder.describe_histogram(name.into(), None, help.into());
                if bare {
                    histograms.insert(name, recorder.register_histogram(&key, &METADATA));
                }
            }
        }
    }
}

fn key(series: Series) -> Key {
    Key::from_parts(series.metric.name, series.labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emit_all() {
        for counter in Counter::samples() {
            count(counter, 1);
        }
        for gauge in Gauge::samples() {
            set(gauge, 1.0);
        }
        for histogram in Histogram::samples() {
            observe(histogram, 0.5);
        }
    }

    /// `name type labels help`, as `schemas/metrics.txt` has it, from what the exporter says.
    fn exported(text: &str) -> Vec<String> {
        let mut lines = Vec::new();
        let mut help = BTreeMap::new();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, words) = rest.split_once(' ').unwrap();
                help.insert(name.to_owned(), words.to_owned());
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap();
                let sample = text.lines().find(|l| {
                    l.starts_with(name) && !l.starts_with('#') && !l.contains("le=\"+Inf\"")
                });
                let names = sample.unwrap().split_once('{').map_or(String::new(), |(_, rest)| {
                    let names = rest
                        .split('"')
                        .step_by(2)
                        .filter_map(|part| part.trim_start_matches([',', '{']).strip_suffix('='));
                    names.filter(|n| *n != "le").collect::<Vec<_>>().join(",")
                });
                let names = if names.is_empty() { "-".to_owned() } else { names };
                lines.push(format!("{name} {kind} {names} {}", help[name]));
            }
        }
        lines.sort();
        lines
    }

    #[test]
    fn the_reviewed_list_is_what_the_exporter_says() {
        let text = install().unwrap();
        emit_all();
        let mut lines = exported(&text()).join("\n");
        lines.push('\n');
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/metrics.txt");
        #[expect(clippy::disallowed_methods, reason = "blessing is a matter of the test run")]
        if std::env::var("RINGFOLD_BLESS").is_ok() {
            std::fs::write(path, &lines).unwrap();
        }
        let reviewed = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(lines, reviewed, "schemas/metrics.txt; RINGFOLD_BLESS=1 rewrites it");
    }

    #[test]
    fn every_listed_metric_can_be_emitted() {
        let counters = Counter::samples().into_iter().map(|c| c.series().metric.name);
        let gauges = Gauge::samples().into_iter().map(|g| g.series().metric.name);
        let histograms = Histogram::samples().into_iter().map(|h| h.series().metric.name);
        let mut emitted: Vec<_> = counters.chain(gauges).chain(histograms).collect();
        emitted.sort_unstable();
        emitted.dedup();
        let mut listed: Vec<_> = LIST.iter().map(|metric| metric.name).collect();
        listed.sort_unstable();
        assert_eq!(emitted, listed);
    }

    #[test]
    fn names_follow_the_rules() {
        for metric in LIST {
            let is_counter = matches!(metric.r#type, Type::Counter);
            assert_eq!(is_counter, metric.name.ends_with("_total"), "{}", metric.name);
        }
    }
}
