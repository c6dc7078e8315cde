//! The checks that need only the head of a request.

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_LENGTH, HeaderValue, RETRY_AFTER};
use http::request::Parts;
use http::{Method, StatusCode};

use super::WebhookRouter;
use crate::carrier::{HttpResponse, is_token};
use crate::log;
use crate::provider::VoipProvider;

/// A refusal by the router itself. Becomes the response to the sender with [`From`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Refusal {
    /// The status.
    pub status: StatusCode,
    /// The text of the body's `error` member.
    pub message: &'static str,
    /// The seconds of `Retry-After`.
    pub retry_after: Option<u8>,
}

impl Refusal {
    pub(super) const INVALID_TOKEN: Self = Self::new(StatusCode::UNAUTHORIZED, "Invalid token");
    pub(super) const IN_FLIGHT: Self = Self {
        retry_after: Some(1),
        ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "delivery in progress")
    };
    pub(super) const DEADLINE: Self = Self {
        retry_after: Some(5),
        ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "deadline exceeded")
    };
    pub(super) const TOO_LARGE: Self =
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large");

    const fn new(status: StatusCode, message: &'static str) -> Self {
        Self { status, message, retry_after: None }
    }
}

impl From<Refusal> for http::Response<Bytes> {
    fn from(refusal: Refusal) -> Self {
        let Refusal { status, message, retry_after } = refusal;
        let mut response = HttpResponse::error(status, message);
        if status == StatusCode::METHOD_NOT_ALLOWED {
            response = response.header(ALLOW, HeaderValue::from_static("GET, POST"));
        }
        if let Some(seconds) = retry_after {
            response = response.header(RETRY_AFTER, HeaderValue::from(u16::from(seconds)));
        }
        response.into()
    }
}

impl<P: VoipProvider> WebhookRouter<P> {
    /// Checks path, method, token and declared size from the head of a request, so that a host can
    /// refuse it before it reads the body. [`handle`](Self::handle) checks again.
    ///
    /// ```
    /// # fn example<P: voip_module::VoipProvider>(
    /// #     router: &voip_module::WebhookRouter<P>,
    /// #     parts: &http::request::Parts,
    /// # ) -> http::Response<bytes::Bytes> {
    /// if let Err(refusal) = router.precheck(parts) {
    ///     return refusal.into();
    /// }
    /// # http::Response::default()
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The refusal of the request.
    pub fn precheck(&self, parts: &Parts) -> Result<(), Refusal> {
        self.check_head(parts).map(drop)
    }

    /// Returns the path suffix for the provider.
    // V129, V182
    pub(super) fn check_head<'a>(&self, parts: &'a Parts) -> Result<&'a str, Refusal> {
        let refused = |refusal: Refusal| {
            log::rejected(refusal.status, refusal.message);
            refusal
        };
        let suffix = self.path.suffix_of(parts.uri.path()).ok_or_else(|| {
            refused(Refusal::new(StatusCode::NOT_FOUND, "no webhook at this path"))
        })?;
        if ![Method::GET, Method::POST].contains(&parts.method) {
            return Err(refused(Refusal::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method not allowed",
            )));
        }
        let query = parts.uri.query().unwrap_or_default();
        let suffix =
            self.check_token(suffix, query).ok_or_else(|| refused(Refusal::INVALID_TOKEN))?;
        let declared = parts.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        if declared.is_some_and(|length| self.is_too_large(length)) {
            log::refused(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", "declared size");
            return Err(Refusal::TOO_LARGE);
        }
        Ok(suffix)
    }

    /// Returns the path suffix without the token, if the token is valid.
    fn check_token<'a>(&self, suffix: &'a str, query: &str) -> Option<&'a str> {
        let now = self.clock.now();
        if !self.token_in_path {
            let allows = self.token.as_ref().is_none_or(|token| token.allows_query(now, query));
            return allows.then_some(suffix);
        }
        // V184
        let (token, suffix) = suffix.split_once('/').unwrap_or((suffix, ""));
        let is_valid = self.token.as_ref().is_none_or(|policy| policy.allows(now, token));
        (is_valid & !query.split('&').any(is_token)).then_some(suffix)
    }

    fn is_too_large(&self, length: &str) -> bool {
        let length = length.trim();
        let is_number = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
        is_number && length.parse().map_or(true, |bytes: usize| bytes > self.limits.body)
    }
}
