//! `erase`: what is personal of a user, a number or a call is emptied for good, in rows and
//! references. What it cannot reach it names. It shows no phone number.

mod copies;

use std::collections::BTreeSet;
use std::io::BufRead;

use serde_json::json;

use super::args::{EraseArgs, EraseWhomArgs};
use super::exit::Failure;
use super::progress::Progress;
use super::runtime::block_on;
use super::store::{AnyStore, read_failure, write_failure};
use super::tariff::stored_book;
use super::verify::Rules;
use super::{Context, Outcome};
use crate::dial::identity::time_of_id;
use crate::dial::{ItemKey, Row, edit};
use crate::ports::registry::{CallScan, Registry};
use crate::ports::renderings::Renderings;
use crate::ports::store::{DayRange, DialStore, Directory, ItemReader};
use crate::ports::world::WallClock;
use crate::query::{PAGE_ROWS, Span, slices_of_call};
use crate::relation::{Reference, ReferenceKind};
use crate::supervisor::Exit;
use crate::system::SystemClock;
use crate::value::{CallId, Phone, ProjectId, UserId};

/// Whose data.
enum Whom {
    User(UserId),
    Number(Phone),
    Call(CallId),
}

impl Whom {
    fn of(args: &EraseWhomArgs) -> Result<Self, Failure> {
        if let Some(user) = args.user {
            return Ok(Self::User(user));
        }
        if let Some(call) = args.call {
            return Ok(Self::Call(call));
        }
        let mut number = args.number.clone().unwrap_or_default();
        if number == "-" {
            number.clear();
            std::io::stdin().lock().read_line(&mut number)?;
        }
        let number = number.trim();
        if number.is_empty() {
            let remedy = "write it as events give it, like +12025550143";
            return Err(Failure::new(Exit::Usage, "there is no number").remedy(remedy));
        }
        Ok(Self::Number(Phone::new(number)))
    }

    /// Whether a number of a call goes: all of them, unless one is asked for.
    fn has(&self, phone: &str) -> bool {
        match self {
            Self::Number(number) => phone == number.reveal(),
            Self::User(_) | Self::Call(_) => true,
        }
    }

    fn is_of(&self, row: &Row) -> bool {
        let started = row.state.facts.started.as_ref().map(|fact| &fact.said);
        started.is_some_and(|said| match self {
            Self::User(user) => said.user == Some(*user),
            Self::Number(number) => said.phone.as_ref() == Some(number),
            Self::Call(call) => said.call == Some(*call),
        })
    }
}

pub(super) fn run(args: &EraseArgs, context: &mut Context) -> Outcome {
    let whom = Whom::of(&args.whom)?;
    let settings = context.settings()?;
    block_on(async {
        let store = AnyStore::open(&settings).await?;
        let rules = Rules::new(stored_book(&store, &settings).await?, &settings);
        let mut projects = args.place.projects.clone();
        if args.place.all_projects {
            projects = store.projects().await.map_err(read_failure)?;
        }
        let projects = projects.into_iter().collect();
        let mut erasing = Erasing { store, rules, whom, projects, args, items: 0, references: 0 };
        erasing.items(context).await?;
        erasing.references(context).await?;
        if !args.dry_run {
            erasing.store.purge().await?;
        }
        erasing.tell(context)?;
        copies::tell(&settings, context)?;
        Ok(Exit::Done)
    })
}

struct Erasing<'a> {
    store: AnyStore,
    rules: Rules,
    whom: Whom,
    projects: BTreeSet<ProjectId>,
    args: &'a EraseArgs,
    items: u64,
    references: u64,
}

impl Erasing<'_> {
    async fn items(&mut self, context: &mut Context) -> Result<(), Failure> {
        let mut progress = Progress::start("items", None);
        for project in self.projects.clone() {
            for range in self.ranges(project).await? {
                let mut after = None;
                loop {
                    let page =
                        self.store.day(&range, after, PAGE_ROWS).await.map_err(read_failure)?;
                    for row in page.rows {
                        progress.step();
                        if self.whom.is_of(&row) {
                            self.item(&row.key, context).await?;
                        }
                    }
                    after = page.next;
                    if after.is_none() {
                        break;
                    }
                }
            }
        }
        progress.finish();
        Ok(())
    }

    /// A user and a number may be anywhere; a call's items lie in its slices.
    async fn ranges(&self, project: ProjectId) -> Result<Vec<DayRange>, Failure> {
        let Whom::Call(call) = self.whom else {
            let Some((first, last)) = Span::ALL.days() else { return Ok(Vec::new()) };
            let days = self.store.days(project, first, last).await.map_err(read_failure)?;
            return Ok(days.into_iter().map(|day| DayRange::whole(project, day)).collect());
        };
        let further = self.store.slices(project, call).await.map_err(read_failure)?;
        let slices = slices_of_call(time_of_id(call.uuid()), &further);
        let range = |Span { from, to }| DayRange { project, day: from.day(), from, to };
        Ok(slices.into_iter().map(range).collect())
    }

    /// Reads the row once more: what a client wrote meanwhile is erased too.
    async fn item(&mut self, key: &ItemKey, context: &mut Context) -> Result<(), Failure> {
        let Some(row) = self.store.get(key).await.map_err(read_failure)? else { return Ok(()) };
        let now = SystemClock.now();
        let Some(write) = edit::erase(&row, now, &self.rules.view(&row)) else { return Ok(()) };
        if !self.args.dry_run {
            self.store.edit(&write).await.map_err(repeat)?;
        }
        self.items += 1;
        let done = self.done();
        let ItemKey { project, created_at, item } = *key;
        let shown = json!({
            "done": done, "projectId": project.to_string(), "_id": item.to_string(),
            "createdAt": created_at.to_string(),
        });
        let text = format!("{done} item {item} of project {project}, created {created_at}");
        Ok(context.line(&text, &shown)?)
    }

    async fn references(&mut self, context: &mut Context) -> Result<(), Failure> {
        let now = SystemClock.now();
        let found = match &self.whom {
            Whom::User(user) => self.named(ReferenceKind::User, user.uuid()).await?,
            Whom::Call(call) => self.named(ReferenceKind::Call, call.uuid()).await?,
            Whom::Number(number) => {
                let everywhere = self.args.place.all_projects;
                let is_here = |project: &ProjectId| everywhere || self.projects.contains(project);
                let is_wanted =
                    |call: &Reference| is_here(&call.project) && call.holds_phone(number.reveal());
                self.store.find_calls(&is_wanted).await.map_err(read_failure)?
            }
        };
        for reference in found {
            let left = match reference.kind {
                ReferenceKind::User => reference.body.as_ref().map(|_| reference.gone(now)),
                ReferenceKind::Call | ReferenceKind::Project | ReferenceKind::Rule => {
                    reference.without_phones(|phone| self.whom.has(phone), now)
                }
            };
            let Some(left) = left else { continue };
            if !self.args.dry_run {
                self.store.put_reference(&left).await.map_err(repeat)?;
            }
            self.references += 1;
            let (done, kind) = (self.done(), left.kind.word());
            let (project, id) = (left.project.to_string(), left.id.to_string());
            let shown = json!({ "done": done, "projectId": project, "reference": kind, "id": id });
            context.line(&format!("{done} {kind} {id} of project {project}"), &shown)?;
        }
        Ok(())
    }

    /// The reference of this id in each of the projects.
    async fn named(&self, kind: ReferenceKind, id: uuid::Uuid) -> Result<Vec<Reference>, Failure> {
        let mut found = Vec::new();
        for project in &self.projects {
            let here = self.store.references(kind, *project, &[id]).await;
            found.extend(here.map_err(read_failure)?);
        }
        Ok(found)
    }

    const fn done(&self) -> &'static str {
        if self.args.dry_run { "would erase" } else { "erased" }
    }

    fn tell(&self, context: &mut Context) -> Result<(), Failure> {
        let Self { items, references, .. } = self;
        let text = format!("{}: {items} items, {references} references", self.done());
        let dry_run = self.args.dry_run;
        let shown = json!({ "items": items, "references": references, "dryRun": dry_run });
        Ok(context.line(&text, &shown)?)
    }
}

fn repeat(error: crate::ports::store::WriteError) -> Failure {
    write_failure(error).remedy("repeat it: what is erased is left alone, the rest goes on")
}
