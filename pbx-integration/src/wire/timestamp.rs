//! Seconds since 1970 with a fraction.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::wire::error::Bad;
use crate::wire::json::Json;
use crate::wire::number::Number;

/// A moment: milliseconds since 1970-01-01T00:00:00 UTC (P14, P17).
///
/// Written as a JSON number of seconds with exactly three fraction digits (P23).
///
/// ```
/// use pbx_integration::Timestamp;
///
/// let start = Timestamp::from_millis(1_757_926_800_120);
/// assert_eq!(start.to_string(), "1757926800.120");
/// assert_eq!(serde_json::to_string(&start)?, "1757926800.120");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// How the digits after the point of a timestamp are read (P20, P21).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FractionMode {
    /// As a decimal fraction: `.13` is 130 ms.
    #[default]
    Decimal,
    /// As a count of milliseconds whose leading zeros were left out, as an interface of the vendor
    /// was seen to write: `.13` is 13 ms. More than three digits are an error.
    UnpaddedMillis,
}

/// From here on a number is a count of milliseconds (P19, P155).
const TOO_LATE: u128 = 100_000_000_000_000;

impl Timestamp {
    /// So many milliseconds after 1970-01-01T00:00:00 UTC.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// The milliseconds since 1970-01-01T00:00:00 UTC.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The time from an earlier moment to this one; nothing if that one is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Option<Duration> {
        let millis = self.0.checked_sub(earlier.0)?;
        u64::try_from(millis).ok().map(Duration::from_millis)
    }

    /// Milliseconds from an earlier moment to this one, negative if that one is later.
    pub(crate) const fn millis_since(self, other: Self) -> i64 {
        self.0.saturating_sub(other.0)
    }

    fn parse(text: &str, mode: FractionMode, json: &Json<'_>) -> Result<Self, Bad> {
        const EXPECTED: &str = "a timestamp in seconds since 1970";
        if mode == FractionMode::Decimal {
            if let Some(usual) = Self::parse_usual(text) {
                return Ok(usual);
            }
        }
        let number = Number::parse(text).ok_or_else(|| json.bad(16, EXPECTED))?;
        // Only a JSON number may have a power of ten (P158).
        if number.has_exponent() && !matches!(json, Json::Number(_)) {
            return Err(json.bad(16, "a timestamp without a power of ten"));
        }
        if number.is_negative && !number.is_zero() {
            return Err(json.bad(19, "a timestamp of 0 or more"));
        }
        let milliseconds = "a timestamp in seconds (this one is in milliseconds)";
        let scaled = number.scaled(3).ok_or_else(|| json.bad(19, milliseconds))?;
        // Before rounding: 99999999999.9999 is below the limit.
        if scaled.amount - u128::from(scaled.is_rounded_up) >= TOO_LATE {
            return Err(json.bad(19, milliseconds));
        }
        let decimal = i64::try_from(scaled.amount).unwrap_or(i64::MAX);
        let places = number.fraction_digits();
        if mode == FractionMode::Decimal || places == 0 {
            return Ok(Self(decimal));
        }
        let Ok(power @ 1..=3) = u32::try_from(places) else {
            return Err(json.bad(21, "a fraction of one to three digits"));
        };
        // The digits after the point are a count of milliseconds.
        let unit = 10_i64.pow(power);
        let shifted = number.scaled(power).and_then(|scaled| i64::try_from(scaled.amount).ok());
        let shifted = shifted.unwrap_or(decimal);
        Ok(Self(shifted / unit * 1_000 + shifted % unit))
    }
}

impl Timestamp {
    /// The usual form, at speed: ten digits, or ten digits, a point and three digits.
    #[inline]
    fn parse_usual(text: &str) -> Option<Self> {
        let (seconds, millis): (&[u8; 10], &[u8]) = text.as_bytes().split_first_chunk()?;
        let value = |digits: &[u8]| {
            digits.iter().try_fold(0_i64, |sum, digit| {
                digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0'))
            })
        };
        let millis = match millis {
            [] => 0,
            [b'.', millis @ ..] if millis.len() == 3 => value(millis)?,
            _ => return None,
        };
        Some(Self(value(seconds)? * 1_000 + millis))
    }
}

/// A timestamp, or nothing where it has not happened; zero is left to the caller.
pub(crate) fn timestamp(json: &mut Json<'_>, mode: FractionMode) -> Result<Option<Timestamp>, Bad> {
    let json = &*json;
    match json {
        Json::Null => Ok(None),
        Json::Text(text) if text.is_empty() => Ok(None),
        Json::Text(text) => Timestamp::parse(text, mode, json).map(Some),
        Json::Number(digits) => Timestamp::parse(digits, mode, json).map(Some),
        _ => Err(json.bad(16, "a timestamp in seconds since 1970")),
    }
}

impl fmt::Display for Timestamp {
    /// Seconds with three fraction digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let millis = self.0.unsigned_abs();
        f.pad(&format!("{sign}{}.{:03}", millis / 1_000, millis % 1_000))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw = RawValue::from_string(self.to_string()).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}
