//! The id of a request: the caller's, or a new one.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Builder;

use crate::event::TraceContext;
use crate::ports::world::{Entropy, WallClock};

/// In requests and in every answer.
pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The span of a request: its id, and the trace that the caller sent, in every line of the log.
pub(super) fn request_span(id: &HeaderValue, headers: &HeaderMap) -> tracing::Span {
    let id = id.to_str().unwrap_or_default();
    let sent = headers.get("traceparent").and_then(|sent| sent.to_str().ok());
    let Some(sent) = sent.and_then(TraceContext::parse) else {
        return tracing::info_span!("request", id);
    };
    let trace = format!("{:032x}", sent.trace_id);
    tracing::info_span!("request", id, trace)
}

/// The caller's id if it is 1 to 64 of `A–Z a–z 0–9 . _ -`, else a new `UUIDv7`.
pub(super) fn request_id(
    headers: &HeaderMap,
    clock: &dyn WallClock,
    entropy: &dyn Entropy,
) -> HeaderValue {
    let is_good = |value: &&HeaderValue| {
        let bytes = value.as_bytes();
        (1..=64).contains(&bytes.len())
            && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte))
    };
    if let Some(sent) = headers.get(X_REQUEST_ID).filter(is_good) {
        return sent.clone();
    }
    let mut random = [0; 10];
    entropy.fill(&mut random);
    let ms = u64::try_from(clock.now().ms()).unwrap_or(0);
    let id = Builder::from_unix_timestamp_millis(ms, &random).into_uuid();
    // Hex digits and hyphens are a header value.
    HeaderValue::from_str(&id.hyphenated().to_string())
        .unwrap_or_else(|_| HeaderValue::from_static("-"))
}
