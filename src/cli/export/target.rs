//! Where an export goes: standard output, or a file that is whole or not there.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::cli::Context;
use crate::cli::exit::Failure;
use crate::supervisor::Exit;

/// Where the lines go.
pub(super) enum Target {
    Output,
    File { file: BufWriter<File>, part: PathBuf, path: PathBuf },
}

impl Target {
    /// Standard output for `-`; else a file beside the one that is named, until it is whole.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        if path.as_os_str() == "-" {
            return Ok(Self::Output);
        }
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = File::create(&part).map_err(|error| unwritable(&part, &error))?;
        Ok(Self::File { file: BufWriter::new(file), part, path: path.to_owned() })
    }

    /// One line.
    pub(super) fn line(&mut self, context: &mut Context, line: &str) -> Result<(), Failure> {
        match self {
            Self::Output => Ok(writeln!(context.out, "{line}")?),
            Self::File { file, part, .. } => {
                writeln!(file, "{line}").map_err(|error| unwritable(part, &error))
            }
        }
    }

    /// All lines were told: the file takes its name.
    pub(super) fn flush(&mut self, context: &mut Context) -> Result<(), Failure> {
        match self {
            Self::Output => Ok(context.out.flush()?),
            Self::File { file, part, path } => {
                let written = file.flush().and_then(|()| file.get_ref().sync_all());
                let named = written.and_then(|()| std::fs::rename(&*part, &*path));
                named.map_err(|error| unwritable(path, &error))
            }
        }
    }

    /// The summary: beside the lines, never among them.
    pub(super) fn tell(&self, context: &mut Context, text: &str, json: &Json) -> io::Result<()> {
        match self {
            Self::File { .. } => context.line(text, json),
            Self::Output if context.global.json => writeln!(io::stderr(), "{json}"),
            Self::Output => writeln!(io::stderr(), "{text}"),
        }
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    let exit = if error.kind() == io::ErrorKind::StorageFull { Exit::Disk } else { Exit::Failed };
    Failure::new(exit, format!("cannot write the file: {error}"))
        .at(path.display().to_string())
        .remedy("name a file in a directory that this user can write to, with room for it")
}
