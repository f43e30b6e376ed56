//! What clients written for upstream's server depend on: wrapped values, lenient paging, its status
//! codes and its sentences.

use axum::http::{HeaderMap, StatusCode};
use serde_json::{Map, Value as Json, json};

use crate::access::{GrantRules, Operation};
use crate::item::{Column, Kind};
use crate::query::{
    Dialect, Joins, Page, Selection, Value, relation_of, shown, shown_behind, value_of,
    wrapper_behind,
};
use crate::relation::InnerColumn;

use super::super::args::{Paging, UrlNumber, UrlPaging};
use super::super::checks::Check;
use super::super::cors::Origins;
use super::super::error::{Instead, Refused};
use super::super::writer::JsonWriter;
use super::{Created, Joined, Profile};

/// The profile `drop-in`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DropIn;

const NEGATIVE: &str = "positiveNumber cannot be less than 0";
const LIMIT_USUAL: i64 = 10;
const LIMIT_MAX: i64 = 10_000;
/// Non-empty in requests over all projects.
const ALL_PROJECTS: &str = "is-multi-tenant-query";

impl Profile for DropIn {
    fn name(&self) -> &'static str {
        "drop-in"
    }

    fn dialect(&self) -> Dialect {
        Dialect::DropIn
    }

    fn grant_rules(&self) -> GrantRules {
        GrantRules::DropIn
    }

    fn checks(&self) -> &'static [Check] {
        use Check::{Body, Columns, Id, Key, OneProject, Permission, Rate, SentKey, Shape};
        &[Body, SentKey, Rate, OneProject, Id, Shape, Key, Permission, Columns]
    }

    fn check_field(&self, _name: &str, _known: &[&str]) -> Result<(), Refused> {
        Ok(())
    }

    fn reads_as_empty(&self, body: &Json) -> bool {
        body.as_array().is_some_and(Vec::is_empty)
    }

    fn check_one_project(&self, operation: Operation, headers: &HeaderMap) -> Result<(), Refused> {
        let asks_for_all = headers.get(ALL_PROJECTS).is_some_and(|value| !value.is_empty());
        if asks_for_all && operation != Operation::Create {
            Err(Refused::AllProjects)
        } else {
            Ok(())
        }
    }

    fn paging(&self, url: &UrlPaging, body: &Map<String, Json>) -> Result<Paging, Refused> {
        let limit = number(&url.limit, body.get("limit"), LIMIT_USUAL);
        let skip = number(&url.skip, body.get("skip"), 0);
        let refused = |field, sentence| Err(Refused::Paging { field, sentence });
        match (limit.used, skip.used) {
            (Whole::TooSmall, _) => refused("limit", NEGATIVE),
            (Whole::TooLarge, _) => refused("limit", "Limit should be less than 10000"),
            (Whole::Is(limit), _) if limit < 0 => refused("limit", NEGATIVE),
            (Whole::Is(limit), _) if limit > LIMIT_MAX => {
                refused("limit", "Limit should be less than 10000")
            }
            (_, Whole::TooSmall) => refused("skip", NEGATIVE),
            (_, Whole::TooLarge) => refused("skip", "skip must be an integer of 0 or more"),
            (_, Whole::Is(skip)) if skip < 0 => refused("skip", NEGATIVE),
            (Whole::Is(used), Whole::Is(passed)) => Ok(Paging {
                // Nothing asked for is as good as nothing said.
                limit: if used == 0 { LIMIT_USUAL } else { used }.unsigned_abs(),
                skip: passed.unsigned_abs(),
                limit_told: limit.told,
                skip_told: skip.told,
            }),
        }
    }

    fn asks_for_parents(&self) -> bool {
        true
    }

    fn write_item(&self, writer: &mut JsonWriter, selection: Selection, joined: Joined<'_>) {
        writer.raw("{");
        let columns = shown(self.dialect().columns(), selection, joined.0);
        for (place, (column, value)) in columns.enumerate() {
            writer.name(column.name(), place);
            if column.is_relation() && !value.is_null() {
                let behind = shown_behind(column, selection, joined);
                writer.relation(&value, &behind, write_inner);
            } else {
                write_value(writer, column, &value);
            }
        }
        writer.raw("}");
    }

    fn write_page(
        &self,
        writer: &mut JsonWriter,
        selection: Selection,
        (page, joins): (&Page, &Joins),
        paging: Paging,
    ) {
        writer.raw("{\"data\":[");
        for (place, item) in page.items.iter().enumerate() {
            if place > 0 {
                writer.raw(",");
            }
            self.write_item(writer, selection, (item, joins));
        }
        writer.raw("],\"count\":");
        writer.number(page.total);
        writer.raw(",\"skip\":");
        writer.echo(paging.skip_told);
        writer.raw(",\"limit\":");
        writer.echo(paging.limit_told);
        writer.raw("}");
    }

    fn write_created(&self, writer: &mut JsonWriter, created: &Created<'_>) {
        let sent = |column: Column| created.sent.and_then(|sent| sent.get(column.name()));
        let is_sent_relation = |relation: Column| sent(relation).is_some_and(Json::is_object);
        writer.raw("{");
        let mut place = 0;
        for column in Column::ALL {
            let value = value_of(created.item, column);
            let is_relation = column.is_relation();
            let is_left_out = column == Column::Project || !is_sent_relation(column);
            if is_relation && is_left_out {
                continue;
            }
            writer.name(column.name(), place);
            place += 1;
            match (column.kind(), sent(column)) {
                _ if is_relation || is_server_made(column) => write_value(writer, column, &value),
                (Kind::ObjectId, _) if relation_of(column).is_some_and(is_sent_relation) => {
                    writer.plain(&value);
                }
                (Kind::ObjectId | Kind::Date | Kind::Phone, Some(sent)) if !value.is_null() => {
                    writer.sent(sent);
                }
                _ => writer.plain(&value),
            }
        }
        writer.raw("}");
    }

    fn missing_item(&self) -> Result<&'static str, Refused> {
        Ok("{}")
    }

    fn nothing_to_update(&self) -> Refused {
        Refused::NothingToUpdate
    }

    fn write_refusal(&self, writer: &mut JsonWriter, refused: &Refused) -> StatusCode {
        let (name, sentence, status) = told(refused);
        writer.raw("{");
        writer.name(name, 0);
        writer.string(&sentence);
        writer.raw("}");
        status
    }

    fn limit_max(&self) -> u64 {
        LIMIT_MAX.unsigned_abs()
    }

    fn number_min(&self) -> i64 {
        i64::from(i32::MIN)
    }

    fn required_names(&self) -> &'static [&'static str] {
        &["incomingCallLogId", "status"]
    }

    fn wrapper_of(&self, column: Column) -> Option<&'static str> {
        match column.kind() {
            Kind::ObjectId if column != Column::Id => Some("ObjectID"),
            Kind::Date => Some("DateTime"),
            Kind::Phone => Some("Phone"),
            Kind::ObjectId
            | Kind::Integer
            | Kind::Decimal
            | Kind::Text { .. }
            | Kind::Boolean
            | Kind::Relation { .. } => None,
        }
    }

    fn wrapper_behind(&self, column: InnerColumn) -> Option<&'static str> {
        wrapper_behind(column.kind)
    }

    fn refusal_schema(&self) -> Json {
        let told = |name: &str| {
            json!({
                "type": "object", "required": [name], "additionalProperties": false,
                "properties": {name: {"type": "string"}}
            })
        };
        json!({ "anyOf": [told("error"), told("message")] })
    }

    fn origins<'a>(&self, _listed: &'a [String]) -> Origins<'a> {
        Origins::All
    }
}

/// Under which name, what, and with which status.
#[expect(clippy::wildcard_enum_match_arm, reason = "most refusals are those of the public page")]
fn told(refused: &Refused) -> (&'static str, String, StatusCode) {
    match refused {
        Refused::NoRoute { target, .. } | Refused::MethodNotAllowed { target, .. } => {
            ("message", format!("Page not found - {target}"), StatusCode::NOT_FOUND)
        }
        Refused::MissingKey { instead: Instead::Bearer, .. } => {
            let sentence = "AccessToken is invalid or expired. Please refresh your token.";
            ("message", sentence.to_owned(), refused.status())
        }
        Refused::MissingKey { operation, instead: Instead::Nothing } => {
            let operation = operation.word();
            let sentence = format!(
                "Authenticated user or a valid API key is needed to {operation} record of \
                 Incoming Call Log Item."
            );
            ("error", sentence, refused.status())
        }
        Refused::InvalidKey => ("error", refused.to_string(), StatusCode::BAD_REQUEST),
        Refused::Permission(_) => ("error", refused.to_string(), StatusCode::UNPROCESSABLE_ENTITY),
        other => ("error", other.to_string(), other.status()),
    }
}

fn is_server_made(column: Column) -> bool {
    matches!(
        column,
        Column::Id | Column::CreatedAt | Column::UpdatedAt | Column::DeletedAt | Column::ProjectId
    )
}

/// A value behind a relation; names and e-mail addresses have wrappers there.
fn write_inner(writer: &mut JsonWriter, column: InnerColumn, value: &Value) {
    match wrapper_behind(column.kind) {
        Some(wrapper) => writer.wrapped_in(wrapper, value),
        None => writer.plain(value),
    }
}

/// Ids of items are plain everywhere, a relation is an object, everything else is wrapped.
fn write_value(writer: &mut JsonWriter, column: Column, value: &Value) {
    if column == Column::Id {
        writer.plain(value);
    } else if column.is_relation() && !value.is_null() {
        writer.id_object(value);
    } else {
        writer.wrapped(value);
    }
}

/// A number of a request.
struct Number {
    /// What is done with it.
    used: Whole,
    /// What the answer says of it.
    told: Option<i64>,
}

#[derive(Clone, Copy)]
enum Whole {
    Is(i64),
    TooSmall,
    TooLarge,
}

/// The URL's number, read as far as it is one; without any the body's, of which nothing is told.
fn number(url: &UrlNumber, body: Option<&Json>, usual: i64) -> Number {
    if let Some(text) = url.texts.first().filter(|text| !text.is_empty()) {
        return match leading_integer(text) {
            Some(used @ Whole::Is(number)) => Number { used, told: Some(number) },
            Some(used) => Number { used, told: None },
            None => Number { used: Whole::Is(usual), told: None },
        };
    }
    let used = body.and_then(of_body).unwrap_or(Whole::Is(usual));
    let used = if matches!(used, Whole::Is(0)) { Whole::Is(usual) } else { used };
    Number { used, told: Some(usual) }
}

fn of_body(value: &Json) -> Option<Whole> {
    match value {
        Json::Number(number) => leading_integer(number.as_str()),
        Json::String(text) => leading_integer(text),
        Json::Array(values) => match values.as_slice() {
            [one] if !one.is_array() => of_body(one),
            _ => None,
        },
        Json::Null | Json::Bool(_) | Json::Object(_) => None,
    }
}

/// Blanks, a sign, digits; whatever follows does not count.
fn leading_integer(text: &str) -> Option<Whole> {
    let text = text.trim_start();
    let (is_negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    if digits.is_empty() {
        return None;
    }
    Some(match (digits.parse::<i64>(), is_negative) {
        (Ok(number), true) => Whole::Is(-number),
        (Ok(number), false) => Whole::Is(number),
        (Err(_), true) => Whole::TooSmall,
        (Err(_), false) => Whole::TooLarge,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paging(limit: &[&str], skip: &[&str], body: &Json) -> Result<[Option<i64>; 4], String> {
        let own = |texts: &[&str]| UrlNumber {
            texts: texts.iter().map(|&text| text.to_owned()).collect(),
            is_list: false,
        };
        let url = UrlPaging { limit: own(limit), skip: own(skip) };
        let told = |number: u64| i64::try_from(number).ok();
        DropIn
            .paging(&url, body.as_object().unwrap())
            .map(|page| [told(page.limit), page.limit_told, told(page.skip), page.skip_told])
            .map_err(|refused| refused.to_string())
    }

    #[test]
    fn paging_is_read_as_far_as_it_is_a_number() {
        let none = json!({});
        assert_eq!(paging(&["3"], &["24"], &none), Ok([3, 3, 24, 24].map(Some)));
        assert_eq!(paging(&[""], &[], &none), Ok([10, 10, 0, 0].map(Some)));
        assert_eq!(paging(&["3abc"], &["1.9"], &none), Ok([3, 3, 1, 1].map(Some)));
        assert_eq!(paging(&[" +7"], &["1e3"], &none), Ok([7, 7, 1, 1].map(Some)));
        assert_eq!(paging(&["0"], &[], &none), Ok([10, 0, 0, 0].map(Some)));
        assert_eq!(paging(&["2", "5"], &[], &none), Ok([2, 2, 0, 0].map(Some)));
        assert_eq!(paging(&["10000"], &[], &none), Ok([10_000, 10_000, 0, 0].map(Some)));
        let unreadable = Ok([Some(10), None, Some(0), None]);
        assert_eq!(paging(&["abc"], &["x"], &json!({"limit": 3, "skip": 2})), unreadable);
        for (sent, limit) in
            [(json!("4"), 4), (json!([3]), 3), (json!(2.9), 2), (json!(null), 10), (json!({}), 10)]
        {
            assert_eq!(paging(&[], &[], &json!({"limit": sent})), Ok([limit, 10, 0, 0].map(Some)));
        }
        for sent in [json!(true), json!(0)] {
            assert_eq!(
                paging(&[], &[], &json!({"limit": sent})),
                Ok([10, 10, 0, 0].map(Some)),
                "{sent}"
            );
        }
    }

    #[test]
    fn what_no_page_can_have_is_refused() {
        let none = json!({});
        let said = |limit: &[&str], skip: &[&str]| paging(limit, skip, &none).unwrap_err();
        assert_eq!(said(&["-1"], &[]), NEGATIVE);
        assert_eq!(said(&[], &["-1"]), NEGATIVE);
        assert_eq!(said(&["-99999999999999999999"], &[]), NEGATIVE);
        assert_eq!(said(&["10001"], &[]), "Limit should be less than 10000");
        assert_eq!(said(&["99999999999999999999"], &[]), "Limit should be less than 10000");
        assert_eq!(paging(&[], &["9223372036854775807"], &none).unwrap()[2], Some(i64::MAX));
        assert_eq!(said(&[], &["9223372036854775808"]), "skip must be an integer of 0 or more");
    }
}
