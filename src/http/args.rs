//! Body and URL → typed arguments of an operation. Where the dialects differ the profile is asked.

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::access::{ApiKeyRecord, decide_record};
use crate::query::{Filter, Query, Selection, filter_from_json, select_from_json, sort_from_json};
use crate::relation::ReferenceKind;
use crate::value::ItemId;

use super::error::{Refused, cut};
use super::profile::Profile;
use super::routes::percent_decoded;

/// Deepest nesting of a body.
const DEPTH_MAX: usize = 32;

/// The page that is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Paging {
    /// Items at most.
    pub limit: u64,
    /// Items passed over.
    pub skip: u64,
    /// What the answer says of `limit`; `None` = that it was unreadable.
    pub limit_told: Option<i64>,
    /// What the answer says of `skip`.
    pub skip_told: Option<i64>,
}

impl Paging {
    /// The answer says what was used.
    pub fn used(limit: u64, skip: u64) -> Self {
        let told = |number| i64::try_from(number).ok();
        Self { limit, skip, limit_told: told(limit), skip_told: told(skip) }
    }
}

/// `limit` and `skip` of the URL.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct UrlPaging {
    /// `limit`
    pub limit: UrlNumber,
    /// `skip`
    pub skip: UrlNumber,
}

/// One parameter of the URL, as sent.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct UrlNumber {
    /// Every value, in order.
    pub texts: Vec<String>,
    /// Whether it was written with `[]`.
    pub is_list: bool,
}

impl UrlPaging {
    /// Reads the URL; names are case-sensitive, others are ignored.
    pub(super) fn read(url_query: Option<&str>) -> Self {
        let mut paging = Self::default();
        for pair in url_query.unwrap_or_default().split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let Some(name) = percent_decoded(name) else { continue };
            let number = match name.trim_end_matches("[]") {
                "limit" => &mut paging.limit,
                "skip" => &mut paging.skip,
                _ => continue,
            };
            number.is_list |= name.ends_with("[]");
            // What cannot be decoded stays as it is: it is no number either way.
            number.texts.push(percent_decoded(value).unwrap_or(value.into()).into_owned());
        }
        paging
    }
}

/// Arguments of a list.
#[derive(Debug)]
pub(super) struct ListArguments {
    pub(super) selection: Selection,
    pub(super) query: Query,
    pub(super) paging: Paging,
}

impl ListArguments {
    /// Reads URL and body: fields, paging, query, select, sort.
    pub(super) fn read(
        profile: &dyn Profile,
        url_query: Option<&str>,
        (body, key): (&Map<String, Json>, &ApiKeyRecord),
    ) -> Result<Self, Refused> {
        check_fields(profile, body, &["query", "select", "sort", "limit", "skip", "groupBy"])?;
        check_group_by(body)?;
        let paging = profile.paging(&UrlPaging::read(url_query), body)?;
        let dialect = profile.dialect();
        let filter = filter_from_json(dialect, body.get("query"))?;
        check_records(key, filter.records())?;
        let selection = select_from_json(dialect, body.get("select"))?;
        check_records(key, selection.records())?;
        let sort = sort_from_json(dialect, body.get("sort"))?;
        let query = Query { filter, sort, skip: paging.skip, limit: paging.limit };
        Ok(Self { selection, query, paging })
    }
}

/// The argument of a count.
pub(super) fn count_filter(
    profile: &dyn Profile,
    body: &Map<String, Json>,
    key: &ApiKeyRecord,
) -> Result<Filter, Refused> {
    check_fields(profile, body, &["query", "groupBy"])?;
    check_group_by(body)?;
    let filter = filter_from_json(profile.dialect(), body.get("query"))?;
    check_records(key, filter.records())?;
    Ok(filter)
}

/// The argument of a get.
pub(super) fn get_selection(
    profile: &dyn Profile,
    body: &Map<String, Json>,
    key: &ApiKeyRecord,
) -> Result<Selection, Refused> {
    check_fields(profile, body, &["select"])?;
    let selection = select_from_json(profile.dialect(), body.get("select"))?;
    check_records(key, selection.records())?;
    Ok(selection)
}

/// Whether the API key may read what is told of records behind relations. What they are about
/// needs no further grant.
fn check_records(
    key: &ApiKeyRecord,
    mut kinds: impl Iterator<Item = ReferenceKind>,
) -> Result<(), Refused> {
    kinds.try_for_each(|kind| {
        if kind.is_resource() {
            decide_record(key, kind.title()).map_err(Refused::Permission)
        } else {
            Ok(())
        }
    })
}

/// The id of a path: `8-4-4-4-12` hex digits, any case, any version.
pub(super) fn item_id(text: &str) -> Result<ItemId, Refused> {
    // Of the forms that `uuid` reads only the hyphenated one has 36 characters.
    let id = if text.len() == 36 { Uuid::try_parse(text).ok() } else { None };
    id.map(ItemId::new).ok_or_else(|| Refused::InvalidId { id: cut(text) })
}

pub(super) fn check_fields(
    profile: &dyn Profile,
    body: &Map<String, Json>,
    known: &[&str],
) -> Result<(), Refused> {
    body.keys().try_for_each(|name| profile.check_field(name, known))
}

fn check_group_by(body: &Map<String, Json>) -> Result<(), Refused> {
    match body.get("groupBy") {
        None | Some(Json::Null) => Ok(()),
        Some(Json::Object(columns)) if columns.is_empty() => Ok(()),
        Some(_) => Err(Refused::GroupBy),
    }
}

/// The object of a body; an empty body is an empty object.
pub(super) fn body_object(
    profile: &dyn Profile,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Map<String, Json>, Refused> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    check_media_type(headers)?;
    check_depth(body)?;
    match serde_json::from_slice(body) {
        Ok(Json::Object(object)) => Ok(object),
        Ok(other) if profile.reads_as_empty(&other) => Ok(Map::new()),
        Ok(_) => Err(Refused::BodyShape),
        Err(error) => Err(malformed(&error)),
    }
}

fn malformed(error: &serde_json::Error) -> Refused {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    // The parser's words quote nothing of the body.
    let reason = if error.is_eof() { "unexpected end" } else { text.trim_end_matches(&place) };
    Refused::MalformedJson { reason: reason.to_owned(), line: error.line(), column: error.column() }
}

/// JSON in UTF-8, not compressed.
fn check_media_type(headers: &HeaderMap) -> Result<(), Refused> {
    check_not_encoded(headers)?;
    let Some(content_type) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let content_type = content_type.to_str().unwrap_or_default();
    let mut parts = content_type.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    let is_utf8 = parts.all(|part| match part.split_once('=') {
        Some((name, charset)) if name.trim().eq_ignore_ascii_case("charset") => {
            charset.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    });
    if is_json && is_utf8 {
        return Ok(());
    }
    Err(Refused::MediaType("Send the body as application/json in UTF-8."))
}

/// No `Content-Encoding` but `identity`.
pub(super) fn check_not_encoded(headers: &HeaderMap) -> Result<(), Refused> {
    let mut encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    let is_plain = encodings.all(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
    if is_plain { Ok(()) } else { Err(Refused::MediaType("Send the body without an encoding.")) }
}

/// Refuses what is nested too deeply, before it is parsed.
fn check_depth(body: &[u8]) -> Result<(), Refused> {
    let (mut depth, mut line, mut column) = (0_usize, 1, 0);
    let (mut in_string, mut escaped) = (false, false);
    for byte in body {
        column += 1;
        match byte {
            b'\n' => (line, column) = (line + 1, 0),
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            let reason = format!("nested deeper than {DEPTH_MAX}");
            return Err(Refused::MalformedJson { reason, line, column });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::profile::Documented;
    use super::*;

    fn said(content_type: Option<&str>, body: &[u8]) -> String {
        let mut headers = HeaderMap::new();
        if let Some(content_type) = content_type {
            headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        }
        match body_object(&Documented, &headers, body) {
            Ok(object) => format!("{} fields", object.len()),
            Err(refused) => refused.to_string(),
        }
    }

    #[test]
    fn a_body_is_an_object_or_nothing() {
        let at = |reason: &str, line: u32, column: u32| {
            format!("Invalid JSON body: {reason} at line {line} column {column}.")
        };
        for (body, expected) in [
            (&b""[..], "0 fields".to_owned()),
            (b"{}", "0 fields".to_owned()),
            (b"{\"query\":{}}", "1 fields".to_owned()),
            (b"{\"a\":1,\"a\":2}", "1 fields".to_owned()),
            (b"[]", "Invalid JSON body: expected an object.".to_owned()),
            (b"null", "Invalid JSON body: expected an object.".to_owned()),
            (b"{\"query\":{\"status\":", at("unexpected end", 1, 19)),
            (b"{\"a\":\n\"\\ud800\"}", at("unexpected end of hex escape", 2, 8)),
            (b"{\"a\":\"\xFF\"}", at("invalid unicode code point", 1, 7)),
            (b"{a:1}", at("key must be a string", 1, 2)),
        ] {
            assert_eq!(said(Some("application/json"), body), expected);
        }
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(31), "]".repeat(31));
        assert_eq!(said(None, deep.as_bytes()), "1 fields");
        let deeper = format!("{{\"a\":\n{}1{}}}", "[".repeat(32), "]".repeat(32));
        assert_eq!(said(None, deeper.as_bytes()), at("nested deeper than 32", 2, 32));
        let brackets = format!("{{\"a\":\"\\\"{}\"}}", "[".repeat(99));
        assert_eq!(said(None, brackets.as_bytes()), "1 fields");
    }

    #[test]
    fn the_media_type_is_json_in_utf_8() {
        let wrong = "Send the body as application/json in UTF-8.";
        for (content_type, expected) in [
            (None, "0 fields"),
            (Some("application/json"), "0 fields"),
            (Some("Application/JSON; charset=UTF-8"), "0 fields"),
            (Some("application/json;charset=\"utf-8\""), "0 fields"),
            (Some("application/json; charset=latin1"), wrong),
            (Some("text/plain"), wrong),
            (Some(""), wrong),
        ] {
            assert_eq!(said(content_type, b"{}"), expected, "{content_type:?}");
        }
        assert_eq!(said(Some("text/plain"), b""), "0 fields", "nothing was sent");
    }

    #[test]
    fn the_url_is_read_by_exact_names() {
        let paging = UrlPaging::read(Some("limit=3&Skip=1&skip=%32%34&x&offset=4&limit=5"));
        assert_eq!(paging.limit.texts, ["3", "5"]);
        assert_eq!(paging.skip.texts, ["24"]);
        assert!(UrlPaging::read(Some("limit[]=1")).limit.is_list);
        assert!(UrlPaging::read(Some("limit%5B%5D=1")).limit.is_list);
        assert_eq!(UrlPaging::read(None), UrlPaging::default());
    }
}
