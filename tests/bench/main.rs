//! Catch-up from a real Kafka into a real Cassandra: ringfold beside two per-event twins, in one
//! run on one machine. Absolute figures are footnotes; the ratios are the result.
//!
//! `cargo bench --locked --bench bench [-- --events N --twin-events N --warm N]`; servers as the
//! tests find them (`RINGFOLD_TEST_KAFKA`, `RINGFOLD_TEST_CQL`), whose process ids, for their CPU,
//! are looked for in `target/engines`.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::string_slice,
    clippy::cast_precision_loss,
    unreachable_pub,
    reason = "a bench fails by panicking, prints, and times"
)]

mod latency;
mod load;
mod measure;
mod twin;
mod worker;

use measure::Figures;

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Events of the catch-up.
    pub events: u64,
    /// Events that the twins read: they are slow.
    pub twin_events: u64,
    /// Writes before anything is measured.
    pub warm: u64,
}

fn argument(name: &str, default: u64) -> u64 {
    let mut arguments = std::env::args();
    let _found = arguments.find(|argument| argument == name);
    arguments.next().and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn main() {
    let plan = Plan {
        events: argument("--events", 1_000_000),
        twin_events: argument("--twin-events", 150_000),
        warm: argument("--warm", 500_000),
    };
    let (Some(kafka), Some(cql)) = (variable("RINGFOLD_TEST_KAFKA"), variable("RINGFOLD_TEST_CQL"))
    else {
        println!(
            "skipped: RINGFOLD_TEST_KAFKA and RINGFOLD_TEST_CQL are not set (tests/engines/up)"
        );
        return;
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let topic = load::topic(&kafka, 12);
    let loaded = load::produce(&kafka, &topic, plan.events);
    println!("loaded {} events of {} calls into 12 log partitions", loaded.events, loaded.calls);
    runtime.block_on(twin::warm(&cql, plan.warm));
    println!("warmed by {} writes", plan.warm);
    measure::let_the_store_rest();
    latency::run(&kafka, &cql);
    measure::let_the_store_rest();
    let ordered = runtime.block_on(twin::run(&kafka, &cql, &topic, plan.twin_events, 1));
    println!("{}", ordered.line("twin, in order", None));
    measure::let_the_store_rest();
    let worker = worker::catch_up(&kafka, &cql, &topic, loaded.events);
    println!("{}", worker.line("ringfold", None));
    measure::let_the_store_rest();
    let unordered = runtime.block_on(twin::run(&kafka, &cql, &topic, plan.twin_events, 64));
    println!("{}", unordered.line("twin, 64 in flight", None));
    report(&worker, &ordered, &unordered);
}

fn report(worker: &Figures, ordered: &Figures, unordered: &Figures) {
    println!("ratio to the ordered twin: {:.1}", worker.rate() / ordered.rate());
    println!("ratio to the twin with 64 in flight: {:.1}", worker.rate() / unordered.rate());
}
