//! A builder of answers to webhook requests.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

use crate::error::ParseError;

/// A builder of the answer to a webhook request; an empty 200 by default.
///
/// ```
/// use voip_module::HttpResponse;
///
/// let response: http::Response<bytes::Bytes> =
///     HttpResponse::new().status(http::StatusCode::BAD_REQUEST).content("Hello, world!").into();
/// assert_eq!((response.status().as_u16(), &response.body()[..]), (400, &b"Hello, world!"[..]));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct HttpResponse(http::Response<Bytes>);

impl HttpResponse {
    /// Creates an empty 200.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the status.
    pub fn status(mut self, status: StatusCode) -> Self {
        *self.0.status_mut() = status;
        self
    }

    /// Sets the body.
    pub fn content(mut self, text: impl Into<String>) -> Self {
        *self.0.body_mut() = Bytes::from(text.into());
        self
    }

    /// Sets a header.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers_mut().insert(name, value);
        self
    }

    /// Sets the body to JSON, with its content type.
    ///
    /// # Errors
    ///
    /// If the value cannot be written as JSON.
    pub fn json(self, value: &impl Serialize) -> Result<Self, serde_json::Error> {
        let text = serde_json::to_string(value)?;
        Ok(self.content(text).header(CONTENT_TYPE, HeaderValue::from_static("application/json")))
    }

    /// Creates `{"error":"…"}` as JSON.
    pub fn error(status: StatusCode, message: &str) -> Self {
        Self::new()
            .status(status)
            .content(serde_json::json!({ "error": message }).to_string())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
    }
}

impl From<HttpResponse> for http::Response<Bytes> {
    fn from(response: HttpResponse) -> Self {
        response.0
    }
}

impl From<http::Response<Bytes>> for HttpResponse {
    fn from(response: http::Response<Bytes>) -> Self {
        Self(response)
    }
}

/// The answer that names the reason of a refusal.
impl From<ParseError> for HttpResponse {
    fn from(error: ParseError) -> Self {
        Self::error(error.status(), &error.public_message())
    }
}
