//! Readers of single fields: ids, flags, numbers, texts, words.

use crate::wire::code::Code;
use crate::wire::decimal::{is_plain, whole};
use crate::wire::header::SipHeader;
use crate::wire::raw::Raw;
use crate::wire::spelled::Spelled;
use crate::wire::value::{Json, Read, Value};

/// A non-negative integer: a JSON number without a fraction, or ASCII digits.
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

/// An id that must be there, as an entry of a list.
// P157
pub(crate) fn entry_id(value: Value<'_>) -> Read<u64> {
    let fault = value.fault(Code::BadId, "an id (an integer of 0 or more)");
    id(value)?.map(Some).ok_or(fault)
}

/// An integer, also as digits in text.
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

/// Text, where empty is a value of its own.
// P6
pub(crate) fn free_text(value: Value<'_>) -> Read<String> {
    match value.json {
        Json::Null => Ok(None),
        Json::Text(text) => Ok(Some(text.into_owned())),
        _ => Err(value.fault(Code::WrongType, "a text")),
    }
}

/// Text, where empty is no value.
// P6
pub(crate) fn text(value: Value<'_>) -> Read<String> {
    Ok(free_text(value)?.filter(|text| !text.is_empty()))
}

/// Free text, or a number by its digits.
pub(crate) fn text_or_number(value: Value<'_>) -> Read<String> {
    match value.json {
        Json::Number(digits) => Ok(Some(digits.to_owned())),
        _ => free_text(value),
    }
}

/// The number of an account: text, or an integer by its digits.
// P8
pub(crate) fn account_number(value: Value<'_>) -> Read<String> {
    match value.json {
        Json::Number(digits) if digits.bytes().all(|b| b.is_ascii_digit() || b == b'-') => {
            Ok(Some(digits.to_owned()))
        }
        _ => text(value),
    }
}

/// A boolean, also as text in any letter case.
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

/// A boolean whose empty text is false: `deleted`.
// P9
pub(crate) fn deleted(value: Value<'_>) -> Read<bool> {
    match &value.json {
        Json::Text(text) if text.is_empty() => Ok(Some(false)),
        _ => flag(value),
    }
}

/// A word with a meaning, in any letter case; its spelling is kept.
// P188
pub(crate) fn word<T: AsRef<str> + for<'a> From<&'a str>>(value: Value<'_>) -> Read<Spelled<T>> {
    Ok(text(value)?.map(|text| Spelled::new(&text)))
}

/// A SIP header; empty text is kept.
// P6
pub(crate) fn header(value: Value<'_>) -> Read<SipHeader> {
    Ok(free_text(value)?.map(SipHeader::new))
}

/// JSON kept as it was written.
// P56, P67
pub(crate) fn raw(value: Value<'_>) -> Read<Raw> {
    Ok((!value.is_nothing()).then(|| Raw::new(value.raw)))
}

/// The text of a number, or of text that holds a plain number.
pub(crate) fn digits<'v>(value: &'v Value<'_>) -> Option<&'v str> {
    match &value.json {
        Json::Number(digits) => Some(digits),
        // Only a JSON number may have an exponent (P158).
        Json::Text(text) if is_plain(text) => Some(text),
        _ => None,
    }
}
