//! All CQL text but the schema's: every statement, prepared once and marked idempotent. Nothing is
//! sent here. `{keyspace}` stands for the keyspace, which is checked before it is put in.

use futures::try_join;
use scylla::statement::prepared::PreparedStatement;

use crate::ports::store::ReadError;
use crate::relation::ReferenceKind;

use super::connect::Link;

mod schema;

pub(super) use schema::{SchemaStatements, create_keyspace};

/// Which timeouts and policies a statement runs under.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Profile {
    /// A write.
    Write,
    /// A read of a few rows: sent once more when it is slow.
    Point,
    /// A read of many rows.
    Scan,
}

/// W1: the cells of a fold write.
const PUT_ITEM: &str = "INSERT INTO {keyspace}.item \
    (project_id, day, created_at, id, facts, personal, rendered) \
    VALUES (?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?";
/// W2: a locator.
const PUT_LOCATOR: &str = "INSERT INTO {keyspace}.locator \
    (project_id, kind, id, slice, created_at) VALUES (?, ?, ?, ?, ?) USING TIMESTAMP ?";
/// W3: edited columns; those that were not sent are unset.
const EDIT_ITEM: &str = "UPDATE {keyspace}.item USING TIMESTAMP ? SET \
    edit_status = ?, edit_message = ?, edit_dial_s = ?, edit_cost = ?, edit_started_at = ?, \
    edit_ended_at = ?, edit_answered = ?, edit_at = ?, edit_by = ?, edits = ? \
    WHERE project_id = ? AND day = ? AND created_at = ? AND id = ?";
/// W4: a deletion or an erasure: both empty the personal cell. W3 empties an edited text.
const EMPTY_ITEM: &str = "UPDATE {keyspace}.item USING TIMESTAMP ? SET \
    deleted_at = ?, deleted_by = ?, erased_at = ?, personal = ?, kept_rating = ? \
    WHERE project_id = ? AND day = ? AND created_at = ? AND id = ?";
/// W6: a provisional end.
const PUT_PROVISIONAL: &str = "UPDATE {keyspace}.item USING TIMESTAMP ? SET \
    provisional_at = ?, provisional_revision = ? \
    WHERE project_id = ? AND day = ? AND created_at = ? AND id = ?";
/// M0: a day enters the directory.
const PUT_DAY: &str = "INSERT INTO {keyspace}.project_day (project_id, part, day) \
    VALUES (?, 0, ?) USING TIMESTAMP ?";

/// `{row}`: what a row is made of, in the order of `reader::RowCells`.
const ROW: &str = "created_at, id, facts, personal, \
    edit_status, edit_message, edit_dial_s, edit_cost, edit_started_at, edit_ended_at, \
    edit_answered, edit_at, edit_by, edits, deleted_at, deleted_by, erased_at, kept_rating, \
    provisional_at, provisional_revision, WRITETIME(personal) AS personal_written, \
    WRITETIME(rendered) AS rendered_written, WRITETIME(edit_at) AS edit_written, \
    WRITETIME(provisional_at) AS provisional_written";
/// R1: one row.
const GET_ITEM: &str = "SELECT {row} \
    FROM {keyspace}.item WHERE project_id = ? AND day = ? AND created_at = ? AND id = ?";
/// R2: rows of one project-day.
const GET_ITEMS: &str = "SELECT {row} \
    FROM {keyspace}.item WHERE project_id = ? AND day = ? AND (created_at, id) IN ?";
/// R3: a stretch of one project-day.
const SCAN_DAY: &str = "SELECT {row} FROM {keyspace}.item \
    WHERE project_id = ? AND day = ? AND created_at >= ? AND created_at <= ?";
/// R4: the keys of such a stretch.
const SCAN_KEYS: &str = "SELECT created_at, id, deleted_at FROM {keyspace}.item \
    WHERE project_id = ? AND day = ? AND created_at >= ? AND created_at <= ?";
/// R7: where an id lives.
const GET_LOCATORS: &str = "SELECT slice, created_at FROM {keyspace}.locator \
    WHERE project_id = ? AND kind = ? AND id = ?";
/// R5 of stage 1: the days of a project.
const LIST_DAYS: &str = "SELECT day FROM {keyspace}.project_day \
    WHERE project_id = ? AND part = 0 AND day >= ? AND day <= ?";
/// Whether there is any day at all.
const ANY_DAY: &str = "SELECT day FROM {keyspace}.project_day LIMIT 1";

const PUT_KEY: &str = "INSERT INTO {keyspace}.api_key (key_id, kind, project_id, projects, name, \
    hash, allow_list, block_list, created_at, created_by, expires_at, revoked_at) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const PUT_KEY_PLACE: &str = "INSERT INTO {keyspace}.api_key_by_project (project_id, key_id) \
    VALUES (?, ?)";
const GET_KEY: &str = "SELECT key_id, kind, project_id, projects, name, hash, allow_list, \
    block_list, created_at, created_by, expires_at, revoked_at \
    FROM {keyspace}.api_key WHERE key_id = ?";
const PUT_KEY_USE: &str = "UPDATE {keyspace}.api_key USING TIMESTAMP ? SET last_used = ? \
    WHERE key_id = ?";
const GET_KEY_USE: &str = "SELECT last_used FROM {keyspace}.api_key WHERE key_id = ?";
const LIST_KEY_PLACES: &str = "SELECT key_id FROM {keyspace}.api_key_by_project \
    WHERE project_id = ?";

const PUT_USER: &str = "INSERT INTO {keyspace}.ref_user \
    (project_id, id, occurred_at, body, gone) VALUES (?, ?, ?, ?, ?) USING TIMESTAMP ?";
const PUT_RULE: &str = "INSERT INTO {keyspace}.ref_rule \
    (project_id, id, occurred_at, body, gone) VALUES (?, ?, ?, ?, ?) USING TIMESTAMP ?";
const PUT_CALL: &str = "INSERT INTO {keyspace}.ref_call \
    (project_id, id, occurred_at, body, gone) VALUES (?, ?, ?, ?, ?) USING TIMESTAMP ?";
const PUT_PROJECT: &str = "INSERT INTO {keyspace}.ref_project \
    (project_id, occurred_at, body, gone) VALUES (?, ?, ?, ?) USING TIMESTAMP ?";
const GET_USERS: &str = "SELECT id, occurred_at, body, gone FROM {keyspace}.ref_user \
    WHERE project_id = ? AND id IN ?";
const GET_RULES: &str = "SELECT id, occurred_at, body, gone FROM {keyspace}.ref_rule \
    WHERE project_id = ? AND id IN ?";
const GET_CALL: &str = "SELECT id, occurred_at, body, gone FROM {keyspace}.ref_call \
    WHERE project_id = ? AND id = ?";
/// Every call of every project.
const SCAN_CALLS: &str = "SELECT project_id, id, occurred_at, body, gone FROM {keyspace}.ref_call";
const GET_PROJECT: &str = "SELECT project_id AS id, occurred_at, body, gone \
    FROM {keyspace}.ref_project WHERE project_id = ?";
const PUT_START: &str = "INSERT INTO {keyspace}.gateway_start \
    (part, gateway, project_id, at, live) \
    VALUES (0, ?, ?, ?, ?) USING TIMESTAMP ?";
const LIST_STARTS: &str = "SELECT gateway, project_id, at, live FROM {keyspace}.gateway_start \
    WHERE part = 0";

/// A piece of a part of the tariff, or its line in the list.
const PUT_TARIFF: &str = "INSERT INTO {keyspace}.tariff \
    (kind, id, chunk, chunks, body, added_at) VALUES (?, ?, ?, ?, ?, ?) USING TIMESTAMP ?";
const LIST_TARIFF: &str = "SELECT id, added_at FROM {keyspace}.tariff WHERE kind = ?";
const GET_TARIFF: &str = "SELECT chunks, body FROM {keyspace}.tariff WHERE kind = ? AND id = ?";

/// Projects that ever had an item, once or more often.
const LIST_PROJECTS: &str = "SELECT DISTINCT project_id FROM {keyspace}.project_day";
/// The renderings of a stretch of one project-day.
const SCAN_RENDERED: &str = "SELECT created_at, id, rendered, WRITETIME(rendered) AS written \
    FROM {keyspace}.item \
    WHERE project_id = ? AND day = ? AND created_at >= ? AND created_at <= ?";
/// W5: a rendering that is put right.
const PUT_RENDERED: &str = "UPDATE {keyspace}.item USING TIMESTAMP ? SET rendered = ? \
    WHERE project_id = ? AND day = ? AND created_at = ? AND id = ?";

/// A keyspace's name: letters, digits and `_`, at most 48, a letter first. So it needs no quotes
/// and cannot end a statement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Keyspace(String);

impl Keyspace {
    /// Checks the name; unquoted names are lower case.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let fits = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.len() <= 48
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        fits.then(|| Self(name.to_ascii_lowercase()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

fn put_in(text: &str, keyspace: &Keyspace) -> String {
    text.replace("{row}", ROW).replace("{keyspace}", &keyspace.0)
}

/// The statements of the running program.
#[derive(Debug)]
pub(super) struct Statements {
    pub(super) writes: Writes,
    pub(super) reads: Reads,
    pub(super) keys: Keys,
    pub(super) references: References,
    pub(super) tariffs: Tariffs,
    pub(super) renderings: Renderings,
}

/// Statements of the tariff.
#[derive(Debug)]
pub(super) struct Tariffs {
    pub(super) put: PreparedStatement,
    pub(super) list: PreparedStatement,
    pub(super) get: PreparedStatement,
}

/// Statements of renderings.
#[derive(Debug)]
pub(super) struct Renderings {
    pub(super) list_projects: PreparedStatement,
    pub(super) scan: PreparedStatement,
    pub(super) put: PreparedStatement,
}

/// Statements that write rows, locators and the directory.
#[derive(Debug)]
pub(super) struct Writes {
    pub(super) put_item: PreparedStatement,
    pub(super) put_locator: PreparedStatement,
    pub(super) edit_item: PreparedStatement,
    pub(super) empty_item: PreparedStatement,
    pub(super) put_provisional: PreparedStatement,
    pub(super) put_day: PreparedStatement,
}

/// Statements that read them.
#[derive(Debug)]
pub(super) struct Reads {
    pub(super) get_item: PreparedStatement,
    pub(super) get_items: PreparedStatement,
    pub(super) scan_day: PreparedStatement,
    pub(super) scan_keys: PreparedStatement,
    pub(super) get_locators: PreparedStatement,
    pub(super) list_days: PreparedStatement,
    pub(super) any_day: PreparedStatement,
}

/// Statements of API keys and gateway starts.
#[derive(Debug)]
pub(super) struct Keys {
    pub(super) put_key: PreparedStatement,
    pub(super) put_key_place: PreparedStatement,
    pub(super) get_key: PreparedStatement,
    pub(super) put_key_use: PreparedStatement,
    pub(super) get_key_use: PreparedStatement,
    pub(super) list_key_places: PreparedStatement,
    pub(super) put_start: PreparedStatement,
    pub(super) list_starts: PreparedStatement,
}

/// Statements of references, one of each per kind.
#[derive(Debug)]
pub(super) struct References {
    put_user: PreparedStatement,
    put_project: PreparedStatement,
    put_rule: PreparedStatement,
    put_call: PreparedStatement,
    get_users: PreparedStatement,
    get_project: PreparedStatement,
    get_rules: PreparedStatement,
    get_call: PreparedStatement,
    pub(super) scan_calls: PreparedStatement,
}

/// Prepares texts of one keyspace.
#[derive(Clone, Copy)]
struct Preparing<'a> {
    link: &'a Link,
    keyspace: &'a Keyspace,
}

impl Preparing<'_> {
    async fn with(self, text: &str, profile: Profile) -> Result<PreparedStatement, ReadError> {
        Box::pin(self.link.prepare(&put_in(text, self.keyspace), profile)).await
    }

    async fn write(self, text: &str) -> Result<PreparedStatement, ReadError> {
        self.with(text, Profile::Write).await
    }

    async fn point(self, text: &str) -> Result<PreparedStatement, ReadError> {
        self.with(text, Profile::Point).await
    }

    async fn scan(self, text: &str) -> Result<PreparedStatement, ReadError> {
        self.with(text, Profile::Scan).await
    }
}

impl Statements {
    pub(super) async fn prepare(link: &Link, keyspace: &Keyspace) -> Result<Self, ReadError> {
        let preparing = Preparing { link, keyspace };
        let (writes, reads, keys, references, tariffs, renderings) = try_join!(
            Writes::prepare(preparing),
            Reads::prepare(preparing),
            Keys::prepare(preparing),
            References::prepare(preparing),
            Tariffs::prepare(preparing),
            Renderings::prepare(preparing),
        )?;
        Ok(Self { writes, reads, keys, references, tariffs, renderings })
    }
}

impl Tariffs {
    async fn prepare(preparing: Preparing<'_>) -> Result<Self, ReadError> {
        Ok(Self {
            put: preparing.write(PUT_TARIFF).await?,
            list: preparing.point(LIST_TARIFF).await?,
            get: preparing.scan(GET_TARIFF).await?,
        })
    }
}

impl Renderings {
    async fn prepare(preparing: Preparing<'_>) -> Result<Self, ReadError> {
        Ok(Self {
            list_projects: preparing.scan(LIST_PROJECTS).await?,
            scan: preparing.scan(SCAN_RENDERED).await?,
            put: preparing.write(PUT_RENDERED).await?,
        })
    }
}

impl Writes {
    async fn prepare(preparing: Preparing<'_>) -> Result<Self, ReadError> {
        Ok(Self {
            put_item: preparing.write(PUT_ITEM).await?,
            put_locator: preparing.write(PUT_LOCATOR).await?,
            edit_item: preparing.write(EDIT_ITEM).await?,
            empty_item: preparing.write(EMPTY_ITEM).await?,
            put_provisional: preparing.write(PUT_PROVISIONAL).await?,
            put_day: preparing.write(PUT_DAY).await?,
        })
    }
}

impl Reads {
    async fn prepare(preparing: Preparing<'_>) -> Result<Self, ReadError> {
        Ok(Self {
            get_item: preparing.point(GET_ITEM).await?,
            get_items: preparing.point(GET_ITEMS).await?,
            scan_day: preparing.scan(SCAN_DAY).await?,
            scan_keys: preparing.scan(SCAN_KEYS).await?,
            get_locators: preparing.point(GET_LOCATORS).await?,
            list_days: preparing.scan(LIST_DAYS).await?,
            any_day: preparing.scan(ANY_DAY).await?,
        })
    }
}

impl Keys {
    async fn prepare(preparing: Preparing<'_>) -> Result<Self, ReadError> {
        Ok(Self {
            put_key: preparing.write(PUT_KEY).await?,
            put_key_place: preparing.write(PUT_KEY_PLACE).await?,
            get_key: preparing.point(GET_KEY).await?,
            put_key_use: preparing.write(PUT_KEY_USE).await?,
            get_key_use: preparing.point(GET_KEY_USE).await?,
            list_key_places: preparing.scan(LIST_KEY_PLACES).await?,
            put_start: preparing.write(PUT_START).await?,
            list_starts: preparing.scan(LIST_STARTS).await?,
        })
    }
}

impl References {
    async fn prepare(preparing: Preparing<'_>) -> Result<Self, ReadError> {
        Ok(Self {
            put_user: preparing.write(PUT_USER).await?,
            put_project: preparing.write(PUT_PROJECT).await?,
            put_rule: preparing.write(PUT_RULE).await?,
            put_call: preparing.write(PUT_CALL).await?,
            get_users: preparing.point(GET_USERS).await?,
            get_project: preparing.point(GET_PROJECT).await?,
            get_rules: preparing.point(GET_RULES).await?,
            get_call: preparing.point(GET_CALL).await?,
            scan_calls: preparing.scan(SCAN_CALLS).await?,
        })
    }

    pub(super) fn put(&self, kind: ReferenceKind) -> &PreparedStatement {
        match kind {
            ReferenceKind::User => &self.put_user,
            ReferenceKind::Project => &self.put_project,
            ReferenceKind::Rule => &self.put_rule,
            ReferenceKind::Call => &self.put_call,
        }
    }

    pub(super) fn get(&self, kind: ReferenceKind) -> &PreparedStatement {
        match kind {
            ReferenceKind::User => &self.get_users,
            ReferenceKind::Project => &self.get_project,
            ReferenceKind::Rule => &self.get_rules,
            ReferenceKind::Call => &self.get_call,
        }
    }
}
