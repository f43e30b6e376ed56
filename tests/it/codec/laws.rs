//! Laws of the codec: total, faithful, and blind to everything the contract calls irrelevant.

use proptest::prelude::*;
use ringfold::event::encode::{EncodedRecord, encode, encode_line};
use ringfold::event::{
    Decoded, Event, RawRecord, Reason, Reject, decode, decode_http, decode_line,
};
use ringfold::value::Micros;
use serde_json::{Map, Value};

use super::LIMITS;
use super::generators::{event, time};

const SOURCE: &str = "/gateways/twilio/us1/b07";

fn read(record: &EncodedRecord, record_time: Option<Micros>) -> Result<Decoded, Reject> {
    let headers = record.headers.iter().map(|(name, value)| (name.as_str(), Some(&**value)));
    decode(RawRecord { value: Some(&record.value), record_time, headers }, &LIMITS)
}

fn event_of(decoded: Result<Decoded, Reject>) -> Result<Event, Reject> {
    decoded.map(|decoded| decoded.event)
}

/// One change of a text: a byte set, removed or doubled.
fn spoil(bytes: &mut Vec<u8>, (at, how, byte): (prop::sample::Index, u8, u8)) {
    if bytes.is_empty() {
        return;
    }
    let at = at.index(bytes.len());
    match how % 3 {
        0 => bytes[at] = byte,
        1 => drop(bytes.remove(at)),
        _ => bytes.insert(at, byte),
    }
}

fn change() -> impl Strategy<Value = (prop::sample::Index, u8, u8)> {
    let byte = prop_oneof![any::<u8>(), prop::sample::select(b"{}[]\",:\\0nu-Z".to_vec())];
    (any::<prop::sample::Index>(), any::<u8>(), byte)
}

proptest! {
    #[test]
    fn what_is_encoded_decodes_to_itself(event in event(), told_at in time()) {
        let record = encode(&event, "e-1", SOURCE, told_at);
        prop_assert_eq!(event_of(read(&record, None)), Ok(event.clone()));
        prop_assert_eq!(&record.key, &event.record_key().into_bytes());
        prop_assert!(event.has_key(Some(&record.key)));
        let line = encode_line(&event, "e-1", SOURCE, told_at);
        prop_assert_eq!(event_of(decode_line(line.as_bytes(), &LIMITS)), Ok(event));
    }

    #[test]
    fn any_bytes_give_an_event_or_a_reject(
        value in prop::collection::vec(any::<u8>(), 0..200),
        headers in prop::collection::vec(
            ("(ce_(type|id|time|specversion|x)|content-type|x)", prop::collection::vec(any::<u8>(), 0..20)),
            0..8,
        ),
    ) {
        let pairs = headers.iter().map(|(name, value)| (name.as_str(), Some(&**value)));
        let record = RawRecord { value: Some(&value), record_time: None, headers: pairs };
        prop_assert!(decode(record, &LIMITS).is_err());
        prop_assert!(decode_line(&value, &LIMITS).is_err());
        let now = Micros::from_ms(0);
        for content_type in [None, Some("application/cloudevents-batch+json")] {
            let read = decode_http(content_type, std::iter::empty(), &value, &LIMITS, now);
            prop_assert!(read.is_err());
        }
    }

    #[test]
    fn a_spoiled_record_gives_an_event_or_a_stable_reject(
        event in event(),
        changes in prop::collection::vec(change(), 1..4),
    ) {
        let mut record = encode(&event, "e-1", SOURCE, Micros::from_ms(1_774_872_000_000));
        let mut line = encode_line(&event, "e-1", SOURCE, Micros::from_ms(1_774_872_000_000))
            .into_bytes();
        for change in changes {
            spoil(&mut record.value, change);
            spoil(&mut line, change);
        }
        let first = read(&record, None);
        prop_assert_eq!(&first, &read(&record, None));
        for (bytes, verdict) in
            [(&record.value, first), (&line, decode_line(&line, &LIMITS))]
        {
            let Err(reject) = verdict else { continue };
            prop_assert!(Reason::ALL.iter().any(|reason| reason.label() == reject.reason()));
            let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok();
            let says_json = !matches!(reject.kind(), Reason::NotJson | Reason::NoValue);
            prop_assert!(is_json || !says_json, "{}", reject);
        }
    }

    #[test]
    fn order_blanks_escapes_and_unknown_names_say_nothing(
        event in event(),
        seed in any::<prop::sample::Index>(),
        unknown in "[a-z]{1,5}\u{e9}",
    ) {
        let record = encode(&event, "e-1", SOURCE, Micros::from_ms(1_774_872_000_000));
        let data: Map<String, Value> = serde_json::from_slice(&record.value).unwrap();
        let mut pairs: Vec<(String, Value)> = data.into_iter().collect();
        pairs.push((unknown, serde_json::json!({"a": [1, {"a": null}], "b": 1.5e300})));
        let turn = seed.index(pairs.len());
        pairs.rotate_left(turn);
        let text: Vec<String> = pairs
            .iter()
            .map(|(name, value)| {
                let units: Vec<String> =
                    name.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
                format!("\t\"{}\" : {value:#} ", units.concat())
            })
            .collect();
        let value = format!(" {{{}}}\r\n", text.join(",")).into_bytes();
        let other = EncodedRecord { value, ..record };
        prop_assert_eq!(event_of(read(&other, None)), Ok(event));
    }

    #[test]
    fn what_http_accepts_reads_back_from_the_log(events in prop::collection::vec(event(), 0..4)) {
        let now = Micros::from_ms(1_900_000_000_000);
        let lines: Vec<String> =
            events.iter().map(|event| encode_line(event, "e-1", SOURCE, now)).collect();
        let body = format!("[{}]", lines.join(","));
        let batch = Some("application/cloudevents-batch+json; charset=utf-8");
        let accepted = decode_http(batch, std::iter::empty(), body.as_bytes(), &LIMITS, now);
        let accepted = accepted.unwrap();
        prop_assert_eq!(accepted.len(), events.len());
        for (http, event) in accepted.iter().zip(&events) {
            prop_assert_eq!(&http.decoded.event, event);
            prop_assert_eq!(&read(&http.record, Some(now)), &Ok(http.decoded.clone()));
            prop_assert!(event.has_key(Some(&http.record.key)));
        }
    }
}
