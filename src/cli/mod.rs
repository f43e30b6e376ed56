//! The command line: one file per command. Commands print what they find through the handle they
//! are given and say how the process is to end.
//!
//! **Architecture invariant:** nothing asks questions, and a secret is shown once, by the command
//! that made it.

mod args;
mod check_config;
mod completions;
mod csv;
mod demo;
mod digest;
mod dlq;
mod erase;
mod exit;
mod export;
mod fold;
mod import;
mod items;
mod keys;
mod lines;
mod openapi;
mod progress;
mod replay;
mod run;
mod runtime;
mod schema;
mod simulate;
mod store;
mod tariff;
mod verify;

use std::ffi::OsString;
use std::io::{self, Write};

use clap::Parser;

use crate::config::{Settings, Sources};
use crate::supervisor::Exit;

use args::{Args, Command, Global};
use exit::Failure;

/// What a command is given: where it prints, and what every command takes.
struct Context {
    global: Global,
    out: io::StdoutLock<'static>,
}

/// How a command ends.
type Outcome = Result<Exit, Failure>;

/// Runs the command that the arguments name; the exit code follows from what is returned.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let args = match Args::try_parse_from(arguments) {
        Ok(args) => args,
        Err(error) => {
            // Help and version are no errors. A closed terminal is not ours to report.
            drop(error.print());
            return if error.use_stderr() { Exit::Usage } else { Exit::Done };
        }
    };
    let mut context = Context { global: args.global, out: io::stdout().lock() };
    let outcome = dispatch(args.command, &mut context);
    let outcome = outcome.and_then(|exit| context.out.flush().map(|()| exit).map_err(Into::into));
    outcome.unwrap_or_else(|failure| {
        drop(writeln!(io::stderr(), "{failure}"));
        failure.exit
    })
}

fn dispatch(command: Command, context: &mut Context) -> Outcome {
    match command {
        Command::CheckConfig(args) => check_config::run(&args, context),
        Command::Tariff(command) => tariff::run(command, context),
        Command::Verify(args) => verify::run(&args, context),
        Command::Run => run::run(context),
        Command::Demo(args) => demo::run(&args, context),
        Command::Fold(args) => fold::run(&args, context),
        Command::Simulate(command) => simulate::run(&command, context),
        Command::Schema(command) => schema::run(&command, context),
        Command::Replay(args) => replay::replay(&args, context),
        Command::Backfill(args) => replay::backfill(&args, context),
        Command::Import(args) => import::run(&args, context),
        Command::Export(args) => export::run(&args, context),
        Command::Dlq(command) => dlq::run(&command, context),
        Command::Erase(args) => erase::run(&args, context),
        Command::Keys(command) => keys::run(&command, context),
        Command::Openapi(args) => openapi::run(&args, context),
        Command::Completions(args) => Ok(completions::run(&args, context)),
    }
}

impl Context {
    /// The settings in force; a fault of theirs is a failure with all of them.
    fn settings(&self) -> Result<Settings, Failure> {
        Settings::load(&self.sources()).map_err(|faults| Failure::settings(&faults))
    }

    fn sources(&self) -> Sources {
        Sources::of_process(self.global.config.clone(), self.global.flags())
    }

    /// Prints a line for people, or the same as JSON.
    fn line(&mut self, text: &str, object: &serde_json::Value) -> io::Result<()> {
        if self.global.json { self.json(object) } else { writeln!(self.out, "{text}") }
    }

    /// Tells people something beside the output, which stays for programs alone.
    fn note(&mut self, text: &str) -> io::Result<()> {
        self.out.flush()?;
        if self.global.json { Ok(()) } else { writeln!(io::stderr(), "{text}") }
    }

    /// Prints one JSON object as a line.
    fn json(&mut self, value: &serde_json::Value) -> io::Result<()> {
        writeln!(self.out, "{value}")
    }
}
