//! One file that is read line by line, to its end or like `tail -F`. It does not know cursors.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::layout::file::Identity;
use super::lines::{Line, Splitter};

/// Bytes of a file's beginning that tell it from others.
const HASHED_MAX: usize = 1_024;
/// Bytes read at a time.
const READ_BYTES: usize = 256 << 10;

/// Whether a file may still grow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Follow {
    /// It is read to its end.
    UntilEnd,
    /// It is followed by name, through rotation and truncation.
    ByName,
}

/// What reading brought.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// Bytes; perhaps lines.
    Read,
    /// Nothing now; perhaps later.
    Idle,
    /// Nothing any more.
    Ended,
    /// The file under this name is another one now (rotation), or begins anew (truncation). All
    /// lines of the old one were given.
    Replaced,
}

enum Bytes {
    Plain(File),
    /// Finite: a compressed file is complete.
    Packed(Box<MultiGzDecoder<File>>),
}

/// The file.
pub(super) struct Tail {
    path: PathBuf,
    follow: Follow,
    bytes: Bytes,
    pub(super) identity: Identity,
    lines: Splitter,
    buffer: Vec<u8>,
}

fn is_packed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"))
}

/// Who an open file is; hashes at most `most` of its first bytes.
fn identify(file: &File, most: usize) -> io::Result<Identity> {
    let metadata = file.metadata()?;
    let mut head = vec![0; most.min(HASHED_MAX)];
    let mut len = 0;
    while let Some(rest) = head.get_mut(len..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, len as u64)? {
            0 => break,
            read => len += read,
        }
    }
    Ok(Identity {
        device: metadata.dev(),
        inode: metadata.ino(),
        hashed: u32::try_from(len).unwrap_or(u32::MAX),
        hash: crc32fast::hash(head.get(..len).unwrap_or_default()),
    })
}

/// Whether an open file is the one that `known` says, grown perhaps.
fn is_same(file: &File, known: &Identity) -> io::Result<bool> {
    Ok(identify(file, known.hashed as usize)? == *known)
}

impl Tail {
    /// Opens a file behind what is done of it.
    pub(super) fn open(path: &Path, follow: Follow, done: u64) -> io::Result<Self> {
        let file = File::open(path)?;
        Self::of_file(file, path, follow, done)
    }

    /// Opens the file that `known` says, if it is still there: under its name, or rotated to a name
    /// beside it that begins alike.
    pub(super) fn reopen(
        path: &Path,
        follow: Follow,
        known: &Identity,
        done: u64,
    ) -> io::Result<Option<Self>> {
        let Some(file) = find(path, known)? else { return Ok(None) };
        if !is_packed(path) && file.metadata()?.len() < done.saturating_sub(1) {
            return Ok(None);
        }
        Self::of_file(file, path, follow, done).map(Some)
    }

    fn of_file(file: File, path: &Path, follow: Follow, done: u64) -> io::Result<Self> {
        let identity = identify(&file, HASHED_MAX)?;
        let lines = Splitter::behind(done);
        let bytes = if is_packed(path) {
            let mut packed = Box::new(MultiGzDecoder::new(file));
            io::copy(&mut packed.by_ref().take(lines.position()), &mut io::sink())?;
            Bytes::Packed(packed)
        } else {
            let mut file = file;
            file.seek(SeekFrom::Start(lines.position()))?;
            Bytes::Plain(file)
        };
        let path = path.to_path_buf();
        let buffer = vec![0; READ_BYTES];
        Ok(Self { path, follow, bytes, identity, lines, buffer })
    }

    /// Bytes of the file, as far as they are known.
    pub(super) fn len(&self) -> Option<u64> {
        match &self.bytes {
            Bytes::Plain(file) => file.metadata().ok().map(|metadata| metadata.len()),
            Bytes::Packed(_) => None,
        }
    }

    /// Reads on; hands on the lines that end in what was read.
    pub(super) fn step(&mut self, mut take: impl FnMut(Line<'_>)) -> io::Result<Step> {
        let file = match &mut self.bytes {
            Bytes::Packed(packed) => {
                let read = packed.read(&mut self.buffer)?;
                self.lines.feed(self.buffer.get(..read).unwrap_or_default(), &mut take);
                if read == 0 {
                    self.lines.finish(&mut take);
                    return Ok(Step::Ended);
                }
                return Ok(Step::Read);
            }
            Bytes::Plain(file) => file,
        };
        let len = file.metadata()?.len();
        if self.follow == Follow::ByName
            && (len < self.lines.position() || !is_same(file, &self.identity)?)
        {
            tracing::warn!(
                path = %self.path.display(), read = self.lines.position(), len,
                "a followed file was truncated; it is read from its start"
            );
            return Ok(Step::Replaced);
        }
        let read = file.read(&mut self.buffer)?;
        if read > 0 {
            self.lines.feed(self.buffer.get(..read).unwrap_or_default(), &mut take);
            if (self.identity.hashed as usize) < HASHED_MAX {
                self.identity = identify(file, HASHED_MAX)?;
            }
            return Ok(Step::Read);
        }
        match self.follow {
            Follow::UntilEnd => {
                self.lines.finish(&mut take);
                Ok(Step::Ended)
            }
            Follow::ByName if is_rotated(&self.path, &self.identity)? => {
                self.lines.finish(&mut take);
                Ok(Step::Replaced)
            }
            Follow::ByName => Ok(Step::Idle),
        }
    }
}

/// Whether the name belongs to another file now, and that one is written to. Until then the old
/// one may grow.
fn is_rotated(path: &Path, known: &Identity) -> io::Result<bool> {
    match std::fs::metadata(path) {
        Ok(metadata) => {
            let is_other = (metadata.dev(), metadata.ino()) != (known.device, known.inode);
            Ok(is_other && metadata.len() > 0)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn find(path: &Path, known: &Identity) -> io::Result<Option<File>> {
    match File::open(path) {
        Ok(file) if is_same(&file, known)? => return Ok(Some(file)),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let (Some(dir), Some(name)) = (path.parent(), path.file_name()) else { return Ok(None) };
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let is_beside = entry.file_name().as_encoded_bytes().starts_with(name.as_encoded_bytes());
        if !is_beside || !entry.file_type()?.is_file() {
            continue;
        }
        let file = File::open(entry.path())?;
        if is_same(&file, known)? {
            return Ok(Some(file));
        }
    }
    Ok(None)
}
