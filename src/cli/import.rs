//! `import`: items and references of another store, their ids kept. A line whose item exists
//! changes nothing, so importing a file again is free.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use serde_json::{Value as Json, json};

use super::args::ImportArgs;
use super::digest::Digest;
use super::exit::Failure;
use super::items;
use super::lines::Lines;
use super::progress::Progress;
use super::runtime::block_on;
use super::store::{AnyStore, read_failure, write_failure};
use super::{Context, Outcome};
use crate::dial::edit::{NewItem, Stamp, create};
use crate::dial::row::EditWrite;
use crate::dial::{ItemKey, Limits, Row, View, item};
use crate::event::RECORD_BYTES_MAX;
use crate::ports::registry::Registry;
use crate::ports::store::{DialStore, WriteError};
use crate::ports::world::WallClock;
use crate::relation::{Reference, ReferenceKind};
use crate::supervisor::Exit;
use crate::system::SystemClock;
use crate::tariff::Book;
use crate::value::{ItemId, ProjectId};

mod file;
mod line;
mod reference;

use file::{File, Told};

/// Lines that are looked up together.
const LINES_AT_ONCE: usize = 512;
/// Writes in flight.
const WRITES_AT_ONCE: usize = 128;
const TRIES: u32 = 5;
const BETWEEN_TRIES: Duration = Duration::from_millis(200);
/// Lines whose `createdAt` gave way to their id that are told one by one.
const MOVED_TOLD_MAX: u64 = 10;

pub(super) fn run(args: &ImportArgs, context: &mut Context) -> Outcome {
    let settings = context.settings()?;
    let format = items::Format::of(args.format, &args.file);
    let mut file = File::open(Lines::open(&args.file, RECORD_BYTES_MAX)?, format)?;
    block_on(async {
        let store = AnyStore::open(&settings).await?;
        let mut import = Import::new(store, args);
        import.all(&mut file, context).await?;
        import.tell(context)?;
        Ok(Exit::Done)
    })
}

/// Whether rows are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Write,
    Look,
}

struct Import {
    store: AnyStore,
    mode: Mode,
    stamp: Stamp,
    items: Counts,
    references: Counts,
    moved: u64,
    digest: Digest,
    waiting: Waiting,
}

/// How many were made, and how many were there before.
#[derive(Clone, Copy, Default)]
struct Counts {
    made: u64,
    known: u64,
}

/// Lines read and not looked up yet.
#[derive(Default)]
struct Waiting {
    lines: usize,
    items: Vec<NewItem>,
    references: Vec<Reference>,
}

impl Import {
    fn new(store: AnyStore, args: &ImportArgs) -> Self {
        Self {
            store,
            mode: if args.dry_run { Mode::Look } else { Mode::Write },
            stamp: Stamp { now: SystemClock.now(), by: "import".into() },
            items: Counts::default(),
            references: Counts::default(),
            moved: 0,
            digest: Digest::default(),
            waiting: Waiting::default(),
        }
    }

    async fn all(&mut self, file: &mut File, context: &mut Context) -> Result<(), Failure> {
        let mut progress = Progress::start("lines", None);
        while let Some(told) = file.next(self.stamp.now)? {
            match told {
                Told::Reference(reference) => self.waiting.references.push(reference),
                Told::Item(imported) => {
                    if let Some(said) = imported.moved_from {
                        self.moved += 1;
                        let at = imported.item.key.created_at;
                        let place = file.place();
                        if self.moved <= MOVED_TOLD_MAX {
                            let text =
                                format!("{place}: createdAt is {at}, the time of _id, not {said}");
                            context.note(&text)?;
                        }
                    }
                    self.waiting.references.extend(imported.references);
                    self.waiting.items.push(imported.item);
                }
            }
            self.waiting.lines += 1;
            if self.waiting.lines == LINES_AT_ONCE {
                self.some().await?;
            }
            progress.step();
        }
        self.some().await?;
        progress.finish();
        Ok(())
    }

    /// Looks up what waits and writes what is not there. References come first: nobody is to see
    /// an item whose user is not known yet.
    async fn some(&mut self) -> Result<(), Failure> {
        let Waiting { items, references, .. } = std::mem::take(&mut self.waiting);
        self.some_references(references).await?;
        let book = Book::default();
        let limits = Limits::default();
        let view = View { book: &book, limits: &limits, now: self.stamp.now };
        let mut writes: Vec<EditWrite> = Vec::new();
        let mut seen: BTreeSet<(ProjectId, ItemId)> = BTreeSet::new();
        for new in items {
            let key = new.key;
            let write = create(new, &self.stamp, &view);
            self.digest.add(seen_by_readers(&write, &view).as_bytes());
            if seen.insert((key.project, key.item)) {
                writes.push(write);
            } else {
                self.items.known += 1;
            }
        }
        let keys: Vec<ItemKey> = writes.iter().map(|write| write.key).collect();
        let found = self.store.load(&keys).await.map_err(read_failure)?;
        let known = found.iter().flatten().count();
        self.items.known += count(known);
        self.items.made += count(writes.len() - known);
        if self.mode == Mode::Look {
            return Ok(());
        }
        let missing = writes.iter().zip(&found).filter(|(_, row)| row.is_none());
        let missing: Vec<&EditWrite> = missing.map(|(write, _)| write).collect();
        let written = missing.into_iter().map(|write| {
            let place = format!("item {}", write.key.item);
            again(place, async || self.store.edit(write).await)
        });
        stream::iter(written).buffer_unordered(WRITES_AT_ONCE).try_collect().await
    }

    /// Writes those that are better than what is known; the better of two states stays.
    async fn some_references(&mut self, told: Vec<Reference>) -> Result<(), Failure> {
        let mut best: BTreeMap<Place, Reference> = BTreeMap::new();
        for reference in told {
            let place = (reference.kind, reference.project, reference.id);
            match best.get(&place) {
                Some(held) if reference.rank(held).is_le() => self.references.known += 1,
                // The lesser one gives way before it was written: it counts as known.
                Some(_) => {
                    self.references.known += 1;
                    best.insert(place, reference);
                }
                None => {
                    best.insert(place, reference);
                }
            }
        }
        for held in self.held(best.keys()).await? {
            let place = (held.kind, held.project, held.id);
            if best.get(&place).is_some_and(|new| new.rank(&held).is_le()) {
                best.remove(&place);
                self.references.known += 1;
            }
        }
        self.references.made += count(best.len());
        if self.mode == Mode::Look {
            return Ok(());
        }
        let written = best.values().map(|reference| {
            let place = format!("{} {}", reference.kind.word(), reference.id);
            again(place, async || self.store.put_reference(reference).await)
        });
        stream::iter(written).buffer_unordered(WRITES_AT_ONCE).try_collect().await
    }

    async fn held(&self, places: impl Iterator<Item = &Place>) -> Result<Vec<Reference>, Failure> {
        let mut groups: BTreeMap<(ReferenceKind, ProjectId), Vec<_>> = BTreeMap::new();
        for (kind, project, id) in places {
            groups.entry((*kind, *project)).or_default().push(*id);
        }
        let mut held = Vec::new();
        for ((kind, project), ids) in groups {
            held.extend(self.store.references(kind, project, &ids).await.map_err(read_failure)?);
        }
        Ok(held)
    }

    fn tell(&self, context: &mut Context) -> Result<(), Failure> {
        let Self { items, references, moved, digest, .. } = self;
        let verb = if self.mode == Mode::Write { "imported" } else { "would be imported" };
        let lines = digest.count();
        let text = format!(
            "{} items {verb}, {} were there; {} references {verb}, {} were there; \
             {moved} lines with another createdAt than their id\n{lines} items, hash {digest}",
            items.made, items.known, references.made, references.known
        );
        let object: Json = json!({
            "imported": items.made,
            "known": items.known,
            "references": { "imported": references.made, "known": references.known },
            "moved": moved,
            "count": lines,
            "hash": digest.to_string(),
            "dryRun": self.mode == Mode::Look,
        });
        Ok(context.line(&text, &object)?)
    }
}

type Place = (ReferenceKind, ProjectId, uuid::Uuid);

/// Tries a write some times; a repeat of the same write is free.
async fn again(
    place: String,
    write: impl AsyncFn() -> Result<(), WriteError>,
) -> Result<(), Failure> {
    let mut tries = 1;
    loop {
        match write().await {
            Ok(()) => return Ok(()),
            Err(error) if tries == TRIES => {
                let remedy = "import again: what is there already stays as it is";
                return Err(write_failure(error).at(place).remedy(remedy));
            }
            Err(_) => tokio::time::sleep(BETWEEN_TRIES).await,
        }
        tries += 1;
    }
}

/// The line of the item as readers will see it.
fn seen_by_readers(write: &EditWrite, view: &View<'_>) -> String {
    let state = write.create.as_ref().map(|fold| fold.state.clone()).unwrap_or_default();
    let row = Row::of(write.key, state).edited_by(write);
    Json::Object(items::object(&item(&row, view))).to_string()
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
