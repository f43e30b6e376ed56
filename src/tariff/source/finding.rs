//! What is wrong or odd in a tariff file, where, and what to do about it.

use std::fmt;
use std::sync::Arc;

/// A place in a file and what was found there.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Finding {
    /// Name of the file as it was handed in.
    pub file: Arc<str>,
    /// From 1.
    pub line: usize,
    /// The key, dotted from the top of the file; the column of a sheet.
    pub key: String,
    /// What is wrong, with the offending value.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

/// `file:line: key: what is wrong; what to do`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, key, what, remedy } = self;
        write!(f, "{file}:{line}: {key}: {what}; {remedy}")
    }
}

/// A finding that keeps the whole tariff from being loaded.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Fault(pub Finding);

/// A finding that the operator should look at; the tariff is loaded.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Warning(pub Finding);

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why a value is refused, without its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Problem {
    pub(super) what: String,
    pub(super) remedy: String,
}

impl Problem {
    pub(super) fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), remedy: remedy.into() }
    }

    pub(super) fn at(self, place: &Place, key: impl Into<String>) -> Finding {
        let Self { what, remedy } = self;
        Finding { file: Arc::clone(&place.file), line: place.line, key: key.into(), what, remedy }
    }
}

/// A line of a file.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) file: Arc<str>,
    /// From 1.
    pub(super) line: usize,
}

/// All findings of one reading.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) faults: Vec<Fault>,
    pub(super) warnings: Vec<Warning>,
}

impl Report {
    pub(super) fn fault(&mut self, place: &Place, key: impl Into<String>, problem: Problem) {
        self.faults.push(Fault(problem.at(place, key)));
    }

    pub(super) fn warn(&mut self, place: &Place, key: impl Into<String>, problem: Problem) {
        self.warnings.push(Warning(problem.at(place, key)));
    }
}

/// The known word that is nearest to the given one.
pub(super) fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    known.into_iter().min_by_key(|known| strsim::damerau_levenshtein(word, known))
}

/// "do you mean `x`?" or the alternative where nothing is known.
pub(super) fn suggest<'w>(
    word: &str,
    known: impl IntoIterator<Item = &'w str>,
    otherwise: &str,
) -> String {
    let nearest = nearest(word, known);
    nearest.map_or_else(|| otherwise.to_owned(), |known| format!("do you mean `{known}`?"))
}
