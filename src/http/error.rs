//! Condition → status, code and sentence. The only place that knows status codes; how a profile
//! lays a refusal out is in `profile`.

use axum::http::StatusCode;

use crate::access::{self, Operation};
use crate::query::{DataError, LanguageError, RunError, TooBroad};

/// Why a request is refused. Each says what the client should do.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refused {
    /// The body is no JSON.
    #[error("Invalid JSON body: {reason} at line {line} column {column}.")]
    MalformedJson {
        /// What is wrong; no text of the body.
        reason: String,
        /// Where, from 1.
        line: usize,
        /// Where, from 1.
        column: usize,
    },
    /// The body is JSON of another shape.
    #[error("Invalid JSON body: expected an object.")]
    BodyShape,
    /// A name at the top of the body that there is not.
    #[error("Unknown field {name}. Fields you can send: {known}")]
    UnknownField {
        /// As sent, cut.
        name: String,
        /// What there is.
        known: String,
    },
    /// The id in the path is none.
    #[error(
        "Invalid ID format: \"{id}\". Expected a valid UUID (e.g., \
         \"550e8400-e29b-41d4-a716-446655440000\")."
    )]
    InvalidId {
        /// As sent, cut.
        id: String,
    },
    /// The path is not percent-encoded as it should be.
    #[error("The path is not valid percent-encoded UTF-8.")]
    BadPath,
    /// `limit` or `skip` is no such number.
    #[error("{sentence}")]
    Paging {
        /// `limit` or `skip`.
        field: &'static str,
        /// What it must be.
        sentence: &'static str,
    },
    /// `groupBy` was sent.
    #[error("GroupBy is currently not supported")]
    GroupBy,
    /// `select`, `query` or `sort` is refused.
    #[error(transparent)]
    Language(#[from] LanguageError),
    /// The `data` of a create or update is refused.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A parent that this project does not know.
    #[error(
        "This request references {related} that does not exist. Please check the request and try \
         again."
    )]
    UnknownParent {
        /// Its title.
        related: &'static str,
        /// The column that names it.
        column: &'static str,
    },
    /// A request over all projects.
    #[error("isMultiTenantRequest not allowed on Incoming Call Log Item")]
    AllProjects,
    /// No API key was sent.
    #[error("An API key is needed. Send it in the ApiKey header.")]
    MissingKey {
        /// What was asked for.
        operation: Operation,
        /// What was sent instead.
        instead: Instead,
    },
    /// The API key is malformed, unknown, expired or revoked.
    #[error("Invalid API Key")]
    InvalidKey,
    /// The API key may not do that.
    #[error("{0}")]
    Permission(access::Refusal),
    /// An event is of a project that the API key does not reach.
    #[error("Event {index} is of a project that this API key may not post for. Nothing was taken.")]
    Reach {
        /// Its place in the request, from 0.
        index: usize,
    },
    /// There is no such path.
    #[error("No such route: {method} {path}")]
    NoRoute {
        /// As sent.
        method: String,
        /// As sent, cut.
        path: String,
        /// Path and query of the URL as sent, cut.
        target: String,
    },
    /// The path is there, but not with this method.
    #[error("{method} is not allowed here. Use one of: {allow}")]
    MethodNotAllowed {
        /// As sent.
        method: String,
        /// What is.
        allow: String,
        /// Path and query of the URL as sent, cut.
        target: String,
    },
    /// Missing, deleted, or of another project: these look the same.
    #[error("Incoming Call Log Item not found.")]
    ItemNotFound,
    /// The same of an update, in upstream's words.
    #[error(
        "Unable to update this incoming call log item. It either does not exist, has been \
         deleted, or you do not have permission to update it."
    )]
    NothingToUpdate,
    /// The request was not received in time; the connection is closed.
    #[error("The request was not received in time.")]
    RequestTimeout,
    /// The body is larger than it may be.
    #[error("The body is larger than {max} bytes.")]
    BodyTooLarge {
        /// What is allowed.
        max: usize,
    },
    /// The URL is longer than it may be.
    #[error("The URL is longer than {max} bytes.")]
    UrlTooLong {
        /// What is allowed.
        max: usize,
    },
    /// The headers are larger than they may be.
    #[error("The headers are larger than {max} bytes in total.")]
    HeadersTooLarge {
        /// What is allowed.
        max: usize,
    },
    /// The body is of another type or encoded.
    #[error("{0}")]
    MediaType(&'static str),
    /// An event cannot be taken; nothing was.
    #[error("Event {index}: {sentence}")]
    Event {
        /// Its place in the request, from 0.
        index: usize,
        /// Stable label of the reason.
        reason: &'static str,
        /// What is wrong; no values.
        sentence: String,
        /// The field to blame.
        field: Option<&'static str>,
    },
    /// The event log takes no record of that size.
    #[error("An event is too large for the event log.")]
    EventTooLarge,
    /// Too many events in one request.
    #[error("A request can hold at most {max} events.")]
    TooManyEvents {
        /// What is allowed.
        max: usize,
    },
    /// The query is over its allowance.
    #[error(transparent)]
    TooBroad(#[from] TooBroad),
    /// Too many requests of this API key, or too many wrong API keys of this peer.
    #[error("Too many requests for this {whose}. Try again in {wait_s} s.")]
    RateLimited {
        /// What has the limit.
        whose: &'static str,
        /// Whole seconds, at least 1.
        wait_s: u64,
    },
    /// A defect of ringfold.
    #[error("Server Error")]
    Internal,
    /// Not now: store not reachable, deadline passed, too many requests in progress.
    #[error("{0}")]
    Unavailable(&'static str),
}

/// What a caller sent where an API key is needed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Instead {
    /// Nothing.
    Nothing,
    /// An access token of the other product.
    Bearer,
}

/// A loop is stuck.
pub(super) const NOT_LIVE: StatusCode = StatusCode::INTERNAL_SERVER_ERROR;
/// A part is missing.
pub(super) const NOT_READY: StatusCode = StatusCode::SERVICE_UNAVAILABLE;
/// The whole answer to a head that did not come in time: there is no request it could belong to.
pub(super) fn late_head(body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 408 Request Timeout\r\ncontent-type: application/json; charset=utf-8\r\n\
         x-content-type-options: nosniff\r\ncache-control: no-store\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}
/// The admin listener has no such page.
pub(super) const NO_ROUTE: StatusCode = StatusCode::NOT_FOUND;
/// The admin listener wants its password.
pub(super) const NEEDS_PASSWORD: StatusCode = StatusCode::UNAUTHORIZED;
/// Nothing to say but headers.
pub(super) const NO_CONTENT: StatusCode = StatusCode::NO_CONTENT;

/// What a write says that may or may not be there.
pub(super) const OUTCOME_UNKNOWN: &str = "The outcome of this write is unknown. Repeat it.";
/// What a write says that is not there.
pub(super) const NOTHING_CHANGED: &str = "Nothing was changed. Repeat it.";
/// What a read says that cannot be answered now.
pub(super) const NOT_NOW: &str = "The answer is not available now. Try again.";

impl From<RunError> for Refused {
    fn from(error: RunError) -> Self {
        match error {
            RunError::TooBroad(error) => Self::TooBroad(error),
            RunError::Deadline(_) => {
                Self::Unavailable("The query took too long. Narrow it, or try again.")
            }
            RunError::Store(error) => {
                tracing::warn!(%error, hint = "see `/status/ready`", "a read failed");
                Self::Unavailable(NOT_NOW)
            }
        }
    }
}

impl Refused {
    /// The status by the public page. (`drop-in` differs for a few.)
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::MalformedJson { .. }
            | Self::BodyShape
            | Self::UnknownField { .. }
            | Self::InvalidId { .. }
            | Self::BadPath
            | Self::Paging { .. }
            | Self::GroupBy
            | Self::Event { .. }
            | Self::TooManyEvents { .. }
            | Self::Data(_)
            | Self::UnknownParent { .. }
            | Self::AllProjects
            | Self::Language(_) => StatusCode::BAD_REQUEST,
            Self::MissingKey { .. } | Self::InvalidKey => StatusCode::UNAUTHORIZED,
            Self::Permission(_) | Self::Reach { .. } => StatusCode::FORBIDDEN,
            Self::NoRoute { .. } | Self::ItemNotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::BodyTooLarge { .. } | Self::EventTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UrlTooLong { .. } => StatusCode::URI_TOO_LONG,
            Self::HeadersTooLarge { .. } => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::MediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooBroad(_) | Self::NothingToUpdate => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::MalformedJson { .. } => "malformed_json",
            Self::BodyShape => "invalid_body",
            Self::UnknownField { .. } => "unknown_field",
            Self::InvalidId { .. } | Self::BadPath => "invalid_id",
            Self::Paging { .. } => "invalid_paging",
            Self::GroupBy => "group_by_unsupported",
            Self::Event { reason, .. } => reason,
            Self::TooManyEvents { .. } => "too_many_events",
            Self::Language(error) => error.kind(),
            Self::Data(error) => error.kind(),
            Self::UnknownParent { .. } => "unknown_reference",
            Self::AllProjects => "invalid_query",
            Self::MissingKey { .. } => "missing_key",
            Self::InvalidKey => "invalid_key",
            Self::Permission(access::Refusal::Blocked { .. }) => "permission_blocked",
            Self::Permission(
                access::Refusal::NotGranted { .. }
                | access::Refusal::RecordNotGranted { .. }
                | access::Refusal::Column { .. },
            )
            | Self::Reach { .. } => "not_permitted",
            Self::NoRoute { .. } => "route_not_found",
            Self::ItemNotFound | Self::NothingToUpdate => "item_not_found",
            Self::MethodNotAllowed { .. } => "method_not_allowed",
            Self::RequestTimeout => "request_timeout",
            Self::BodyTooLarge { .. } | Self::EventTooLarge => "body_too_large",
            Self::UrlTooLong { .. } => "url_too_long",
            Self::HeadersTooLarge { .. } => "headers_too_large",
            Self::MediaType(_) => "unsupported_media_type",
            Self::TooBroad(_) => "query_too_broad",
            Self::RateLimited { .. } => "rate_limited",
            Self::Internal => "internal",
            Self::Unavailable(_) => "unavailable",
        }
    }

    /// The column or parameter to blame.
    #[expect(clippy::wildcard_enum_match_arm, reason = "most refusals have none")]
    pub fn field(&self) -> Option<String> {
        match self {
            Self::UnknownField { name, .. } => Some(name.clone()),
            Self::InvalidId { .. } => Some("id".to_owned()),
            Self::Paging { field, .. } => Some((*field).to_owned()),
            Self::GroupBy => Some("groupBy".to_owned()),
            Self::Language(error) => Some(error.field()),
            Self::Data(error) => Some(error.field()),
            Self::UnknownParent { column, .. }
            | Self::Permission(access::Refusal::Column { column, .. }) => {
                Some((*column).to_owned())
            }
            Self::Event { field, .. } => field.map(ToOwned::to_owned),
            Self::Reach { .. } => Some("projectId".to_owned()),
            _ => None,
        }
    }

    /// Seconds after which a repeat makes sense.
    #[expect(clippy::wildcard_enum_match_arm, reason = "most refusals have none")]
    pub const fn retry_after_s(&self) -> Option<u64> {
        match self {
            Self::RateLimited { wait_s, .. } => Some(*wait_s),
            Self::Unavailable(_) => Some(1),
            _ => None,
        }
    }

    /// Whether the rest of the request cannot be read, so that the connection must end.
    pub const fn ends_connection(&self) -> bool {
        matches!(self, Self::RequestTimeout | Self::BodyTooLarge { .. })
    }

    /// The label under which the refusal is counted; `None` = it is not.
    #[expect(clippy::wildcard_enum_match_arm, reason = "most refusals have none")]
    pub const fn counted_as(&self) -> Option<&'static str> {
        match self {
            Self::MissingKey { .. } | Self::InvalidKey => Some("key"),
            Self::RateLimited { .. } => Some("rate"),
            Self::BodyTooLarge { .. } | Self::UrlTooLong { .. } | Self::HeadersTooLarge { .. } => {
                Some("size")
            }
            Self::Permission(_) | Self::Reach { .. } => Some("permission"),
            Self::TooBroad(_) => Some("allowance"),
            _ => None,
        }
    }
}

/// Text of a caller, cut to what is shown of it.
pub(super) fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}
