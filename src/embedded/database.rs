//! Opens the data directory: one fjall database, its keyspaces, its lock and its format.
//! It does not write rows (`writer` alone does).

use std::path::{Path, PathBuf};
use std::time::Duration;

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};

/// How the local store is opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EmbeddedSettings {
    /// The directory of the database (`data.dir`); made if it is missing.
    pub dir: PathBuf,
    /// Bytes of the block cache.
    pub cache_bytes: u64,
    /// Virtual log partitions of the local log. Fixed when the directory is first used: afterwards
    /// the number that is kept there holds.
    pub log_partitions: u16,
    /// How long records of the local log are kept once they are done; `None` = for ever.
    pub log_keep: Option<Duration>,
    /// Free bytes below which nothing more is written: an append or row write is not taken until
    /// there is room. A journal that runs into a full disk cannot go on without a restart.
    pub disk_reserve_bytes: u64,
}

impl EmbeddedSettings {
    /// The defaults, in this directory.
    pub fn in_dir(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            cache_bytes: 64 << 20,
            log_partitions: 4,
            log_keep: Some(Duration::from_hours(7 * 24)),
            disk_reserve_bytes: 256 << 20,
        }
    }
}

/// Why the data directory cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process (or another handle of this one) has it.
    #[error("the data directory {} is in use by another process", .dir.display())]
    Locked {
        /// The directory.
        dir: PathBuf,
    },
    /// Reading or writing failed.
    #[error("cannot open the data directory {}: {reason}", .dir.display())]
    Disk {
        /// The directory.
        dir: PathBuf,
        /// What the disk said.
        reason: String,
    },
    /// A newer release wrote it, or it is damaged.
    #[error("cannot read the data directory {}: {reason}", .dir.display())]
    Format {
        /// The directory.
        dir: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

impl OpenError {
    #[expect(clippy::wildcard_enum_match_arm, reason = "every other error is damage")]
    fn of(dir: &Path, error: &fjall::Error) -> Self {
        let dir = dir.to_path_buf();
        match error {
            fjall::Error::Locked => Self::Locked { dir },
            fjall::Error::Io(error) => Self::Disk { dir, reason: error.to_string() },
            fjall::Error::Storage(fjall::LsmError::Io(error)) => {
                Self::Disk { dir, reason: error.to_string() }
            }
            other => Self::Format { dir, reason: other.to_string() },
        }
    }
}

/// The keyspaces. Their order is that of [`Space::ALL`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Space {
    Item,
    Locator,
    ProjectDay,
    ApiKey,
    Reference,
    GatewayStart,
    Log,
    Cursor,
    DeadLetter,
    Meta,
    Tariff,
}

impl Space {
    const ALL: [(Self, &'static str); 11] = [
        (Self::Item, "item"),
        (Self::Locator, "locator"),
        (Self::ProjectDay, "project_day"),
        (Self::ApiKey, "api_key"),
        (Self::Reference, "ref"),
        (Self::GatewayStart, "gateway_start"),
        (Self::Log, "log"),
        (Self::Cursor, "cursor"),
        (Self::DeadLetter, "dead_letter"),
        (Self::Meta, "meta"),
        (Self::Tariff, "tariff"),
    ];
}

/// fjall's least size of all journals together: reopening after a crash replays at most this.
const JOURNAL_BYTES: u64 = 64 << 20;
const MEMTABLE_BYTES: u64 = 16 << 20;
/// Flushes and compactions must not take both cores of a small machine from the writer.
const FJALL_THREADS: usize = 2;
/// Version of keys and keyspaces; values carry their own format byte.
const LAYOUT: u8 = 1;

const META_LAYOUT: &[u8] = b"layout";
const META_LOG_PARTITIONS: &[u8] = b"log_partitions";

/// The open database.
pub(super) struct Spaces {
    pub(super) database: Database,
    keyspaces: Vec<Keyspace>,
    pub(super) log_partitions: u16,
    pub(super) dir: PathBuf,
}

impl Spaces {
    /// All keyspaces.
    pub(super) fn all(&self) -> impl Iterator<Item = &Keyspace> {
        self.keyspaces.iter()
    }

    /// The keyspace.
    #[expect(clippy::indexing_slicing, reason = "opened in the order of the variants")]
    pub(super) fn get(&self, space: Space) -> &Keyspace {
        &self.keyspaces[space as usize]
    }
}

/// Opens or makes the database.
pub(super) fn open(settings: &EmbeddedSettings) -> Result<Spaces, OpenError> {
    let dir = &settings.dir;
    let failed = |error: &fjall::Error| OpenError::of(dir, error);
    std::fs::create_dir_all(dir)
        .map_err(|error| OpenError::Disk { dir: dir.clone(), reason: error.to_string() })?;
    let database = Database::builder(dir)
        .cache_size(settings.cache_bytes)
        .worker_threads(FJALL_THREADS)
        .max_journaling_size(JOURNAL_BYTES)
        .open()
        .map_err(|error| failed(&error))?;
    let options = || KeyspaceCreateOptions::default().max_memtable_size(MEMTABLE_BYTES);
    let keyspaces = Space::ALL
        .iter()
        .map(|(_, name)| database.keyspace(name, options))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| failed(&error))?;
    let mut spaces = Spaces { database, keyspaces, log_partitions: 0, dir: dir.clone() };
    spaces.log_partitions = check_meta(&spaces, settings)?;
    Ok(spaces)
}

/// Refuses a layout that this release does not know; fixes the number of log partitions.
fn check_meta(spaces: &Spaces, settings: &EmbeddedSettings) -> Result<u16, OpenError> {
    let dir = &settings.dir;
    let failed = |error: &fjall::Error| OpenError::of(dir, error);
    let damaged = |reason: String| OpenError::Format { dir: dir.clone(), reason };
    let meta = spaces.get(Space::Meta);
    match meta.get(META_LAYOUT).map_err(|error| failed(&error))?.as_deref() {
        Some([LAYOUT]) => {}
        Some(other) => {
            return Err(damaged(format!("its layout is {other:?}, this release knows {LAYOUT}")));
        }
        None => {
            let partitions = settings.log_partitions.max(1);
            let mut batch = spaces.database.batch().durability(Some(PersistMode::SyncAll));
            batch.insert(meta, META_LAYOUT, [LAYOUT]);
            batch.insert(meta, META_LOG_PARTITIONS, partitions.to_be_bytes());
            batch.commit().map_err(|error| failed(&error))?;
        }
    }
    let kept = meta.get(META_LOG_PARTITIONS).map_err(|error| failed(&error))?;
    let bytes: Option<[u8; 2]> = kept.as_deref().and_then(|bytes| bytes.try_into().ok());
    match bytes.map(u16::from_be_bytes) {
        Some(partitions) if partitions > 0 => Ok(partitions),
        _ => Err(damaged("its number of log partitions is missing".to_owned())),
    }
}
