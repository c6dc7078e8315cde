//! Seconds since 1970 with a fraction.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::wire::code::Code;
use crate::wire::decimal::{number, number_to_round};
use crate::wire::field::digits;
use crate::wire::issue::Fault;
use crate::wire::value::{Read, Value};

/// Milliseconds since 1970-01-01T00:00:00 UTC.
///
/// Written as a JSON number of seconds with three fraction digits.
///
/// ```
/// use pbx_integration::wire::Timestamp;
///
/// let start = Timestamp::from_millis(1_757_926_800_120);
/// assert_eq!(start.to_string(), "1757926800.120");
/// assert_eq!(serde_json::to_string(&start)?, "1757926800.120");
/// assert_eq!(start.to_rfc3339(), "2025-09-15T09:00:00.12Z");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The meaning of the digits after the point of a timestamp.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FractionMode {
    /// As a decimal fraction: `.13` is 130 ms.
    #[default]
    Decimal,
    /// As a count of milliseconds without leading zeros, as seen from one of the vendor's
    /// interfaces: `.13` is 13 ms. More than three digits are an error.
    UnpaddedMillis,
}

/// A number from this limit on is in milliseconds.
// P19, P155
const MAX_SECONDS: i64 = 100_000_000_000;

impl Timestamp {
    /// Creates a timestamp from milliseconds since 1970-01-01T00:00:00 UTC.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Returns the milliseconds since 1970-01-01T00:00:00 UTC.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Returns the time from an earlier timestamp to this one; `None` if that one is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Option<Duration> {
        let millis = self.0.checked_sub(earlier.0)?;
        u64::try_from(millis).ok().map(Duration::from_millis)
    }

    /// Formats as RFC 3339, in UTC. Years outside 0 to 9999 saturate.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        const FIRST: i64 = -62_167_219_200_000;
        const LAST: i64 = 253_402_207_199_999;
        let moment = jiff::Timestamp::from_millisecond(self.0.clamp(FIRST, LAST));
        moment.unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string()
    }

    /// Returns the milliseconds from another timestamp to this one, negative if that one is later.
    pub(crate) const fn millis_since(self, other: Self) -> i64 {
        self.0.saturating_sub(other.0)
    }

    fn parse(digits: &str, value: &Value<'_>) -> Result<Self, Fault> {
        const EXPECTED: &str = "a timestamp in seconds since 1970";
        let fault = |code, expected| Err(value.fault(code, expected));
        const IN_MS: &str = "a timestamp in seconds (this one is in milliseconds)";
        let Some(seconds) = number_to_round(digits, 3) else {
            // It has too many digits, before the point or after it.
            let is_large = digits.split('.').next().is_some_and(|integer| integer.len() > 20)
                || digits
                    .split_once(['e', 'E'])
                    .is_some_and(|(_, exponent)| !exponent.starts_with('-'));
            let (code, expected) =
                if is_large { (Code::TimeInMs, IN_MS) } else { (Code::BadTimestamp, EXPECTED) };
            return fault(code, expected);
        };
        if seconds.is_sign_negative() && !seconds.is_zero() {
            return fault(Code::NegativeTime, "a timestamp of 0 or more");
        }
        // Before rounding: 99999999999.9999 is below the limit.
        if seconds >= Decimal::from(MAX_SECONDS) {
            return fault(Code::TimeInMs, IN_MS);
        }
        let millis = match (value.options.fraction, digits.split_once('.')) {
            // The digits after the point are a count of milliseconds (P21).
            (FractionMode::UnpaddedMillis, Some((_, fraction))) if !digits.contains(['e', 'E']) => {
                if fraction.len() > 3 {
                    return fault(Code::BadTimestamp, "a fraction of one to three digits");
                }
                seconds.trunc() * Decimal::ONE_THOUSAND + number(fraction).unwrap_or_default()
            }
            _ => (seconds * Decimal::ONE_THOUSAND)
                .round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero),
        };
        match millis.to_i64() {
            Some(millis) => Ok(Self(millis)),
            None => fault(Code::BadTimestamp, EXPECTED),
        }
    }
}

/// Reads a time that may be missing: zero means missing.
// P14 to P18
pub(crate) fn moment(value: Value<'_>) -> Read<Timestamp> {
    Ok(timestamp(&value)?.filter(|moment| moment.0 != 0))
}

/// Reads a start: zero is an error.
// P18
pub(crate) fn start(value: Value<'_>) -> Read<Timestamp> {
    match timestamp(&value)? {
        Some(Timestamp(0)) => Err(value.fault(Code::ZeroStart, "a start other than zero")),
        start => Ok(start),
    }
}

pub(crate) fn timestamp(value: &Value<'_>) -> Read<Timestamp> {
    if value.is_nothing() {
        return Ok(None);
    }
    match digits(value) {
        Some(digits) => Timestamp::parse(digits, value).map(Some),
        None => Err(value.fault(Code::BadTimestamp, "a timestamp in seconds since 1970")),
    }
}

/// Converts; times before 1970 are negative, and fractions of a millisecond are cut.
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => Self(millis(after)),
            Err(before) => Self(-millis(before.duration())),
        }
    }
}

/// Converts; saturates at the epoch if the platform cannot represent the time.
impl From<Timestamp> for SystemTime {
    fn from(timestamp: Timestamp) -> Self {
        let distance = Duration::from_millis(timestamp.0.unsigned_abs());
        let time = if timestamp.0 < 0 {
            UNIX_EPOCH.checked_sub(distance)
        } else {
            UNIX_EPOCH.checked_add(distance)
        };
        time.unwrap_or(UNIX_EPOCH)
    }
}

impl fmt::Display for Timestamp {
    /// Formats seconds with three fraction digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let millis = self.0.unsigned_abs();
        f.pad(&format!("{sign}{}.{:03}", millis / 1_000, millis % 1_000))
    }
}

impl Serialize for Timestamp {
    // P23
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw = RawValue::from_string(self.to_string()).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}
