//! Turns a file, the environment and flags into raw values by key, each with its place.
//! It does not know which keys there are.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use toml_edit::{Document, Item, TableLike, Value};

use super::fault::{Fault, Origin};
use super::value::Raw;

/// A value somebody set.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) raw: Raw,
    pub(super) origin: Origin,
}

/// By full key; a later source replaces an earlier one.
pub(super) type Entries = BTreeMap<String, Entry>;

/// What every environment variable of a setting begins with.
pub(super) const ENV_PREFIX: &str = "RINGFOLD__";

/// Reads a settings file.
pub(super) fn read_file(path: &Path, entries: &mut Entries) -> Result<(), Fault> {
    let text = std::fs::read_to_string(path).map_err(|error| Fault {
        origin: Origin::Flag("--config".into()),
        key: path.display().to_string(),
        what: format!("cannot read the settings file: {error}"),
        fix: "name a readable TOML file, or none at all".to_owned(),
    })?;
    read_text(path, &text, entries)
}

/// Reads the text of a settings file.
pub(super) fn read_text(path: &Path, text: &str, entries: &mut Entries) -> Result<(), Fault> {
    let reader = FileReader { file: path.into(), text };
    let document = Document::parse(text).map_err(|error| Fault {
        origin: reader.origin(error.span().map(|span| span.start)),
        key: "syntax".to_owned(),
        what: error.message().trim().replace('\n', ", "),
        fix: "write TOML: `key = value` under `[section]`".to_owned(),
    })?;
    reader.table("", document.as_table(), entries)
}

struct FileReader<'a> {
    file: Arc<Path>,
    text: &'a str,
}

impl FileReader<'_> {
    fn origin(&self, at: Option<usize>) -> Origin {
        let before = at.and_then(|at| self.text.get(..at)).unwrap_or("");
        let line = before.matches('\n').count() + 1;
        Origin::File { file: Arc::clone(&self.file), line }
    }

    fn table(
        &self,
        prefix: &str,
        table: &dyn TableLike,
        entries: &mut Entries,
    ) -> Result<(), Fault> {
        for (name, item) in table.iter() {
            let key = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
            let origin = self.origin(item.span().map(|span| span.start));
            match item {
                Item::None => {}
                Item::Table(inner) => self.table(&key, inner, entries)?,
                Item::Value(Value::InlineTable(inner)) => self.table(&key, inner, entries)?,
                Item::Value(value) => {
                    entries.insert(key, Entry { raw: Raw::Typed(value.clone()), origin });
                }
                Item::ArrayOfTables(_) => {
                    return Err(Fault {
                        origin,
                        key,
                        what: "is a list of tables".to_owned(),
                        fix: "use single brackets: no setting is a list of tables".to_owned(),
                    });
                }
            }
        }
        Ok(())
    }
}

/// Takes the variables that name settings; others are none of ours.
pub(super) fn read_env(variables: &[(String, String)], entries: &mut Entries) {
    for (name, value) in variables {
        let Some(rest) = name.strip_prefix(ENV_PREFIX) else { continue };
        let key = rest.to_ascii_lowercase().replace("__", ".");
        let origin = Origin::Env(name.as_str().into());
        entries.insert(key, Entry { raw: Raw::Text(value.clone()), origin });
    }
}

/// Takes flags: key, value and the flag that said so.
pub(super) fn read_flags(flags: &[(String, String, &'static str)], entries: &mut Entries) {
    for (key, value, flag) in flags {
        let origin = Origin::Flag((*flag).into());
        entries.insert(key.clone(), Entry { raw: Raw::Text(value.clone()), origin });
    }
}
