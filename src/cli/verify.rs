//! `verify`: renders stored rows again, with the version of the tariff they were rated with, and
//! compares with what they keep. It changes nothing unless it is told to.

mod differences;
mod walk;

use serde_json::json;

use super::args::VerifyArgs;
use super::exit::Failure;
use super::progress::Progress;
use super::runtime::block_on;
use super::store::{AnyStore, write_failure};
use super::tariff::stored_book;
use super::{Context, Outcome};
use crate::config::Settings;
use crate::dial::row::EditWrite;
use crate::dial::{Limits, Row, View, as_rated, latest_fact, to_keep};
use crate::item::Rendered;
use crate::ports::renderings::{Renderings, StoredRendering};
use crate::ports::world::WallClock;
use crate::supervisor::Exit;
use crate::system::SystemClock;
use crate::tariff::Book;
use crate::value::Micros;

pub(super) use walk::Scope;
use walk::{Pair, Walk, again};

/// What rendering depends on.
pub(super) struct Rules {
    book: Book,
    limits: Limits,
}

impl Rules {
    pub(super) fn new(book: Book, settings: &Settings) -> Self {
        let item = &settings.item;
        Self { book, limits: Limits { ringing: item.ringing.0, connected: item.connected.0 } }
    }

    /// A row's view: as of its newest fact, as the fold renders it.
    pub(super) fn view(&self, row: &Row) -> View<'_> {
        let now = latest_fact(&row.key, &row.state.facts);
        View { book: &self.book, limits: &self.limits, now }
    }

    fn judge(&self, pair: &Pair) -> Finding {
        let view = self.view(&pair.row);
        let in_force = to_keep(&pair.row, &view);
        let Some(kept) = &pair.kept else { return Finding::Differs(in_force) };
        let rated = as_rated(&pair.row, &kept.rendered, &view);
        if rated != kept.rendered {
            Finding::Differs(rated)
        } else if in_force != rated {
            Finding::Outdated(in_force)
        } else {
            Finding::Sound
        }
    }
}

/// What a row turned out to be.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Finding {
    /// It keeps what rendering gives.
    Sound,
    /// It keeps something else; this is right.
    Differs(Rendered),
    /// It keeps what was right when it was rated; by the tariff in force it would be this.
    Outdated(Rendered),
}

/// Which changes of kept renderings are meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Change {
    /// Only to what the tariff in force says of rows that were right when they were rated.
    Outdated,
    /// To what the tariff in force says, whatever is kept.
    AnyValue,
}

impl Change {
    /// What the row is to keep, if that is another rendering than it keeps.
    fn of(self, pair: &Pair, rules: &Rules) -> Option<Rendered> {
        match self {
            Self::Outdated => match rules.judge(pair) {
                Finding::Outdated(rendered) => Some(rendered),
                Finding::Sound | Finding::Differs(_) => None,
            },
            Self::AnyValue => {
                let rendered = to_keep(&pair.row, &rules.view(&pair.row));
                let is_kept = pair.kept.as_ref().is_some_and(|kept| kept.rendered == rendered);
                (!is_kept).then_some(rendered)
            }
        }
    }
}

pub(super) fn run(args: &VerifyArgs, context: &mut Context) -> Outcome {
    let settings = context.settings()?;
    let scope = Scope {
        projects: args.projects.clone(),
        from: args.from.unwrap_or(Micros::MIN),
        to: args.to.unwrap_or(Micros::MAX),
    };
    block_on(async {
        let store = AnyStore::open(&settings).await?;
        let rules = Rules::new(stored_book(&store, &settings).await?, &settings);
        let found = check(&store, &scope, (&rules, args), context).await?;
        if args.backdate {
            let change = (&rules, Change::Outdated);
            list_changes(&store, &scope, change, context).await?;
            if !args.dry_run {
                let written = write_changes(&store, &scope, change).await?;
                let shown = json!({ "ratedAgain": written });
                context.line(&format!("{written} items rated again"), &shown)?;
            }
        }
        Ok(if found == 0 { Exit::Done } else { Exit::Found })
    })
}

/// Checks every row; gives the number of those that differ and were not put right.
async fn check(
    store: &AnyStore,
    scope: &Scope,
    (rules, args): (&Rules, &VerifyArgs),
    context: &mut Context,
) -> Result<u64, Failure> {
    let (mut items, mut differing, mut outdated, mut fixed) = (0_u64, 0_u64, 0_u64, 0_u64);
    let mut progress = Progress::start("items", None);
    let mut walk = Walk::begin(store, scope).await?;
    while let Some(pairs) = walk.next().await? {
        for pair in pairs {
            progress.step();
            items += 1;
            let Some((pair, finding)) = settled(store, pair, rules).await? else { continue };
            match finding {
                Finding::Sound => {}
                Finding::Outdated(_) => outdated += 1,
                Finding::Differs(right) => {
                    differing += 1;
                    differences::tell("differs", &pair, &right, context)?;
                    if args.fix && !args.dry_run {
                        put(store, &pair, right).await?;
                        fixed += 1;
                    }
                }
            }
        }
    }
    progress.finish();
    let text = format!(
        "{items} items: {differing} differ, {fixed} of them put right; {outdated} were rated by \
         another version than the one in force now"
    );
    let shown = json!({
        "items": items, "differing": differing, "fixed": fixed, "outdated": outdated,
    });
    context.line(&text, &shown)?;
    Ok(differing - fixed)
}

/// A row that differs is read once more: it may have been written between its two reads. `None` =
/// it is gone.
async fn settled(
    store: &AnyStore,
    pair: Pair,
    rules: &Rules,
) -> Result<Option<(Pair, Finding)>, Failure> {
    let finding = rules.judge(&pair);
    if !matches!(finding, Finding::Differs(_)) {
        return Ok(Some((pair, finding)));
    }
    let pair = again(store, &pair.row.key).await?;
    Ok(pair.map(|pair| {
        let finding = rules.judge(&pair);
        (pair, finding)
    }))
}

/// Lists what would be written; gives the number of items.
pub(super) async fn list_changes(
    store: &AnyStore,
    scope: &Scope,
    (rules, change): (&Rules, Change),
    context: &mut Context,
) -> Result<u64, Failure> {
    let mut count = 0;
    let mut progress = Progress::start("items", None);
    let mut walk = Walk::begin(store, scope).await?;
    while let Some(pairs) = walk.next().await? {
        for pair in pairs {
            progress.step();
            if let Some(rendered) = change.of(&pair, rules) {
                count += 1;
                differences::tell("changes", &pair, &rendered, context)?;
            }
        }
    }
    progress.finish();
    Ok(count)
}

/// Writes what [`list_changes`] lists; gives the number of items.
pub(super) async fn write_changes(
    store: &AnyStore,
    scope: &Scope,
    (rules, change): (&Rules, Change),
) -> Result<u64, Failure> {
    let mut count = 0;
    let mut progress = Progress::start("items", None);
    let mut walk = Walk::begin(store, scope).await?;
    while let Some(pairs) = walk.next().await? {
        for pair in pairs {
            progress.step();
            if let Some(rendered) = change.of(&pair, rules) {
                put(store, &pair, rendered).await?;
                count += 1;
            }
        }
    }
    progress.finish();
    Ok(count)
}

/// Above the facts it was made of and below the next ones; a second time for the same facts, above
/// everything.
async fn put(store: &AnyStore, pair: &Pair, rendered: Rendered) -> Result<(), Failure> {
    let Pair { row, kept } = pair;
    let above = row.state.version(row.key.created_at) + 1;
    let is_second = kept.as_ref().is_some_and(|kept| kept.written >= above);
    let written = if is_second {
        EditWrite::wall(SystemClock.now(), &row.key, row.newest_wall)
    } else {
        above
    };
    let rendering = StoredRendering { key: row.key, rendered, written };
    store.put_rendering(&rendering).await.map_err(write_failure)
}
