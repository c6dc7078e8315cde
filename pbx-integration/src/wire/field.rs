//! Readers of single fields: ids, flags, numbers, texts, words.

use crate::wire::code::Code;
use crate::wire::decimal::{is_plain, whole};
use crate::wire::header::SipHeader;
use crate::wire::raw::Raw;
use crate::wire::spelled::Spelled;
use crate::wire::value::{Json, Read, Value};

/// Reads a non-negative integer: a JSON number without a fraction, or ASCII digits.
// P7
pub(crate) fn id(value: Value<'_>) -> Read<u64> {
    if value.is_nothing() {
        return Ok(None);
    }
    let id = match &value.json {
        Json::Number(digits) => whole(digits).and_then(|id| u64::try_from(id).ok()),
        Json::Text(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    };
    let fault = || value.fault(Code::BadId, "an id (an integer of 0 or more)");
    id.map(Some).ok_or_else(fault)
}

/// Reads a required id, an entry of a list.
// P157
pub(crate) fn entry_id(value: Value<'_>) -> Read<u64> {
    let fault = value.fault(Code::BadId, "an id (an integer of 0 or more)");
    id(value)?.map(Some).ok_or(fault)
}

/// Reads an integer, also as digits in text.
// P159
pub(crate) fn integer(value: Value<'_>) -> Read<i64> {
    if value.is_nothing() {
        return Ok(None);
    }
    let integer = match &value.json {
        Json::Number(digits) => whole(digits).and_then(|integer| i64::try_from(integer).ok()),
        Json::Text(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    };
    integer.map(Some).ok_or_else(|| value.number_fault(Code::BadInteger, "an integer"))
}

/// Reads text, including the empty text.
// P6
pub(crate) fn free_text(value: Value<'_>) -> Read<String> {
    match value.json {
        Json::Null => Ok(None),
        Json::Text(text) => Ok(Some(text.into_owned())),
        _ => Err(value.fault(Code::WrongType, "a text")),
    }
}

/// Reads text; the empty text counts as missing.
// P6
pub(crate) fn text(value: Value<'_>) -> Read<String> {
    Ok(free_text(value)?.filter(|text| !text.is_empty()))
}

/// Reads free text, or a number by its digits.
pub(crate) fn text_or_number(value: Value<'_>) -> Read<String> {
    match value.json {
        Json::Number(digits) => Ok(Some(digits.to_owned())),
        _ => free_text(value),
    }
}

/// Reads the number of an account: text, or an integer by its digits.
// P8
pub(crate) fn account_number(value: Value<'_>) -> Read<String> {
    match value.json {
        Json::Number(digits) if digits.bytes().all(|b| b.is_ascii_digit() || b == b'-') => {
            Ok(Some(digits.to_owned()))
        }
        _ => text(value),
    }
}

/// Reads a boolean, also as text in any letter case.
// P9, P188
pub(crate) fn flag(value: Value<'_>) -> Read<bool> {
    match &value.json {
        Json::Boolean(flag) => return Ok(Some(*flag)),
        _ if value.is_nothing() => return Ok(None),
        Json::Text(text) if text.eq_ignore_ascii_case("true") => return Ok(Some(true)),
        Json::Text(text) if text.eq_ignore_ascii_case("false") => return Ok(Some(false)),
        _ => {}
    }
    Err(value.fault(Code::BadBoolean, "true or false"))
}

/// Reads a boolean whose empty text is false: `deleted`.
// P9
pub(crate) fn deleted(value: Value<'_>) -> Read<bool> {
    match &value.json {
        Json::Text(text) if text.is_empty() => Ok(Some(false)),
        _ => flag(value),
    }
}

/// Reads a known word in any letter case; its spelling is kept.
// P188
pub(crate) fn word<T: AsRef<str> + for<'a> From<&'a str>>(value: Value<'_>) -> Read<Spelled<T>> {
    Ok(text(value)?.map(|text| Spelled::new(&text)))
}

/// Reads a SIP header, including the empty text.
// P6
pub(crate) fn header(value: Value<'_>) -> Read<SipHeader> {
    Ok(free_text(value)?.map(SipHeader::new))
}

/// Reads JSON and keeps it unchanged.
// P56, P67
pub(crate) fn raw(value: Value<'_>) -> Read<Raw> {
    Ok((!value.is_nothing()).then(|| Raw::new(value.raw)))
}

/// Returns the text of a number, or of text that contains a plain number.
pub(crate) fn digits<'v>(value: &'v Value<'_>) -> Option<&'v str> {
    match &value.json {
        Json::Number(digits) => Some(digits),
        // Only a JSON number may have an exponent (P158).
        Json::Text(text) if is_plain(text) => Some(text),
        _ => None,
    }
}
