//! `simulate faults`: worlds by seed; what broke, and how to see it again.

use std::io::Write as _;

use serde_json::json;

use super::super::args::FaultsArgs;
use super::super::exit::Failure;
use super::super::{Context, Outcome as Ended};
use crate::simulator::{Keep, NoRuntime, Outcome, Seeds, Violation, simulate, simulate_all};
use crate::supervisor::Exit;

/// Every so many-th seed is run twice.
const TWICE_EVERY: u64 = 100;

pub(super) fn run(args: &FaultsArgs, context: &mut Context) -> Ended {
    if args.count == 1 { one(args, context) } else { many(args, context) }
}

fn failed(error: &NoRuntime) -> Failure {
    Failure::new(Exit::Failed, error.to_string())
}

fn one(args: &FaultsArgs, context: &mut Context) -> Ended {
    let keep = if args.trace { Keep::All } else { Keep::Last };
    let outcome = simulate(args.seed, args.plant, keep).map_err(|error| failed(&error))?;
    let again = simulate(args.seed, args.plant, Keep::Last).map_err(|error| failed(&error))?;
    if args.trace {
        for line in &outcome.lines {
            writeln!(context.out, "{line}")?;
        }
    }
    if again.hash != outcome.hash {
        return not_repeatable(&[args.seed]);
    }
    if let Some(violation) = &outcome.violation {
        return broken(args, &outcome, violation, context);
    }
    let (seed, hash, steps) = (outcome.seed, outcome.hash, outcome.steps);
    let text = format!("seed {seed}: every promise held in {steps} steps, hash {hash:016x}");
    context.line(
        &text,
        &json!({"seed": seed, "hash": format!("{hash:016x}"), "steps": steps, "broken": null}),
    )?;
    Ok(Exit::Done)
}

fn many(args: &FaultsArgs, context: &mut Context) -> Ended {
    let threads = args
        .threads
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get));
    let seeds = Seeds {
        from: args.seed,
        count: args.count,
        threads,
        twice_every: TWICE_EVERY,
        plant: args.plant,
    };
    let summary = simulate_all(&seeds).map_err(|error| failed(&error))?;
    for (mark, count) in &summary.marks {
        context.note(&format!("{count:>10}  {mark}"))?;
    }
    if !summary.differing.is_empty() {
        return not_repeatable(&summary.differing);
    }
    if let Some((outcome, violation)) =
        summary.broken.first().and_then(|outcome| Some((outcome, outcome.violation.as_ref()?)))
    {
        return broken(args, outcome, violation, context);
    }
    let (done, twice) = (summary.done, summary.twice);
    let text = format!("{done} seeds from {}: every promise held; {twice} run twice", args.seed);
    context.line(
        &text,
        &json!({"from": args.seed, "seeds": done, "twice": twice, "marks": summary.marks,
                "broken": null}),
    )?;
    Ok(Exit::Done)
}

fn not_repeatable(seeds: &[u64]) -> Ended {
    let what = format!("two runs of one seed differ: {seeds:?}");
    Err(Failure::new(Exit::Invariant, what).remedy("find what is not drawn from the seed"))
}

fn broken(
    args: &FaultsArgs,
    outcome: &Outcome,
    violation: &Violation,
    context: &mut Context,
) -> Ended {
    let Violation { invariant, step, text } = violation;
    let seed = outcome.seed;
    if !args.trace {
        let from = outcome.lines.len().saturating_sub(crate::simulator::LINES_KEPT);
        for line in outcome.lines.iter().skip(from) {
            context.note(line)?;
        }
    }
    let planted = args.plant.map(|plant| format!(" --plant '{}'", plant.label()));
    let command =
        format!("ringfold simulate faults --seed {seed} --trace{}", planted.unwrap_or_default());
    if context.global.json {
        context.json(&json!({"seed": seed, "broken": invariant.to_string(), "step": step,
                             "text": text, "command": command}))?;
    }
    let what = format!("seed {seed}, step {step}: {invariant} broke: {text}");
    Err(Failure::new(Exit::Invariant, what).remedy(command))
}
