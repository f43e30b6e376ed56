//! The query language as clients of upstream's server write it: what they get away with.

use ringfold::query::{Dialect, LanguageError, filter_from_json, select_from_json, sort_from_json};
use serde_json::{Value as Json, json};

use crate::language::reference_items;

const DROP_IN: Dialect = Dialect::DropIn;
const U: &str = "d94a1f77-2c06-4e3b-8f58-63b0a1c2e5d7";

fn kept(query: &Json) -> String {
    let filter = filter_from_json(DROP_IN, Some(query)).unwrap();
    let items = reference_items();
    let names = "abcd".chars().zip(&items);
    names.filter(|(_, item)| filter.keeps(item)).map(|(name, _)| name).collect()
}

fn sorted(sort: &Json) -> String {
    let sort = sort_from_json(DROP_IN, Some(sort)).unwrap();
    let mut items: Vec<_> = "abcd".chars().zip(reference_items()).collect();
    items.sort_by(|(_, a), (_, b)| sort.order(&sort.rank(a), &sort.rank(b)));
    items.into_iter().map(|(name, _)| name).collect()
}

fn refused<T: std::fmt::Debug>(read: Result<T, LanguageError>) -> String {
    read.unwrap_err().to_string()
}

#[test]
fn values_may_come_in_other_types() {
    for (query, expected) in [
        (json!({"dialDurationInSeconds": " 30 "}), "a"),
        (json!({"dialDurationInSeconds": "3e1"}), "a"),
        (json!({"callCostInUSDCents": "2.3750"}), "b"),
        (json!({"isAnswered": "YES"}), "b"),
        (json!({"isAnswered": 0}), "acd"),
        (json!({"isAnswered": "off"}), "acd"),
        (json!({"status": 5}), ""),
        (json!({"status": true}), ""),
        (json!({"userId": ""}), ""),
        (json!({"userId": {"_type": "EqualToOrNull", "value": ""}}), "bd"),
        (json!({"userId": [U, ""]}), "ac"),
        (json!({"userPhoneNumber": ""}), ""),
        (json!({"userPhoneNumber": " +441632960044 "}), "b"),
        (json!({"userPhoneNumber": "+441 632 960044"}), ""),
        (json!({"version": 0}), "abcd"),
        (json!({"deletedAt": null}), "abcd"),
        (json!({"projectId": "no id at all", "project": [1]}), "abcd"),
        (json!({"user": {}}), "abcd"),
        (json!({"user": true}), "abcd"),
        (json!([]), "abcd"),
        (json!(7), "abcd"),
        (json!(false), "abcd"),
    ] {
        assert_eq!(kept(&query), expected, "{query}");
    }
}

#[test]
fn what_an_operator_misses_reads_as_empty() {
    for (query, expected) in [
        (json!({"status": {"_type": "Includes"}}), ""),
        (json!({"userId": {"_type": "IncludesNone"}}), "abcd"),
        (json!({"status": {"_type": "Search"}}), "abcd"),
        (json!({"userPhoneNumber": {"_type": "NotContains"}}), "d"),
        (json!({"startedAt": {"_type": "InBetween", "startValue": "2026-05-14"}}), ""),
        (json!({"createdAt": {"_type": "InBetween", "endValue": "2026-05-14"}}), ""),
        (json!({"all": {"_type": "MultiSearch"}}), "abcd"),
        (json!({"all": {"_type": "MultiSearch", "value": "busy"}}), "abcd"),
    ] {
        assert_eq!(kept(&query), expected, "{query}");
    }
}

#[test]
fn searches_know_wildcards() {
    for (query, expected) in [
        (json!({"status": {"_type": "Search", "value": "b_s"}}), "c"),
        (json!({"statusMessage": {"_type": "StartsWith", "value": "%answered"}}), "ab"),
        (json!({"statusMessage": {"_type": "EndsWith", "value": "_IP 48_]"}}), "c"),
        (
            json!({"any": {"_type": "MultiSearch", "value": "l%ne", "fields": ["statusMessage"]}}),
            "c",
        ),
    ] {
        assert_eq!(kept(&query), expected, "{query}");
    }
}

#[test]
fn what_fits_no_column_is_still_refused() {
    for (query, said) in [
        (json!({"_id": ""}), "Invalid value for _id: expected an ObjectID."),
        (
            json!({"dialDurationInSeconds": "1.5"}),
            "Invalid value for dialDurationInSeconds: expected a whole number.",
        ),
        (json!({"userPhoneNumber": "12"}), "Phone is not in valid format: 12"),
        (
            json!({"userPhoneNumber": 12}),
            "Invalid value for userPhoneNumber: expected a phone number.",
        ),
        (json!({"isAnswered": 2}), "Invalid value for isAnswered: expected true or false."),
        (json!({"startedAt": 1_774_736_103}), "Invalid value for startedAt: expected a date."),
        (json!({"status": {"_type": "EqualTo"}}), "Invalid value for status: expected text."),
        (
            json!({"nope": 1}),
            "Invalid column on Incoming Call Log Item - nope. Column does not exist.",
        ),
        (json!("x"), "Invalid column on Incoming Call Log Item - 0. Column does not exist."),
    ] {
        assert_eq!(refused(filter_from_json(DROP_IN, Some(&query))), said, "{query}");
    }
}

#[test]
fn phones_follow_the_pattern_of_the_server() {
    let is_phone =
        |text: &str| filter_from_json(DROP_IN, Some(&json!({"userPhoneNumber": text}))).is_ok();
    for text in
        ["4416329600", "+441632960155", "(441)632-9600", "+(441) 632.9600555", "441 632 9600"]
    {
        assert!(is_phone(text), "{text}");
    }
    for text in ["+44 1632 960021", "441--6329600", "44163296001555", "441632960", "phone", "+"] {
        assert!(!is_phone(text), "{text}");
    }
}

#[test]
fn selects_take_numbers_and_text() {
    let chosen = |select: Json| select_from_json(DROP_IN, Some(&select)).map(|_| ());
    for select in [
        json!({"status": 1, "version": "x", "deletedAt": 0}),
        json!({"user": false, "project": null, "incomingCallLog": []}),
        json!([]),
        json!(3),
        json!(true),
    ] {
        assert_eq!(chosen(select.clone()), Ok(()), "{select}");
    }
    for column in ["status", "version"] {
        for value in [json!(null), json!({}), json!([])] {
            let said = refused(chosen(json!({ column: value })));
            let expected = format!(
                "Select not supported on {column} of Incoming Call Log Item because this column \
                 modelType is not found."
            );
            assert_eq!(said, expected);
        }
    }
}

#[test]
fn any_direction_that_is_not_down_is_up() {
    for (sort, expected) in [
        (json!({"createdAt": "-1"}), "abcd"),
        (json!({"createdAt": 0}), "abcd"),
        (json!({"createdAt": "Descending"}), "abcd"),
        (json!({"createdAt": {}}), "abcd"),
        (json!({"createdAt": "desc"}), "dcba"),
        (json!({"endedAt": {"direction": "x", "nulls": "FIRST"}}), "dabc"),
        (json!({"version": -1, "createdAt": 1}), "abcd"),
        (json!([]), "dcba"),
        (json!(4), "dcba"),
    ] {
        assert_eq!(sorted(&sort), expected, "{sort}");
    }
    let said = refused(sort_from_json(DROP_IN, Some(&json!({"createdAt": null}))));
    assert!(said.starts_with("Invalid sort direction for createdAt"), "{said}");
    assert!(sort_from_json(DROP_IN, Some(&json!("createdAt"))).is_err());
}
