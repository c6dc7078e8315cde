//! Ids, flags, durations, counts and texts.

use std::time::Duration;

use crate::wire::error::Bad;
use crate::wire::json::Json;
use crate::wire::number::Number;

/// What reading a field gives: a value, no value, or what is wrong with it.
pub(crate) type Read<T> = Result<Option<T>, Bad>;

/// A non-negative integer: a JSON number without a fraction, or ASCII digits (P7).
pub(crate) fn id(json: &mut Json<'_>) -> Read<u64> {
    let amount = match json {
        Json::Integer(id) => return Ok(Some(*id)),
        Json::Null => return Ok(None),
        Json::Text(text) if text.is_empty() => return Ok(None),
        Json::Text(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => whole(text),
        Json::Number(digits) => whole(digits),
        _ => None,
    };
    amount.map(Some).ok_or_else(|| json.bad(7, "an id"))
}

/// A number without sign and fraction.
fn whole(text: &str) -> Option<u64> {
    let number = Number::parse(text)?;
    let scaled = number.scaled(0).filter(|scaled| scaled.is_exact)?;
    (!number.is_negative || scaled.amount == 0).then(|| u64::try_from(scaled.amount).ok())?
}

/// The number of an account: text, or an integer as its digits (P8).
pub(crate) fn account_number(json: &mut Json<'_>) -> Read<String> {
    match json {
        Json::Integer(number) => Ok(Some(number.to_string())),
        Json::Number(digits)
            if digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') =>
        {
            Ok(Some((*digits).to_owned()))
        }
        _ => text(json),
    }
}

/// Text, where empty is no value (P6).
pub(crate) fn text(json: &mut Json<'_>) -> Read<String> {
    Ok(free_text(json)?.filter(|text| !text.is_empty()))
}

/// Text, where empty is a value of its own (P6).
pub(crate) fn free_text(json: &mut Json<'_>) -> Read<String> {
    match json {
        Json::Null => Ok(None),
        Json::Text(text) => Ok(Some(std::mem::take(text).into_owned())),
        _ => Err(json.bad(12, "a text")),
    }
}

/// Text, where a number is read by its digits: the caller's rating.
pub(crate) fn rating(json: &mut Json<'_>) -> Read<String> {
    match json {
        Json::Integer(number) => Ok(Some(number.to_string())),
        Json::Number(digits) => Ok(Some((*digits).to_owned())),
        _ => free_text(json),
    }
}

/// True or false, also as text (P9).
pub(crate) fn flag(json: &mut Json<'_>) -> Read<bool> {
    match json {
        Json::Null => Ok(None),
        Json::Boolean(flag) => Ok(Some(*flag)),
        Json::Text(text) => match text.as_ref() {
            "" => Ok(None),
            "true" => Ok(Some(true)),
            "false" => Ok(Some(false)),
            _ => Err(json.bad(9, "true or false")),
        },
        _ => Err(json.bad(9, "true or false")),
    }
}

/// As [`flag`], but empty text is false: `deleted` (P9).
pub(crate) fn deleted(json: &mut Json<'_>) -> Read<bool> {
    match json {
        Json::Text(text) if text.is_empty() => Ok(Some(false)),
        _ => flag(json),
    }
}

/// An integer, also as digits in text (P159).
pub(crate) fn integer(json: &mut Json<'_>) -> Read<i64> {
    let amount = match json {
        Json::Integer(amount) => i64::try_from(*amount).ok(),
        Json::Null => return Ok(None),
        Json::Text(text) if text.is_empty() => return Ok(None),
        Json::Text(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => signed(text),
        Json::Number(digits) => signed(digits),
        _ => None,
    };
    amount.map(Some).ok_or_else(|| json.bad(12, "an integer"))
}

fn signed(text: &str) -> Option<i64> {
    let number = Number::parse(text)?;
    let amount = number.scaled(0).filter(|scaled| scaled.is_exact)?.amount;
    let amount = i64::try_from(amount).ok()?;
    Some(if number.is_negative { -amount } else { amount })
}

/// What a number without a unit counts (P29).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DurationUnit {
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
}

/// Milliseconds: a number or digits, rounded half up, never negative (P24, P25, P158).
pub(crate) fn duration(json: &mut Json<'_>) -> Read<Duration> {
    duration_in(DurationUnit::Milliseconds, json)
}

/// A duration in a unit that the interface does not tell (P29).
pub(crate) fn duration_in(unit: DurationUnit, json: &mut Json<'_>) -> Read<Duration> {
    let json = &*json;
    let integer;
    let text = match json {
        Json::Integer(millis) if unit == DurationUnit::Milliseconds => {
            return Ok(Some(Duration::from_millis(*millis)));
        }
        Json::Integer(amount) => {
            integer = amount.to_string();
            &integer
        }
        Json::Null => return Ok(None),
        Json::Text(text) if text.is_empty() => return Ok(None),
        Json::Text(text) => text.as_ref(),
        Json::Number(digits) => digits,
        Json::NotUnicode => return Err(json.bad(25, "a duration")),
        _ => return Err(json.bad(12, "a duration")),
    };
    // As with costs and timestamps, only a JSON number may have a power of ten.
    let is_number = matches!(json, Json::Number(_));
    let number = Number::parse(text)
        .filter(|number| is_number || !number.has_exponent())
        .ok_or_else(|| json.bad(25, "a duration"))?;
    if number.is_negative && !number.is_zero() {
        return Err(json.bad(25, "a duration of 0 or more"));
    }
    let power = match unit {
        DurationUnit::Milliseconds => 0,
        DurationUnit::Seconds => 3,
    };
    let millis = number.scaled(power).and_then(|scaled| u64::try_from(scaled.amount).ok());
    let millis = millis.ok_or_else(|| json.bad(25, "a duration of less than 2^64 ms"))?;
    Ok(Some(Duration::from_millis(millis)))
}
