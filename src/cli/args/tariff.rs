//! The arguments of `tariff` and `verify`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use super::{instant, project};
use crate::value::{Micros, ProjectId};

/// `tariff …`.
#[derive(Subcommand, Debug)]
pub(in crate::cli) enum TariffCommand {
    /// Check tariff files: every fault and warning with file, line, key and remedy
    #[command(after_help = "Example:\n  ringfold tariff check tariff.toml")]
    Check(TariffCheckArgs),
    /// Append files to the registry: every running process takes them, each part at its time
    #[command(after_help = "Examples:\n  ringfold tariff add tariff.toml --dry-run\n  \
                            ringfold tariff add tariff.toml")]
    Add(TariffAddArgs),
    /// Append a carrier's rate sheet (CSV) to the registry as a new version
    #[command(after_help = "Example:\n  ringfold tariff import --plan uk --number 2 \
                            --effective-from 2026-05-01T00:00:00Z --currency GBP \
                            --map \"Dial Code=prefix,Price=rate\" sheet.csv --dry-run")]
    Import(TariffImportArgs),
    /// List what the registry keeps
    #[command(after_help = "Example:\n  ringfold tariff list --plan us-carrier")]
    List(TariffListArgs),
    /// Rate one number and talk time and print each step; or many from NDJSON
    #[command(after_help = "Examples:\n  ringfold tariff rate --tariff tariff.toml \
                            --at 2026-04-01T12:00:00Z -- +12025550143 47.613\n  \
                            ringfold tariff rate --tariff tariff.toml --batch - < calls.ndjson")]
    Rate(TariffRateArgs),
}

/// `tariff check`.
#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct TariffCheckArgs {
    /// Tariff files; without any those of the settings
    #[arg(value_name = "FILE")]
    pub(in crate::cli) files: Vec<PathBuf>,
}

/// `tariff rate`.
#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct TariffRateArgs {
    /// Tariff file, may be repeated; without any those of the settings
    #[arg(long = "tariff", value_name = "FILE")]
    pub(in crate::cli) files: Vec<PathBuf>,
    /// Rate by what the registry keeps
    #[arg(long, conflicts_with = "files")]
    pub(in crate::cli) registry: bool,
    /// Calls to rate, one JSON object a line; `-` = standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["number", "at", "unanswered"])]
    pub(in crate::cli) batch: Option<PathBuf>,
    /// When the call was answered (RFC 3339); default now
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(in crate::cli) at: Option<Micros>,
    /// The project that is billed
    #[arg(long, value_name = "UUID", value_parser = project)]
    pub(in crate::cli) project: Option<ProjectId>,
    /// The gateway: kind/instance, or kind
    #[arg(long)]
    pub(in crate::cli) gateway: Option<String>,
    /// Nobody answered
    #[arg(long)]
    pub(in crate::cli) unanswered: bool,
    /// The dialed number, E.164
    #[arg(required_unless_present = "batch", allow_hyphen_values = true)]
    pub(in crate::cli) number: Option<String>,
    /// Seconds of talk, a decimal
    #[arg(required_unless_present_any = ["batch", "unanswered"], allow_hyphen_values = true)]
    pub(in crate::cli) seconds: Option<String>,
}

/// `tariff add`.
#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct TariffAddArgs {
    /// Tariff files, which make one tariff
    #[arg(value_name = "FILE", required = true)]
    pub(in crate::cli) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) how: Appending,
}

/// How parts are appended.
#[derive(ClapArgs, Clone, Copy, Debug)]
pub(in crate::cli) struct Appending {
    /// Let it begin in the past: list the items that cost something else then, append, and rate
    /// them again
    #[arg(long)]
    pub(in crate::cli) backdate: bool,
    /// Show what would change, and change nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
}

/// `tariff import`.
#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct TariffImportArgs {
    /// Id of the plan
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) plan: String,
    /// Number of the version within the plan
    #[arg(long, value_name = "N")]
    pub(in crate::cli) number: u32,
    /// When it begins (RFC 3339 with a zone)
    #[arg(long, value_name = "TIME")]
    pub(in crate::cli) effective_from: String,
    /// Currency of its prices (ISO 4217); without it that of the plan, else USD
    #[arg(long, value_name = "CODE")]
    pub(in crate::cli) currency: Option<String>,
    /// What the sheet calls its columns: THEIRS=OURS, more behind commas
    #[arg(long, value_name = "PAIRS", value_delimiter = ',', value_parser = column)]
    pub(in crate::cli) map: Vec<(String, String)>,
    /// Read past columns that are neither known nor mapped
    #[arg(long)]
    pub(in crate::cli) ignore_extra: bool,
    #[command(flatten)]
    pub(in crate::cli) how: Appending,
    /// The sheet: CSV with a header line
    #[arg(value_name = "SHEET")]
    pub(in crate::cli) sheet: PathBuf,
}

fn column(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').map(|(theirs, ours)| (theirs.trim(), ours.trim()));
    let pair = pair.filter(|(theirs, ours)| !theirs.is_empty() && !ours.is_empty());
    let (theirs, ours) = pair.ok_or("expects THEIRS=OURS, like \"Dial Code=prefix\"")?;
    Ok((theirs.to_owned(), ours.to_owned()))
}

/// `tariff list`.
#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct TariffListArgs {
    /// Only this plan
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) plan: Option<String>,
}

/// `verify`.
#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct VerifyArgs {
    /// A project whose items are checked, may be repeated; without it all
    #[arg(long = "project", value_name = "UUID", value_parser = project)]
    pub(in crate::cli) projects: Vec<ProjectId>,
    /// Only items created at this time or later (RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(in crate::cli) from: Option<Micros>,
    /// Only items created before this time (RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(in crate::cli) to: Option<Micros>,
    /// Write the renderings that differ anew, by the version they were rated with
    #[arg(long)]
    pub(in crate::cli) fix: bool,
    /// Rate items again whose version is no longer the one in force: list them first, then write
    #[arg(long)]
    pub(in crate::cli) backdate: bool,
    /// List what would be written, and write nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
}
