//! `dlq redrive`: sends letters back, each once unless it is asked for again.

use std::collections::BTreeSet;

use futures::StreamExt;
use futures::stream;
use serde_json::json;

use super::super::args::DlqRedriveArgs;
use super::super::exit::Failure;
use super::super::progress::Progress;
use super::super::{Context, Outcome};
use super::filter::is_wanted;
use super::letters::AnyLetters;
use super::next_page;
use crate::ports::letters::{KeptLetter, LetterId, Letters};
use crate::ports::log::AppendError;
use crate::ports::world::WallClock;
use crate::supervisor::Exit;
use crate::system::SystemClock;

/// Letters on their way at a time. They are begun in order, so those of one key arrive in order.
const IN_FLIGHT: usize = 64;

/// Why a letter stays where it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stays {
    Redriven,
    CameBack,
    Empty,
    NoSource,
}

impl Stays {
    const fn label(self) -> &'static str {
        match self {
            Self::Redriven => "redriven",
            Self::CameBack => "came_back",
            Self::Empty => "empty",
            Self::NoSource => "no_source",
        }
    }

    const fn told(self) -> &'static str {
        match self {
            Self::Redriven => "was redriven before; --again sends it once more",
            Self::CameBack => "came back from a redrive; --again sends it once more",
            Self::Empty => "has no value and can never be folded",
            Self::NoSource => "is of a topic that the settings do not name",
        }
    }
}

/// What became of the letters.
#[derive(Default)]
struct Counts {
    redriven: u64,
    skipped: u64,
    failed: u64,
}

/// Everything is sent back only when that is said.
pub(super) fn check(args: &DlqRedriveArgs) -> Result<(), Failure> {
    if !args.letters.is_empty() && !args.filter.is_open() {
        return Err(Failure::new(Exit::Usage, "letters and filters do not go together")
            .at("LETTER")
            .remedy("name letters, or name filters; see ringfold dlq redrive --help"));
    }
    if args.letters.is_empty() && args.filter.is_open() && !args.all {
        return Err(Failure::new(Exit::Usage, "which letters to redrive is not said")
            .at("ringfold dlq redrive")
            .remedy("name letters or filters, or say --all; see ringfold dlq redrive --help"));
    }
    Ok(())
}

pub(super) async fn run(
    args: &DlqRedriveArgs,
    mut letters: AnyLetters,
    context: &mut Context,
) -> Outcome {
    let mut named: BTreeSet<LetterId> = args.letters.iter().cloned().collect();
    let mut progress = Progress::start("dead letters", None);
    let mut counts = Counts::default();
    while let Some(page) = next_page(&mut letters).await? {
        let mut going = Vec::new();
        for letter in page {
            progress.step();
            let is_named = named.remove(&letter.id);
            if !is_named && (!args.letters.is_empty() || !is_wanted(&letter, &args.filter)) {
                continue;
            }
            match stays(&letter, args, letters.takes(&letter.id.source)) {
                None => going.push(letter),
                Some(stays) => skip(&letter, stays, &mut counts, context)?,
            }
        }
        send(&going, &letters, args, &mut counts, context).await?;
    }
    progress.finish();
    tell(args, &counts, context)?;
    if let Some(missing) = named.first() {
        return Err(Failure::new(Exit::Failed, format!("there is no dead letter {missing}"))
            .at("LETTER")
            .remedy("ringfold dlq list shows them"));
    }
    Ok(if counts.failed > 0 { Exit::Failed } else { Exit::Done })
}

fn stays(letter: &KeptLetter, args: &DlqRedriveArgs, has_source: bool) -> Option<Stays> {
    if !has_source {
        return Some(Stays::NoSource);
    }
    if letter.value.as_ref().is_none_or(Vec::is_empty) {
        return Some(Stays::Empty);
    }
    match (args.again, letter.redriven_at, letter.attempts) {
        (true, _, _) | (false, None, 0) => None,
        (false, Some(_), _) => Some(Stays::Redriven),
        (false, None, _) => Some(Stays::CameBack),
    }
}

fn skip(
    letter: &KeptLetter,
    stays: Stays,
    counts: &mut Counts,
    context: &mut Context,
) -> Result<(), Failure> {
    counts.skipped += 1;
    let id = letter.id.to_string();
    let shown = json!({ "letter": id, "done": "skipped", "why": stays.label() });
    Ok(context.line(&format!("skipped {id}: {}", stays.told()), &shown)?)
}

async fn send(
    going: &[KeptLetter],
    letters: &AnyLetters,
    args: &DlqRedriveArgs,
    counts: &mut Counts,
    context: &mut Context,
) -> Result<(), Failure> {
    if args.dry_run {
        for letter in going {
            counts.redriven += 1;
            let (id, reason) = (letter.id.to_string(), &letter.reason);
            let shown = json!({ "letter": id, "done": "would_redrive", "reason": reason });
            context.line(&format!("would redrive {id}  {reason}"), &shown)?;
        }
        return Ok(());
    }
    let now = SystemClock.now();
    let sent: Vec<(&KeptLetter, Result<(), AppendError>)> = stream::iter(going)
        .map(|letter| async move { (letter, letters.redrive(letter, now).await) })
        .buffered(IN_FLIGHT)
        .collect()
        .await;
    let mut outage = None;
    for (letter, result) in sent {
        let (id, reason) = (letter.id.to_string(), &letter.reason);
        match result {
            Ok(()) => {
                counts.redriven += 1;
                let shown = json!({ "letter": id, "done": "redriven", "reason": reason });
                context.line(&format!("redriven {id}  {reason}"), &shown)?;
            }
            Err(error @ AppendError::TooLarge(_)) => {
                counts.failed += 1;
                let why = error.to_string();
                let shown = json!({ "letter": id, "done": "failed", "why": why });
                context.line(&format!("failed {id}: {why}"), &shown)?;
            }
            Err(error @ AppendError::Unavailable(_)) => outage = Some(error),
        }
    }
    outage.map_or(Ok(()), |error| {
        let what = format!("{} letters were redriven, then: {error}", counts.redriven);
        Err(Failure::new(letters.outage(), what)
            .remedy("run the command again: it leaves out what was redriven"))
    })
}

fn tell(args: &DlqRedriveArgs, counts: &Counts, context: &mut Context) -> Result<(), Failure> {
    let Counts { redriven, skipped, failed } = counts;
    let (verb, name) =
        if args.dry_run { ("would redrive", "wouldRedrive") } else { ("redriven", "redriven") };
    let shown = json!({ name: redriven, "skipped": skipped, "failed": failed });
    let text = format!("{verb} {redriven} dead letters, skipped {skipped}, failed {failed}");
    Ok(context.line(&text, &shown)?)
}
