//! `dlq list | show | redrive`: the dead letters.

mod filter;
mod letters;
mod mask;
mod redrive;
mod show;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::args::{DlqCommand, LetterFilterArgs};
use super::exit::Failure;
use super::progress::Progress;
use super::runtime::block_on;
use super::{Context, Outcome};
use crate::ports::letters::{KeptLetter, Letters};
use crate::supervisor::Exit;

use filter::is_wanted;
use letters::AnyLetters;

pub(super) fn run(command: &DlqCommand, context: &mut Context) -> Outcome {
    let settings = context.settings()?;
    if let DlqCommand::Redrive(args) = command {
        redrive::check(args)?;
    }
    block_on(async {
        let letters = AnyLetters::open(&settings).await?;
        match command {
            DlqCommand::List(args) => list(args, letters, context).await,
            DlqCommand::Show(args) => show::run(args, letters, context).await,
            DlqCommand::Redrive(args) => redrive::run(args, letters, context).await,
        }
    })
}

async fn list(args: &LetterFilterArgs, mut letters: AnyLetters, context: &mut Context) -> Outcome {
    let mut progress = Progress::start("dead letters", None);
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    let mut redriven = 0_u64;
    while let Some(page) = next_page(&mut letters).await? {
        for letter in page {
            progress.step();
            if is_wanted(&letter, args) {
                context.line(&line_of(&letter), &shown(&letter))?;
                redriven += u64::from(letter.redriven_at.is_some());
                *reasons.entry(letter.reason).or_default() += 1;
            }
        }
    }
    progress.finish();
    let count: u64 = reasons.values().sum();
    let by_reason: Vec<String> =
        reasons.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
    let text = if by_reason.is_empty() {
        "no dead letters".to_owned()
    } else {
        format!("{count} dead letters, {redriven} redriven: {}", by_reason.join(", "))
    };
    let counts = json!({ "letters": count, "redriven": redriven, "reasons": reasons });
    context.line(&text, &counts)?;
    Ok(Exit::Done)
}

/// The next letters; `None` at the end.
async fn next_page(letters: &mut AnyLetters) -> Result<Option<Vec<KeptLetter>>, Failure> {
    let page = letters.page().await.map_err(|error| letters.read_failure(&error))?;
    Ok((!page.is_empty()).then_some(page))
}

fn time_of(letter: &KeptLetter) -> String {
    letter.record_time.map_or_else(|| "-".to_owned(), |time| time.to_string())
}

fn line_of(letter: &KeptLetter) -> String {
    let redriven = letter.redriven_at.map_or_else(String::new, |at| format!("  redriven {at}"));
    let KeptLetter { id, reason, error, attempts, .. } = letter;
    format!("{id}  {}  {reason}  attempts {attempts}{redriven}  {error}", time_of(letter))
}

/// The letter without key, headers and value, for programs.
fn shown(letter: &KeptLetter) -> Value {
    let KeptLetter { id, record_time, reason, error, attempts, redriven_at, value, .. } = letter;
    json!({
        "letter": id.to_string(), "source": &*id.source, "logPartition": id.partition,
        "offset": id.offset, "recordTime": record_time.map(|time| time.to_string()),
        "reason": reason, "error": error, "attempts": attempts,
        "redrivenAt": redriven_at.map(|at| at.to_string()),
        "valueBytes": value.as_ref().map(Vec::len),
    })
}
