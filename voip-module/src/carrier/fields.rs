//! Form text to fields.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::percent_decode_str;

use crate::error::ParseError;

/// The raw pairs of a form: name and value, not decoded, without empty pairs. A leading BOM is
/// dropped.
pub(crate) fn pairs(form: &str) -> impl Iterator<Item = (&str, &str)> {
    let form = form.strip_prefix('\u{feff}').unwrap_or(form);
    let pairs = form.trim_end().split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// Decodes a name or value; `+` is a space. Returns `None` if an escape is broken or the result is
/// not UTF-8.
pub(crate) fn decode(raw: &str) -> Option<Cow<'_, str>> {
    if !raw.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
        return Some(Cow::Borrowed(raw));
    }
    if is_broken(raw) {
        return None;
    }
    if !raw.contains('+') {
        return percent_decode_str(raw).decode_utf8().ok();
    }
    let spaced = raw.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    Some(Cow::Owned(match decoded {
        Cow::Owned(text) => text,
        Cow::Borrowed(_) => spaced,
    }))
}

/// Decodes like [`decode`], but keeps a raw leading `+` if `keeps_plus`.
pub(crate) fn decode_value(raw: &str, keeps_plus: bool) -> Option<Cow<'_, str>> {
    match raw.strip_prefix('+') {
        Some(rest) if keeps_plus => Some(match decode(rest)? {
            Cow::Borrowed(_) => Cow::Borrowed(raw),
            Cow::Owned(rest) => Cow::Owned(format!("+{rest}")),
        }),
        _ => decode(raw),
    }
}

/// Returns whether a percent sign is not followed by two hexadecimal digits.
pub(crate) fn is_broken(raw: &str) -> bool {
    let is_escape = |rest: &str| {
        rest.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    raw.split('%').skip(1).any(|rest| !is_escape(rest))
}

/// Trims white space and control characters at both ends.
pub(crate) fn trim(text: Cow<'_, str>) -> Cow<'_, str> {
    let is_dropped = |character: char| character.is_whitespace() || character.is_control();
    if let [first, .., last] = text.as_bytes() {
        if first.is_ascii_graphic() && last.is_ascii_graphic() {
            return text;
        }
    }
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_matches(is_dropped)),
        Cow::Owned(text) => {
            let trimmed = text.trim_matches(is_dropped);
            if trimmed.len() == text.len() {
                Cow::Owned(text)
            } else {
                Cow::Owned(trimmed.to_owned())
            }
        }
    }
}

/// The fields of a form, decoded. `Debug` shows the names only.
///
/// A value whose escapes are broken or are not UTF-8 is kept undecoded. A raw leading `+` before
/// seven or more digits is kept, because PBXs forget to escape it.
#[derive(Clone)]
pub struct FormFields<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> FormFields<'a> {
    pub(crate) fn decode(form: &'a str) -> Self {
        let text = |raw, keeps_plus| decode_value(raw, keeps_plus).unwrap_or(Cow::Borrowed(raw));
        let fields = pairs(form).map(|(name, value)| {
            let digits = value.bytes().skip(1).take_while(u8::is_ascii_digit).count();
            (trim(text(name, false)), text(value, digits >= 7))
        });
        Self(fields.filter(|(name, _)| !name.is_empty()).collect())
    }

    /// Returns the last value of a name, trimmed, if it is not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().rfind(|(key, _)| key == name)?;
        let value = value.trim();
        (!value.is_empty()).then_some(value)
    }

    /// Returns the last value of a name, trimmed.
    ///
    /// # Errors
    ///
    /// [`ParseError::MissingField`] if it is missing or empty.
    pub fn require(&self, name: &'static str) -> Result<&str, ParseError> {
        self.get(name).ok_or(ParseError::MissingField(name))
    }

    /// Returns a telephone number, with its leading `+` in any encoding. Empty for a withheld
    /// number: a missing or empty field, or one with a control character.
    #[must_use]
    pub fn phone(&self, name: &str) -> &str {
        self.get(name).filter(|number| !number.contains(char::is_control)).unwrap_or_default()
    }

    /// Returns all pairs in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }
}

impl fmt::Debug for FormFields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}
