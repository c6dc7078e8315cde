//! A webhook request on its way to a provider.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{FormFields, MediaType};
use crate::error::ParseError;

/// Marks, as an extension of an [`http::Request`], a body that the platform handed over as
/// something other than text. A provider refuses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a marker")]
pub struct BodyIsNotText;

/// A webhook request on its way to a provider.
///
/// Its token has been checked and removed, so that a provider cannot log it. `Debug` shows neither
/// query nor header values nor body.
#[derive(Clone)]
pub struct HttpRequest {
    method: Method,
    path_suffix: String,
    query: String,
    headers: HeaderMap,
    body: Bytes,
    is_text: bool,
}

impl HttpRequest {
    /// Takes a request apart. `path_suffix` follows the registered path.
    pub(crate) fn new(request: http::Request<Bytes>, path_suffix: String) -> Self {
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
        }
    }

    /// Returns `GET` or `POST`.
    #[must_use]
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// Returns the path behind the registered one, without a leading slash.
    #[must_use]
    pub fn path_suffix(&self) -> &str {
        &self.path_suffix
    }

    /// Returns the query without the token.
    #[must_use]
    pub fn query(&self) -> &str {
        &self.query
    }

    /// Returns the headers.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the body.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// Returns whether the body is text; see [`BodyIsNotText`].
    #[must_use]
    pub const fn is_text(&self) -> bool {
        self.is_text
    }

    /// Returns the body as text, without a BOM.
    ///
    /// # Errors
    ///
    /// [`ParseError::InvalidBody`] if it is not text in UTF-8.
    pub fn text(&self) -> Result<&str, ParseError> {
        let not_text = ParseError::InvalidBody { reason: "expected text in UTF-8" };
        let text = std::str::from_utf8(&self.body).ok().filter(|_| self.is_text);
        text.map(|text| text.strip_prefix('\u{feff}').unwrap_or(text)).ok_or(not_text)
    }

    /// Reads the body as JSON.
    ///
    /// # Errors
    ///
    /// [`ParseError::UnsupportedMediaType`] if the content type is not JSON in UTF-8, and
    /// [`ParseError::InvalidBody`] or [`ParseError::InvalidJson`] if the body is not `T`.
    ///
    /// ```
    /// use voip_module::{HttpRequest, ParseError};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Ring {
    ///     from: String,
    /// }
    ///
    /// let request = http::Request::post("/").header("content-type", "application/json");
    /// let request = HttpRequest::from(request.body(r#"{"from":"79990000001"}"#.into()).unwrap());
    /// assert_eq!(request.json::<Ring>()?.from, "79990000001");
    /// # Ok::<(), ParseError>(())
    /// ```
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ParseError> {
        if !MediaType::of(&self.headers).is_some_and(|media_type| media_type.is_json()) {
            return Err(MediaType::json_expected(&self.headers));
        }
        // The error's own text may quote the body.
        serde_json::from_str(self.text()?)
            .map_err(|error| ParseError::InvalidJson { line: error.line(), column: error.column() })
    }

    /// Reads the fields of a form: those of the query on `GET`, and on `POST` those of the body, or
    /// of the query if the body is blank.
    ///
    /// # Errors
    ///
    /// [`ParseError::UnsupportedMediaType`] if a body that is not blank is not a form in UTF-8, and
    /// [`ParseError::InvalidBody`] if it is not text.
    pub fn form_fields(&self) -> Result<FormFields<'_>, ParseError> {
        if !self.is_form() {
            return Err(MediaType::form_expected(&self.headers));
        }
        self.form_text().map(FormFields::decode)
    }

    /// Returns whether the request is a form.
    pub(crate) fn is_form(&self) -> bool {
        let is_form =
            || MediaType::of(&self.headers).is_some_and(|media_type| media_type.is_form());
        self.is_in_query() || is_form()
    }

    /// Returns whether the fields of a form are in the query.
    pub(crate) fn is_in_query(&self) -> bool {
        // V41
        let is_blank = |text: &[u8]| text.iter().all(|b| b.is_ascii_whitespace() || *b == b'&');
        self.method == Method::GET
            || (self.is_text && is_blank(&self.body) && !is_blank(self.query.as_bytes()))
    }

    /// The text of a form, from body or query.
    pub(crate) fn form_text(&self) -> Result<&str, ParseError> {
        if self.is_in_query() { Ok(&self.query) } else { self.text() }
    }

    /// The fields of a form, or `None` if the request is not one.
    pub(crate) fn as_form(&self) -> Option<FormFields<'_>> {
        self.form_fields().ok()
    }

    /// The fields as sent, without those that hold a key: of a form as text, of a JSON object
    /// unchanged. Of names that differ in letter case only, the last wins.
    pub(crate) fn raw(&self, key_fields: &[&str]) -> Map<String, Value> {
        let is_key = |name: &str| is_key_field(name, key_fields);
        if let Some(fields) = self.as_form() {
            let mut raw: Vec<(&str, &str)> = Vec::new();
            let mut seen = std::collections::HashSet::new();
            // From the end, so that the last of equal names is kept.
            let pairs: Vec<_> = fields.iter().collect();
            for (name, value) in pairs.into_iter().rev() {
                if !is_key(name) && seen.insert(name.to_ascii_lowercase()) {
                    raw.push((name, value.trim()));
                }
            }
            return raw.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        }
        let mut raw = self.json::<Map<String, Value>>().unwrap_or_default();
        raw.retain(|name, _| !is_key(name));
        raw
    }
}

/// Returns whether a raw pair of a query is the token.
pub(crate) fn is_token(pair: &str) -> bool {
    let name = pair.split_once('=').map_or(pair, |(name, _)| name);
    percent_decode_str(name).eq(b"token".iter().copied())
}

/// Returns whether a field holds a key: `token`, or a provider's own; in any letter case.
pub(crate) fn is_key_field(name: &str, key_fields: &[&str]) -> bool {
    ["token"].iter().chain(key_fields).any(|key| key.eq_ignore_ascii_case(name))
}

/// A request without a token, for calling a provider's parser on its own.
impl From<http::Request<Bytes>> for HttpRequest {
    fn from(request: http::Request<Bytes>) -> Self {
        Self::new(request, String::new())
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, path_suffix: _, query, headers, body, is_text } = self;
        f.debug_struct("HttpRequest")
            .field("method", method)
            .field("query_bytes", &query.len())
            .field("headers", &headers.len())
            .field("body_bytes", &body.len())
            .field("is_text", is_text)
            .finish_non_exhaustive()
    }
}
