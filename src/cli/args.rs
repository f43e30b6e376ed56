//! The arguments of all commands. It decides nothing about them but their form.

use std::path::PathBuf;

use chrono::DateTime;
use clap::{Args as ClapArgs, Parser, Subcommand};
use uuid::Uuid;

use super::exit;
use crate::value::{Micros, ProjectId};

mod dlq;
mod erase;
mod exchange;
mod keys;
mod replay;
mod simulate;
mod tariff;

pub(super) use dlq::{DlqCommand, DlqRedriveArgs, DlqShowArgs, LetterFilterArgs};
pub(super) use erase::{EraseArgs, EraseWhomArgs};
pub(super) use exchange::{ExportArgs, ImportArgs};
pub(super) use keys::{
    KeysCommand, KeysCreateArgs, KeysImportArgs, KeysListArgs, KeysRevokeArgs, KeysRotateArgs,
};
pub(super) use replay::{BackfillArgs, ReplayArgs, ReplayCommonArgs};
pub(super) use simulate::{FaultsArgs, SimulateCommand, TrafficArgs};
pub(super) use tariff::{
    Appending, TariffAddArgs, TariffCheckArgs, TariffCommand, TariffImportArgs, TariffListArgs,
    TariffRateArgs, VerifyArgs,
};

/// Folds telephony dial events into incoming call log items and serves them.
#[derive(Parser, Debug)]
#[command(name = "ringfold", version, about, after_help = exit::TABLE, max_term_width = 100)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What every command takes.
#[derive(ClapArgs, Clone, Debug)]
pub(super) struct Global {
    /// Settings file (TOML); else what `RINGFOLD_CONFIG` names, else none
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Log level or directives, as telemetry.log.level
    #[arg(long, global = true, value_name = "LEVEL")]
    pub(super) log: Option<String>,
    /// Machine-readable output, one JSON object a line
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// One setting, above file and environment; may be repeated
    #[arg(long = "set", global = true, value_name = "KEY=VALUE", value_parser = key_value)]
    pub(super) settings: Vec<(String, String)>,
}

impl Global {
    /// Key, value and flag of each setting that flags set.
    pub(super) fn flags(&self) -> Vec<(String, String, &'static str)> {
        let set = self.settings.iter().map(|(key, value)| (key.clone(), value.clone(), "--set"));
        let log = self.log.iter().map(|l| ("telemetry.log.level".to_owned(), l.clone(), "--log"));
        set.chain(log).collect()
    }
}

/// The commands.
#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Read the settings as `run` would and name every fault; touches no network
    #[command(after_help = "Example:\n  ringfold check-config --config ringfold.toml --print")]
    CheckConfig(CheckConfigArgs),
    /// Check tariff files, append them to the registry, rate calls
    #[command(subcommand)]
    Tariff(TariffCommand),
    /// Render stored items again, by the tariff they were rated with; exit 3 if any differs
    #[command(after_help = "Examples:\n  ringfold verify --config ringfold.toml\n  \
                            ringfold verify --backdate --dry-run --from 2026-05-01T00:00:00Z")]
    Verify(VerifyArgs),
    /// The worker: folds events, serves items, as the settings say
    #[command(after_help = "Example:\n  ringfold run --config ringfold.toml")]
    Run,
    /// Fold a file of events into items and print them; no store, no log
    #[command(after_help = "Example:\n  ringfold fold --tariff tariff.toml events.ndjson")]
    Fold(FoldArgs),
    /// Read the log again from an offset or a time into a store; what it knows already stays as it
    /// is. Exit 3 with rejects
    #[command(after_help = "Examples:\n  ringfold replay --from 2026-05-01T00:00:00Z\n  \
                            ringfold replay --into ringfold_check --json")]
    Replay(ReplayArgs),
    /// The same of a past range, into the live store beside the running group
    #[command(after_help = "Example:\n  ringfold backfill --from 2026-05-01T00:00:00Z \
                            --to 2026-05-02T00:00:00Z --rate 500/s")]
    Backfill(BackfillArgs),
    /// Take over items and references of another store, their ids kept
    #[command(after_help = "Example:\n  ringfold import --dry-run items.ndjson")]
    Import(ImportArgs),
    /// Write the items of projects to a file, newest first, with count and hash
    #[command(after_help = "Examples:\n  ringfold export --references \
                            --project 3f2b8c1e-5d74-4a0b-9c1d-7e6f5a4b3c2d items.ndjson\n  \
                            ringfold export --from 2026-03-01T00:00:00Z --mask-phones \
                            --project 3f2b8c1e-5d74-4a0b-9c1d-7e6f5a4b3c2d march.csv")]
    Export(ExportArgs),
    /// Make traffic as gateways would
    #[command(subcommand)]
    Simulate(SimulateCommand),
    /// Everything in one process on a temporary folder, with a gateway that places calls
    #[command(after_help = "Examples:\n  ringfold demo\n  ringfold demo --until-answered")]
    Demo(DemoArgs),
    /// The tables of the CQL store
    #[command(subcommand)]
    Schema(SchemaCommand),
    /// Dead letters: the rejects, with their reasons
    #[command(subcommand)]
    Dlq(DlqCommand),
    /// Empty what is personal of a user, a number or a call, for good; name the copies elsewhere
    #[command(after_help = "Examples:\n  ringfold erase --dry-run --all-projects \
                            --user 3f2b8c1e-5d74-4a0b-9c1d-7e6f5a4b3c2d\n  \
                            ringfold erase --number - \
                            --project 3f2b8c1e-5d74-4a0b-9c1d-7e6f5a4b3c2d < number.txt")]
    Erase(EraseArgs),
    /// API keys of projects, keys of gateways
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Print the HTTP contract of a profile as `OpenAPI` 3.1
    #[command(after_help = "Examples:\n  ringfold openapi --profile drop-in\n  \
                            ringfold openapi --own")]
    Openapi(OpenapiArgs),
    /// Print the completions of a shell
    #[command(
        after_help = "Example:\n  ringfold completions bash > /etc/bash_completion.d/ringfold"
    )]
    Completions(CompletionsArgs),
}

/// `check-config`.
#[derive(ClapArgs, Debug)]
pub(super) struct CheckConfigArgs {
    /// Print every setting in force with where it came from
    #[arg(long)]
    pub(super) print: bool,
}

/// `openapi`.
#[derive(ClapArgs, Debug)]
pub(super) struct OpenapiArgs {
    /// `documented` or `drop-in`; else the one of the settings
    #[arg(long, value_name = "PROFILE", value_parser = ["documented", "drop-in"])]
    pub(super) profile: Option<String>,
    /// The routes beside the resource
    #[arg(long, conflicts_with = "profile")]
    pub(super) own: bool,
}

/// `completions`.
#[derive(ClapArgs, Debug)]
pub(super) struct CompletionsArgs {
    /// Which shell
    pub(super) shell: clap_complete::Shell,
}

/// `demo`.
#[derive(ClapArgs, Debug)]
pub(super) struct DemoArgs {
    /// Same seed, same people and the same fates of their calls
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
    /// Calls per second
    #[arg(long, default_value_t = 2)]
    pub(super) rate: u32,
    /// Work in this folder and keep it
    #[arg(long, value_name = "DIR")]
    pub(super) keep: Option<PathBuf>,
    /// End at the first answered dial and say after how many seconds
    #[arg(long)]
    pub(super) until_answered: bool,
}

/// `schema …`.
#[derive(Subcommand, Debug)]
pub(super) enum SchemaCommand {
    /// Print the CQL of the dialect in force
    #[command(after_help = "Example:\n  ringfold schema print --set cql.dialect=cassandra")]
    Print,
    /// Apply the files that are missing, in order
    #[command(after_help = "Example:\n  ringfold schema apply --create-keyspace --replication 3")]
    Apply(SchemaApplyArgs),
    /// Compare the keyspace with the files; exit 3 if they differ
    #[command(after_help = "Example:\n  ringfold schema diff --config ringfold.toml")]
    Diff,
}

/// `schema apply`.
#[derive(ClapArgs, Debug)]
pub(super) struct SchemaApplyArgs {
    /// Make the keyspace if it is missing
    #[arg(long)]
    pub(super) create_keyspace: bool,
    /// Copies of each row in every data center, for a keyspace that is made
    #[arg(long, default_value_t = 3, value_name = "N")]
    pub(super) replication: u16,
}

/// `fold`.
#[derive(ClapArgs, Debug)]
pub(super) struct FoldArgs {
    /// Tariff file, may be repeated; without any those of the settings
    #[arg(long = "tariff", value_name = "FILE")]
    pub(super) tariffs: Vec<PathBuf>,
    /// As of when items are shown (RFC 3339); default now
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(super) now: Option<Micros>,
    /// Print the facts behind each item too
    #[arg(long)]
    pub(super) explain: bool,
    /// Events, one a line: structured `CloudEvents` or the plain form; `-` = standard input
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
}

/// RFC 3339, cut to microseconds.
pub(super) fn instant(text: &str) -> Result<Micros, String> {
    let parsed = DateTime::parse_from_rfc3339(text);
    let instant = parsed.map_err(|_| "expects a time like 2026-04-01T12:00:00Z".to_owned())?;
    Ok(Micros::new(instant.timestamp_micros()))
}

/// A project id.
pub(super) fn project(text: &str) -> Result<ProjectId, String> {
    let uuid = Uuid::try_parse(text);
    uuid.map(ProjectId::new).map_err(|_| "expects the UUID of a project".to_owned())
}

fn key_value(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(key, _)| !key.trim().is_empty());
    let (key, value) = pair.ok_or("expects KEY=VALUE, like http.listen=127.0.0.1:9000")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_well_formed() {
        Args::command().debug_assert();
    }

    fn leaves(command: &clap::Command) -> Vec<&clap::Command> {
        let inner: Vec<_> = command.get_subcommands().filter(|c| c.get_name() != "help").collect();
        if inner.is_empty() {
            return vec![command];
        }
        inner.into_iter().flat_map(leaves).collect()
    }

    #[test]
    fn every_command_shows_an_example() {
        for command in leaves(&Args::command()) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("  ringfold "), "{}", command.get_name());
        }
    }
}
