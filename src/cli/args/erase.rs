//! The arguments of `erase`.

use clap::Args as ClapArgs;

use super::project;
use crate::value::{CallId, ProjectId, UserId};
use uuid::Uuid;

/// `erase`.
#[derive(ClapArgs, Debug)]
pub(in crate::cli) struct EraseArgs {
    #[command(flatten)]
    pub(in crate::cli) whom: EraseWhomArgs,
    #[command(flatten)]
    pub(in crate::cli) place: ErasePlaceArgs,
    /// List what would be erased, and write nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
}

/// Whose data.
#[derive(ClapArgs, Debug)]
#[group(required = true, multiple = false)]
pub(in crate::cli) struct EraseWhomArgs {
    /// A user: the items of the user's dials, and what is known of the user
    #[arg(long, value_name = "UUID", value_parser = user)]
    pub(in crate::cli) user: Option<UserId>,
    /// A phone number, as events give it: items that were dialed there, and calls from or to it;
    /// `-` reads it from standard input, so that it stands in no list of processes
    #[arg(long, value_name = "E164", allow_hyphen_values = true)]
    pub(in crate::cli) number: Option<String>,
    /// A call: its items, and the numbers of the call
    #[arg(long, value_name = "UUID", value_parser = call)]
    pub(in crate::cli) call: Option<CallId>,
}

/// Where to look.
#[derive(ClapArgs, Debug)]
#[group(required = true, multiple = false)]
pub(in crate::cli) struct ErasePlaceArgs {
    /// A project, may be repeated
    #[arg(long = "project", value_name = "UUID", value_parser = project)]
    pub(in crate::cli) projects: Vec<ProjectId>,
    /// Every project that ever had an item
    #[arg(long)]
    pub(in crate::cli) all_projects: bool,
}

fn user(text: &str) -> Result<UserId, String> {
    let uuid = Uuid::try_parse(text);
    uuid.map(UserId::new).map_err(|_| "expects the UUID of a user".to_owned())
}

fn call(text: &str) -> Result<CallId, String> {
    let uuid = Uuid::try_parse(text);
    uuid.map(CallId::new).map_err(|_| "expects the UUID of a call".to_owned())
}
