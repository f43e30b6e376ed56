//! What a request may measure: URL, headers, body, and the time to send it.
//! Rates are `bucket`'s, allowances of queries are `query`'s.

use axum::http::{HeaderMap, Uri, header};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use tokio::time::Instant;

use super::error::Refused;

/// Body of a request to the resource.
pub(super) const BODY_MAX: usize = 65_536;
/// Body of a request that brings events.
pub(super) const INTAKE_BODY_MAX: usize = 1_048_576;
const URL_MAX: usize = 8_192;
const HEADERS_MAX: usize = 16_384;
/// hyper reads so much before it refuses a head by itself: more than what is allowed, so that the
/// refusal has a body.
pub(super) const HEAD_BUFFER: usize = 65_536;
/// `: ` and the line end around every header.
const HEADER_OVERHEAD: usize = 4;

/// Refuses a head that is too large.
pub(super) fn check_head(uri: &Uri, headers: &HeaderMap) -> Result<(), Refused> {
    let url_len = uri.path().len() + uri.query().map_or(0, |query| query.len() + 1);
    if url_len > URL_MAX {
        return Err(Refused::UrlTooLong { max: URL_MAX });
    }
    let sizes =
        headers.iter().map(|(name, value)| name.as_str().len() + value.len() + HEADER_OVERHEAD);
    if sizes.sum::<usize>() > HEADERS_MAX {
        return Err(Refused::HeadersTooLarge { max: HEADERS_MAX });
    }
    Ok(())
}

/// Reads the body: at most `max` bytes, until `deadline`.
pub(super) async fn body<B>(
    headers: &HeaderMap,
    mut body: B,
    (max, deadline): (usize, Instant),
) -> Result<Bytes, Refused>
where
    B: axum::body::HttpBody<Data = Bytes> + Unpin,
{
    let told = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if told
        .and_then(|length| length.parse::<u64>().ok())
        .is_some_and(|length| length > u64::try_from(max).unwrap_or(u64::MAX))
    {
        return Err(Refused::BodyTooLarge { max });
    }
    let mut read = BytesMut::new();
    loop {
        let frame = tokio::time::timeout_at(deadline, body.frame()).await;
        match frame {
            Err(_) | Ok(Some(Err(_))) => return Err(Refused::RequestTimeout),
            Ok(None) => return Ok(read.freeze()),
            Ok(Some(Ok(frame))) => {
                let Ok(data) = frame.into_data() else { continue };
                if read.len() + data.len() > max {
                    return Err(Refused::BodyTooLarge { max });
                }
                read.extend_from_slice(&data);
            }
        }
    }
}
