//! Requests and responses as they go through a provider (§2.7).

use std::fmt;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde::Serialize;

use crate::error::ParseError;
use crate::form::Pairs;
use crate::limits::Limits;
use crate::model::VoipWebhookParseResult;

/// Marks, as an extension of an [`http::Request`], a body that the platform handed over as
/// something else than text (§2.7). A provider refuses it (V83).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a marker")]
pub struct BodyIsNotText;

/// A webhook request on its way to a provider.
///
/// Its token has been checked and taken out of the query, so that a provider cannot log it. `Debug`
/// shows neither query nor header values nor body.
#[derive(Clone)]
pub struct WebhookRequest {
    method: Method,
    path_suffix: String,
    query: String,
    headers: HeaderMap,
    body: Bytes,
    is_text: bool,
    limits: Limits,
}

impl WebhookRequest {
    /// Takes a request apart. `path_suffix` is what follows the registered path (V43).
    pub(crate) fn from_http(
        request: http::Request<Bytes>,
        path_suffix: String,
        limits: Limits,
    ) -> Self {
        let (parts, body) = request.into_parts();
        let query = parts.uri.query().unwrap_or_default();
        let query: Vec<_> = query.split('&').filter(|pair| !is_token(pair)).collect();
        Self {
            query: query.join("&"),
            method: parts.method,
            path_suffix,
            is_text: parts.extensions.get::<BodyIsNotText>().is_none(),
            headers: parts.headers,
            body,
            limits,
        }
    }

    /// `GET` or `POST`.
    #[must_use]
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// What followed the registered path, without its leading slash; often empty (V43).
    #[must_use]
    pub fn path_suffix(&self) -> &str {
        &self.path_suffix
    }

    /// The raw query without `token`.
    #[must_use]
    pub fn query(&self) -> &str {
        &self.query
    }

    /// The headers, whose names compare without letter case (V22).
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// Whether the platform handed the body over as text; see [`BodyIsNotText`].
    #[must_use]
    pub const fn is_text(&self) -> bool {
        self.is_text
    }

    /// The limits that hold for this request.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Where a form's fields are: in the query on `GET`, in the body on `POST` (V41).
    #[must_use]
    pub fn form(&self) -> &[u8] {
        if self.method == Method::GET { self.query.as_bytes() } else { &self.body }
    }

    /// The fields of a form, decoded as most providers mean it: the last of a name wins.
    ///
    /// # Errors
    ///
    /// On `POST` the content type has to be that of a form, in UTF-8 (V78–V81); then the errors of
    /// [`form::decode`](crate::form::decode).
    pub fn form_fields(&self) -> Result<FormFields<'_>, ParseError> {
        if self.method != Method::GET {
            let media_type = crate::media_type::MediaType::of(&self.headers)?;
            if !media_type.is_form() {
                return Err(ParseError::UnsupportedMediaType { expected: FORM_EXPECTED });
            }
        }
        let text = self.text()?;
        crate::form::decode(text, crate::form::FormDialect::Robust, &self.limits).map(FormFields)
    }

    /// The form or body as text.
    pub(crate) fn text(&self) -> Result<&str, ParseError> {
        let not_text = ParseError::InvalidBody { reason: "expected text in UTF-8" };
        if !self.is_text {
            return Err(not_text);
        }
        std::str::from_utf8(self.form()).map_err(|_| not_text)
    }
}

pub(crate) const FORM_EXPECTED: &str =
    "expected Content-Type: application/x-www-form-urlencoded, charset utf-8";

/// Whether a raw pair of a query is the token (V40).
pub(crate) fn is_token(pair: &str) -> bool {
    let key = pair.split_once('=').map_or(pair, |(key, _)| key);
    key == "token" || crate::form::unescaped(key.as_bytes()) == b"token"
}

/// A request without a token, for calling a provider's parser on its own.
impl From<http::Request<Bytes>> for WebhookRequest {
    fn from(request: http::Request<Bytes>) -> Self {
        Self::from_http(request, String::new(), Limits::default())
    }
}

impl fmt::Debug for WebhookRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, path_suffix: _, query, headers, body, is_text, limits: _ } = self;
        f.debug_struct("WebhookRequest")
            .field("method", method)
            .field("query_bytes", &query.len())
            .field("headers", &headers.len())
            .field("body_bytes", &body.len())
            .field("is_text", is_text)
            .finish_non_exhaustive()
    }
}

/// The decoded fields of a form, seen by name. `Debug` shows the names only.
#[derive(Clone)]
pub struct FormFields<'a>(Pairs<'a>);

impl FormFields<'_> {
    /// The last value of a name, if it is not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().rfind(|(key, _)| key == name)?;
        Some(&**value).filter(|value| !value.is_empty())
    }

    /// The last value of a name.
    ///
    /// # Errors
    ///
    /// [`ParseError::MissingField`] if there is none or it is empty.
    pub fn require(&self, name: &'static str) -> Result<&str, ParseError> {
        self.get(name).ok_or(ParseError::MissingField(name))
    }

    /// All pairs in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }
}

impl fmt::Debug for FormFields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(key, _)| key)).finish()
    }
}

/// A builder of the answer to a webhook request: 200 and no body, unless told otherwise (V23).
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
    /// 200 and no body.
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

    /// Sets the body to JSON and says so in the headers (V23).
    ///
    /// # Errors
    ///
    /// What Serde says about a value that JSON cannot hold.
    pub fn json(self, value: &impl Serialize) -> Result<Self, serde_json::Error> {
        let text = serde_json::to_string(value)?;
        Ok(self.content(text).header(CONTENT_TYPE, HeaderValue::from_static("application/json")))
    }

    /// `{"error":"…"}` as JSON (V105, V130).
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

/// The answer that tells a sender why its request was refused (V105).
impl From<ParseError> for HttpResponse {
    fn from(error: ParseError) -> Self {
        Self::error(error.status(), &error.public_message())
    }
}

/// A result that holds nothing but the refusal.
impl From<ParseError> for VoipWebhookParseResult {
    fn from(error: ParseError) -> Self {
        Self::response(HttpResponse::from(error))
    }
}
