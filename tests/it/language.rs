//! The query language: what is accepted, what it means, what is refused by name.

use std::sync::Arc;

use ringfold::dial::limits::Limits;
use ringfold::dial::render::{View, item};
use ringfold::dial::{ItemKey, Row, State};
use ringfold::item::Item;
use ringfold::query::{Dialect, LanguageError, filter_from_json, select_from_json, sort_from_json};
use ringfold::tariff::{Book, Tariff};
use ringfold::value::{CallId, ItemId, MicroUsd, Micros, Phone, ProjectId, UserId};
use serde_json::{Value as Json, json};
use uuid::Uuid;

const P: &str = "5c0f7b1e-3a52-4d8e-9b60-7d1f2a4c8e90";
const C1: &str = "8b3e6d10-47aa-4f19-a2c5-0e9b7f61d3c4";
const C2: &str = "c27d05f8-6b91-4a3e-b8d4-91f0e2a7c635";
const U: &str = "d94a1f77-2c06-4e3b-8f58-63b0a1c2e5d7";

fn uuid(text: &str) -> Uuid {
    Uuid::parse_str(text).unwrap()
}

fn ms(text: &str) -> Micros {
    Micros::new(chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_micros())
}

/// An item as the reader sees it; every test sets the columns it speaks of.
fn blank(id: &str, created_at: &str) -> Item {
    let key = ItemKey {
        project: ProjectId::new(uuid(P)),
        created_at: ms(created_at),
        item: ItemId::new(uuid(id)),
    };
    let book = Book::new(Tariff::default());
    let view = View { book: &book, limits: &Limits::default(), now: ms(created_at) };
    item(&Row::of(key, State::default()), &view)
}

/// The four items a–d of the contract's worked examples.
pub fn reference_items() -> Vec<Item> {
    let mut a = blank("019e258e-19ca-8040-8d5e-69122fbc8f20", "2026-05-14T08:15:30.250Z");
    let mut b = blank("019e258e-95d0-818c-92ad-a0a4d447f18e", "2026-05-14T08:16:02.000Z");
    let mut c = blank("019e286e-a380-8208-8827-548f7f292f47", "2026-05-14T21:40:00.000Z");
    let mut d = blank("019e2961-727c-80c6-9e5f-72b093eccfb3", "2026-05-15T02:05:12.700Z");
    set(&mut a, C1, Some("+441632960021"), ("NoAnswer", "Nobody answered."), Some((30, 0)));
    let said = ("Completed", "Answered; the call has ended.");
    set(&mut b, C1, Some("+441632960044"), said, Some((95, 23_750)));
    set(&mut c, C2, Some("+441632960021"), ("Busy", "The line was busy. [SIP 486]"), Some((4, 0)));
    set(&mut d, C2, None, ("Ringing", "The phone is ringing."), None);
    a.ended_at = Some(ms("2026-05-14T08:16:00.900Z"));
    b.ended_at = Some(ms("2026-05-14T08:17:37.480Z"));
    c.ended_at = Some(ms("2026-05-14T21:40:04.100Z"));
    a.user = Some(UserId::new(uuid(U)));
    c.user = a.user;
    b.is_answered = true;
    vec![a, b, c, d]
}

fn set(
    item: &mut Item,
    call: &str,
    phone: Option<&str>,
    (status, status_message): (&str, &str),
    ended: Option<(i64, i64)>,
) {
    item.call = Some(CallId::new(uuid(call)));
    item.phone = phone.map(Phone::new);
    item.status = Arc::from(status);
    item.status_message = Some(Arc::from(status_message));
    item.started_at = Some(item.created_at);
    item.dial_duration_s = ended.map(|(duration, _)| duration);
    item.cost = ended.map(|(_, micro)| MicroUsd::new(micro));
}

/// Names of the items that a query keeps.
fn kept(query: &Json) -> String {
    let filter = filter_from_json(Dialect::Documented, Some(query)).unwrap();
    let items = reference_items();
    let names = "abcd".chars().zip(&items);
    names.filter(|(_, item)| filter.keeps(item)).map(|(name, _)| name).collect()
}

#[test]
fn plain_conditions_keep_what_equals() {
    for (query, expected) in [
        (json!({}), "abcd"),
        (json!({"status": "Busy"}), "c"),
        (json!({"status": "busy"}), ""),
        (json!({"status": ["Busy", "Ringing"]}), "cd"),
        (json!({"status": []}), ""),
        (json!({"endedAt": null}), "d"),
        (json!({"isAnswered": false, "incomingCallLogId": C1}), "a"),
        (json!({"incomingCallLogId": C2.to_uppercase()}), "cd"),
        (json!({"userId": {"_type": "ObjectID", "value": U}}), "ac"),
        (json!({"user": U}), "ac"),
        (json!({"user": {"_id": [U]}}), "ac"),
        (json!({"user": null}), "bd"),
        (json!({"user": {"_type": "NotNull"}}), "ac"),
        (json!({"project": P}), "abcd"),
        (json!({"projectId": U}), ""),
        (json!({"userPhoneNumber": "+44 (1632) 960-021"}), "ac"),
        (json!({"userPhoneNumber": {"_type": "Phone", "value": "+441632960044"}}), "b"),
        (json!({"startedAt": "2026-05-14T23:40:00+02:00"}), "c"),
        (json!({"startedAt": {"_type": "DateTime", "value": "2026-05-14 21:40"}}), "c"),
        (json!({"callCostInUSDCents": 2.375, "dialDurationInSeconds": 95}), "b"),
        (json!({"callCostInUSDCents": 0}), "ac"),
    ] {
        assert_eq!(kept(&query), expected, "{query}");
    }
}

#[test]
fn operators_follow_their_null_rules() {
    let op = |column: &str, operator: Json| json!({column: operator});
    for (query, expected) in [
        (op("userPhoneNumber", json!({"_type": "NotEqual", "value": "+441632960021"})), "b"),
        (op("userPhoneNumber", json!({"_type": "EqualToOrNull", "value": "+441632960044"})), "bd"),
        (op("callCostInUSDCents", json!({"_type": "LessThanOrNull", "value": 2.375})), "acd"),
        (op("userPhoneNumber", json!({"_type": "NotContains", "value": "960021"})), "bd"),
        (op("dialDurationInSeconds", json!({"_type": "GreaterThanOrEqual", "value": 30})), "ab"),
        (op("dialDurationInSeconds", json!({"_type": "GreaterThan", "value": 30})), "b"),
        (op("dialDurationInSeconds", json!({"_type": "GreaterThanOrNull", "value": 30})), "bd"),
        (op("callCostInUSDCents", json!({"_type": "LessThan", "value": 2.375_000_01})), "abc"),
        (
            op("callCostInUSDCents", json!({"_type": "LessThanOrEqual", "value": 2.374_999_99})),
            "ac",
        ),
        (op("isAnswered", json!({"_type": "GreaterThan", "value": false})), "b"),
        (op("status", json!({"_type": "LessThan", "value": "Completed"})), "c"),
        (op("userId", json!({"_type": "IncludesNone", "value": [U]})), ""),
        (op("userId", json!({"_type": "IncludesNone", "value": []})), "abcd"),
        (op("status", json!({"_type": "IncludesAll", "value": ["Busy"]})), "c"),
        (op("endedAt", json!({"_type": "IsNull"})), "d"),
        (op("endedAt", json!({"_type": "NotNull"})), "abc"),
        (op("statusMessage", json!({"_type": "Search", "value": "  ANSWERED "})), "ab"),
        (op("statusMessage", json!({"_type": "Search", "value": ""})), "abcd"),
        (op("userPhoneNumber", json!({"_type": "Search", "value": ""})), "abc"),
        (op("statusMessage", json!({"_type": "StartsWith", "value": "the "})), "cd"),
        (op("statusMessage", json!({"_type": "EndsWith", "value": "ended."})), "b"),
        (op("dialDurationInSeconds", json!({"_type": "StartsWith", "value": "9"})), "b"),
        (op("callCostInUSDCents", json!({"_type": "EndsWith", "value": ".375"})), "b"),
        (op("startedAt", json!({"_type": "StartsWith", "value": "2026-05-15t02"})), "d"),
        (op("isAnswered", json!({"_type": "Search", "value": "RU"})), "b"),
        (
            op(
                "createdAt",
                json!({"_type": "InBetween", "startValue": "2026-05-14T08:16:02Z",
                       "endValue": "2026-05-14T21:40:00.000999Z"}),
            ),
            "bc",
        ),
        (
            op(
                "dialDurationInSeconds",
                json!({"_type": "InBetween", "startValue": 30, "endValue": 4}),
            ),
            "",
        ),
        (
            op(
                "any",
                json!({"_type": "MultiSearch", "value": "busy", "fields": ["status", "userId"]}),
            ),
            "c",
        ),
        (op("any", json!({"_type": "MultiSearch", "value": "", "fields": ["status"]})), "abcd"),
        (op("any", json!({"_type": "MultiSearch", "value": "x", "fields": []})), "abcd"),
    ] {
        assert_eq!(kept(&query), expected, "{query}");
    }
}

fn refused<T: std::fmt::Debug>(result: Result<T, LanguageError>) -> (String, &'static str, String) {
    let refusal = result.unwrap_err();
    (refusal.to_string(), refusal.kind(), refusal.field())
}

#[test]
fn a_value_that_does_not_fit_names_its_column() {
    let date = |value: Json| json!({"startedAt": value});
    let duration = |value: Json| json!({"dialDurationInSeconds": value});
    let status = |value: Json| json!({"status": value});
    let op = |name: &str| json!({"_type": name});
    for (query, expected) in [
        (date(json!("yesterday")), "a date"),
        (date(json!(1_774_736_103)), "a date"),
        (date(json!("2026-02-30")), "a date"),
        (date(json!({"_type": "DateTime", "value": null})), "a date"),
        (date(json!({"_type": "DateTime", "value": "2026-05-14", "x": 1})), "a date"),
        (date(json!({"_type": "ObjectID", "value": U})), "a date"),
        (duration(json!(1.5)), "a whole number"),
        (duration(json!("30")), "a whole number"),
        (duration(json!({"_type": "InBetween", "startValue": 1})), "a whole number"),
        (duration(op("EqualTo")), "a whole number"),
        (status(json!(1)), "text"),
        (status(json!("a\u{0}b")), "text"),
        (status(json!([null])), "text"),
        (status(json!({"_type": "Search", "value": 1})), "text"),
        (status(op("NotContains")), "text"),
        (status(op("Includes")), "a list of values"),
        (status(json!({"_type": "IncludesNone", "value": "x"})), "a list of values"),
        (json!({"isAnswered": 1}), "true or false"),
        (json!({"userId": "x"}), "an ObjectID"),
        (json!({"userId": ""}), "an ObjectID"),
        (json!({"userId": "{d94a1f77-2c06-4e3b-8f58-63b0a1c2e5d7}"}), "an ObjectID"),
        (json!({"project": "x"}), "an ObjectID"),
        (json!({"user": {"_id": 1}}), "an ObjectID"),
        (json!({"userPhoneNumber": "12"}), "a phone number of 7 to 15 digits"),
    ] {
        let column = query.as_object().unwrap().keys().next().unwrap().clone();
        let text = format!("Invalid value for {column}: expected {expected}.");
        let said = refused(filter_from_json(Dialect::Documented, Some(&query)));
        assert_eq!(said, (text, "invalid_value", column), "{query}");
    }
}

#[test]
fn a_condition_that_there_is_not_names_its_column() {
    let unknown = |name: &str| {
        format!("Invalid column on Incoming Call Log Item - {name}. Column does not exist.")
    };
    let search = |fields: Json| json!({"_type": "MultiSearch", "value": "b", "fields": fields});
    for (query, text, field) in [
        (json!({"Status": "x"}), unknown("Status"), "Status"),
        (json!({"deletedAt": null}), unknown("deletedAt"), "deletedAt"),
        (json!("status"), unknown("0"), "0"),
        (json!(["status"]), unknown("0"), "0"),
        (json!({"x": search(json!(["nope"]))}), unknown("nope"), "nope"),
        (
            json!({"status": search(json!([]))}),
            "Invalid condition for status: MultiSearch stands under a name that is no column."
                .to_owned(),
            "status",
        ),
        (
            json!({"user": {"_type": "GreaterThan", "value": U}}),
            "Unknown operator \"GreaterThan\" for user. Known operators: EqualTo, NotEqual, \
             Includes, IncludesNone, IsNull, NotNull"
                .to_owned(),
            "user",
        ),
        (
            json!({"user": {"shoeSize": "x"}}),
            "Column shoeSize not found on User".to_owned(),
            "user.shoeSize",
        ),
    ] {
        let said = refused(filter_from_json(Dialect::Documented, Some(&query)));
        assert_eq!(said, (text, "invalid_query", field.to_owned()), "{query}");
    }
}

#[test]
fn an_unknown_operator_is_told_what_there_is() {
    let query = json!({"status": {"_type": "Like", "value": "x"}});
    let (text, code, field) = refused(filter_from_json(Dialect::Documented, Some(&query)));
    assert_eq!((code, field.as_str()), ("invalid_query", "status"));
    assert_eq!(
        text,
        "Unknown operator \"Like\" for status. Known operators: EqualTo, NotEqual, EqualToOrNull, \
         GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual, GreaterThanOrNull, \
         LessThanOrNull, InBetween, Includes, IncludesAll, IncludesNone, IsNull, NotNull, Search, \
         StartsWith, EndsWith, NotContains"
    );
    let long = json!({"x".repeat(300): 1});
    let (text, _, field) = refused(filter_from_json(Dialect::Documented, Some(&long)));
    assert_eq!(field, "x".repeat(100));
    assert!(text.contains(&field) && !text.contains(&"x".repeat(101)));
}

#[test]
fn select_takes_true_and_false_of_known_columns() {
    let select = |json: Json| select_from_json(Dialect::Documented, Some(&json));
    let all = "_id, createdAt, updatedAt, project, projectId, incomingCallLog, incomingCallLogId, \
               incomingCallPolicyEscalationRule, incomingCallPolicyEscalationRuleId, user, userId, \
               userPhoneNumber, status, statusMessage, dialDurationInSeconds, callCostInUSDCents, \
               startedAt, endedAt, isAnswered";
    for accepted in [json!(null), json!({}), json!({"_id": false}), json!({"status": false})] {
        let none = select_from_json(Dialect::Documented, None).unwrap();
        assert_eq!(select(accepted.clone()).unwrap(), none, "{accepted}");
    }
    let user = select(json!({"user": {}})).unwrap();
    assert_eq!(user, select(json!({"user": true})).unwrap());
    for name in ["id", "user.name", "Status", "version"] {
        let (text, code, field) = refused(select(json!({name: true})));
        assert_eq!((code, field.as_str()), ("invalid_select", name));
        assert_eq!(
            text,
            format!(
                "Invalid select clause. Cannot select on \"{name}\". This column does not exist \
                 on Incoming Call Log Item. Here are the columns you can select on instead: {all}"
            )
        );
    }
    assert_eq!(refused(select(json!(["status"]))).2, "0");
    for value in [json!(1), json!("true"), json!(null), json!([]), json!({})] {
        let (text, ..) = refused(select(json!({"status": value})));
        assert_eq!(text, "Select value for status must be true or false");
    }
}

/// Names of the items in the order of a sort.
fn sorted(sort: &Json) -> String {
    let sort = sort_from_json(Dialect::Documented, Some(sort)).unwrap();
    let items = reference_items();
    let mut named: Vec<_> = "abcd".chars().zip(&items).collect();
    named.sort_by(|(_, x), (_, y)| sort.order(&sort.rank(x), &sort.rank(y)));
    named.into_iter().map(|(name, _)| name).collect()
}

#[test]
fn sorts_place_nulls_and_break_ties_by_id() {
    for (sort, expected) in [
        (json!({}), "dcba"),
        (json!(null), "dcba"),
        (json!({"endedAt": "DESC"}), "dcba"),
        (json!({"endedAt": {"direction": "DESC", "nulls": "LAST"}}), "cbad"),
        (json!({"endedAt": 1}), "abcd"),
        (json!({"endedAt": {"direction": "asc", "nulls": "first"}}), "dabc"),
        (json!({"isAnswered": -1, "dialDurationInSeconds": 1}), "bcad"),
        (json!({"userPhoneNumber": 1}), "acbd"),
        (json!({"callCostInUSDCents": -1}), "dbac"),
        (json!({"_id": "desc", "status": 1}), "dcba"),
    ] {
        assert_eq!(sorted(&sort), expected, "{sort}");
    }
}

#[test]
fn refused_sorts_name_their_column() {
    let sort = |json: Json| refused(sort_from_json(Dialect::Documented, Some(&json)));
    assert_eq!(
        sort(json!({"nope": 1})).0,
        "Invalid sort column on Incoming Call Log Item - nope. Column does not exist."
    );
    assert_eq!(sort(json!({"user": 1})).0, "Cannot sort on user. Sort on userId instead.");
    for value in [
        json!("-1"),
        json!(0),
        json!(1.0),
        json!(true),
        json!("Descending"),
        json!(null),
        json!({}),
    ] {
        let (_, code, field) = sort(json!({"status": value}));
        assert_eq!((code, field.as_str()), ("invalid_sort", "status"), "{value}");
    }
    assert_eq!(sort(json!("createdAt")).2, "sort");
}
