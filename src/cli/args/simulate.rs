//! The arguments of `simulate …`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use super::instant;
use crate::simulator::traffic::Share;
use crate::simulator::{PLANTS, Plant};
use crate::tariff::Decimal;
use crate::value::Micros;

/// `simulate …`.
#[derive(Subcommand, Debug)]
pub(in crate::cli) enum SimulateCommand {
    /// Write seeded, realistic events to a file or to Kafka
    #[command(
        after_help = "Examples:\n  ringfold simulate traffic --calls 1000 --to events.ndjson\n  \
                            ringfold simulate traffic --calls 1000000 --kafka localhost:9092 \
                            --topic ringfold.dials"
    )]
    Traffic(TrafficArgs),
    /// Run the real program in simulated worlds full of faults and check every promise
    #[command(
        long_about = "Runs ingest, query and API over a log and a store in memory, in simulated \
                      time, one world per seed: crashes, two owners, lost answers, late writes, \
                      outages, wrong clocks. The first broken promise is printed with its seed, \
                      the last lines of its trace and the command that repeats it.",
        after_help = "Examples:\n  ringfold simulate faults --seed 7 --trace\n  \
                            ringfold simulate faults --seed 1 --count 20000"
    )]
    Faults(FaultsArgs),
}

/// `simulate faults`.
#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct FaultsArgs {
    /// The first seed; same seed, same world
    #[arg(long, default_value_t = 1)]
    pub(in crate::cli) seed: u64,
    /// Number of seeds from there on
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub(in crate::cli) count: u64,
    /// Print every line of the trace (one seed)
    #[arg(long, conflicts_with = "count")]
    pub(in crate::cli) trace: bool,
    /// Threads; default: one per processor
    #[arg(long)]
    pub(in crate::cli) threads: Option<usize>,
    /// Plant a change that breaks a promise, to see it caught
    #[arg(long, value_name = "NAME", value_parser = plant)]
    pub(in crate::cli) plant: Option<Plant>,
}

fn plant(name: &str) -> Result<Plant, String> {
    Plant::named(name).ok_or_else(|| {
        let names: Vec<&str> = PLANTS.iter().map(|(_, name)| *name).collect();
        format!("is none of: {}", names.join(", "))
    })
}

/// `simulate traffic`.
#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct TrafficArgs {
    /// Number of calls; a call makes about six events
    #[arg(long, default_value_t = 1_000)]
    pub(in crate::cli) calls: u64,
    /// Number of projects; the first have the most calls
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    pub(in crate::cli) projects: u32,
    /// Same seed and arguments, same bytes
    #[arg(long, default_value_t = 1)]
    pub(in crate::cli) seed: u64,
    /// Days over which the calls are spread
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(in crate::cli) days: u32,
    /// When the first call comes (RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = instant)]
    #[arg(default_value = "2026-03-01T00:00:00Z")]
    pub(in crate::cli) start: Micros,
    /// Share of events that arrive up to ten minutes late, like 0.01
    #[arg(long, value_name = "SHARE", value_parser = share, default_value = "0")]
    pub(in crate::cli) disorder: Share,
    /// Share of events that arrive twice
    #[arg(long, value_name = "SHARE", value_parser = share, default_value = "0")]
    pub(in crate::cli) duplicates: Share,
    /// Share of dials whose end is never told
    #[arg(long, value_name = "SHARE", value_parser = share, default_value = "0")]
    pub(in crate::cli) missing_ends: Share,
    /// File to write, one event a line; `-` = standard output
    #[arg(long, value_name = "FILE", required_unless_present = "kafka")]
    pub(in crate::cli) to: Option<PathBuf>,
    /// Brokers to send to: host:port, more behind commas
    #[arg(long, value_name = "BROKERS", conflicts_with = "to", requires = "topic")]
    pub(in crate::cli) kafka: Option<String>,
    /// Topic to send to
    #[arg(long, value_name = "TOPIC", requires = "kafka")]
    pub(in crate::cli) topic: Option<String>,
}

/// A share like 0.01 or 1%, kept in parts of a million.
fn share(text: &str) -> Result<Share, String> {
    let (digits, scale) = match text.strip_suffix('%') {
        Some(digits) => (digits, 10_000),
        None => (text, 1_000_000),
    };
    let parts = Decimal::parse(digits).and_then(|share| {
        let scaled = share.scaled(9)?.checked_mul(scale)? / 1_000_000_000;
        u32::try_from(scaled).ok().filter(|parts| *parts <= 1_000_000)
    });
    parts.map(Share).ok_or_else(|| "expects a share from 0 to 1, like 0.01 or 1%".to_owned())
}
