//! Events over HTTP: the three forms, all or nothing, and what the log is to keep.

use ringfold::event::{Event, HttpEvent, HttpReject, RawRecord, decode, decode_http};
use ringfold::value::{Micros, ProjectId};
use uuid::Uuid;

use super::{CALL, LIMITS, NOW, data};

fn post(
    content_type: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Vec<HttpEvent>, HttpReject> {
    let now = Micros::from_ms(1_774_872_031_500);
    decode_http(Some(content_type), headers.iter().copied(), body.as_bytes(), &LIMITS, now)
}

fn structured(kind: &str, data: &str) -> String {
    format!(
        r#"{{"specversion":"1.0","id":"e-1","source":"/g","type":"{kind}","time":"{NOW}","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","data":{data}}}"#
    )
}

#[test]
fn binary_requests_keep_their_attributes_and_their_bytes() {
    let body = data(r#","reason" : "busy""#);
    let headers = [
        ("ce-specversion", "1.0"),
        ("Ce-Id", "e%201"),
        ("ce-source", "/g"),
        ("ce-type", "dial.ended"),
        ("ce-time", NOW),
        ("ce-subject", "\"d-7\""),
        ("x-other", "1"),
    ];
    let accepted = post("application/json", &headers, &body).unwrap();
    let record = &accepted[0].record;
    assert_eq!((&record.value[..], &record.key[..]), (body.as_bytes(), CALL.as_bytes()));
    let kept: Vec<(&str, &[u8])> =
        record.headers.iter().map(|(name, value)| (name.as_str(), &value[..])).collect();
    let expected: [(&str, &[u8]); 7] = [
        ("content-type", b"application/json"),
        ("ce_specversion", b"1.0"),
        ("ce_id", b"e 1"),
        ("ce_source", b"/g"),
        ("ce_type", b"dial.ended"),
        ("ce_time", NOW.as_bytes()),
        ("ce_subject", b"d-7"),
    ];
    assert_eq!(kept, expected);
    let twice = [headers.as_slice(), &[("CE-ID", "2")]].concat();
    let reject = post("application/json", &twice, &body).unwrap_err();
    assert_eq!(reject.reject.reason(), "bad_envelope");
}

#[test]
fn a_batch_is_accepted_as_a_whole_or_not_at_all() {
    let good = structured("dial.ended", &data(""));
    let bad = structured("dial.ended", &data(r#","sipCode":0"#));
    let batch = "application/cloudevents-batch+json";
    assert_eq!(post(batch, &[], &format!("[{good},{good}]")).unwrap().len(), 2);
    let reject = post(batch, &[], &format!("[{good}, {bad}]")).unwrap_err();
    assert_eq!((reject.index, reject.reject.reason()), (1, "bad_field"));
    assert_eq!(reject.to_string(), "event 1: sipCode must be an integer from 100 to 699");
    for (body, reason) in [("{}", "not_json"), ("[", "not_json"), ("[1]", "not_json")] {
        assert_eq!(post(batch, &[], body).unwrap_err().reject.reason(), reason, "{body}");
    }
    let one = post("application/cloudevents+json", &[], &good).unwrap();
    assert!(one[0].decoded.meta.trace.is_some_and(|trace| trace.is_sampled));
}

#[test]
fn what_is_not_accepted_over_http_says_why() {
    let plain = format!(r#"{{"kind":"dial.ended","time":"{NOW}",{}"#, &data("")[1..]);
    for (content_type, body, reason) in [
        ("application/cloudevents+json", plain.as_str(), "bad_envelope"),
        ("text/plain", plain.as_str(), "bad_envelope"),
        ("application/json", "", "no_value"),
        ("application/json", "{", "not_json"),
    ] {
        assert_eq!(post(content_type, &[], body).unwrap_err().reject.reason(), reason);
    }
    let late = structured("dial.ended", &data(r#","endedAt":"2026-03-30T12:05:31.501Z""#));
    let reject = post("application/cloudevents+json", &[], &late).unwrap_err().reject;
    assert_eq!((reject.reason(), reject.field()), ("time_in_future", Some("endedAt")));
}

#[test]
fn a_gateway_start_speaks_for_the_projects_of_its_key_only() {
    let data = r#"{"gateway":{"kind":"pbx","instance":"2"},"liveDialIds":["a"]}"#;
    let accepted = post("application/cloudevents+json", &[], &structured("gateway.started", data));
    let project = ProjectId::new(Uuid::from_u128(7));
    let narrowed = accepted.unwrap()[0].for_project(project);
    assert_eq!(narrowed.decoded.event.project(), Some(project));
    let headers = narrowed.record.headers.iter().map(|(n, v)| (n.as_str(), Some(&v[..])));
    let record = RawRecord { value: Some(&narrowed.record.value), record_time: None, headers };
    let Event::Gateway(read) = decode(record, &LIMITS).unwrap().event else { panic!() };
    assert_eq!(Event::Gateway(read), narrowed.decoded.event);
}
