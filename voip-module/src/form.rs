//! Form bytes to fields, as Gravitel sends them (§11.3).

use std::borrow::Cow;

use crate::error::ParseError;
use crate::limits::Limits;

/// Which of two readings of `application/x-www-form-urlencoded` to use (§11.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the specification has these two columns")]
pub enum FormDialect {
    /// As `form_urlencoded` reads it, with four deviations: a leading raw `+` of a number is kept
    /// (V109), a broken escape is an error (V114), pairs without a key are left out (V116), and
    /// there are limits (V123).
    #[default]
    Robust,
    /// As the published example reads it: `+` is a plus (V108), and pairs with no or with more than
    /// one raw `=` are dropped (V111, V112).
    Sample,
}

/// Names and values in their order, borrowed where nothing was escaped.
pub type Pairs<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// Decodes a form. Pairs come in their order; who wants one value takes the last (V113).
///
/// # Errors
///
/// [`ParseError::InvalidEncoding`] for an escape that is broken or is not UTF-8 (V114, V136), and
/// the errors of [`Limits`].
///
/// ```
/// use voip_module::form::{FormDialect, decode};
/// use voip_module::router::Limits;
///
/// let pairs = decode("phone=+7999&user=Anna+A&flag", FormDialect::Robust, &Limits::default())?;
/// let pairs: Vec<_> = pairs.iter().map(|(key, value)| (&**key, &**value)).collect();
/// assert_eq!(pairs, [("phone", "+7999"), ("user", "Anna A"), ("flag", "")]);
/// # Ok::<(), voip_module::ParseError>(())
/// ```
pub fn decode<'a>(
    form: &'a str,
    dialect: FormDialect,
    limits: &Limits,
) -> Result<Pairs<'a>, ParseError> {
    let mut pairs = Vec::new();
    for_each(form, dialect, limits, |key, value| pairs.push((key, value)))?;
    Ok(pairs)
}

/// As [`decode`], handing over each pair as it is read.
pub(crate) fn for_each<'a>(
    form: &'a str,
    dialect: FormDialect,
    limits: &Limits,
    mut each: impl FnMut(Cow<'a, str>, Cow<'a, str>),
) -> Result<(), ParseError> {
    limits.check_form(form.as_bytes())?;
    for pair in form.split('&').filter(|pair| !pair.is_empty()) {
        match dialect {
            FormDialect::Robust => {
                let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                let key = unescape(key, true)?;
                let value = if is_number(&key) && value.starts_with('+') {
                    match unescape(&value[1..], true)? {
                        Cow::Borrowed(_) => Cow::Borrowed(value),
                        Cow::Owned(rest) => Cow::Owned(format!("+{rest}")),
                    }
                } else {
                    unescape(value, true)?
                };
                if !key.is_empty() {
                    each(key, value);
                }
            }
            FormDialect::Sample => {
                let mut parts = pair.split('=');
                if let (Some(key), Some(value), None) = (parts.next(), parts.next(), parts.next()) {
                    let (key, value) = (unescape(key, false)?, unescape(value, false)?);
                    // A member of this name of a script's object goes to its prototype (V118).
                    if key != "__proto__" {
                        each(key, value);
                    }
                }
            }
        }
    }
    Ok(())
}

/// The fields whose raw leading `+` is part of a number (V109).
fn is_number(key: &str) -> bool {
    matches!(key, "phone" | "diversion" | "telnum")
}

/// Reads the escapes of one key or value.
fn unescape(raw: &str, plus_is_space: bool) -> Result<Cow<'_, str>, ParseError> {
    if !raw.bytes().any(|byte| byte == b'%' || (byte == b'+' && plus_is_space)) {
        return Ok(Cow::Borrowed(raw));
    }
    let mut text = Vec::with_capacity(raw.len());
    let mut rest = raw.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        text.push(match byte {
            b'+' if plus_is_space => b' ',
            b'%' => {
                let (byte, after) = escape(after).ok_or(ParseError::InvalidEncoding)?;
                rest = after;
                byte
            }
            byte => byte,
        });
    }
    String::from_utf8(text).map(Cow::Owned).map_err(|_| ParseError::InvalidEncoding)
}

/// The byte that two hexadecimal digits stand for, and what follows them.
fn escape(digits: &[u8]) -> Option<(u8, &[u8])> {
    let (&[high, low], rest) = digits.split_first_chunk::<2>()?;
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some((digit(high)? << 4 | digit(low)?, rest))
}

/// The bytes that a text has without its escapes; broken ones stand for themselves.
pub(crate) fn unescaped(raw: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&byte, after)) = rest.split_first() {
        let (byte, after) = match byte {
            b'%' => escape(after).unwrap_or((byte, after)),
            _ => (byte, after),
        };
        bytes.push(byte);
        rest = after;
    }
    bytes
}

/// As [`unescaped`], but nothing if an escape is broken.
pub(crate) fn percent_decoded(raw: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let (byte, after) = if byte == b'%' { escape(after)? } else { (byte, after) };
        bytes.push(byte);
        rest = after;
    }
    Some(bytes)
}
