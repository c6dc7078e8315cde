//! The service's answers as HTTP.

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use http::{HeaderName, StatusCode};
use serde::Serialize;

use super::replies::Sent;
use crate::carrier::HttpResponse;
use crate::error::Error;
use crate::log;
use crate::module_script::protocol::{ErrorCode, Failure, MAX_REPLY_BYTES, Reply};

/// A reply as status and body, and the code of its error. One that is too long is a fault.
pub(super) fn reply<T: Serialize>(
    request_id: Option<&str>,
    outcome: Result<T, Failure>,
) -> (Option<ErrorCode>, Sent) {
    let code = outcome.as_ref().err().map(|failure| failure.code);
    let status = code.map_or(StatusCode::OK, ErrorCode::status);
    let reply = Reply::new(request_id.map(str::to_owned), outcome);
    match serde_json::to_vec(&reply) {
        Ok(body) if body.len() <= MAX_REPLY_BYTES => (code, (status, body.into())),
        _ => {
            log::fault("a reply is too long", "");
            let failure = Failure::new(ErrorCode::Internal, "the reply is too long");
            self::reply::<()>(request_id, Err(failure))
        }
    }
}

/// The reply to an ask whose outcome is unknown.
pub(super) fn timed_out(request_id: &str) -> Sent {
    reply::<()>(Some(request_id), Err(Error::Timeout.into())).1
}

/// An answer in JSON, with the headers that belong to its status.
pub(super) fn json((status, body): Sent, allow: &'static str) -> http::Response<Bytes> {
    let mut response = http::Response::from(HttpResponse::new().status(status));
    *response.body_mut() = body;
    let mut set = |name: HeaderName, value| {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    };
    set(CONTENT_TYPE, "application/json");
    set(CACHE_CONTROL, "no-store");
    match status {
        StatusCode::UNAUTHORIZED => set(WWW_AUTHENTICATE, "Bearer"),
        StatusCode::METHOD_NOT_ALLOWED => set(ALLOW, allow),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => set(RETRY_AFTER, "1"),
        _ => {}
    }
    response
}

/// An answer in plain text.
pub(super) fn text(status: StatusCode, text: &'static str) -> http::Response<Bytes> {
    let response = HttpResponse::new().status(status).content(text);
    let response = response.header(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response.header(CACHE_CONTROL, HeaderValue::from_static("no-store")).into()
}
