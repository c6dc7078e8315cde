//! The `Content-Type` of a push (V78–V82).

use http::HeaderMap;
use http::header::CONTENT_TYPE;

use crate::carrier::FORM_EXPECTED;
use crate::error::ParseError;

const FORM: &str = "application/x-www-form-urlencoded";
const UNSUPPORTED: ParseError = ParseError::UnsupportedMediaType { expected: FORM_EXPECTED };

/// A content type whose charset, if it names one, is UTF-8.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MediaType<'a>(&'a str);

impl<'a> MediaType<'a> {
    /// Reads the header. A charset other than UTF-8 and a repeated parameter are refused
    /// (V81, V134).
    pub(crate) fn of(headers: &'a HeaderMap) -> Result<Self, ParseError> {
        let mut values = headers.get_all(CONTENT_TYPE).iter();
        let (Some(value), None) = (values.next(), values.next()) else { return Err(UNSUPPORTED) };
        let mut parts = unquoted_split(value.to_str().map_err(|_| UNSUPPORTED)?);
        let media_type = parts.next().unwrap_or_default().trim();
        let mut names: Vec<&str> = Vec::new();
        for part in parts.map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let (name, value) = (name.trim(), value.trim());
            if names.iter().any(|seen| seen.eq_ignore_ascii_case(name)) {
                return Err(UNSUPPORTED);
            }
            names.push(name);
            if name.eq_ignore_ascii_case("charset") {
                let value = value
                    .strip_prefix('"')
                    .and_then(|value| value.strip_suffix('"'))
                    .unwrap_or(value);
                if !["utf-8", "utf8"].iter().any(|charset| charset.eq_ignore_ascii_case(value)) {
                    return Err(UNSUPPORTED);
                }
            }
        }
        Ok(Self(media_type))
    }

    /// Whether the published example would take it: this spelling and no parameter (V80).
    pub(crate) fn is_exactly_form(headers: &HeaderMap) -> bool {
        let mut values = headers.get_all(CONTENT_TYPE).iter();
        matches!((values.next(), values.next()), (Some(value), None) if value == FORM)
    }

    pub(crate) fn is_form(self) -> bool {
        self.0.eq_ignore_ascii_case(FORM)
    }

    pub(crate) fn is_json(self) -> bool {
        self.0.eq_ignore_ascii_case("application/json")
    }
}

/// Splits at semicolons that are not within quotes.
fn unquoted_split(value: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let mut escaped = false;
    value.split(move |character| {
        let after_backslash = std::mem::replace(&mut escaped, false);
        match character {
            '\\' if quoted && !after_backslash => escaped = true,
            '"' if !after_backslash => quoted = !quoted,
            ';' => return !quoted,
            _ => {}
        }
        false
    })
}
