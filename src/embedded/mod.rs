//! The store and the log of one machine: everything on disk in one directory, one process.
//!
//! One fjall database, one writer thread. Reads go to the trees directly; every write is a job of
//! the writer, which puts what waits into one atomic batch, syncs it and only then answers
//! (group commit). So rows, directory, locators and the cursor of a unit become true together.
//!
//! | file | what |
//! |---|---|
//! | `database` | opens the directory: settings, lock, format |
//! | `handle` | [`Embedded`]: what the process holds; ends the writer when the last clone goes |
//! | `writer`, `stage` | the one writer: jobs → one atomic, synced batch |
//! | `layout` | bytes of every key and value |
//! | `items`, `reader`, `directory`, `registry`, `dead_letters`, `changes` | the ports |
//! | `purge` | old copies of rows off the disk |
//! | `log`, `sink`, `trim`, `rewind`, `stretch` | the durable local log |
//! | `file`, `file_source`, `tail`, `lines` | lines of files and of standard input as a log |
//! | `joined` | the local log and files beside it |

mod changes;
mod database;
mod dead_letters;
mod directory;
mod file;
mod file_source;
mod handle;
mod items;
mod joined;
mod layout;
mod letters;
mod lines;
mod log;
mod purge;
mod reader;
mod registry;
mod renderings;
mod rewind;
mod sink;
mod stage;
mod stretch;
mod tail;
mod tariffs;
mod trim;
mod writer;

pub use changes::LocalChanges;
pub use database::{EmbeddedSettings, OpenError};
pub use file::{FileLog, FileLogSettings, STDIN};
pub use handle::Embedded;
pub use joined::LocalAndFiles;
pub use letters::LocalLetters;
pub use log::{LOCAL_SOURCE, LocalLog};
pub use sink::LocalSink;
pub use stretch::LocalStretch;
pub use tail::Follow;
