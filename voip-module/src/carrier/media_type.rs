//! The `Content-Type` of a request.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use mime::Mime;

use crate::error::ParseError;
use crate::log;

pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
const FORM_EXPECTED: &str = "Content-Type: application/x-www-form-urlencoded, charset utf-8";
const JSON_EXPECTED: &str = "Content-Type: application/json, charset utf-8";

/// A content type whose charset, if it names one, is UTF-8.
#[derive(Clone, Debug)]
pub(crate) struct MediaType(Mime);

impl MediaType {
    /// Reads the header. Returns `None` if it is missing, repeated or malformed, names a charset
    /// other than UTF-8, or repeats a parameter.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(CONTENT_TYPE).iter();
        let (Some(value), None) = (values.next(), values.next()) else { return None };
        // Some senders end with a semicolon, which is harmless; the parser rejects it.
        let text = value.to_str().ok()?.trim().trim_end_matches([';', ' ']);
        let mime: Mime = text.parse().ok()?;
        let mut names = Vec::new();
        for (name, value) in mime.params() {
            // V134
            let is_utf8 =
                ["utf-8", "utf8"].iter().any(|utf8| value.as_str().eq_ignore_ascii_case(utf8));
            if names.contains(&name) || (name == mime::CHARSET && !is_utf8) {
                return None;
            }
            names.push(name);
        }
        Some(Self(mime))
    }

    /// Returns whether the header is exactly `application/x-www-form-urlencoded`.
    pub(crate) fn is_exactly_form(headers: &HeaderMap) -> bool {
        let mut values = headers.get_all(CONTENT_TYPE).iter();
        matches!((values.next(), values.next()), (Some(value), None) if value == FORM)
    }

    pub(crate) fn is_form(&self) -> bool {
        self.0.essence_str().eq_ignore_ascii_case(FORM)
    }

    pub(crate) fn is_json(&self) -> bool {
        self.0.type_() == mime::APPLICATION && self.0.subtype() == mime::JSON
            || self.0.suffix() == Some(mime::JSON)
    }

    /// The refusal of a request that is not a form.
    pub(crate) fn form_expected(headers: &HeaderMap) -> ParseError {
        ParseError::UnsupportedMediaType { expected: FORM_EXPECTED, received: received(headers) }
    }

    /// The refusal of a request that is not JSON.
    pub(crate) fn json_expected(headers: &HeaderMap) -> ParseError {
        ParseError::UnsupportedMediaType { expected: JSON_EXPECTED, received: received(headers) }
    }
}

fn received(headers: &HeaderMap) -> String {
    let value = headers.get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
    value.map_or_else(|| "none".into(), |value| log::quoted(&value))
}
