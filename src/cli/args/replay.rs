//! The arguments of `replay` and `backfill`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args as ClapArgs;

use super::instant;
use crate::ports::stretch::Place;

/// `replay`.
#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct ReplayArgs {
    /// The first record: an offset, or the time at which the log took it (RFC 3339); without it
    /// the oldest that is there
    #[arg(long, value_name = "OFFSET|TIME", value_parser = place)]
    pub(in crate::cli) from: Option<Place>,
    /// The first record that is not read; without it the end of the log as it is now
    #[arg(long, value_name = "OFFSET|TIME", value_parser = place)]
    pub(in crate::cli) to: Option<Place>,
    /// Another store to write into: a keyspace, or a data directory of the local store
    #[arg(long, value_name = "KEYSPACE|DIR")]
    pub(in crate::cli) into: Option<String>,
    /// Records per second at most, like 500/s; without it as fast as the store takes them
    #[arg(long, value_name = "N/s", value_parser = rate)]
    pub(in crate::cli) rate: Option<u32>,
    #[command(flatten)]
    pub(in crate::cli) common: ReplayCommonArgs,
}

/// `backfill`.
#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct BackfillArgs {
    /// The first record: an offset, or the time at which the log took it (RFC 3339)
    #[arg(long, value_name = "OFFSET|TIME", value_parser = place)]
    pub(in crate::cli) from: Place,
    /// The first record that is not read. What the consumer group has not committed yet is left to
    /// it; choose a time before the dials that are still going on
    #[arg(long, value_name = "OFFSET|TIME", value_parser = place)]
    pub(in crate::cli) to: Place,
    /// Records per second at most: the running group comes first
    #[arg(long, value_name = "N/s", value_parser = rate, default_value = "1000/s")]
    pub(in crate::cli) rate: u32,
    #[command(flatten)]
    pub(in crate::cli) common: ReplayCommonArgs,
}

/// What both take.
#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct ReplayCommonArgs {
    /// Only this log partition, of every topic or of the one named; may be repeated
    #[arg(long = "log-partition", value_name = "[TOPIC/]N", value_parser = choice)]
    pub(in crate::cli) log_partitions: Vec<PartitionChoice>,
    /// Where the position is kept, so that the same command goes on after an interruption; without
    /// it a file in data.dir
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) position: Option<PathBuf>,
    /// Say what would be read, and read nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
}

/// Log partitions that are meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::cli) struct PartitionChoice {
    /// Of this topic; `None` = of each.
    pub(in crate::cli) source: Option<Arc<str>>,
    pub(in crate::cli) number: u16,
}

fn place(text: &str) -> Result<Place, String> {
    if let Ok(offset) = text.parse() {
        return Ok(Place::Offset(offset));
    }
    let expects = || "expects an offset like 1042 or a time like 2026-04-01T12:00:00Z".to_owned();
    instant(text).map(Place::Time).map_err(|_| expects())
}

fn rate(text: &str) -> Result<u32, String> {
    let rate = text.strip_suffix("/s").and_then(|number| number.parse().ok());
    rate.filter(|rate| *rate > 0).ok_or_else(|| "expects a rate like 500/s".to_owned())
}

fn choice(text: &str) -> Result<PartitionChoice, String> {
    let (source, number) = match text.rsplit_once('/') {
        Some((source, number)) => (Some(Arc::from(source)), number),
        None => (None, text),
    };
    let number = number.parse().map_err(|_| "expects N or TOPIC/N, like 3".to_owned())?;
    Ok(PartitionChoice { source, number })
}
