//! Every path and method of the public listener. What happens there is in the other files.

use std::borrow::Cow;

use axum::http::Method;

use crate::access::Operation;

use super::probe::Probe;

/// An operation of the public listener.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Route {
    /// A page of items.
    List,
    /// How many items.
    Count,
    /// One item.
    Get,
    /// A new item.
    Create,
    /// A changed item.
    Update,
    /// An item less.
    Delete,
    /// One call with its dials.
    Call,
    /// Events over HTTP.
    Intake,
    /// The description of this listener.
    Describe,
    /// Asked at all times, without an API key.
    Probe(Probe),
}

impl Route {
    /// What an API key must be allowed to do.
    pub(super) const fn operation(self) -> Operation {
        match self {
            Self::List | Self::Count | Self::Get | Self::Call | Self::Describe | Self::Probe(_) => {
                Operation::Read
            }
            Self::Create | Self::Intake => Operation::Create,
            Self::Update => Operation::Update,
            Self::Delete => Operation::Delete,
        }
    }

    /// The label of metrics: the path with its variable parts named.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::List => "/api/incoming-call-log-item/get-list",
            Self::Count => "/api/incoming-call-log-item/count",
            Self::Get => "/api/incoming-call-log-item/:id/get-item",
            Self::Create => "/api/incoming-call-log-item",
            Self::Update => "/api/incoming-call-log-item/:id/update-item",
            Self::Delete => "/api/incoming-call-log-item/:id/delete-item",
            Self::Call => "/api/ringfold/call/:id",
            Self::Intake => "/events",
            Self::Describe => "/api/openapi/spec",
            Self::Probe(Probe::Live) => "/status/live",
            Self::Probe(Probe::Ready) => "/status/ready",
            Self::Probe(Probe::Version) => "/version",
        }
    }
}

/// One segment of a path.
enum Piece {
    /// This word in any letter case.
    Word(&'static str),
    /// An id, whatever it looks like.
    Id,
}

type Pattern = (&'static [Verb], &'static [Piece], Route);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verb {
    /// GET, and HEAD beside it.
    Get,
    /// GET of what changes something: never HEAD.
    ChangingGet,
    Post,
    Put,
    Delete,
}

use Piece::{Id, Word};
use Verb::{ChangingGet, Delete, Get, Post, Put};

const API: Piece = Word("api");
const RESOURCE: Piece = Word("incoming-call-log-item");
const STATUS: Piece = Word("status");

const PATTERNS: &[Pattern] = &[
    (&[Get, Post], &[API, RESOURCE, Word("get-list")], Route::List),
    (&[Post], &[API, RESOURCE, Word("count")], Route::Count),
    (&[Get, Post], &[API, RESOURCE, Id, Word("get-item")], Route::Get),
    (&[Post], &[API, RESOURCE], Route::Create),
    (&[Put], &[API, RESOURCE, Id], Route::Update),
    (&[Post, ChangingGet], &[API, RESOURCE, Id, Word("update-item")], Route::Update),
    (&[Delete], &[API, RESOURCE, Id], Route::Delete),
    (&[Post, ChangingGet], &[API, RESOURCE, Id, Word("delete-item")], Route::Delete),
    (&[Get], &[API, Word("ringfold"), Word("call"), Id], Route::Call),
    (&[Post], &[Word("events")], Route::Intake),
    (&[Get], &[STATUS], Route::Probe(Probe::Live)),
    (&[Get], &[STATUS, Word("live")], Route::Probe(Probe::Live)),
    (&[Get], &[STATUS, Word("ready")], Route::Probe(Probe::Ready)),
    (&[Get], &[Word("version")], Route::Probe(Probe::Version)),
    (&[Get], &[API, STATUS], Route::Probe(Probe::Live)),
    (&[Get], &[API, STATUS, Word("live")], Route::Probe(Probe::Live)),
    (&[Get], &[API, STATUS, Word("ready")], Route::Probe(Probe::Ready)),
    (&[Get], &[API, Word("version")], Route::Probe(Probe::Version)),
    (&[Get], &[API, Word("openapi"), Word("spec")], Route::Describe),
];

/// One line of the list of routes, for those who describe it.
pub(super) struct Listed {
    /// With `{id}` where an id stands.
    pub(super) path: String,
    pub(super) methods: Vec<&'static str>,
    pub(super) route: Route,
}

/// Every route that is served.
pub(super) fn listed() -> impl Iterator<Item = Listed> {
    PATTERNS.iter().map(|(verbs, pieces, route)| {
        let piece = |piece: &Piece| match piece {
            Word(word) => format!("/{word}"),
            Id => "/{id}".to_owned(),
        };
        Listed {
            path: pieces.iter().map(piece).collect(),
            methods: verbs.iter().flat_map(|verb| verb.names()).copied().collect(),
            route: *route,
        }
    })
}

/// A page of the admin listener; all are read with GET.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum AdminRoute {
    /// Figures.
    Metrics,
    /// The same probes as on the public listener.
    Probe(Probe),
}

/// Finds the page of the admin listener.
pub(super) fn admin_route(path: &str) -> Option<AdminRoute> {
    if let Matched::Found(Route::Probe(probe), _) = matched(&Method::GET, path) {
        return Some(AdminRoute::Probe(probe));
    }
    let page = path.strip_suffix('/').unwrap_or(path);
    page.eq_ignore_ascii_case("/metrics").then_some(AdminRoute::Metrics)
}

/// What a method and path lead to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Matched {
    /// An operation, with the id of the path if it has one.
    Found(Route, Option<String>),
    /// The path exists with these methods.
    OtherMethod(Vec<&'static str>),
    /// There is no such path.
    Unknown,
    /// The path is broken.
    BadPath,
}

/// Finds the operation. HEAD is GET without a body.
pub(super) fn matched(method: &Method, path: &str) -> Matched {
    let Some(segments) = segments(path) else { return Matched::BadPath };
    let mut methods = Vec::new();
    for (verbs, pieces, route) in PATTERNS {
        let Some(id) = fits(pieces, &segments) else { continue };
        if verbs.iter().any(|verb| verb.takes(method)) {
            return Matched::Found(*route, id);
        }
        methods.extend(verbs.iter().flat_map(|verb| verb.names()).copied());
    }
    if methods.is_empty() { Matched::Unknown } else { Matched::OtherMethod(methods) }
}

impl Verb {
    fn takes(self, method: &Method) -> bool {
        match self {
            Self::Get => method == Method::GET || method == Method::HEAD,
            Self::ChangingGet => method == Method::GET,
            Self::Post => method == Method::POST,
            Self::Put => method == Method::PUT,
            Self::Delete => method == Method::DELETE,
        }
    }

    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Get => &["GET", "HEAD"],
            Self::ChangingGet => &["GET"],
            Self::Post => &["POST"],
            Self::Put => &["PUT"],
            Self::Delete => &["DELETE"],
        }
    }
}

/// The decoded segments; one slash at the end does not count.
fn segments(path: &str) -> Option<Vec<Cow<'_, str>>> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    path.split('/').map(percent_decoded).collect()
}

/// `Some(the id, if the pattern has one)` if the segments fit.
#[expect(clippy::option_option, reason = "whether it fits, and whether it has an id")]
fn fits(pieces: &[Piece], segments: &[Cow<'_, str>]) -> Option<Option<String>> {
    if pieces.len() != segments.len() {
        return None;
    }
    let mut id = None;
    for (piece, segment) in pieces.iter().zip(segments) {
        match piece {
            Word(word) if segment.eq_ignore_ascii_case(word) => {}
            Id if !segment.is_empty() => id = Some(segment.to_string()),
            Word(_) | Id => return None,
        }
    }
    Some(id)
}

/// `None` if an escape is broken or the bytes are no UTF-8.
pub(super) fn percent_decoded(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let (high, low) = (digit(rest.next())?, digit(rest.next())?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(method: &Method, path: &str) -> String {
        match matched(method, path) {
            Matched::Found(route, id) => format!("{route:?} {}", id.unwrap_or_default()),
            Matched::OtherMethod(methods) => methods.join(","),
            Matched::Unknown => "unknown".to_owned(),
            Matched::BadPath => "bad".to_owned(),
        }
    }

    #[test]
    fn paths_lead_where_the_contract_says() {
        const R: &str = "/api/incoming-call-log-item";
        for (method, path, expected) in [
            (Method::POST, "/get-list", "List "),
            (Method::GET, "/Get-List/", "List "),
            (Method::HEAD, "/get-list", "List "),
            (Method::POST, "/count", "Count "),
            (Method::GET, "/count", "POST,PUT,DELETE"),
            (Method::POST, "/x/get-item", "Get x"),
            (Method::GET, "/a%20b/GET-ITEM", "Get a b"),
            (Method::GET, "/%zz/get-item", "bad"),
            (Method::GET, "/%ff/get-item", "bad"),
            (Method::GET, "//get-item", "unknown"),
            (Method::DELETE, "/x/get-item", "GET,HEAD,POST"),
            (Method::PATCH, "/get-list", "GET,HEAD,POST,PUT,DELETE"),
            (Method::GET, "/get-list//", "unknown"),
            (Method::GET, "", "POST"),
            (Method::POST, "/", "Create "),
            (Method::GET, "/x", "PUT,DELETE"),
            (Method::POST, "/x", "PUT,DELETE"),
            (Method::PUT, "/x/", "Update x"),
            (Method::PUT, "/get-list", "Update get-list"),
            (Method::POST, "/x/Update-Item", "Update x"),
            (Method::GET, "/x/update-item", "Update x"),
            (Method::HEAD, "/x/update-item", "POST,GET"),
            (Method::PUT, "/x/update-item", "POST,GET"),
            (Method::DELETE, "/x", "Delete x"),
            (Method::POST, "/x/delete-item", "Delete x"),
            (Method::GET, "/x/delete-item/", "Delete x"),
            (Method::DELETE, "/x/delete-item", "POST,GET"),
            (Method::DELETE, "//", "unknown"),
        ] {
            assert_eq!(found(&method, &format!("{R}{path}")), expected, "{method} {path}");
        }
        for (method, path, expected) in [
            (Method::GET, "/api/v1/incoming-call-log-item/get-list", "unknown"),
            (Method::GET, "/API/Incoming-Call-Log-Item/get-list", "List "),
            (Method::GET, "/api/ringfold/call/x", "Call x"),
            (Method::POST, "/api/ringfold/call/x", "GET,HEAD"),
            (Method::POST, "/events", "Intake "),
            (Method::GET, "/events", "POST"),
            (Method::GET, "/status", "Probe(Live) "),
            (Method::GET, "/api/status/ready", "Probe(Ready) "),
            (Method::POST, "/status/live", "GET,HEAD"),
            (Method::GET, "/version/", "Probe(Version) "),
            (Method::GET, "/", "unknown"),
            (Method::GET, "*", "unknown"),
        ] {
            assert_eq!(found(&method, path), expected, "{method} {path}");
        }
    }
}
