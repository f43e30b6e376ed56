//! `tariff …`: files are read and checked, calls rated. What is kept in the registry stands in
//! `registry.rs`; the rule itself is `tariff`'s.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::args::{self, TariffCheckArgs, TariffCommand, TariffRateArgs};
use super::exit::Failure;
use super::progress::Progress;
use super::runtime::block_on;
use super::store::AnyStore;
use super::{Context, Outcome};
use crate::app::KeptTariff;
use crate::config::Settings;
use crate::ports::world::WallClock;
use crate::supervisor::Exit;
use crate::system::SystemClock;
use crate::tariff::{Book, Detail, RatedDial, Seconds, Unrated, Warning, read_files};
use crate::value::{Micros, ProjectId};

mod list;
mod registry;

pub(super) fn run(command: TariffCommand, context: &mut Context) -> Outcome {
    match command {
        TariffCommand::Check(args) => check(&args, context),
        TariffCommand::Rate(args) => rate(&args, context),
        TariffCommand::Add(args) => registry::add(&args, context),
        TariffCommand::Import(args) => registry::import(&args, context),
        TariffCommand::List(args) => list::run(&args, context),
    }
}

/// Reads tariff files; a fault of theirs is a failure with all of them.
pub(super) fn read_book(files: &[PathBuf]) -> Result<(Book, Vec<Warning>), Failure> {
    let mut texts = Vec::new();
    for file in files {
        let text = fs::read_to_string(file).map_err(|error| {
            Failure::new(Exit::Failed, format!("cannot read the tariff file: {error}"))
                .at(file.display().to_string())
                .remedy("name a tariff file that this user can read")
        })?;
        texts.push((file.display().to_string(), text));
    }
    let texts: Vec<(&str, &str)> = texts.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    let sheet = |path: &str| fs::read_to_string(Path::new(path)).ok();
    read_files(&texts, &sheet).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        let what =
            format!("the tariff is not loaded: {} faults\n{}", lines.len(), lines.join("\n"));
        Failure::new(Exit::Found, what)
    })
}

/// The tariff by which stored items are shown: what the registry keeps; before anything ever ran on
/// the store, what the files of the settings say.
pub(super) async fn stored_book(store: &AnyStore, settings: &Settings) -> Result<Book, Failure> {
    let kept = KeptTariff::load(store).await.map_err(registry::failure)?;
    if kept.names().next().is_none() {
        return read_book(&settings.tariff.files).map(|(book, _)| book);
    }
    Ok(Book::new(kept.tariff().clone()))
}

/// The files named, else those of the settings.
fn files_or_settings(files: &[PathBuf], context: &Context) -> Result<Vec<PathBuf>, Failure> {
    if !files.is_empty() {
        return Ok(files.to_vec());
    }
    let files = context.settings()?.tariff.files;
    if files.is_empty() {
        let remedy = "name one, or set tariff.files";
        return Err(Failure::new(Exit::Usage, "there is no tariff file").remedy(remedy));
    }
    Ok(files)
}

fn check(args: &TariffCheckArgs, context: &mut Context) -> Outcome {
    let files = files_or_settings(&args.files, context)?;
    let (book, warnings) = read_book(&files)?;
    for warning in &warnings {
        if context.global.json {
            context.json(&json!({ "warning": warning.to_string() }))?;
        } else {
            writeln!(context.out, "warning: {warning}")?;
        }
    }
    let tariff = book.tariff();
    let plans = tariff.plans.len();
    let versions: usize = tariff.plans.iter().map(|plan| plan.versions.len()).sum();
    let assignments = tariff.assignments.len();
    if context.global.json {
        context.json(&json!({
            "plans": plans,
            "versions": versions,
            "assignments": assignments,
            "exchangeRates": tariff.exchanges.len(),
            "warnings": warnings.len(),
        }))?;
    } else {
        writeln!(
            context.out,
            "{plans} plans, {versions} versions, {assignments} assignments, {} exchange rates, {} \
             warnings",
            tariff.exchanges.len(),
            warnings.len()
        )?;
    }
    Ok(if warnings.is_empty() { Exit::Done } else { Exit::Found })
}

fn rate(args: &TariffRateArgs, context: &mut Context) -> Outcome {
    let book = if args.registry {
        let settings = context.settings()?;
        block_on(async { stored_book(&AnyStore::open(&settings).await?, &settings).await })?
    } else {
        read_book(&files_or_settings(&args.files, context)?)?.0
    };
    match &args.batch {
        Some(path) => rate_batch(&book, path, context),
        None => rate_one(&book, args, context),
    }
}

fn rate_one(book: &Book, args: &TariffRateArgs, context: &mut Context) -> Outcome {
    let seconds = args.seconds.as_deref().unwrap_or("0");
    let talk = Seconds::parse(seconds).ok_or_else(|| {
        Failure::new(Exit::Usage, "the talk time is no decimal of at most 6 places")
            .at(seconds)
            .remedy("write seconds like 47.613")
    })?;
    let dial = RatedDial {
        project: args.project.unwrap_or(ProjectId::new(Uuid::nil())),
        gateway: args.gateway.as_deref(),
        phone: args.number.as_deref(),
        answered: !args.unanswered,
        at: args.at.unwrap_or_else(|| SystemClock.now()),
        talk_micros: talk.micros(),
    };
    let explained = book.explain(&dial);
    if context.global.json {
        let mut answer = answer(&Value::Null, &explained.outcome);
        if let Some(fields) = answer.as_object_mut() {
            fields.insert("steps".to_owned(), json!(explained.steps));
        }
        context.json(&answer)?;
        return Ok(Exit::Done);
    }
    for step in &explained.steps {
        writeln!(context.out, "{step}")?;
    }
    match explained.outcome {
        Ok(Detail { cost, currency, billed, .. }) => {
            writeln!(context.out, "cost: {cost} {} for {billed} s", currency.as_str())?;
        }
        Err(reason) => writeln!(context.out, "no cost: {}", reason.label())?,
    }
    Ok(Exit::Done)
}

/// One call of a batch. What it does not say is not assumed: a missing number is `no_number`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    #[serde(default)]
    id: Value,
    number: Option<String>,
    answered: bool,
    at: String,
    seconds: Option<String>,
    project: Option<String>,
    gateway: Option<String>,
}

fn rate_batch(book: &Book, path: &Path, context: &mut Context) -> Outcome {
    let shown = path.display().to_string();
    let unreadable = |error: std::io::Error| {
        Failure::new(Exit::Failed, format!("cannot read the calls: {error}")).at(shown.clone())
    };
    let reader: Box<dyn Read> = if path == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(fs::File::open(path).map_err(unreadable)?)
    };
    let mut progress = Progress::start("calls", None);
    for (index, line) in BufReader::new(reader).lines().enumerate() {
        let line = line.map_err(unreadable)?;
        if line.trim().is_empty() {
            continue;
        }
        let answer = rate_line(book, &line).map_err(|what| {
            Failure::new(Exit::Failed, what)
                .at(format!("{shown}:{}", index + 1))
                .remedy("the fields of a call: id, number, answered, at, seconds, project, gateway")
        })?;
        context.json(&answer)?;
        progress.step();
    }
    progress.finish();
    Ok(Exit::Done)
}

fn rate_line(book: &Book, line: &str) -> Result<Value, String> {
    let call: Call = serde_json::from_str(line).map_err(|error| {
        let text = error.to_string();
        // The place within the line is the reader's; the file's line is told beside it.
        text.split(" at line ").next().unwrap_or("not a call").to_owned()
    })?;
    let at: Micros = args::instant(&call.at).map_err(|what| format!("field `at` {what}"))?;
    let seconds = call.seconds.as_deref().unwrap_or("0");
    let talk = Seconds::parse(seconds)
        .ok_or("field `seconds` expects a decimal in a string, at most 6 places")?;
    let project = match call.project.as_deref().filter(|project| !project.is_empty()) {
        Some(text) => args::project(text).map_err(|what| format!("field `project` {what}"))?,
        None => ProjectId::new(Uuid::nil()),
    };
    let dial = RatedDial {
        project,
        gateway: call.gateway.as_deref().filter(|gateway| !gateway.is_empty()),
        phone: call.number.as_deref().filter(|number| !number.is_empty()),
        answered: call.answered,
        at,
        talk_micros: talk.micros(),
    };
    Ok(answer(&call.id, &book.detail(&dial)))
}

fn answer(id: &Value, outcome: &Result<Detail, Unrated>) -> Value {
    match outcome {
        Ok(detail) => json!({
            "id": id,
            "status": "rated",
            "currency": detail.currency.as_str(),
            "cost": detail.cost.to_string(),
            "billedSeconds": detail.billed.to_string(),
            "plan": &*detail.plan,
            "version": detail.version,
            "prefix": &*detail.prefix,
        }),
        Err(reason) => json!({ "id": id, "status": "unrated", "reason": reason.label() }),
    }
}
