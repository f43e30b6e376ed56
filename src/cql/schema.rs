//! The numbered schema files: applies them in order, compares them with what was applied, refuses
//! to start on a difference. It changes no data and never drops anything.

use scylla::response::query_result::QueryRowsResult;
use sha2::{Digest, Sha256};

use crate::ports::store::{ReadError, WriteError};

use super::connect::{ConnectError, CqlSettings, Link};
use super::dialect::Dialect;
use super::statements::{Keyspace, SchemaStatements, create_keyspace};
use super::verdict::unreadable;

/// Why the schema does not fit or was not applied. All but `Store` need an operator.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// Not a name that needs no quotes.
    #[error("`{0}` is no keyspace name: letters, digits and _, a letter first, at most 48")]
    Name(String),
    /// There is no such keyspace, or it holds no ringfold tables.
    #[error("keyspace {0} does not exist or holds no schema: run `ringfold schema apply`")]
    Absent(String),
    /// Some files were not applied or differ.
    #[error("keyspace {keyspace} does not fit this program: {differences}")]
    Differs {
        /// The keyspace.
        keyspace: String,
        /// What differs, in words.
        differences: String,
    },
    /// The store did not answer or refused.
    #[error("{0}")]
    Store(String),
}

impl From<ReadError> for SchemaError {
    fn from(error: ReadError) -> Self {
        Self::Store(error.to_string())
    }
}

impl From<WriteError> for SchemaError {
    fn from(error: WriteError) -> Self {
        Self::Store(error.to_string())
    }
}

/// One schema file against what the keyspace says of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FileState {
    /// Number of the file.
    pub version: i32,
    /// How it stands.
    pub state: Applied,
}

/// How a schema file stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Applied {
    /// Applied, with these very bytes.
    Same,
    /// Not applied yet.
    Missing,
    /// Applied, with other bytes: the file was changed afterwards.
    Changed,
    /// Applied by a newer program: this one has no such file.
    Newer,
}

impl Applied {
    /// The word for people and files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Same => "applied",
            Self::Missing => "missing",
            Self::Changed => "changed",
            Self::Newer => "newer",
        }
    }
}

/// Numbers and texts of the files of a dialect, in order.
pub fn files(dialect: Dialect) -> &'static [(i32, &'static str)] {
    dialect.files()
}

/// Whether `apply` may make the keyspace itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyspaceRule {
    /// It must be there.
    MustExist,
    /// Made if missing, with so many copies in every data center.
    Create {
        /// Copies in every data center.
        replicas: u16,
    },
}

/// Applies what is missing, in order, and says what was applied. For one operator at a time; a
/// repeat does nothing.
pub async fn apply(settings: &CqlSettings, rule: KeyspaceRule) -> Result<Vec<i32>, ConnectError> {
    let link = Box::pin(Link::open(settings)).await?;
    let applied = Box::pin(apply_on(&link, settings, rule)).await;
    applied.map_err(|source| ConnectError::Schema { nodes: settings.nodes.join(", "), source })
}

/// Compares the files with the keyspace; changes nothing. A missing keyspace shows as all missing.
pub async fn diff(settings: &CqlSettings) -> Result<Vec<FileState>, ConnectError> {
    let link = Box::pin(Link::open(settings)).await?;
    let states = Box::pin(diff_on(&link, settings)).await;
    states.map_err(|source| ConnectError::Schema { nodes: settings.nodes.join(", "), source })
}

/// Refuses a keyspace that differs in any file.
pub(super) async fn check_on(link: &Link, settings: &CqlSettings) -> Result<(), SchemaError> {
    let states = Box::pin(diff_on(link, settings)).await?;
    if states.iter().all(|file| file.state == Applied::Missing) {
        return Err(SchemaError::Absent(settings.keyspace.clone()));
    }
    let differences: Vec<String> = states
        .iter()
        .filter(|file| file.state != Applied::Same)
        .map(|file| format!("file {} is {}", file.version, file.state.word()))
        .collect();
    if differences.is_empty() {
        return Ok(());
    }
    let keyspace = settings.keyspace.clone();
    Err(SchemaError::Differs { keyspace, differences: differences.join(", ") })
}

/// The checked name of the keyspace.
pub(super) fn keyspace_of(settings: &CqlSettings) -> Result<Keyspace, SchemaError> {
    let name = &settings.keyspace;
    Keyspace::parse(name).ok_or_else(|| SchemaError::Name(name.clone()))
}

async fn apply_on(
    link: &Link,
    settings: &CqlSettings,
    rule: KeyspaceRule,
) -> Result<Vec<i32>, SchemaError> {
    let keyspace = keyspace_of(settings)?;
    if let KeyspaceRule::Create { replicas } = rule {
        link.define(&create_keyspace(&keyspace, replicas)).await?;
    }
    let states = diff_on(link, settings).await?;
    if let Some(file) = states.iter().find(|file| file.state == Applied::Changed) {
        let differences = format!("file {} is {}", file.version, file.state.word());
        return Err(SchemaError::Differs { keyspace: settings.keyspace.clone(), differences });
    }
    if link.enter(keyspace.as_str()).await.is_err() {
        return Err(SchemaError::Absent(settings.keyspace.clone()));
    }
    let mut done = Vec::new();
    for (version, text) in settings.dialect.files() {
        let state = states.iter().find(|file| file.version == *version).map(|file| file.state);
        if state != Some(Applied::Missing) {
            continue;
        }
        for statement in split(text) {
            link.define(&statement).await?;
        }
        let put = SchemaStatements::put_applied(link, &keyspace).await?;
        link.write(&put, (*version, checksum(text))).await?;
        done.push(*version);
    }
    Ok(done)
}

async fn diff_on(link: &Link, settings: &CqlSettings) -> Result<Vec<FileState>, SchemaError> {
    let applied = applied_in(link, &keyspace_of(settings)?).await?;
    let files = settings.dialect.files();
    let ours = files.iter().map(|(version, text)| {
        let found = applied.iter().find(|(number, _)| number == version);
        let state = match found {
            None => Applied::Missing,
            Some((_, sum)) if *sum == checksum(text) => Applied::Same,
            Some(_) => Applied::Changed,
        };
        FileState { version: *version, state }
    });
    let newer = applied
        .iter()
        .filter(|(number, _)| files.iter().all(|(version, _)| version != number))
        .map(|(number, _)| FileState { version: *number, state: Applied::Newer });
    let mut states: Vec<FileState> = ours.chain(newer).collect();
    states.sort_by_key(|file| file.version);
    Ok(states)
}

/// Numbers and checksums of what was applied; empty without a table of them.
async fn applied_in(link: &Link, keyspace: &Keyspace) -> Result<Vec<(i32, String)>, SchemaError> {
    let find = SchemaStatements::find_table(link).await?;
    let mut is_there = false;
    let take = |page: QueryRowsResult| {
        is_there |= page.rows_num() > 0;
        Ok(())
    };
    link.each_page(&find, (keyspace.as_str(), "schema_version"), take).await?;
    if !is_there {
        return Ok(Vec::new());
    }
    let list = SchemaStatements::list_applied(link, keyspace).await?;
    let mut applied = Vec::new();
    let take = |page: QueryRowsResult| {
        for row in page.rows::<(i32, Option<String>)>().map_err(unreadable)? {
            let (version, sum) = row.map_err(unreadable)?;
            applied.push((version, sum.unwrap_or_default()));
        }
        Ok(())
    };
    link.each_page(&list, (), take).await?;
    Ok(applied)
}

/// SHA-256 of the file, hexadecimal.
fn checksum(text: &str) -> String {
    use std::fmt::Write;
    let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    digest.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string does not fail.
        write!(hex, "{byte:02x}").ok();
        hex
    })
}

/// The statements of a file, without comments. The files hold no `--` or `;` inside quotes.
fn split(text: &str) -> Vec<String> {
    let bare: Vec<&str> =
        text.lines().map(|line| line.split_once("--").map_or(line, |(code, _)| code)).collect();
    let bare = bare.join("\n");
    let statements = bare.split(';').map(str::trim).filter(|statement| !statement.is_empty());
    statements.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_numbered_from_one_and_split_into_definitions() {
        for dialect in [Dialect::Scylla, Dialect::Cassandra] {
            for (index, (version, text)) in dialect.files().iter().enumerate() {
                assert_eq!(usize::try_from(*version), Ok(index + 1));
                for statement in split(text) {
                    let can_repeat = statement.contains(" IF NOT EXISTS ");
                    assert!(can_repeat && !statement.contains("--"), "{statement}");
                }
            }
        }
    }

    #[test]
    fn comments_hide_semicolons() {
        let text = "-- one; two\nCREATE A; -- three;\n\nCREATE B\n  (c);\n";
        assert_eq!(split(text), ["CREATE A", "CREATE B\n  (c)"]);
    }

    #[test]
    fn dialects_differ_in_options_only() {
        let heads = |dialect: Dialect| -> Vec<String> {
            let text = dialect.files().iter().flat_map(|(_, text)| split(text));
            text.map(|s| s.split(") WITH").next().unwrap_or_default().to_owned()).collect()
        };
        assert_eq!(heads(Dialect::Scylla), heads(Dialect::Cassandra));
    }
}
