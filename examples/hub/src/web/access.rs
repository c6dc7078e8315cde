//! Access to API and measurements: a bearer token, or this machine only.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use super::{App, error};
use crate::Shared;

pub(super) async fn check(State(shared): App, request: Request, next: Next) -> Response {
    if let Err((status, text)) = is_allowed(&shared, &request) {
        let mut response = error(status, text);
        if status == StatusCode::UNAUTHORIZED {
            let value = header::HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
        }
        return response;
    }
    next.run(request).await
}

fn is_allowed(shared: &Arc<Shared>, request: &Request) -> Result<(), (StatusCode, &'static str)> {
    match &shared.config.token {
        Some(token) => {
            let presented = request.headers().get(header::AUTHORIZATION);
            let presented = presented.and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
            if !presented.is_some_and(|presented| token.matches(presented)) {
                return Err((StatusCode::UNAUTHORIZED, "expected the hub's token"));
            }
        }
        // Without a token, a page from elsewhere must not reach the API through the browser of
        // somebody at this machine, under a name that resolves to loopback.
        None if !is_local(request.headers()) => {
            return Err((
                StatusCode::FORBIDDEN,
                "expected a request to this machine by its address",
            ));
        }
        None => {}
    }
    // A form on a page from elsewhere can post, but not with this type.
    if request.method() == Method::POST && !is_json(request.headers()) {
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, "expected application/json"));
    }
    Ok(())
}

fn is_local(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.split(';').next().unwrap_or_default().trim() == "application/json")
}
