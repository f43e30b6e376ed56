//! The arguments of `keys …`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use super::{instant, project};
use crate::config::Span;
use crate::value::{Micros, ProjectId};

/// `keys …`.
#[derive(Subcommand, Debug)]
pub(in crate::cli) enum KeysCommand {
    /// Make an API key and show it once
    #[command(after_help = "Examples:\n  ringfold keys create --name dashboard \
                            --project 3f2b8c1e-5d74-4a0b-9c1d-7e6f5a4b3c2d \
                            --allow ProjectMember\n  \
                            ringfold keys create --name pbx --gateway --all-projects")]
    Create(KeysCreateArgs),
    /// List the API keys of a project, or the gateway keys of all projects
    #[command(after_help = "Example:\n  \
                            ringfold keys list --project 3f2b8c1e-5d74-4a0b-9c1d-7e6f5a4b3c2d")]
    List(KeysListArgs),
    /// Make a second API key with the grants of a first, which ends after a while
    #[command(after_help = "Example:\n  ringfold keys rotate 0aB1cD2eF3gH --overlap 48h")]
    Rotate(KeysRotateArgs),
    /// Refuse an API key from now on, everywhere within a second
    #[command(after_help = "Example:\n  ringfold keys revoke 0aB1cD2eF3gH")]
    Revoke(KeysRevokeArgs),
    /// Take over UUID keys of the product that is replaced
    #[command(after_help = "Example:\n  ringfold keys import keys.ndjson --dry-run")]
    Import(KeysImportArgs),
}

/// `keys create`.
#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct KeysCreateArgs {
    /// What people call it
    #[arg(long)]
    pub(in crate::cli) name: String,
    /// The project; of a gateway key each project it may publish for
    #[arg(long = "project", value_name = "UUID", value_parser = project)]
    pub(in crate::cli) projects: Vec<ProjectId>,
    /// A gateway key: may only post events
    #[arg(long)]
    pub(in crate::cli) gateway: bool,
    /// The gateway key may publish for all projects
    #[arg(long, requires = "gateway", conflicts_with = "projects")]
    pub(in crate::cli) all_projects: bool,
    /// A grant, may be repeated: `ProjectOwner`, `ProjectAdmin`, `ProjectMember`,
    /// `ReadProjectIncomingCallLogItem`, `ReadAllProjectResources`
    #[arg(long, value_name = "GRANT", conflicts_with = "gateway")]
    pub(in crate::cli) allow: Vec<String>,
    /// A grant that is refused whatever is allowed
    #[arg(long, value_name = "GRANT", conflicts_with = "gateway")]
    pub(in crate::cli) block: Vec<String>,
    /// From when on it is refused (RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(in crate::cli) expires_at: Option<Micros>,
    /// Say what would be made, and make nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
}

/// `keys list`.
#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct KeysListArgs {
    /// The project; without it the gateway keys of all projects
    #[arg(long, value_name = "UUID", value_parser = project)]
    pub(in crate::cli) project: Option<ProjectId>,
}

/// `keys rotate`.
#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct KeysRotateArgs {
    /// The first key's id, as `keys list` shows it
    pub(in crate::cli) key_id: String,
    /// How long both keys live
    #[arg(long, value_name = "SPAN", default_value = "24h", value_parser = span)]
    pub(in crate::cli) overlap: Span,
    /// From when on the second key is refused (RFC 3339); else as the first was
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub(in crate::cli) expires_at: Option<Micros>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
}

fn span(text: &str) -> Result<Span, String> {
    Span::parse(text).ok_or_else(|| "expects a span, for example 24h or 30m".to_owned())
}

/// `keys revoke`.
#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct KeysRevokeArgs {
    /// The key's id, as `keys list` shows it
    pub(in crate::cli) key_id: String,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
}

/// `keys import`.
#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct KeysImportArgs {
    /// One JSON object a line: key, name, projectId, allow, block, expiresAt
    pub(in crate::cli) file: PathBuf,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
}
