//! The answers of the service.

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};
use serde_json::json;

use super::protocol::{self, HeadError};
use crate::error::Error;

/// An answer of the service.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// In seconds.
    retry_after: Option<u64>,
    /// JSON, or empty.
    body: String,
}

impl Answer {
    pub(super) fn json(status: StatusCode, body: &serde_json::Value) -> Self {
        Self { body: body.to_string(), ..empty(status) }
    }

    pub(super) fn into_response(self) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from(self.body));
        *response.status_mut() = self.status;
        let has_body = !response.body().is_empty();
        let headers = response.headers_mut();
        if has_body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(ALLOW, HeaderValue::from_static("POST"));
        }
        response
    }
}

pub(super) fn commands(taken: &[String]) -> Answer {
    Answer { body: protocol::commands(taken), ..empty(StatusCode::OK) }
}

pub(super) fn refusal(error: &Error) -> Answer {
    match error {
        Error::Read(issue) => Answer::json(StatusCode::BAD_REQUEST, &json!({"error": issue})),
        Error::WrongTenant => bad_request("x-bridge-tenant"),
        _ => later(5),
    }
}

pub(super) fn malformed(error: HeadError) -> Answer {
    match error {
        HeadError::Version => {
            let body = json!({"error": "protocol", "spoken": [protocol::VERSION]});
            Answer::json(StatusCode::UPGRADE_REQUIRED, &body)
        }
        HeadError::Malformed(name) => bad_request(name),
    }
}

pub(super) fn bad_request(path: &str) -> Answer {
    let error = json!({"code": "bad_request", "path": path, "message": "invalid or missing"});
    Answer::json(StatusCode::BAD_REQUEST, &json!({"error": error}))
}

pub(super) fn later(seconds: u64) -> Answer {
    Answer { retry_after: Some(seconds), ..empty(StatusCode::SERVICE_UNAVAILABLE) }
}

pub(super) const fn empty(status: StatusCode) -> Answer {
    Answer { status, retry_after: None, body: String::new() }
}
