//! The public resource page, strictly.

use axum::http::{HeaderMap, StatusCode};
use serde_json::{Map, Value as Json, json};

use crate::access::{GrantRules, Operation};
use crate::item::Column;
use crate::query::{Dialect, Joins, Page, Selection, shown, shown_behind};
use crate::relation::InnerColumn;

use super::super::args::{Paging, UrlNumber, UrlPaging};
use super::super::checks::Check;
use super::super::cors::Origins;
use super::super::error::{Refused, cut};
use super::super::writer::JsonWriter;
use super::{Created, Joined, Profile};

/// The profile `documented`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Documented;

const LIMIT: Refused =
    Refused::Paging { field: "limit", sentence: "limit must be an integer from 1 to 100" };
const SKIP: Refused =
    Refused::Paging { field: "skip", sentence: "skip must be an integer of 0 or more" };
const LIMIT_USUAL: u64 = 10;
const LIMIT_MAX: u64 = 100;
const SKIP_MAX: u64 = i64::MAX.unsigned_abs();

impl Profile for Documented {
    fn name(&self) -> &'static str {
        "documented"
    }

    fn dialect(&self) -> Dialect {
        Dialect::Documented
    }

    fn grant_rules(&self) -> GrantRules {
        GrantRules::Documented
    }

    fn checks(&self) -> &'static [Check] {
        use Check::{Body, Columns, Id, Key, Permission, Rate, Shape};
        &[Key, Rate, Permission, Id, Body, Columns, Shape]
    }

    fn check_field(&self, name: &str, known: &[&str]) -> Result<(), Refused> {
        if known.contains(&name) {
            return Ok(());
        }
        Err(Refused::UnknownField { name: cut(name), known: known.join(", ") })
    }

    fn reads_as_empty(&self, _body: &Json) -> bool {
        false
    }

    fn check_one_project(
        &self,
        _operation: Operation,
        _headers: &HeaderMap,
    ) -> Result<(), Refused> {
        Ok(())
    }

    fn asks_for_parents(&self) -> bool {
        false
    }

    fn paging(&self, url: &UrlPaging, body: &Map<String, Json>) -> Result<Paging, Refused> {
        let limit = number(&url.limit, body.get("limit")).map_err(|NoNumber| LIMIT)?;
        let limit = limit.unwrap_or(LIMIT_USUAL);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(LIMIT);
        }
        let skip = number(&url.skip, body.get("skip")).map_err(|NoNumber| SKIP)?.unwrap_or(0);
        if skip > SKIP_MAX {
            return Err(SKIP);
        }
        Ok(Paging::used(limit, skip))
    }

    fn write_item(&self, writer: &mut JsonWriter, selection: Selection, joined: Joined<'_>) {
        writer.raw("{");
        let columns = shown(self.dialect().columns(), selection, joined.0);
        for (place, (column, value)) in columns.enumerate() {
            writer.name(column.name(), place);
            if column.is_relation() && !value.is_null() {
                let mut behind = shown_behind(column, selection, joined);
                behind.sort_unstable_by_key(|(column, _)| column.name);
                writer.relation(&value, &behind, |writer, _, value| writer.plain(value));
            } else {
                writer.plain(&value);
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
        writer.raw("{\"count\":");
        writer.number(page.total);
        writer.raw(",\"limit\":");
        writer.echo(paging.limit_told);
        writer.raw(",\"skip\":");
        writer.echo(paging.skip_told);
        writer.raw(",\"data\":[");
        for (place, item) in page.items.iter().enumerate() {
            if place > 0 {
                writer.raw(",");
            }
            self.write_item(writer, selection, (item, joins));
        }
        writer.raw("]}");
    }

    fn write_created(&self, writer: &mut JsonWriter, created: &Created<'_>) {
        let shown = [Column::CallId, Column::IsAnswered, Column::ProjectId, Column::Status];
        let selection = shown.into_iter().fold(Selection::id_only(), Selection::with);
        self.write_item(writer, selection, (created.item, &Joins::default()));
    }

    fn missing_item(&self) -> Result<&'static str, Refused> {
        Err(Refused::ItemNotFound)
    }

    fn write_refusal(&self, writer: &mut JsonWriter, refused: &Refused) -> StatusCode {
        writer.raw("{\"error\":");
        writer.string(&refused.to_string());
        writer.raw(",\"code\":");
        writer.string(refused.code());
        if let Some(field) = refused.field() {
            writer.raw(",\"field\":");
            writer.string(&field);
        }
        writer.raw("}");
        refused.status()
    }

    fn nothing_to_update(&self) -> Refused {
        Refused::ItemNotFound
    }

    fn limit_max(&self) -> u64 {
        LIMIT_MAX
    }

    fn number_min(&self) -> i64 {
        0
    }

    fn required_names(&self) -> &'static [&'static str] {
        &["incomingCallLogId", "status", "isAnswered"]
    }

    fn wrapper_of(&self, _column: Column) -> Option<&'static str> {
        None
    }

    fn wrapper_behind(&self, _column: InnerColumn) -> Option<&'static str> {
        None
    }

    fn refusal_schema(&self) -> Json {
        json!({
            "type": "object", "required": ["error", "code"], "additionalProperties": false,
            "properties": {
                "error": {"type": "string", "description": "For people; may change."},
                "code": {"type": "string", "description": "For programs; stable."},
                "field": {"type": "string", "description": "The column or parameter to blame."},
            }
        })
    }

    fn origins<'a>(&self, listed: &'a [String]) -> Origins<'a> {
        if listed.is_empty() { Origins::None } else { Origins::Listed(listed) }
    }
}

struct NoNumber;

/// The URL's number if there is one, else the body's; digits only in both.
fn number(url: &UrlNumber, body: Option<&Json>) -> Result<Option<u64>, NoNumber> {
    let text = match (url.texts.as_slice(), body) {
        _ if url.is_list => return Err(NoNumber),
        ([text], _) if !text.is_empty() => text.as_str(),
        ([] | [_], None) => return Ok(None),
        ([] | [_], Some(Json::Number(number))) => number.as_str(),
        ([_, _, ..], _) | ([] | [_], Some(_)) => return Err(NoNumber),
    };
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.trim_start_matches('0') {
        _ if !is_digits => Err(NoNumber),
        "" => Ok(Some(0)),
        digits => digits.parse().map(Some).map_err(|_| NoNumber),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paging(limit: &[&str], skip: &[&str], body: &Json) -> Result<(u64, u64), &'static str> {
        let own = |texts: &[&str]| UrlNumber {
            texts: texts.iter().map(|&text| text.to_owned()).collect(),
            is_list: false,
        };
        let url = UrlPaging { limit: own(limit), skip: own(skip) };
        let paging = Documented.paging(&url, body.as_object().unwrap());
        let field = |refused| {
            if let Refused::Paging { field, .. } = refused { field } else { "another refusal" }
        };
        paging.map(|paging| (paging.limit, paging.skip)).map_err(field)
    }

    #[test]
    fn paging_is_taken_from_the_url_then_the_body_then_the_default() {
        let none = json!({});
        assert_eq!(paging(&[], &[], &none), Ok((10, 0)));
        assert_eq!(paging(&["3"], &["24"], &none), Ok((3, 24)));
        assert_eq!(paging(&[""], &[""], &none), Ok((10, 0)));
        assert_eq!(paging(&[], &[], &json!({"limit": 2, "skip": 1})), Ok((2, 1)));
        assert_eq!(paging(&["5"], &[], &json!({"limit": 2, "skip": 1})), Ok((5, 1)));
        assert_eq!(paging(&[""], &[], &json!({"limit": 2})), Ok((2, 0)));
        assert_eq!(
            paging(&["100"], &["9223372036854775807"], &none),
            Ok((100, i64::MAX.unsigned_abs()))
        );
    }

    #[test]
    fn anything_else_is_refused_by_name() {
        let none = json!({});
        for limit in ["0", "101", "abc", "-1", "1.0", "1e1", " 1", "+1", "99999999999999999999"] {
            assert_eq!(paging(&[limit], &[], &none), Err("limit"), "{limit}");
        }
        for skip in ["-1", "x", "9223372036854775808", "0.5"] {
            assert_eq!(paging(&[], &[skip], &none), Err("skip"), "{skip}");
        }
        assert_eq!(paging(&["1", "2"], &[], &none), Err("limit"));
        for limit in [json!("4"), json!([3]), json!(2.9), json!(null), json!(-1), json!(1e1)] {
            assert_eq!(paging(&[], &[], &json!({"limit": limit})), Err("limit"), "{limit}");
        }
    }
}
