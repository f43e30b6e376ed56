//! `check-config`: the settings as `run` would read them, every fault, every value's origin.

use std::io::Write;

use serde_json::json;

use super::args::CheckConfigArgs;
use super::exit::Failure;
use super::{Context, Outcome};
use crate::config::{Fault, Settings};
use crate::supervisor::Exit;

pub(super) fn run(args: &CheckConfigArgs, context: &mut Context) -> Outcome {
    match Settings::load(&context.sources()) {
        Ok(settings) => show(args, &settings, context),
        Err(faults) if context.global.json => {
            for fault in &faults {
                context.json(&fault_json(fault))?;
            }
            Ok(Exit::Settings)
        }
        Err(faults) => Err(Failure::settings(&faults)),
    }
}

fn show(args: &CheckConfigArgs, settings: &Settings, context: &mut Context) -> Outcome {
    let shown = if args.print { settings.shown() } else { Vec::new() };
    for setting in &shown {
        let (key, value, origin) = (&setting.key, &setting.value, &setting.origin);
        if context.global.json {
            let origin = origin.to_string();
            context.json(&json!({ "key": key, "value": value, "origin": origin }))?;
        } else if value.is_empty() {
            writeln!(context.out, "# {key} is not set")?;
        } else {
            writeln!(context.out, "{key} = {value}  # {origin}")?;
        }
    }
    for warning in &settings.warnings {
        if context.global.json {
            context.json(&json!({ "warning": warning }))?;
        } else {
            writeln!(context.out, "warning: {warning}")?;
        }
    }
    if !args.print && !context.global.json {
        writeln!(context.out, "the settings are valid; --print shows them")?;
    }
    Ok(Exit::Done)
}

fn fault_json(fault: &Fault) -> serde_json::Value {
    json!({
        "place": fault.origin.to_string(),
        "key": fault.key,
        "what": fault.what,
        "fix": fault.fix,
    })
}
