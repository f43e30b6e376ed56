//! One line of an import: an item as the `documented` profile prints it → an item to be made.
//! It reads no file and writes to no store.

use std::sync::Arc;

use chrono::DateTime;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::reference;
use crate::dial::ItemKey;
use crate::dial::edit::{Changes, NewItem, Origin};
use crate::dial::identity::time_of_id;
use crate::item::{Column, ColumnSet, Kind};
use crate::relation::{Reference, ReferenceKind};
use crate::value::{CallId, ItemId, MicroUsd, Micros, Phone, ProjectId, RuleId, UserId, utf16_len};

/// Longest number, in UTF-16 units.
const PHONE_UNITS_MAX: usize = 30;
const YEAR_10000_MS: i64 = 253_402_300_800_000;

/// What one object of a file says.
#[derive(Debug)]
pub(super) struct Imported {
    pub(super) item: NewItem,
    /// The line's `createdAt`, where it gave way to the time of the id.
    pub(super) moved_from: Option<Micros>,
    /// What its relations tell of users, rules, calls and the project.
    pub(super) references: Vec<Reference>,
}

/// Reads an object. `now` is the `updatedAt` of one that says none.
pub(super) fn read(object: Map<String, Json>, now: Micros) -> Result<Imported, String> {
    let known = ColumnSet::Documented;
    if let Some(name) = object.keys().find(|name| known.find(name).is_none()) {
        let known: Vec<&str> = known.columns().map(Column::name).collect();
        return Err(format!("there is no column `{name}`; columns: {}", known.join(", ")));
    }
    let line = Line(object);
    let item = ItemId::new(line.required(Column::Id, Line::uuid)?);
    let project = ProjectId::new(line.required(Column::ProjectId, Line::uuid)?);
    let said = line.optional(Column::CreatedAt, Line::time)?;
    let of_id = time_of_id(item.uuid());
    let created_at = of_id.or(said).ok_or("`createdAt` is missing, and `_id` carries no time")?;
    let created_at = created_at.cut_to_ms();
    let told_at = line.optional(Column::UpdatedAt, Line::time)?;
    let parents = Parents { line: &line, project, told_at: told_at.unwrap_or(created_at) };
    let mut references = Vec::new();
    parents.read((Column::Project, ReferenceKind::Project), &mut references)?;
    let item = NewItem {
        key: ItemKey { project, created_at, item },
        call: parents.read((Column::Call, ReferenceKind::Call), &mut references)?.map(CallId::new),
        rule: parents.read((Column::Rule, ReferenceKind::Rule), &mut references)?.map(RuleId::new),
        user: parents.read((Column::User, ReferenceKind::User), &mut references)?.map(UserId::new),
        phone: line.optional(Column::Phone, Line::text)?.map(Phone::new),
        columns: Changes {
            status: line.present(Column::Status, Line::text)?,
            status_message: line.nullable(Column::StatusMessage, Line::text)?,
            dial_duration_s: line.nullable(Column::DialDuration, Line::integer)?,
            cost: line.nullable(Column::Cost, Line::cents)?,
            started_at: line.nullable(Column::StartedAt, Line::time)?,
            ended_at: line.nullable(Column::EndedAt, Line::time)?,
            is_answered: line.present(Column::IsAnswered, Line::boolean)?,
        },
        origin: Origin::Import { updated_at: told_at.unwrap_or(now) },
    };
    let moved_from = said.filter(|said| said.cut_to_ms() != created_at);
    Ok(Imported { item, moved_from, references })
}

/// The ids behind the relations of a line, and what the relations themselves tell.
struct Parents<'a> {
    line: &'a Line,
    project: ProjectId,
    /// When what the relations tell was true.
    told_at: Micros,
}

impl Parents<'_> {
    /// The id that a relation leads to: that of its id column, or that of the object.
    fn read(
        &self,
        (relation, kind): (Column, ReferenceKind),
        told: &mut Vec<Reference>,
    ) -> Result<Option<Uuid>, String> {
        let Kind::Relation { id: column } = relation.kind() else { return Ok(None) };
        let id = self.line.optional(column, Line::uuid)?;
        let object = match self.line.0.get(relation.name()) {
            None | Some(Json::Null) => return Ok(id),
            Some(Json::Object(object)) => object,
            Some(_) => {
                return Err(format!("`{}` must be an object with its _id", relation.name()));
            }
        };
        let own = object.get("_id").and_then(|own| Line::uuid(own, relation));
        let own = own.ok_or_else(|| format!("`{}._id` must be a UUID", relation.name()))?;
        if id.is_some_and(|id| id != own) {
            let (relation, column) = (relation.name(), column.name());
            return Err(format!("`{relation}._id` and `{column}` name different ids"));
        }
        // An id alone says that nothing is known.
        if object.len() > 1 {
            let whose = reference::Whose { project: self.project, id: own, at: self.told_at };
            told.push(reference::of_relation((relation, kind), object, &whose)?);
        }
        Ok(Some(own))
    }
}

/// The columns of one line.
struct Line(Map<String, Json>);

type Read<T> = fn(&Json, Column) -> Option<T>;

impl Line {
    /// A value that must be there.
    fn required<T>(&self, column: Column, read: Read<T>) -> Result<T, String> {
        let value = self.optional(column, read)?;
        value.ok_or_else(|| format!("`{}` is missing", column.name()))
    }

    /// A value that may be absent; null is the same.
    fn optional<T>(&self, column: Column, read: Read<T>) -> Result<Option<T>, String> {
        Ok(self.nullable(column, read)?.flatten())
    }

    /// A value that may be absent, but is never null.
    fn present<T>(&self, column: Column, read: Read<T>) -> Result<Option<T>, String> {
        match self.nullable(column, read)? {
            Some(None) => Err(format!("`{}` cannot be null", column.name())),
            value => Ok(value.flatten()),
        }
    }

    /// A value that may be absent, or null, which is a value.
    #[expect(clippy::option_option, reason = "null is a value of an imported column")]
    fn nullable<T>(&self, column: Column, read: Read<T>) -> Result<Option<Option<T>>, String> {
        match self.0.get(column.name()) {
            None => Ok(None),
            Some(Json::Null) => Ok(Some(None)),
            Some(value) => {
                let value = read(value, column);
                let wrong = || format!("`{}` must be {}", column.name(), expected(column));
                value.map(|value| Some(Some(value))).ok_or_else(wrong)
            }
        }
    }

    fn uuid(value: &Json, _: Column) -> Option<Uuid> {
        // Of the forms that `uuid` reads only the hyphenated one has 36 characters.
        value.as_str().filter(|text| text.len() == 36).and_then(|text| Uuid::try_parse(text).ok())
    }

    fn time(value: &Json, _: Column) -> Option<Micros> {
        let instant = DateTime::parse_from_rfc3339(value.as_str()?).ok()?;
        // What rows can hold, and a day of them.
        let ms = Some(instant.timestamp_millis()).filter(|ms| (0..YEAR_10000_MS).contains(ms));
        ms.map(Micros::from_ms)
    }

    fn integer(value: &Json, _: Column) -> Option<i64> {
        value.as_i64()
    }

    /// From the digits, never through a binary float.
    fn cents(value: &Json, _: Column) -> Option<MicroUsd> {
        value.as_number().and_then(|number| MicroUsd::from_cents_text(&number.to_string()).ok())
    }

    fn boolean(value: &Json, _: Column) -> Option<bool> {
        value.as_bool()
    }

    fn text(value: &Json, column: Column) -> Option<Arc<str>> {
        let units_max = match column.kind() {
            Kind::Text { units_max } => units_max,
            Kind::ObjectId
            | Kind::Date
            | Kind::Integer
            | Kind::Decimal
            | Kind::Phone
            | Kind::Boolean
            | Kind::Relation { .. } => PHONE_UNITS_MAX,
        };
        let fits = |text: &&str| utf16_len(text) <= units_max && !text.contains('\0');
        value.as_str().filter(fits).map(Arc::from)
    }
}

fn expected(column: Column) -> String {
    match column.kind() {
        Kind::ObjectId | Kind::Relation { .. } => "a UUID".to_owned(),
        Kind::Date => "a time like \"2026-03-28T22:15:03.000Z\"".to_owned(),
        Kind::Integer => "a whole number".to_owned(),
        Kind::Decimal => "a number with at most 4 decimals".to_owned(),
        Kind::Phone => format!("a text of at most {PHONE_UNITS_MAX} characters"),
        Kind::Text { units_max } => format!("a text of at most {units_max} characters"),
        Kind::Boolean => "true or false".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V4: &str = "550e8400-e29b-41d4-a716-446655440000";
    const NOW: Micros = Micros::from_ms(1_800_000_000_000);

    fn line(rest: &str) -> Result<Imported, String> {
        object(&format!("{{\"_id\":\"{V4}\",\"projectId\":\"{V4}\"{rest}}}"))
    }

    fn object(text: &str) -> Result<Imported, String> {
        read(serde_json::from_str(text).unwrap(), NOW)
    }

    #[test]
    fn null_is_a_value_and_absence_is_none() {
        let item = line(",\"createdAt\":\"2026-03-28T22:15:03Z\",\"endedAt\":null").unwrap().item;
        assert_eq!(item.columns.ended_at, Some(None));
        assert_eq!(item.columns.started_at, None);
        assert_eq!(item.key.created_at.to_string(), "2026-03-28T22:15:03.000Z");
        assert_eq!(item.origin, Origin::Import { updated_at: NOW });
    }

    #[test]
    fn the_time_of_an_id_wins_and_is_told() {
        let id = "019d3683-d658-80b2-aca8-8c0467ed6272";
        let said = "2026-01-01T00:00:00Z";
        let text = format!("{{\"_id\":\"{id}\",\"createdAt\":\"{said}\",\"projectId\":\"{V4}\"}}");
        let imported = object(&text).unwrap();
        assert_eq!(imported.item.key.created_at.to_string(), "2026-03-28T22:15:03.000Z");
        assert!(imported.moved_from.is_some());
    }

    #[test]
    fn money_is_read_digit_for_digit() {
        let at = ",\"createdAt\":\"2026-03-28T22:15:03Z\"";
        let item = line(&format!("{at},\"callCostInUSDCents\":2.3205")).unwrap().item;
        assert_eq!(item.columns.cost, Some(Some(MicroUsd::new(23_205))));
        let refused = line(&format!("{at},\"callCostInUSDCents\":2.32051")).unwrap_err();
        assert_eq!(refused, "`callCostInUSDCents` must be a number with at most 4 decimals");
    }

    #[test]
    fn what_does_not_fit_is_refused_by_name() {
        for (rest, error) in [
            ("", "`createdAt` is missing, and `_id` carries no time"),
            (",\"isAnswered\":null", "`isAnswered` cannot be null"),
            (",\"userId\":\"x\"", "`userId` must be a UUID"),
            (
                ",\"startedAt\":\"yesterday\"",
                "`startedAt` must be a time like \"2026-03-28T22:15:03.000Z\"",
            ),
            (",\"user\":\"x\"", "`user` must be an object with its _id"),
            (",\"user\":{\"name\":\"A\"}", "`user._id` must be a UUID"),
        ] {
            let at = if rest.is_empty() { "" } else { ",\"createdAt\":\"2026-03-28T22:15:03Z\"" };
            assert_eq!(line(&format!("{at}{rest}")).unwrap_err(), error);
        }
        for name in ["colour", "version", "deletedAt"] {
            let error = line(&format!(",\"{name}\":1")).unwrap_err();
            assert!(error.starts_with(&format!("there is no column `{name}`")), "{error}");
        }
    }

    #[test]
    fn relations_tell_their_ids_and_what_is_known_of_them() {
        let at = ",\"createdAt\":\"2026-03-28T22:15:03Z\"";
        let rest = format!(
            "{at},\"user\":{{\"_id\":\"{V4}\",\"name\":\"A\",\"email\":null}},\
             \"incomingCallLog\":{{\"_id\":\"{V4}\"}},\"userId\":\"{V4}\""
        );
        let imported = line(&rest).unwrap();
        assert_eq!(imported.item.user.unwrap().to_string(), V4);
        assert_eq!(imported.item.call.unwrap().to_string(), V4);
        let [user] = &imported.references[..] else { panic!("{:?}", imported.references) };
        assert_eq!(
            (user.kind, user.body.as_deref()),
            (ReferenceKind::User, Some("{\"name\":\"A\"}"))
        );
        assert_eq!(user.at, imported.item.key.created_at);
        let other = "7f2b9c04-e1d6-4a58-b3c7-90ad5e8f1263";
        let rest = format!("{at},\"user\":{{\"_id\":\"{V4}\"}},\"userId\":\"{other}\"");
        assert_eq!(line(&rest).unwrap_err(), "`user._id` and `userId` name different ids");
        let rest = format!("{at},\"user\":{{\"_id\":\"{V4}\",\"password\":\"x\"}}");
        assert!(line(&rest).unwrap_err().starts_with("there is no column `user.password`"));
    }
}
