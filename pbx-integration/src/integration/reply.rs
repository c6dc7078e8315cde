//! The reply to a web request.

use http::StatusCode;
use serde::{Serialize, Serializer};

/// The reply to a web request.
///
/// ```
/// use pbx_integration::HttpReply;
///
/// let reply = HttpReply::json(200, "true");
/// // The four arguments of the PBX's reply function.
/// assert_eq!(serde_json::to_string(&reply)?, r#"[200,"OK","application/json","true"]"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpReply {
    /// The status, 100 to 599.
    pub status: u16,
    /// The reason phrase; empty for the standard one.
    pub reason: String,
    /// The content type; may be empty without a body.
    pub content_type: String,
    /// The body. It is not sent with the status 204 or 304, nor to a `HEAD` request.
    pub body: String,
}

impl HttpReply {
    /// Creates a reply with a body.
    #[must_use]
    pub fn new(status: u16, content_type: &str, body: impl Into<String>) -> Self {
        Self {
            status,
            reason: String::new(),
            content_type: content_type.to_owned(),
            body: body.into(),
        }
    }

    /// Creates a reply with a JSON text.
    #[must_use]
    pub fn json(status: u16, body: impl Into<String>) -> Self {
        Self::new(status, "application/json", body)
    }

    /// Creates a reply with plain text.
    #[must_use]
    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self::new(status, "text/plain; charset=utf-8", body)
    }

    /// Creates a reply without a body.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self::new(status, "", "")
    }

    /// Sets the reason phrase.
    #[must_use]
    pub fn with_reason(mut self, reason: &str) -> Self {
        reason.clone_into(&mut self.reason);
        self
    }

    /// Returns the reason phrase: the one set, or the standard one of the status.
    #[must_use]
    pub fn reason_phrase(&self) -> &str {
        if !self.reason.is_empty() {
            return &self.reason;
        }
        let status = StatusCode::from_u16(self.status).ok();
        status.and_then(|status| status.canonical_reason()).unwrap_or_default()
    }

    /// Checks that the reply can be sent.
    ///
    /// # Errors
    ///
    /// [`ReplyError`] if the status is not 100 to 599, or if reason or content type have control
    /// characters.
    pub fn check(&self) -> Result<(), ReplyError> {
        if !(100..=599).contains(&self.status) {
            return Err(ReplyError::Status { status: self.status });
        }
        for (part, text) in [("reason phrase", &self.reason), ("content type", &self.content_type)]
        {
            if text.chars().any(char::is_control) {
                return Err(ReplyError::ControlCharacter { part });
            }
        }
        Ok(())
    }

    /// Converts for a web framework. The reason phrase is lost: HTTP/2 has none, and servers write
    /// the standard one.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check).
    pub fn into_http(self) -> Result<http::Response<String>, ReplyError> {
        self.check()?;
        let mut response = http::Response::new(self.body);
        if let Ok(status) = StatusCode::from_u16(self.status) {
            *response.status_mut() = status;
        }
        if !self.content_type.is_empty() {
            let value = http::HeaderValue::from_str(&self.content_type)
                .map_err(|_| ReplyError::ControlCharacter { part: "content type" })?;
            response.headers_mut().insert(http::header::CONTENT_TYPE, value);
        }
        Ok(response)
    }

    /// The reply of a failed handler.
    pub(super) fn internal_error() -> Self {
        Self::text(500, "internal error")
    }

    /// Returns the reply for the wire: with a reason, and without a body if it must not have one.
    pub(super) fn sent_to(mut self, method: &str) -> Self {
        self.reason = self.reason_phrase().to_owned();
        let is_bodiless = matches!(self.status, 100..=199 | 204 | 304);
        if is_bodiless {
            self.content_type.clear();
        }
        if is_bodiless || method.eq_ignore_ascii_case("HEAD") {
            self.body.clear();
        }
        self
    }
}

/// The four arguments of the PBX's reply function: status, reason, content type, body.
impl Serialize for HttpReply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.status, self.reason_phrase(), &self.content_type, &self.body).serialize(serializer)
    }
}

/// The reason why a reply cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplyError {
    /// The status is not 100 to 599.
    #[error("the status of the reply is {status} instead of 100 to 599")]
    Status {
        /// The status.
        status: u16,
    },
    /// Reason phrase or content type have a control character, which could inject headers or a
    /// body.
    #[error("the {part} of the reply has a control character")]
    ControlCharacter {
        /// The part with the character.
        part: &'static str,
    },
}
