//! Where a replay stands: a small file of its own, so that the same command goes on after an
//! interruption. What lies behind the file is read again, which changes nothing.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use super::super::exit::Failure;
use super::target::Tally;
use crate::config::Settings;
use crate::ports::log::{Commit, LogPartition};
use crate::ports::stretch::Stretch;
use crate::supervisor::Exit;

const WRITE_EVERY: Duration = Duration::from_secs(1);

/// The file as it was found.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Kept {
    /// Which replay it is of, in words.
    replay: String,
    stretches: Vec<KeptStretch>,
    /// Rejects so far, by reason.
    pub(super) reasons: BTreeMap<String, u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct KeptStretch {
    source: String,
    log_partition: u16,
    next: u64,
    end: u64,
}

impl Kept {
    /// What is left of the stretches that were found: none of them grows.
    pub(super) fn resume(&self, found: &mut Vec<Stretch>) {
        found.retain_mut(|stretch| {
            let number = stretch.partition.number;
            let is_it = |kept: &&KeptStretch| {
                *kept.source == *stretch.source && kept.log_partition == number
            };
            let Some(kept) = self.stretches.iter().find(is_it) else { return false };
            // Retention may have passed it.
            (stretch.next, stretch.end) = (stretch.next.max(kept.next), kept.end);
            true
        });
    }
}

/// Where the file lies.
pub(super) fn path_of(named: Option<&Path>, settings: &Settings, what: &str) -> PathBuf {
    let hash: [u8; 32] = Sha256::digest(what).into();
    let name = u64::from_be_bytes(hash.first_chunk().copied().unwrap_or_default());
    let default = || settings.data_dir.join("replay").join(format!("{name:016x}.json"));
    named.map_or_else(default, Path::to_path_buf)
}

/// Reads the file; `None` = there is none. That of another replay is refused.
pub(super) fn load(path: &Path, what: &str) -> Result<Option<Kept>, Failure> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed("read", path, &error)),
    };
    let kept: Kept = serde_json::from_slice(&text).map_err(|error| {
        Failure::new(Exit::Failed, format!("this is no position of a replay: {error}"))
            .at(path.display().to_string())
            .remedy("remove the file: the replay begins again, which changes nothing")
    })?;
    if kept.replay != what {
        return Err(Failure::new(Exit::Usage, "the position is that of another replay")
            .at(path.display().to_string())
            .remedy("name another file with --position, or remove this one"));
    }
    Ok(Some(kept))
}

fn failed(verb: &str, path: &Path, error: &io::Error) -> Failure {
    let exit = if error.kind() == ErrorKind::StorageFull { Exit::Disk } else { Exit::Failed };
    Failure::new(exit, format!("cannot {verb} the position: {error}"))
        .at(path.display().to_string())
        .remedy("name a file that this user can write to with --position")
}

/// Where all stretches of a replay stand.
pub(super) struct Position {
    path: PathBuf,
    what: String,
    places: Vec<Standing>,
    tally: Arc<Tally>,
}

struct Standing {
    source: Arc<str>,
    partition: LogPartition,
    next: AtomicU64,
    end: u64,
}

impl Position {
    /// Begins to keep it: the file is there when this returns.
    pub(super) fn begin(
        path: PathBuf,
        what: String,
        stretches: &[Stretch],
        tally: &Arc<Tally>,
    ) -> Result<Arc<Self>, Failure> {
        let standing = |stretch: &Stretch| Standing {
            source: Arc::clone(&stretch.source),
            partition: stretch.partition,
            next: AtomicU64::new(stretch.next),
            end: stretch.end,
        };
        let places = stretches.iter().map(standing).collect();
        let position = Self { path, what, places, tally: Arc::clone(tally) };
        let dir = position.path.parent().filter(|dir| !dir.as_os_str().is_empty());
        dir.map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| position.write())
            .map_err(|error| failed("write", &position.path, &error))?;
        Ok(Arc::new(position))
    }

    /// What the log of a stretch tells its place to.
    pub(super) fn handle(self: &Arc<Self>) -> Handle {
        Handle { position: Arc::clone(self), written: Instant::now() }
    }

    /// A stretch was read to its end.
    pub(super) fn finish(&self, stretch: &Stretch) {
        self.put(stretch.partition, stretch.end);
        self.told();
    }

    /// Everything was read: the next such replay begins anew.
    pub(super) fn remove(&self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::warn!(%error, path = %self.path.display(), "the position stays");
        }
    }

    fn put(&self, partition: LogPartition, next: u64) {
        if let Some(place) = self.places.iter().find(|place| place.partition == partition) {
            place.next.store(next, Relaxed);
        }
    }

    /// A position that cannot be written costs a repetition, nothing else.
    fn told(&self) {
        if let Err(error) = self.write() {
            tracing::warn!(%error, path = %self.path.display(), "the position is not kept");
        }
    }

    fn write(&self) -> io::Result<()> {
        let stretches = self.places.iter().map(|place| KeptStretch {
            source: place.source.to_string(),
            log_partition: place.partition.number,
            next: place.next.load(Relaxed),
            end: place.end,
        });
        let kept = Kept {
            replay: self.what.clone(),
            stretches: stretches.collect(),
            reasons: self.tally.reasons(),
        };
        let mut part = self.path.as_os_str().to_owned();
        part.push(".part");
        let mut file = File::create(&part)?;
        serde_json::to_writer(&mut file, &kept)?;
        file.flush().and_then(|()| file.sync_all())?;
        std::fs::rename(part, &self.path)
    }
}

/// What the log of one stretch tells.
pub(super) struct Handle {
    position: Arc<Position>,
    written: Instant,
}

impl Handle {
    /// So many records were read.
    pub(super) fn read(&self, records: usize) {
        self.position.tally.read(records);
    }

    /// Everything below is durable.
    pub(super) fn move_to(&mut self, commits: &[Commit]) {
        for commit in commits {
            self.position.put(commit.partition, commit.next);
        }
        if self.written.elapsed() >= WRITE_EVERY {
            self.written = Instant::now();
            self.position.told();
        }
    }

    /// The same, at once.
    pub(super) fn close(&self, commits: &[Commit]) {
        for commit in commits {
            self.position.put(commit.partition, commit.next);
        }
        self.position.told();
    }
}
