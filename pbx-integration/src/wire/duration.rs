//! Durations and idle times.

use std::borrow::Cow;
use std::time::Duration;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::wire::code::Code;
use crate::wire::decimal::number_to_round;
use crate::wire::field::digits;
use crate::wire::value::{DurationUnit, Json, Read, Value};

/// Reads milliseconds, rounded half up, never negative.
// P24, P25, P158
pub(crate) fn duration(value: Value<'_>) -> Read<Duration> {
    read(&value, DurationUnit::Milliseconds)
}

/// Reads a duration in the reader's unit.
// P29
pub(crate) fn duration_in_unit(value: Value<'_>) -> Read<Duration> {
    read(&value, value.options.unit)
}

fn read(value: &Value<'_>, unit: DurationUnit) -> Read<Duration> {
    if value.is_nothing() {
        return Ok(None);
    }
    let factor = match unit {
        DurationUnit::Milliseconds => Decimal::ONE,
        DurationUnit::Seconds => Decimal::ONE_THOUSAND,
    };
    let millis = digits(value)
        .and_then(|digits| number_to_round(digits, 3))
        .filter(|amount| !amount.is_sign_negative() || amount.is_zero())
        .and_then(|amount| amount.checked_mul(factor))
        .and_then(|millis| {
            millis.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero).to_u64()
        });
    millis.map(|millis| Some(Duration::from_millis(millis))).ok_or_else(|| {
        value.number_fault(
            Code::BadDuration,
            match unit {
                DurationUnit::Milliseconds => "a duration of 0 or more in milliseconds",
                DurationUnit::Seconds => "a duration of 0 or more in seconds",
            },
        )
    })
}

/// The idle time of an extension leg: read as milliseconds and kept as written, because its unit is
/// not documented.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Idle {
    time: Duration,
    /// The number as written, if it differs from the integer.
    written: Option<Box<str>>,
}

impl Idle {
    /// Creates an idle time of whole milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self { time: Duration::from_millis(millis), written: None }
    }

    /// Returns the time, if the number counts milliseconds.
    #[must_use]
    pub const fn time(&self) -> Duration {
        self.time
    }

    /// Returns the number as written.
    #[must_use]
    pub fn number(&self) -> Cow<'_, str> {
        match &self.written {
            Some(written) => Cow::Borrowed(written),
            None => Cow::Owned(self.time.as_millis().to_string()),
        }
    }
}

// P28
pub(crate) fn idle(value: Value<'_>) -> Read<Idle> {
    let Some(time) = read(&value, DurationUnit::Milliseconds)? else { return Ok(None) };
    let plain = time.as_millis().to_string();
    let written = match &value.json {
        Json::Number(digits) => *digits,
        Json::Text(text) => text.as_ref(),
        _ => &plain,
    };
    Ok(Some(Idle { time, written: (written != plain).then(|| written.into()) }))
}

impl Serialize for Idle {
    /// Writes the number as read; as text if it is not a JSON number.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.written {
            None => serializer.serialize_u128(self.time.as_millis()),
            Some(written) => match serde_json::from_str::<&RawValue>(written) {
                Ok(raw) => raw.serialize(serializer),
                Err(_) => serializer.serialize_str(written),
            },
        }
    }
}
