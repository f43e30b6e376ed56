//! Whether scripts of other origins may call: off unless origins are set.

use axum::http::{HeaderMap, HeaderValue, header};

/// Adds what the origin of the request is allowed, if it is.
pub(super) fn allow_origin(origins: &[String], request: &HeaderMap, answer: &mut HeaderMap) {
    if origins.is_empty() {
        return;
    }
    answer.insert(header::VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = request.get(header::ORIGIN) else { return };
    let is_listed =
        origins.iter().any(|listed| listed == "*" || listed.as_bytes() == origin.as_bytes());
    if !is_listed {
        return;
    }
    answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    let exposed = HeaderValue::from_static("X-Request-Id, Retry-After");
    answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    if !request.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
        return;
    }
    let methods = HeaderValue::from_static("GET,HEAD,PUT,PATCH,POST,DELETE");
    answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    answer.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    if let Some(headers) = request.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, headers.clone());
    }
}
