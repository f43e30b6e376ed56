//! The second listener, for operators: metrics, and probes with their parts one by one.
//! It reads no items and no API keys.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, header};
use hyper::body::Incoming;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::connection::Manners;
use super::error::{NEEDS_PASSWORD, NO_ROUTE};
use super::health::Health;
use super::probe::{Probe, verbose};
use super::profile::Documented;
use super::routes::{AdminRoute, admin_route};
use super::serve::{accept, told_late};

const READ_TIMEOUT: Duration = Duration::from_secs(10);
const GRACE: Duration = Duration::from_secs(2);

/// What the admin listener shows.
#[derive(Clone)]
pub struct Admin {
    /// The text of `/metrics`.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
    /// What probes are told.
    pub health: Health,
    /// The operator's password, asked for by all but probes; `None` = not asked for.
    pub password: Option<SecretString>,
}

impl fmt::Debug for Admin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admin").field("health", &self.health).finish_non_exhaustive()
    }
}

/// Serves operators until `stop` is cancelled.
pub async fn serve_admin(
    admin: Admin,
    listener: TcpListener,
    stop: CancellationToken,
) -> io::Result<()> {
    let late_head = told_late(&Documented);
    let manners = Manners { read_timeout: READ_TIMEOUT, late_head, stop };
    let admin = Arc::new(admin);
    let answer = move |_peer, request: Request<Incoming>| {
        let answer = admin.answer(&request);
        async move { answer }
    };
    accept(listener, manners, GRACE, answer).await;
    Ok(())
}

impl Admin {
    /// Answers a request; its body is not looked at.
    pub fn answer<B>(&self, request: &Request<B>) -> Response<Body> {
        let is_read = request.method() == Method::GET || request.method() == Method::HEAD;
        let route = admin_route(request.uri().path()).filter(|_| is_read);
        let is_verbose = request.uri().query().is_some_and(|query| query.starts_with("verbose"));
        let answer = match route {
            None => plain(NO_ROUTE, "there is no such page\n".to_owned()),
            Some(AdminRoute::Probe(probe)) if !is_verbose => self.probe(probe),
            Some(_) if !self.knows_password(request.headers()) => asks_password(),
            Some(AdminRoute::Probe(_)) => json(verbose(&self.health)),
            Some(AdminRoute::Metrics) => {
                let mut answer = json((self.metrics)().into_bytes());
                let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
                answer.headers_mut().insert(header::CONTENT_TYPE, text);
                answer
            }
        };
        if request.method() == Method::HEAD {
            let (parts, _) = answer.into_parts();
            return Response::from_parts(parts, Body::empty());
        }
        answer
    }

    fn probe(&self, probe: Probe) -> Response<Body> {
        let (status, body) = probe.answer(&self.health);
        let mut answer = json(body);
        *answer.status_mut() = status;
        answer
    }

    /// `Authorization: Bearer <password>`; compared by hash, so that its length does not show.
    fn knows_password(&self, headers: &HeaderMap) -> bool {
        let Some(password) = &self.password else { return true };
        let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let sent = sent.and_then(|sent| sent.strip_prefix("Bearer ")).unwrap_or_default();
        let hash = |text: &str| <[u8; 32]>::from(Sha256::digest(text.as_bytes()));
        hash(sent).ct_eq(&hash(password.expose_secret())).into()
    }
}

fn json(body: Vec<u8>) -> Response<Body> {
    let mut answer = Response::new(Body::empty());
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    *answer.body_mut() = Body::from(body);
    answer
}

fn plain(status: axum::http::StatusCode, text: String) -> Response<Body> {
    let mut answer = json(text.into_bytes());
    *answer.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, plain);
    answer
}

fn asks_password() -> Response<Body> {
    let mut answer = plain(NEEDS_PASSWORD, "the operator's password is needed\n".to_owned());
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    answer
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::super::health::Part;
    use super::*;

    async fn asked(admin: &Admin, path: &str, password: Option<&str>) -> (u16, String) {
        let mut request = Request::builder().uri(path);
        if let Some(password) = password {
            request = request.header("authorization", format!("Bearer {password}"));
        }
        let answer = admin.answer(&request.body(()).unwrap());
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn probes_are_open_and_figures_are_behind_the_password() {
        let health = Health::new(&["store"]);
        let password = Some(SecretString::from("open sesame"));
        let metrics = Arc::new(|| "a 1\n".to_owned());
        let mut admin = Admin { metrics, health: health.clone(), password };
        let ok = (200, "{\"status\":\"ok\"}".to_owned());
        assert_eq!(asked(&admin, "/status/live", None).await, ok);
        let missing = (503, "{\"message\":\"store: starting\"}".to_owned());
        assert_eq!(asked(&admin, "/status/ready", None).await, missing);
        health.set_part("store", &Part::Ready);
        assert_eq!(asked(&admin, "/status/ready/", None).await, ok);
        for path in ["/metrics", "/status?verbose"] {
            assert_eq!(asked(&admin, path, None).await.0, 401, "{path}");
            assert_eq!(asked(&admin, path, Some("open")).await.0, 401, "{path}");
        }
        assert_eq!(asked(&admin, "/metrics", Some("open sesame")).await.1, "a 1\n");
        admin.password = None;
        assert_eq!(asked(&admin, "/metrics", None).await.0, 200);
        health.tick("worker");
        let (_, verbose) = asked(&admin, "/status?verbose", None).await;
        assert_eq!(
            verbose,
            "{\"parts\":{\"store\":\"ready\"},\"loops\":{\"worker\":{\"millisecondsSinceTick\":0}}}"
        );
        assert_eq!(asked(&admin, "/nope", None).await.0, 404);
    }
}
