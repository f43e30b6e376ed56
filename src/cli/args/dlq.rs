//! The arguments of `dlq …`.

use clap::builder::PossibleValuesParser;
use clap::{Args as ClapArgs, Subcommand};

use super::instant;
use crate::event::Reason;
use crate::ports::letters::LetterId;
use crate::value::Micros;

/// `dlq …`.
#[derive(Subcommand, Debug)]
pub(in crate::cli) enum DlqCommand {
    /// List dead letters: where from, why, whether they were sent back; and count them by reason
    #[command(after_help = "Examples:\n  ringfold dlq list\n  \
                            ringfold dlq list --reason time_in_future --from 2026-05-01T00:00:00Z")]
    List(LetterFilterArgs),
    /// Show one dead letter with key, headers and value; phone numbers and secrets are masked
    #[command(after_help = "Examples:\n  ringfold dlq show ringfold.dials/3/1042\n  \
                            ringfold dlq show --unmasked --json ringfold.dials/3/1042")]
    Show(DlqShowArgs),
    /// Send dead letters back to the log they came from, each once; they fold as if they were late
    #[command(after_help = "Examples:\n  \
                            ringfold dlq redrive --reason unknown_version --dry-run\n  \
                            ringfold dlq redrive ringfold.dials/3/1042")]
    Redrive(DlqRedriveArgs),
}

/// Which letters. What is not given does not matter.
#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct LetterFilterArgs {
    /// Only letters of this reason; may be repeated
    #[arg(long = "reason", value_name = "REASON",
          value_parser = PossibleValuesParser::new(Reason::ALL.map(Reason::label)))]
    pub(in crate::cli) reasons: Vec<String>,
    /// Only letters of this topic or file
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) source: Option<String>,
    /// Only letters of the log partition with this number
    #[arg(long, value_name = "N")]
    pub(in crate::cli) log_partition: Option<u16>,
    /// Only records that the log took at this time or later (RFC 3339); lines of files have no
    /// such time
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(in crate::cli) from: Option<Micros>,
    /// Only records that the log took before this time (RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(in crate::cli) to: Option<Micros>,
}

impl LetterFilterArgs {
    /// Whether every letter is wanted.
    pub(in crate::cli) fn is_open(&self) -> bool {
        self.reasons.is_empty()
            && self.source.is_none()
            && self.log_partition.is_none()
            && self.from.is_none()
            && self.to.is_none()
    }
}

/// `dlq show`.
#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct DlqShowArgs {
    /// Show key, headers and value as they are, phone numbers and secrets with them
    #[arg(long)]
    pub(in crate::cli) unmasked: bool,
    /// Which one, as `dlq list` names it: SOURCE/`LOG_PARTITION`/OFFSET
    #[arg(value_name = "LETTER")]
    pub(in crate::cli) letter: LetterId,
}

/// `dlq redrive`.
#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct DlqRedriveArgs {
    #[command(flatten)]
    pub(in crate::cli) filter: LetterFilterArgs,
    /// Every letter, where neither a letter nor a filter is named
    #[arg(long)]
    pub(in crate::cli) all: bool,
    /// Also what was sent back before, and what came back from that
    #[arg(long)]
    pub(in crate::cli) again: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// Which ones, as `dlq list` names them: SOURCE/`LOG_PARTITION`/OFFSET
    #[arg(value_name = "LETTER", conflicts_with = "all")]
    pub(in crate::cli) letters: Vec<LetterId>,
}
