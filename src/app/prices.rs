//! The tariff of a running process: what the registry keeps, with the files of the settings
//! appended. It is looked at every second, so that what somebody appends is known everywhere
//! before it begins; SIGHUP reads the files again. What is broken changes nothing.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::ports::store::{ReadError, WriteError};
use crate::ports::tariffs::{NewPart, PartName, TariffRegistry};
use crate::ports::world::WallClock;
use crate::supervisor::{ComponentError, Exit};
use crate::tariff::{
    Addition, Book, Fault, Past, Places, ReadTariff, Refusal, Tariff, append, read_part,
    read_tariff,
};
use crate::value::Micros;

use super::Shared;

/// How often a running process asks for what was appended.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// What begins sooner than this could begin before every process knows of it.
const NOTICE: Duration = Duration::from_secs(2);
const MILLI: i64 = 1_000;

/// Why a tariff was not taken; what was in force stays so.
#[derive(Debug, thiserror::Error)]
pub enum TariffError {
    /// The registry cannot be read. It may heal.
    #[error("reading the tariff registry: {0}")]
    Read(#[from] ReadError),
    /// The registry does not take it. Repeat it: what is there already is left alone.
    #[error("writing the tariff registry: {0}")]
    Write(#[from] WriteError),
    /// A file cannot be read.
    #[error("{}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// A part of the registry is missing or unreadable: a newer release wrote it, or it is damaged.
    #[error("{part} of the tariff registry: {cause}")]
    Part {
        /// Kind and id.
        part: String,
        /// What is wrong.
        cause: String,
    },
    /// Files are faulty.
    #[error("{}", lines(.0))]
    Faults(Vec<Fault>),
    /// It would change what is kept or past.
    #[error("{}", lines(.0))]
    Refused(Vec<Refusal>),
}

impl TariffError {
    /// What is refused as a fault of the files that were read: with file, line and key.
    #[must_use]
    pub fn placed(self, places: &Places) -> Self {
        if let Self::Refused(all) = &self {
            return Self::Faults(all.iter().map(|refusal| places.fault(refusal)).collect());
        }
        self
    }
}

fn lines<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Whether anything new was there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seen {
    /// No.
    Nothing,
    /// Yes.
    More,
}

/// The tariff that a registry keeps; a part that was read once is not read again.
#[derive(Debug, Default)]
pub struct KeptTariff {
    parts: BTreeMap<PartName, Tariff>,
    tariff: Tariff,
}

impl KeptTariff {
    /// Reads all of it.
    pub async fn load<S: TariffRegistry>(store: &S) -> Result<Self, TariffError> {
        let mut kept = Self::default();
        kept.refresh(store).await?;
        Ok(kept)
    }

    /// What is kept.
    pub const fn tariff(&self) -> &Tariff {
        &self.tariff
    }

    /// Names of what is kept, in the order it was appended.
    pub fn names(&self) -> impl Iterator<Item = &PartName> {
        self.parts.keys()
    }

    /// Reads what was appended since the last look.
    pub async fn refresh<S: TariffRegistry>(&mut self, store: &S) -> Result<Seen, TariffError> {
        let names = store.list_parts().await?;
        if names.iter().eq(self.parts.keys()) {
            return Ok(Seen::Nothing);
        }
        let mut parts = BTreeMap::new();
        for name in names {
            let part = match self.parts.get(&name) {
                Some(known) => known.clone(),
                None => load_part(store, &name).await?,
            };
            parts.insert(name, part);
        }
        let mut tariff = Tariff::default();
        for part in parts.values() {
            tariff.join(part);
        }
        (self.parts, self.tariff) = (parts, tariff);
        Ok(Seen::More)
    }

    /// What `read` would add at `now`; see [`append`].
    pub fn addition(
        &self,
        read: &Tariff,
        now: Micros,
        past: Past,
    ) -> Result<Addition, TariffError> {
        append(&self.tariff, read, now.plus(NOTICE), past).map_err(TariffError::Refused)
    }

    /// Writes what is added, and reads back that it is what is kept.
    pub async fn append<S: TariffRegistry>(
        &mut self,
        store: &S,
        added: &Tariff,
        now: Micros,
    ) -> Result<(), TariffError> {
        let newest = self.parts.keys().next_back().map_or(i64::MIN, |name| name.added_at.get());
        let first = now.ms().saturating_mul(MILLI).max(newest.saturating_add(MILLI));
        let times = (0..).map(|step: i64| Micros::new(first.saturating_add(step * MILLI)));
        let parts = added.parts().into_iter().zip(times);
        let parts: Vec<NewPart> =
            parts.map(|(part, added_at)| NewPart { part, added_at }).collect();
        if parts.is_empty() {
            return Ok(());
        }
        store.append_parts(&parts).await?;
        self.refresh(store).await?;
        // Of two that append at the same time the earlier stays.
        append(&self.tariff, added, now, Past::Open).map_err(TariffError::Refused)?;
        Ok(())
    }
}

async fn load_part<S: TariffRegistry>(store: &S, name: &PartName) -> Result<Tariff, TariffError> {
    let part = || format!("{} {}", name.kind.label(), name.id);
    let text = store.get_part(name.kind, &name.id).await?;
    let text = text.ok_or_else(|| TariffError::Part {
        part: part(),
        cause: "it is listed and not there".to_owned(),
    })?;
    read_part(&name.id, &text)
        .map_err(|faults| TariffError::Part { part: part(), cause: lines(&faults) })
}

/// Reads tariff files, which may assign plans that `known` has.
pub fn read_tariff_files(paths: &[PathBuf], known: &Tariff) -> Result<ReadTariff, TariffError> {
    let mut files = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(path)
            .map_err(|cause| TariffError::File { path: path.clone(), cause })?;
        files.push((path.display().to_string(), text));
    }
    let named: Vec<(&str, &str)> = files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    // The path is that of the file which names the sheet, with the sheet's name.
    let sheet = |path: &str| std::fs::read_to_string(path).ok();
    read_tariff(&named, &sheet, known).map_err(TariffError::Faults)
}

/// The tariff of this process and where it comes from.
struct Prices<S> {
    store: S,
    kept: KeptTariff,
    files: Vec<PathBuf>,
    book: Arc<ArcSwap<Book>>,
    clock: Arc<dyn WallClock>,
}

impl<S: TariffRegistry> Prices<S> {
    /// Appends the files to the registry; their warnings go to the log.
    async fn take_files(&mut self) -> Result<(), TariffError> {
        self.kept.refresh(&self.store).await?;
        let (files, known) = (&self.files, self.kept.tariff());
        // A sheet of 100,000 lines takes most of a second.
        let read = tokio::task::block_in_place(|| read_tariff_files(files, known))?;
        for warning in read.warnings {
            tracing::warn!(%warning, "tariff");
        }
        let now = self.clock.now();
        let addition = self.kept.addition(&read.tariff, now, Past::AsWritten);
        let addition = addition.map_err(|error| error.placed(&read.places))?;
        self.kept.append(&self.store, &addition.added, now).await?;
        self.put_in_force();
        Ok(())
    }

    fn put_in_force(&self) {
        let tariff = self.kept.tariff();
        let versions: usize = tariff.plans.iter().map(|plan| plan.versions.len()).sum();
        let (plans, assignments) = (tariff.plans.len(), tariff.assignments.len());
        tracing::info!(plans, versions, assignments, "tariff loaded");
        self.book.store(Arc::new(Book::new(tariff.clone())));
    }

    async fn look(&mut self) -> Result<(), TariffError> {
        if self.kept.refresh(&self.store).await? == Seen::More {
            self.put_in_force();
        }
        Ok(())
    }

    async fn follow(mut self, mut hangup: Signal, stop: CancellationToken) {
        let mut interval = tokio::time::interval(LOOK_EVERY);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut told = String::new();
        loop {
            let outcome = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                Some(()) = hangup.recv() => {
                    told.clear();
                    self.take_files().await
                }
                _ = interval.tick() => self.look().await,
            };
            let now = outcome.err().map(|error| error.to_string()).unwrap_or_default();
            if !now.is_empty() && now != told {
                tracing::error!(error = now, "the tariff stays as it is");
            }
            told = now;
        }
    }
}

impl Shared<'_> {
    /// Puts the tariff in force that the store keeps, with the files of the settings appended, and
    /// follows it from then on.
    pub(super) async fn prices<S>(&self, store: &S) -> Result<(), ComponentError>
    where
        S: TariffRegistry + Clone + 'static,
    {
        let hangup = signal(SignalKind::hangup()).map_err(|error| {
            ComponentError::new(Exit::Failed, format!("cannot listen for SIGHUP: {error}"))
        })?;
        let mut prices = Prices {
            store: store.clone(),
            kept: KeptTariff::default(),
            files: self.settings.tariff.files.clone(),
            book: Arc::clone(&self.book),
            clock: Arc::clone(&self.world.clock),
        };
        prices.take_files().await.map_err(|error| {
            let exit = match &error {
                TariffError::Read(_) | TariffError::Write(_) => Exit::Unreachable,
                TariffError::Part { .. } => Exit::Refused,
                TariffError::File { .. } | TariffError::Faults(_) | TariffError::Refused(_) => {
                    Exit::Settings
                }
            };
            ComponentError::new(exit, format!("tariff.files: {error}"))
        })?;
        let stop = self.spawner.token();
        self.spawner.task("tariff", async move {
            prices.follow(hangup, stop).await;
            Ok(())
        });
        Ok(())
    }
}
