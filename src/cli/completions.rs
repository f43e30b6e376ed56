//! `completions`: what a shell needs to complete ringfold's commands.

use clap::CommandFactory;

use super::Context;
use super::args::{Args, CompletionsArgs};
use crate::supervisor::Exit;

pub(super) fn run(args: &CompletionsArgs, context: &mut Context) -> Exit {
    clap_complete::generate(args.shell, &mut Args::command(), "ringfold", &mut context.out);
    Exit::Done
}
