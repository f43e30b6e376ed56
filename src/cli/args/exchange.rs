//! The arguments of `import` and `export`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::super::items::Format;
use super::{instant, project};
use crate::value::{Micros, ProjectId};

/// `import`.
#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct ImportArgs {
    /// Read and look up, but write nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// Form of the file; without it CSV if the name ends in .csv or .csv.gz, else NDJSON
    #[arg(long, value_name = "FORM")]
    pub(in crate::cli) format: Option<Format>,
    /// Items as the resource prints them and reference events; `-` = standard input
    #[arg(value_name = "FILE")]
    pub(in crate::cli) file: PathBuf,
}

/// `export`.
#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct ExportArgs {
    /// A project whose items are written; may be repeated
    #[arg(long = "project", value_name = "UUID", value_parser = project, required = true)]
    pub(in crate::cli) projects: Vec<ProjectId>,
    /// Only items created at this time or later (RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(in crate::cli) from: Option<Micros>,
    /// Only items created before this time (RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(in crate::cli) to: Option<Micros>,
    /// Form of the file; without it CSV if the name ends in .csv, else NDJSON
    #[arg(long, value_name = "FORM")]
    pub(in crate::cli) format: Option<Format>,
    /// Also what is known of the project and of the users, rules and calls that items name, as
    /// reference events
    #[arg(long)]
    pub(in crate::cli) references: bool,
    /// Show no more than the last four digits of a phone number
    #[arg(long, conflicts_with = "references")]
    pub(in crate::cli) mask_phones: bool,
    /// The file to write; `-` = standard output
    #[arg(value_name = "FILE", default_value = "-")]
    pub(in crate::cli) file: PathBuf,
}
