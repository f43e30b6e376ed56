//! `export`: items of projects as a file, newest first. Reads a page of one project-day at a time,
//! so that its memory does not grow with the store.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::args::ExportArgs;
use super::digest::Digest;
use super::exit::Failure;
use super::items::{self, Format};
use super::progress::Progress;
use super::runtime::block_on;
use super::store::{AnyStore, read_failure};
use super::tariff::stored_book;
use super::{Context, Outcome, csv};
use crate::config::Settings;
use crate::dial::{Limits, Row, View, item};
use crate::event::Event;
use crate::event::encode::encode_line;
use crate::item::{Column, Item};
use crate::ports::registry::Registry;
use crate::ports::store::{DayRange, Directory, ItemReader};
use crate::ports::world::WallClock;
use crate::query::{PAGE_ROWS, Span};
use crate::relation::ReferenceKind;
use crate::supervisor::Exit;
use crate::system::SystemClock;
use crate::tariff::Book;
use crate::value::{CallId, Day, Micros, ProjectId, RuleId, UserId};

mod target;

use target::Target;

pub(super) fn run(args: &ExportArgs, context: &mut Context) -> Outcome {
    let settings = context.settings()?;
    let format = Format::of(args.format, &args.file);
    if args.references && format == Format::Csv {
        let what = "a CSV file holds items alone: --references needs NDJSON";
        return Err(Failure::new(Exit::Usage, what).remedy("leave out --references or use NDJSON"));
    }
    if args.file.extension().is_some_and(|extension| extension == "gz") {
        let what = "an export is not packed: write to standard output and pipe it through gzip";
        return Err(Failure::new(Exit::Usage, what).at(args.file.display().to_string()));
    }
    block_on(async {
        let store = AnyStore::open(&settings).await?;
        let book = stored_book(&store, &settings).await?;
        let target = Target::open(&args.file)?;
        let mut export = Export::new((args, format), store, target, rules(&settings, book));
        export.all(context).await?;
        export.tell(context)
    })
}

/// What rendering depends on.
struct Rules {
    book: Book,
    limits: Limits,
    now: Micros,
}

fn rules(settings: &Settings, book: Book) -> Rules {
    let limits = Limits { ringing: settings.item.ringing.0, connected: settings.item.connected.0 };
    Rules { book, limits, now: SystemClock.now() }
}

struct Export<'a> {
    args: &'a ExportArgs,
    format: Format,
    store: AnyStore,
    target: Target,
    rules: Rules,
    digest: Digest,
    references: Digest,
    /// Users and rules that were written, and the calls of this day and the one before.
    written: BTreeSet<(ReferenceKind, Uuid)>,
    calls: [BTreeSet<Uuid>; 2],
    progress: Option<Progress>,
}

impl<'a> Export<'a> {
    fn new(
        (args, format): (&'a ExportArgs, Format),
        store: AnyStore,
        target: Target,
        rules: Rules,
    ) -> Self {
        Self {
            args,
            format,
            store,
            target,
            rules,
            digest: Digest::default(),
            references: Digest::default(),
            written: BTreeSet::new(),
            calls: [BTreeSet::new(), BTreeSet::new()],
            progress: Some(Progress::start("items", None)),
        }
    }

    async fn all(&mut self, context: &mut Context) -> Result<(), Failure> {
        if self.format == Format::Csv {
            self.target.line(context, &csv::header())?;
        }
        let projects: BTreeSet<ProjectId> = self.args.projects.iter().copied().collect();
        let wanted = Span {
            from: self.args.from.unwrap_or(Micros::MIN),
            to: self.args.to.unwrap_or(Micros::MAX),
        };
        for project in projects {
            self.written.clear();
            if self.args.references {
                self.references(project, &[(ReferenceKind::Project, project.uuid())], context)
                    .await?;
            }
            let Some((first, last)) = wanted.days() else { continue };
            let days = self.store.days(project, first, last).await.map_err(read_failure)?;
            for day in days {
                let [today, before] = &mut self.calls;
                *before = std::mem::take(today);
                self.day(project, (day, wanted), context).await?;
            }
        }
        self.progress.take().map(Progress::finish);
        self.target.flush(context)
    }

    async fn day(
        &mut self,
        project: ProjectId,
        (day, wanted): (Day, Span),
        context: &mut Context,
    ) -> Result<(), Failure> {
        let Some(Span { from, to }) = wanted.in_day(day) else { return Ok(()) };
        let range = DayRange { project, day, from, to };
        let mut after = None;
        loop {
            let page = self.store.day(&range, after, PAGE_ROWS).await.map_err(read_failure)?;
            let items = self.items(&page.rows);
            if self.args.references {
                let named = self.not_written(&items);
                self.references(project, &named, context).await?;
            }
            for item in &items {
                self.item(item, context)?;
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    fn items(&self, rows: &[Row]) -> Vec<Item> {
        let Rules { book, limits, now } = &self.rules;
        let view = View { book, limits, now: *now };
        let shown = rows.iter().filter(|row| row.deletion.is_none());
        shown.map(|row| item(row, &view)).collect()
    }

    fn item(&mut self, item: &Item, context: &mut Context) -> Result<(), Failure> {
        let mut object = items::object(item);
        if self.args.mask_phones
            && let Some(phone) = &item.phone
        {
            object.insert(Column::Phone.name().to_owned(), Json::from(phone.to_string()));
        }
        let csv = (self.format == Format::Csv).then(|| csv::line(&object));
        let line = Json::Object(object).to_string();
        self.digest.add(line.as_bytes());
        if let Some(progress) = &mut self.progress {
            progress.step();
        }
        self.target.line(context, &csv.unwrap_or(line))
    }

    /// What the items name and no line has told yet.
    fn not_written(&mut self, items: &[Item]) -> Vec<(ReferenceKind, Uuid)> {
        let mut named = Vec::new();
        for item in items {
            let user = item.user.map(|id| (ReferenceKind::User, UserId::uuid(id)));
            let rule = item.rule.map(|id| (ReferenceKind::Rule, RuleId::uuid(id)));
            let kept = user.into_iter().chain(rule);
            named.extend(kept.filter(|place| self.written.insert(*place)));
            let [today, before] = &mut self.calls;
            let call = item.call.map(CallId::uuid);
            let call = call.filter(|id| !before.contains(id) && today.insert(*id));
            named.extend(call.map(|id| (ReferenceKind::Call, id)));
        }
        named
    }

    async fn references(
        &mut self,
        project: ProjectId,
        named: &[(ReferenceKind, Uuid)],
        context: &mut Context,
    ) -> Result<(), Failure> {
        for kind in ReferenceKind::ALL {
            let ids: Vec<Uuid> =
                named.iter().filter(|(of, _)| *of == kind).map(|(_, id)| *id).collect();
            if ids.is_empty() {
                continue;
            }
            let found = self.store.references(kind, project, &ids).await;
            let mut found = found.map_err(read_failure)?;
            // Stores answer in any order; two exports are to be the same.
            found.sort_unstable_by_key(|reference| reference.id);
            for reference in found {
                let (id, at) = (reference.id.to_string(), reference.at);
                let line = encode_line(&Event::Reference(reference), &id, "/export", at);
                self.references.add(line.as_bytes());
                self.target.line(context, &line)?;
            }
        }
        Ok(())
    }

    fn tell(self, context: &mut Context) -> Outcome {
        let Self { digest, references, args, target, .. } = self;
        let (items, told) = (digest.count(), references.count());
        let text = format!("{items} items, {told} references\n{items} items, hash {digest}");
        let object = json!({
            "count": items, "hash": digest.to_string(), "references": told,
            "referencesHash": references.to_string(), "masked": args.mask_phones,
        });
        target.tell(context, &text, &object)?;
        Ok(Exit::Done)
    }
}
