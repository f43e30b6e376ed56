//! Items in files: what a line of NDJSON or CSV looks like, and which of the two a file is.

use std::path::Path;

use clap::ValueEnum;
use serde_json::{Map, Value as Json};

use super::csv;
use super::fold::print::plain;
use crate::item::{Column, Item};
use crate::query::value_of;

/// The form of a file of items.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Format {
    /// One JSON object a line.
    Ndjson,
    /// Comma-separated cells below a header.
    Csv,
}

impl Format {
    /// The form that is asked for, else that of the name: `.csv` and `.csv.gz` are CSV.
    pub(super) fn of(asked: Option<Self>, path: &Path) -> Self {
        let name = path.to_string_lossy().to_ascii_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        let is_csv = Path::new(name).extension().is_some_and(|extension| extension == "csv");
        asked.unwrap_or(if is_csv { Self::Csv } else { Self::Ndjson })
    }
}

/// An item as the profile `documented` prints it, without relations.
pub(super) fn object(item: &Item) -> Map<String, Json> {
    let named = |column: Column| (column.name().to_owned(), plain(&value_of(item, column)));
    csv::columns().map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_tells_the_form_unless_it_is_said() {
        for (name, format) in [
            ("items.csv", Format::Csv),
            ("ITEMS.CSV.gz", Format::Csv),
            ("items.ndjson", Format::Ndjson),
            ("csv", Format::Ndjson),
            ("-", Format::Ndjson),
        ] {
            assert_eq!(Format::of(None, Path::new(name)), format, "{name}");
        }
        assert_eq!(Format::of(Some(Format::Csv), Path::new("-")), Format::Csv);
    }
}
