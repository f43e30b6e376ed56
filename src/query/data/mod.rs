//! The `data` object of a create or update → typed columns. What is written because of them is
//! decided by `dial::edit`.

mod refusal;
mod value;

pub use refusal::DataError;

use std::borrow::Cow;

use serde_json::{Map, Value as Json};

use crate::dial::edit::Changes;
use crate::item::{Column, Kind, Writable};
use crate::value::{CallId, Phone, ProjectId, RuleId, UserId};

use super::dialect::Dialect;
use value::Sent;

/// The columns of a create.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewColumns {
    /// `incomingCallLogId`.
    pub call: CallId,
    /// `incomingCallPolicyEscalationRuleId`.
    pub rule: Option<RuleId>,
    /// `userId`.
    pub user: Option<UserId>,
    /// `userPhoneNumber`.
    pub phone: Option<Phone>,
    /// The seven that may be changed later.
    pub columns: Changes,
}

/// Columns that an update may change.
const CHANGEABLE: [Column; 7] = [
    Column::Status,
    Column::StatusMessage,
    Column::DialDuration,
    Column::Cost,
    Column::StartedAt,
    Column::EndedAt,
    Column::IsAnswered,
];
/// Relations whose `_id` a create reads where the id column is not sent.
const SPELLED: [(Column, Column); 3] = [
    (Column::CallId, Column::Call),
    (Column::RuleId, Column::Rule),
    (Column::UserId, Column::User),
];

/// The names of a create: those that are known, and those that it needs. `own` is the project of
/// the caller, if there is one yet.
pub fn check_new(
    dialect: Dialect,
    data: Option<&Json>,
    own: Option<ProjectId>,
) -> Result<(), DataError> {
    let data = new_object(dialect, data)?;
    let rules = dialect.rules();
    for (name, value) in data.iter() {
        match dialect.columns().find(name) {
            Some(column) if column.writable() == Writable::Never => rules.pass_over(name)?,
            Some(column) => {
                let is_own_value = !column.is_relation() && column != Column::ProjectId;
                if is_own_value && rules.looks_into_wrappers_first() {
                    Sent { dialect, column, value }.check_wrapper()?;
                }
            }
            None => rules.pass_over(name)?,
        }
    }
    for column in rules.required() {
        let sent = sent_of(&data, *column)?;
        let is_given = *column == Column::ProjectId && own.is_some();
        if !is_given && sent.is_none_or(|value| rules.is_missing(value)) {
            return Err(DataError::Required { column: column.name() });
        }
    }
    Ok(())
}

/// The columns of a create in the project of the caller.
pub fn new_from_json(
    dialect: Dialect,
    data: Option<&Json>,
    own: ProjectId,
) -> Result<NewColumns, DataError> {
    check_new(dialect, data, Some(own))?;
    let data = new_object(dialect, data)?;
    if let Some(project) = data.get(Column::ProjectId.name()) {
        dialect.rules().check_project(project, own)?;
    }
    let id = |column| match sent_of(&data, column)? {
        Some(value) => Sent { dialect, column, value }.id(),
        None => Ok(None),
    };
    let call = id(Column::CallId)?;
    let call = call.ok_or(DataError::Required { column: Column::CallId.name() })?;
    let phone = match data.get(Column::Phone.name()) {
        Some(value) => Sent { dialect, column: Column::Phone, value }.phone()?,
        None => None,
    };
    let mut columns = dialect.rules().not_sent();
    for (column, value) in changeable(dialect, &data) {
        // What is not answered is as good as not sent.
        if column == Column::IsAnswered && value.is_null() {
            continue;
        }
        set(&mut columns, Sent { dialect, column, value }, 1)?;
    }
    let (rule, user) = (id(Column::RuleId)?, id(Column::UserId)?);
    Ok(NewColumns {
        call: CallId::new(call),
        rule: rule.map(RuleId::new),
        user: user.map(UserId::new),
        phone,
        columns,
    })
}

/// The shape of an update: an object with at least one name that is not dropped.
pub fn check_changes(dialect: Dialect, data: Option<&Json>) -> Result<(), DataError> {
    let Some(Json::Object(data)) = data else { return Err(DataError::NoChanges) };
    let is_empty = data.keys().all(|name| dialect.rules().is_dropped_from_update(name));
    if is_empty { Err(DataError::NoFields) } else { Ok(()) }
}

/// The columns of an update.
pub fn changes_from_json(dialect: Dialect, data: Option<&Json>) -> Result<Changes, DataError> {
    check_changes(dialect, data)?;
    let Some(Json::Object(data)) = data else { return Err(DataError::NoChanges) };
    let rules = dialect.rules();
    for column in data.keys().filter_map(|name| dialect.columns().find(name)) {
        let is_fixed = column.writable() == Writable::OnCreate || column == Column::Project;
        if is_fixed {
            return Err(DataError::Fixed { column: column.name() });
        }
    }
    for (column, value) in changeable(dialect, data) {
        Sent { dialect, column, value }.check_length()?;
    }
    let is_changeable = |name: &str| CHANGEABLE.iter().any(|column| column.name() == name);
    let mut others = data.keys().filter(|name| !is_changeable(name));
    if let Some(name) = others.find(|name| !rules.is_dropped_from_update(name)) {
        return Err(rules.unknown_in_update(name));
    }
    let mut changes = Changes::default();
    for (column, value) in changeable(dialect, data) {
        set(&mut changes, Sent { dialect, column, value }, rules.status_units_min())?;
    }
    Ok(changes)
}

fn new_object(
    dialect: Dialect,
    data: Option<&Json>,
) -> Result<Cow<'_, Map<String, Json>>, DataError> {
    match data {
        Some(Json::Object(data)) => Ok(Cow::Borrowed(data)),
        other => dialect.rules().data_of(other).map(Cow::Owned).ok_or(DataError::NoNewItem),
    }
}

/// The changeable columns that were sent, in the order in which they were.
fn changeable(dialect: Dialect, data: &Map<String, Json>) -> impl Iterator<Item = (Column, &Json)> {
    data.iter().filter_map(move |(name, value)| {
        let column = dialect.columns().find(name)?;
        CHANGEABLE.contains(&column).then_some((column, value))
    })
}

fn set(changes: &mut Changes, sent: Sent<'_>, units_min: usize) -> Result<(), DataError> {
    match sent.column {
        Column::Status => changes.status = Some(sent.status(units_min)?),
        Column::StatusMessage => changes.status_message = Some(sent.message()?),
        Column::DialDuration => changes.dial_duration_s = Some(sent.whole()?),
        Column::Cost => changes.cost = Some(sent.cents()?),
        Column::StartedAt => changes.started_at = Some(sent.date()?),
        Column::EndedAt => changes.ended_at = Some(sent.date()?),
        Column::IsAnswered => changes.is_answered = Some(sent.boolean()?),
        Column::Id
        | Column::CreatedAt
        | Column::UpdatedAt
        | Column::DeletedAt
        | Column::Version
        | Column::Project
        | Column::ProjectId
        | Column::Call
        | Column::CallId
        | Column::Rule
        | Column::RuleId
        | Column::User
        | Column::UserId
        | Column::Phone => {}
    }
    Ok(())
}

/// What was sent for a column; for an id also the `_id` of the relation that stands for it.
fn sent_of(data: &Map<String, Json>, column: Column) -> Result<Option<&Json>, DataError> {
    if let Some(value) = data.get(column.name()) {
        return Ok(Some(value));
    }
    let Some((_, relation)) = SPELLED.iter().find(|(id, _)| *id == column) else {
        return Ok(None);
    };
    match data.get(relation.name()) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Object(related)) if related.contains_key("_id") => Ok(related.get("_id")),
        Some(value) => {
            let sent = Sent { dialect: Dialect::Documented, column: *relation, value };
            Err(sent.expected("an object with _id"))
        }
    }
}

/// The relation that stands for an id column in `data`.
pub fn relation_of(column: Column) -> Option<Column> {
    Column::ALL.into_iter().find(|relation| relation.kind() == Kind::Relation { id: column })
}
