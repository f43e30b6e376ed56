//! Whether scripts of other origins may call. Whose may is the profile's to say.

use axum::http::{HeaderMap, HeaderValue, header};

/// Whose scripts may call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origins<'a> {
    /// Nobody's.
    None,
    /// Everybody's.
    All,
    /// Those of the list; `*` in it = everybody's.
    Listed(&'a [String]),
}

/// Adds what the origin of the request is allowed, if it is.
pub(super) fn allow_origin(origins: Origins<'_>, request: &HeaderMap, answer: &mut HeaderMap) {
    let allowed = match origins {
        Origins::None => return,
        Origins::All => HeaderValue::from_static("*"),
        Origins::Listed(listed) => {
            answer.insert(header::VARY, HeaderValue::from_static("Origin"));
            let Some(origin) = request.get(header::ORIGIN) else { return };
            let is_listed =
                listed.iter().any(|one| one == "*" || one.as_bytes() == origin.as_bytes());
            if !is_listed {
                return;
            }
            origin.clone()
        }
    };
    answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    let exposed = HeaderValue::from_static("X-Request-Id, Retry-After");
    answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
}

/// Adds what a browser asks before it lets a script call.
pub(super) fn allow_methods(request: &HeaderMap, answer: &mut HeaderMap) {
    if !answer.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        return;
    }
    let methods = HeaderValue::from_static("GET,HEAD,PUT,PATCH,POST,DELETE");
    answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    answer.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    if let Some(headers) = request.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, headers.clone());
    }
}
