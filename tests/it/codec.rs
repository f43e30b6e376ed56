//! Bytes to events and back: the forms, the defaults, the rejects and their order.

mod generators;
mod http;
mod laws;

use std::time::Duration;

use ringfold::dial::event::{AnsweredBy, HangupSide};
use ringfold::dial::fact::Provenance;
use ringfold::dial::{DialEvent, Said};
use ringfold::event::{
    DATA_BYTES_MAX, DecodeLimits, Decoded, Event, RawRecord, Reject, decode, decode_line,
};
use ringfold::value::Micros;

const LIMITS: DecodeLimits = DecodeLimits { future: Duration::from_mins(5) };
const PROJECT: &str = "3f2b8c1e-5d74-4a0b-9c1d-7e6f5a4b3c2d";
const CALL: &str = "674fd5fc-17ad-4cdb-9147-de680889f000";
const NOW: &str = "2026-03-30T12:00:31.5Z";

type Header<'a> = (&'a str, &'a str);

const HEADERS: [Header<'_>; 5] = [
    ("ce_specversion", "1.0"),
    ("ce_id", "e-1"),
    ("ce_source", "/gateways/twilio/us1/b07"),
    ("ce_type", "ringfold.dial.ended.v1"),
    ("ce_time", NOW),
];

fn record(headers: &[Header<'_>], value: &[u8]) -> Result<Decoded, Reject> {
    let headers = headers.iter().map(|(name, value)| (*name, Some(value.as_bytes())));
    decode(RawRecord { value: Some(value), record_time: None, headers }, &LIMITS)
}

/// Data of a dial with more names.
fn data(more: &str) -> String {
    let start = r#""dialId":"d-7","startedAt":"2026-03-30T12:00:00Z""#;
    format!(r#"{{"projectId":"{PROJECT}","incomingCallLogId":"{CALL}",{start}{more}}}"#)
}

/// A line in the plain form.
fn plain(kind: &str, more: &str) -> Result<Decoded, Reject> {
    let rest = data(more);
    let line = format!(r#"{{"kind":"{kind}","time":"{NOW}",{}"#, &rest[1..]);
    decode_line(line.as_bytes(), &LIMITS)
}

fn dial(decoded: Result<Decoded, Reject>) -> DialEvent {
    let Event::Dial(event) = decoded.unwrap().event else { panic!("no dial event") };
    event
}

fn fault(decoded: Result<Decoded, Reject>) -> (&'static str, Option<&'static str>) {
    let reject = decoded.unwrap_err();
    (reject.reason(), reject.field())
}

#[test]
fn the_sample_file_gives_sixty_one_events_and_one_cut_line() {
    let lines = include_str!("../data/events/escalation.ndjson");
    let read: Vec<_> = lines.lines().map(|line| decode_line(line.as_bytes(), &LIMITS)).collect();
    let bad: Vec<(usize, &str)> = read
        .iter()
        .enumerate()
        .filter_map(|(at, result)| result.as_ref().err().map(|r| (at + 1, r.reason())))
        .collect();
    assert_eq!((read.len(), bad), (62, vec![(35, "not_json")]));
}

#[test]
fn the_four_forms_of_one_event_are_the_same_event() {
    let fields = data(r#","reason":"no_answer","sipCode":487,"gateway":{"kind":"twilio"}"#);
    let binary = record(&HEADERS, fields.as_bytes()).unwrap();
    let structured = format!(
        r#"{{"specversion":"1.0","id":"e-1","source":"/g","type":"dial.ended","time":"{NOW}","data":{fields}}}"#
    );
    let headers = [("Content-Type", "Application/CloudEvents+JSON; charset=utf-8"), ("ce_id", "x")];
    let line = format!(r#"{{"kind":"dial.ended","time":"{NOW}",{}"#, &fields[1..]);
    for other in [
        record(&headers, structured.as_bytes()),
        decode_line(structured.as_bytes(), &LIMITS),
        decode_line(line.as_bytes(), &LIMITS),
    ] {
        assert_eq!(other, Ok(binary.clone()));
    }
    let event = dial(Ok(binary));
    assert_eq!(event.key.item.to_string(), "019d3e9d-7600-8bc7-91b7-a7e2582508bb");
    assert_eq!(event.key.created_at, Micros::from_ms(1_774_872_000_000));
    let Said::Ended { at, said, .. } = event.said else { panic!("not ended") };
    assert_eq!(at.to_string(), "2026-03-30T12:00:31.500Z");
    assert_eq!((said.reason.as_deref(), said.sip), (Some("no_answer"), Some(487)));
    assert_eq!(said.kind.as_deref(), Some("twilio"));
}

#[test]
fn times_default_as_the_kinds_say() {
    let started = format!(
        r#"{{"kind":"dial.started","time":"{NOW}","projectId":"{PROJECT}","incomingCallLogId":"{CALL}","dialId":"d"}}"#
    );
    let started = dial(decode_line(started.as_bytes(), &LIMITS));
    assert_eq!(started.started_at.unwrap().to_string(), "2026-03-30T12:00:31.500Z");
    let Said::Ringing { at } = dial(plain("dial.ringing", "")).said else { panic!() };
    assert_eq!(at.to_string(), "2026-03-30T12:00:31.500Z");
    let own = r#","ringingAt":"2026-03-30T12:00:02Z""#;
    let Said::Ringing { at } = dial(plain("dial.ringing", own)).said else { panic!() };
    assert_eq!(at.to_string(), "2026-03-30T12:00:02.000Z");
    let own = r#","answeredAt":"2026-03-30T12:00:09Z","answeredBy":"machine""#;
    let Said::Answered { at, detected } = dial(plain("dial.answered", own)).said else { panic!() };
    let (detected_at, by) = detected.unwrap();
    assert_eq!((at.ms() % 60_000, detected_at.ms() % 60_000), (9_000, 31_500));
    assert_eq!(by, AnsweredBy::Machine);
}

#[test]
fn words_of_open_lists_never_refuse_an_event() {
    let more = r#","reason":"gone fishing","vendorStatus":"no answer!","hangupSide":"moon","answeredBy":"dog""#;
    let Said::Ended { said, detected, .. } = dial(plain("dial.ended", more)).said else { panic!() };
    assert_eq!(said.reason.as_deref(), Some("gone fishing"));
    assert_eq!((said.status, said.side, detected), (None, None, None));
    let more =
        format!(r#","reason":"{}","vendorStatus":"rejected:invalid_number""#, "é".repeat(65));
    let Said::Ended { said, .. } = dial(plain("dial.ended", &more)).said else { panic!() };
    assert_eq!((said.reason, said.status.as_deref()), (None, Some("rejected:invalid_number")));
    let more = r#","hangupSide":"callee","reason":null,"x":{"y":[1]}"#;
    let Said::Ended { said, .. } = dial(plain("dial.ended", more)).said else { panic!() };
    assert_eq!((said.side, said.reason), (Some(HangupSide::Callee), None));
}

#[test]
fn provenance_is_a_closed_list() {
    assert_eq!(dial(plain("dial.ended", "")).provenance, Provenance::Live);
    assert_eq!(dial(plain("dial.ended", r#","provenance":"sync""#)).provenance, Provenance::Sync);
    let word = plain("dial.ended", r#","provenance":"carried""#);
    assert_eq!(fault(word), ("bad_field", Some("provenance")));
}

#[test]
fn a_phone_number_is_kept_as_sent_without_blanks_around_it() {
    let phone = |text: &str| {
        dial(plain("dial.started", &format!(r#","userPhoneNumber":"{text}""#))).attributes.phone
    };
    assert_eq!(phone(" +12025550143 ").unwrap().reveal(), "+12025550143");
    assert_eq!(phone("sip:desk").unwrap().reveal(), "sip:desk");
    assert_eq!(phone("  "), None);
    let long = format!(r#","userPhoneNumber":"{}""#, "1".repeat(31));
    assert_eq!(fault(plain("dial.started", &long)), ("bad_field", Some("userPhoneNumber")));
    let control = r#","userPhoneNumber":"+1202\u0000""#;
    assert_eq!(fault(plain("dial.started", control)), ("bad_field", Some("userPhoneNumber")));
}

#[test]
fn a_reject_names_the_field_and_never_quotes_the_record() {
    for (kind, more, reason, field) in [
        ("dial.started", r#","userId":"+12025550143""#, "bad_field", "userId"),
        ("dial.started", r#","userPhoneNumber":12025550143"#, "bad_field", "userPhoneNumber"),
        ("dial.started", r#","ringTimeoutInSeconds":0"#, "bad_field", "ringTimeoutInSeconds"),
        ("dial.started", r#","ringTimeoutInSeconds":30.0"#, "bad_field", "ringTimeoutInSeconds"),
        ("dial.started", r#","gateway":"twilio""#, "bad_field", "gateway"),
        ("dial.started", r#","gateway":["twilio"]"#, "bad_field", "gateway"),
        ("dial.started", r#","gateway":{"kind":"Twilio"}"#, "bad_field", "gateway.kind"),
        ("dial.started", r#","gateway":{"instance":""}"#, "bad_field", "gateway.instance"),
        ("dial.ended", r#","sipCode":"487""#, "bad_field", "sipCode"),
        ("dial.ended", r#","sipCode":700"#, "bad_field", "sipCode"),
        ("dial.ended", r#","q850Cause":128"#, "bad_field", "q850Cause"),
        ("dial.ended", r#","vendorReason":"a\nb""#, "bad_field", "vendorReason"),
        ("dial.ended", r#","endedAt":"2026-03-30 12:00""#, "bad_time", "endedAt"),
        ("dial.ended", r#","endedAt":1774872000"#, "bad_time", "endedAt"),
        ("dial.ended", r#","endedAt":"2026-03-30T12:00:60Z""#, "bad_time", "endedAt"),
        ("dial.ended", r#","answeredAt":"1999-12-31T23:59:59Z""#, "time_too_old", "answeredAt"),
        ("dial.cost", r#","currency":"USD""#, "missing_field", "amount"),
        ("dial.cost", r#","amount":"1","currency":"usd""#, "bad_amount", "currency"),
        ("dial.cost", r#","amount":0.0288,"currency":"USD""#, "bad_amount", "amount"),
        ("dial.cost", r#","amount":"-1","currency":"USD""#, "bad_amount", "amount"),
    ] {
        let reject = plain(kind, more).unwrap_err();
        assert_eq!((reject.reason(), reject.field()), (reason, Some(field)), "{more}");
        let text = reject.to_string();
        assert!(text.contains(field) && !text.contains("2025550143"), "{text}");
    }
}

#[test]
fn the_first_fault_of_the_table_is_given() {
    let long = "x".repeat(DATA_BYTES_MAX + 1);
    assert_eq!(fault(record(&[], long.as_bytes())).0, "too_large");
    assert_eq!(fault(record(&[], b"")).0, "no_value");
    assert_eq!(fault(record(&[("ce_type", "x")], b"{")).0, "not_json");
    assert_eq!(fault(record(&[("ce_type", "x")], br#"{"a":{"b":1,"b":1}}"#)).0, "not_json");
    assert_eq!(fault(record(&[("ce_type", "x")], b"{}")).0, "bad_envelope");
    assert_eq!(fault(plain("x", r#","sipCode":0"#)).0, "unknown_type");
    assert_eq!(fault(plain("dial.ended.v2", r#","sipCode":0"#)).0, "unknown_version");
}

#[test]
fn the_first_fault_of_the_data_is_given() {
    let line =
        |rest: &str| decode_line(format!(r#"{{"kind":"dial.ended",{rest}}}"#).as_bytes(), &LIMITS);
    let ids = format!(r#""projectId":"{PROJECT}","incomingCallLogId":"{CALL}""#);
    let nil = format!(
        r#""projectId":"{}","incomingCallLogId":"x""#,
        "0".repeat(8) + "-0000-0000-0000-000000000000"
    );
    assert_eq!(fault(line(&nil)), ("missing_field", Some("projectId")));
    assert_eq!(fault(line(&ids)), ("missing_field", Some("time")));
    let with = |more: &str| line(&format!(r#"{ids},"time":"never"{more}"#));
    assert_eq!(fault(with(r#","sipCode":0"#)), ("bad_field", Some("sipCode")));
    assert_eq!(fault(with("")).0, "no_dial_id");
    assert_eq!(fault(with(r#","dialId":"d""#)).0, "no_start_time");
    let v7 = r#","incomingCallLogItemId":"00000000-0000-7000-8000-000000000000""#;
    assert_eq!(fault(with(v7)), ("bad_time", Some("time")));
    let with = |more: &str| line(&format!(r#"{ids},"time":"{NOW}"{more}"#));
    assert_eq!(fault(with(v7)), ("time_too_old", Some("incomingCallLogItemId")));
    let v7 = r#","incomingCallLogItemId":"019d3e9d-7600-7000-8000-000000000000""#;
    let mismatch = with(&format!(r#"{v7},"startedAt":"2026-03-30T12:05:00.001Z""#));
    assert_eq!(fault(mismatch), ("id_time_mismatch", Some("incomingCallLogItemId")));
    assert!(with(&format!(r#"{v7},"startedAt":"2026-03-30T12:05:00Z""#)).is_ok());
}

#[test]
fn the_future_is_judged_by_the_record_time_or_the_recorded_time() {
    let value = data("");
    let headers = HEADERS.iter().map(|(name, value)| (*name, Some(value.as_bytes())));
    let at = |ms: i64| {
        let record_time = Some(Micros::from_ms(1_774_872_031_500 - 300_000 + ms));
        let record =
            RawRecord { value: Some(value.as_bytes()), record_time, headers: headers.clone() };
        decode(record, &LIMITS)
    };
    assert!(at(0).is_ok());
    assert_eq!(fault(at(-1)), ("time_in_future", Some("time")));
    let mut with_recorded = HEADERS.to_vec();
    with_recorded.push(("ce_recordedtime", "2026-03-30T11:55:31.499Z"));
    assert_eq!(fault(record(&with_recorded, value.as_bytes())).0, "time_in_future");
    with_recorded.pop();
    with_recorded.push(("ce_recordedtime", "yesterday"));
    let bad = record(&with_recorded, value.as_bytes());
    assert_eq!(fault(bad), ("bad_time", Some("recordedtime")));
}

#[test]
fn envelopes_are_judged_attribute_by_attribute() {
    let value = data("");
    for (remove, add, expected) in [
        ("ce_specversion", None, Some("specversion")),
        ("ce_specversion", Some(("ce_specversion", "0.3")), Some("specversion")),
        ("ce_id", None, Some("id")),
        ("ce_id", Some(("ce_id", "")), Some("id")),
        ("ce_source", None, Some("source")),
        ("ce_type", None, Some("type")),
        ("", Some(("ce_type", "dial.ended")), Some("every attribute header")),
        ("", Some(("content-type", "text/plain")), Some("content-type")),
        ("", Some(("content-type", "application/cloudevents-batch+json")), Some("content-type")),
    ] {
        let mut headers: Vec<Header<'_>> =
            HEADERS.into_iter().filter(|(name, _)| *name != remove).collect();
        headers.extend(add);
        assert_eq!(fault(record(&headers, value.as_bytes())), ("bad_envelope", expected));
    }
    let mut headers = HEADERS.to_vec();
    headers.extend([("ce_sequence", "00000000000000000003"), ("deadletter.attempts", "2")]);
    headers.extend([("x", "1"), ("x", "1"), ("ce_datacontenttype", "avro")]);
    let meta = record(&headers, value.as_bytes()).unwrap().meta;
    assert_eq!((meta.sequence, meta.attempts, meta.trace), (Some(3), 2, None));
}

#[test]
fn attribute_headers_beside_a_whole_event_are_ignored() {
    let event = format!(
        r#"{{"specversion":"1.0","id":"1","source":"/g","type":"dial.ended","time":"{NOW}","data":{}}}"#,
        data("")
    );
    let with = |more: &[(&'static str, &'static [u8])]| {
        let form: (&str, &[u8]) = ("content-type", b"application/cloudevents+json");
        let headers = std::iter::once(&form).chain(more).map(|(name, value)| (*name, Some(*value)));
        let value = Some(event.as_bytes());
        decode(RawRecord { value, record_time: None, headers }, &LIMITS)
    };
    assert!(
        with(&[("ce_id", b"1"), ("ce_id", b"2"), ("ce_x", b"\xff"), ("ce_type", b"x")]).is_ok()
    );
    assert_eq!(fault(with(&[("Content-Type", b"x")])), ("bad_envelope", Some("content-type")));
}

#[test]
fn a_gateway_of_a_wrong_type_is_not_missing_but_wrong() {
    for (gateway, reason, field) in [
        (r#""twilio""#, "bad_field", "gateway"),
        ("[]", "bad_field", "gateway"),
        ("null", "missing_field", "gateway.kind"),
        (r#"{"kind":"twilio"}"#, "missing_field", "gateway.instance"),
    ] {
        let line = format!(r#"{{"kind":"gateway.started","time":"{NOW}","gateway":{gateway}}}"#);
        assert_eq!(fault(decode_line(line.as_bytes(), &LIMITS)), (reason, Some(field)));
    }
}

#[test]
fn structured_events_hold_one_object_as_data() {
    let event = |rest: &str| {
        let line = format!(
            r#"{{"specversion":"1.0","id":"1","source":"/g","type":"dial.ended","time":"{NOW}"{rest}}}"#
        );
        decode_line(line.as_bytes(), &LIMITS)
    };
    assert_eq!(fault(event("")), ("missing_field", Some("data")));
    assert_eq!(fault(event(r#","data":null"#)), ("missing_field", Some("data")));
    assert_eq!(fault(event(r#","data":[]"#)).0, "not_json");
    assert_eq!(fault(event(r#","data":"text""#)).0, "not_json");
    assert_eq!(fault(event(r#","data_base64":"e30=""#)).0, "bad_envelope");
    let data = data("");
    assert_eq!(
        fault(event(&format!(r#","datacontenttype":"text/xml","data":{data}"#))).0,
        "bad_envelope"
    );
    assert!(event(&format!(r#","datacontenttype":"application/json","data":{data}"#)).is_ok());
}

#[test]
fn references_keep_exposed_columns_in_canonical_form() {
    let line = format!(
        r#"{{"kind":"user.upserted","time":"{NOW}","projectId":"{PROJECT}","userId":"{CALL}","twoFactorAuthEnabled":true,"name":"Ada \"L\"","password":"x","email":null,"profilePictureId":"D94A1F77-2C06-4E3B-8F58-63B0A1C2E5D7","version":3,"createdAt":"2026-01-01T01:00:00+01:00"}}"#
    );
    let Event::Reference(user) = decode_line(line.as_bytes(), &LIMITS).unwrap().event else {
        panic!("no reference")
    };
    assert_eq!(
        user.body.as_deref(),
        Some(
            r#"{"createdAt":"2026-01-01T00:00:00.000Z","name":"Ada \"L\"","profilePictureId":"d94a1f77-2c06-4e3b-8f58-63b0a1c2e5d7","twoFactorAuthEnabled":true,"version":3}"#
        )
    );
    let line = format!(r#"{{"kind":"call-log.deleted","time":"{NOW}","projectId":"{PROJECT}"}}"#);
    let reject = decode_line(line.as_bytes(), &LIMITS);
    assert_eq!(fault(reject), ("missing_field", Some("incomingCallLogId")));
}
