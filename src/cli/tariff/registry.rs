//! `tariff add` and `tariff import`: parts are appended to the registry of the store. Nothing is
//! changed there; what is faulty or late is refused as a whole.

use std::time::Duration;

use serde_json::json;

use super::super::args::{Appending, TariffAddArgs, TariffImportArgs};
use super::super::exit::Failure;
use super::super::runtime::block_on;
use super::super::store::AnyStore;
use super::super::verify::{Change, Rules, Scope, list_changes, write_changes};
use super::super::{Context, Outcome};
use crate::app::{KeptTariff, TariffError, read_tariff_files};
use crate::config::{Settings, StoreKind};
use crate::ports::world::WallClock;
use crate::supervisor::Exit;
use crate::system::SystemClock;
use crate::tariff::{
    Addition, Book, Columns, Extra, Past, Rate, ReadTariff, SheetVersion, Tariff, Version,
    rate_changes, read_sheet,
};
use crate::value::Micros;

/// After this, every running process knows what was appended.
const KNOWN_AFTER: Duration = Duration::from_secs(3);
/// An item is created at most so long before the instant that decides its price.
const BEFORE: Duration = Duration::from_hours(24);

/// How a command ends when the tariff is not taken.
#[expect(clippy::needless_pass_by_value, reason = "maps an error away")]
pub(in crate::cli) fn failure(error: TariffError) -> Failure {
    let what = match &error {
        TariffError::Faults(faults) => {
            format!("nothing is added: {} faults\n{error}", faults.len())
        }
        TariffError::Refused(all) => format!("nothing is added: {} refused\n{error}", all.len()),
        TariffError::Read(_)
        | TariffError::Write(_)
        | TariffError::File { .. }
        | TariffError::Part { .. } => error.to_string(),
    };
    let failure = Failure::new(Exit::Failed, what);
    match &error {
        TariffError::Write(_) => failure.remedy("repeat it: what is there is left alone"),
        TariffError::File { .. } => failure.remedy("name a tariff file that this user can read"),
        TariffError::Read(_)
        | TariffError::Part { .. }
        | TariffError::Faults(_)
        | TariffError::Refused(_) => failure,
    }
}

/// The store, with what it keeps.
struct Registry {
    store: AnyStore,
    kept: KeptTariff,
    settings: Settings,
}

impl Registry {
    async fn open(settings: Settings) -> Result<Self, Failure> {
        let store = AnyStore::open(&settings).await.map_err(|failure| match settings.store {
            StoreKind::Local => failure.remedy(
                "name the file in tariff.files and send the running process SIGHUP, or stop it",
            ),
            StoreKind::Cql => failure,
        })?;
        let kept = KeptTariff::load(&store).await.map_err(failure)?;
        Ok(Self { store, kept, settings })
    }
}

pub(super) fn add(args: &TariffAddArgs, context: &mut Context) -> Outcome {
    let settings = context.settings()?;
    block_on(async {
        let registry = Registry::open(settings).await?;
        let read = read_tariff_files(&args.files, registry.kept.tariff()).map_err(failure)?;
        registry.append(read, args.how, context).await
    })
}

pub(super) fn import(args: &TariffImportArgs, context: &mut Context) -> Outcome {
    let settings = context.settings()?;
    let text = std::fs::read_to_string(&args.sheet).map_err(|error| {
        Failure::new(Exit::Failed, format!("cannot read the sheet: {error}"))
            .at(args.sheet.display().to_string())
            .remedy("name a UTF-8 file that this user can read")
    })?;
    block_on(async {
        let registry = Registry::open(settings).await?;
        let known = registry.kept.tariff().plans.iter().find(|plan| *plan.id == *args.plan);
        let currency = known.map_or("USD", |plan| plan.currency.as_str());
        let version = SheetVersion {
            plan: &args.plan,
            number: args.number,
            currency: args.currency.as_deref().unwrap_or(currency),
            effective_from: &args.effective_from,
            backdate: false,
        };
        let extra = if args.ignore_extra { Extra::Ignore } else { Extra::Refuse };
        let columns = Columns { map: args.map.clone(), extra };
        let name = args.sheet.display().to_string();
        let read = read_sheet(&version, (&name, &text), &columns)
            .map_err(|faults| failure(TariffError::Faults(faults)))?;
        registry.append(read, args.how, context).await
    })
}

impl Registry {
    async fn append(
        mut self,
        ReadTariff { tariff, warnings, places }: ReadTariff,
        how: Appending,
        context: &mut Context,
    ) -> Outcome {
        for warning in &warnings {
            let shown = json!({ "warning": warning.to_string() });
            context.line(&format!("warning: {warning}"), &shown)?;
        }
        let now = SystemClock.now();
        let past = if how.backdate { Past::Open } else { Past::AsWritten };
        let addition = self.kept.addition(&tariff, now, past);
        let addition = addition.map_err(|error| failure(error.placed(&places)))?;
        if addition.added == Tariff::default() {
            context.line("nothing to add: the registry keeps all of it", &json!({ "added": 0 }))?;
            return Ok(Exit::Done);
        }
        tell(&addition.added, self.kept.tariff(), how, context)?;
        let changes = self.list_items(&addition, context).await?;
        if how.dry_run {
            return Ok(Exit::Done);
        }
        self.kept.append(&self.store, &addition.added, now).await.map_err(failure)?;
        if let Some((scope, rules)) = changes {
            if self.settings.store == StoreKind::Cql {
                tokio::time::sleep(KNOWN_AFTER).await;
            }
            let written = write_changes(&self.store, &scope, (&rules, Change::AnyValue)).await?;
            context.line(&format!("{written} items rated again"), &json!({ "items": written }))?;
        }
        Ok(Exit::Done)
    }

    /// Lists the items that cost something else with the addition; `None` = the past stays.
    async fn list_items(
        &self,
        addition: &Addition,
        context: &mut Context,
    ) -> Result<Option<(Scope, Rules)>, Failure> {
        let Some(since) = addition.changes_since else { return Ok(None) };
        let scope = Scope { projects: Vec::new(), from: since.minus(BEFORE), to: Micros::MAX };
        let rules = Rules::new(Book::new(addition.joined.clone()), &self.settings);
        let changed =
            list_changes(&self.store, &scope, (&rules, Change::AnyValue), context).await?;
        let shown = json!({ "itemsThatChange": changed });
        context.line(&format!("{changed} items cost something else with it"), &shown)?;
        Ok(Some((scope, rules)))
    }
}

/// Says what is added, and in a dry run which rates change.
fn tell(
    added: &Tariff,
    kept: &Tariff,
    how: Appending,
    context: &mut Context,
) -> Result<(), Failure> {
    let done = if how.dry_run { "would add" } else { "added" };
    for part in added.parts() {
        let (kind, id) = (part.kind.label(), &part.id);
        context.line(&format!("{done} {kind} {id}"), &json!({ "done": done, kind: id }))?;
    }
    for version in added.plans.iter().flat_map(|plan| &plan.versions) {
        let before = kept.replaced_by(version);
        let mut shown = Shown { version, how, context };
        shown.terms(before)?;
        shown.rates(before)?;
    }
    Ok(())
}

/// Shows one version against the one it replaces.
struct Shown<'a> {
    version: &'a Version,
    how: Appending,
    context: &'a mut Context,
}

impl Shown<'_> {
    /// A version is complete: what its predecessor said and it does not say is gone.
    fn terms(&mut self, before: Option<&Version>) -> Result<(), Failure> {
        let Some(before) = before.filter(|before| before.terms() != self.version.terms()) else {
            return Ok(());
        };
        let (old, new) = (before.terms().to_string(), self.version.terms().to_string());
        let gone = old.lines().filter(|line| !new.lines().any(|other| other == *line));
        let come = new.lines().filter(|line| !old.lines().any(|other| other == *line));
        let changes = gone.map(|line| ("dropped", line)).chain(come.map(|line| ("added", line)));
        for (change, line) in changes {
            let sign = if change == "dropped" { '-' } else { '+' };
            let shown =
                json!({ "version": &**self.version.label(), "term": line, "change": change });
            self.context.line(&format!("  {sign} {line}"), &shown)?;
        }
        Ok(())
    }

    fn rates(&mut self, before: Option<&Version>) -> Result<(), Failure> {
        let label = &**self.version.label();
        let mut counts = [0_usize; 3];
        for change in rate_changes(before, self.version) {
            let (kind, sign) = match (change.before, change.after) {
                (None, _) => (0, '+'),
                (_, None) => (1, '-'),
                _ => (2, '~'),
            };
            counts[kind] += 1;
            if !self.how.dry_run {
                continue;
            }
            let text = |rate: Option<&Rate>| rate.map(ToString::to_string);
            let (old, new) = (text(change.before), text(change.after));
            let sides: Vec<&str> = [&old, &new].into_iter().flatten().map(String::as_str).collect();
            let shown = json!({ "version": label, "before": old, "after": new });
            self.context.line(&format!("  {sign} {}", sides.join(" -> ")), &shown)?;
        }
        let [added, dropped, changed] = counts;
        let same = self.version.rates().len() - added - changed;
        let against = before.map_or_else(|| "none before".to_owned(), |v| v.label().to_string());
        let text = format!(
            "{label} against {against}: {added} rates added, {dropped} dropped, {changed} \
             changed, {same} the same"
        );
        let shown = json!({
            "version": label, "against": before.map(|before| &**before.label()),
            "added": added, "dropped": dropped, "changed": changed, "same": same,
        });
        self.context.line(&text, &shown)?;
        Ok(())
    }
}
