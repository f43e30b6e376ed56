//! How commands fail: three lines (what, where, what to do) and an exit code; the table of codes.

use std::fmt;
use std::io;

use crate::config::Fault;
use crate::supervisor::{ComponentError, Exit};

/// The table in `--help`.
pub(super) const TABLE: &str = "\
Exit codes:
   0  done; a clean stop
   1  failed; the message says at what
   2  wrong arguments
   3  worked, and found something (rejects, faults, differences)
  69  log or store not reachable within startup.deadline
  70  an invariant broke (its id is printed); keep the log
  74  local disk: full, unreadable, not syncing
  75  wedged: log and store answer, nothing moves; a restart replays safely
  77  refused: credentials, rights, schema newer than the binary
  78  settings invalid; see `ringfold check-config`";

/// Why a command failed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) exit: Exit,
    what: String,
    place: Option<String>,
    remedy: Option<String>,
}

impl Failure {
    /// A failure with nothing more to say.
    pub(super) fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self { exit, what: what.into(), place: None, remedy: None }
    }

    /// Adds where: a file and line, an address, a key.
    pub(super) fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Adds what to do.
    pub(super) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// Faults of settings, one a line.
    pub(super) fn settings(faults: &[Fault]) -> Self {
        let lines: Vec<String> = faults.iter().map(Fault::to_string).collect();
        Self::new(Exit::Settings, format!("the settings are invalid\n{}", lines.join("\n")))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.what)?;
        if let Some(place) = &self.place {
            write!(f, "\n   at: {place}")?;
        }
        if let Some(remedy) = &self.remedy {
            write!(f, "\n   do: {remedy}")?;
        }
        Ok(())
    }
}

impl From<ComponentError> for Failure {
    fn from(error: ComponentError) -> Self {
        Self::new(error.exit, error.what)
    }
}

/// Output that nobody reads any more ends a command quietly, as `head` expects.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        let exit =
            if error.kind() == io::ErrorKind::BrokenPipe { Exit::Done } else { Exit::Failed };
        Self::new(exit, format!("cannot write the output: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_every_code_once() {
        for exit in Exit::ALL {
            let start = format!("{:>4}  ", exit.code());
            let lines = TABLE.lines().filter(|line| line.starts_with(&start)).count();
            assert_eq!(lines, 1, "{exit:?}");
        }
        assert_eq!(TABLE.lines().count(), Exit::ALL.len() + 1);
    }

    #[test]
    fn a_failure_is_three_lines() {
        let failure = Failure::new(Exit::Failed, "cannot read the file")
            .at("events.ndjson")
            .remedy("name a file that exists");
        let lines =
            "error: cannot read the file\n   at: events.ndjson\n   do: name a file that exists";
        assert_eq!(failure.to_string(), lines);
    }
}
