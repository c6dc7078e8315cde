//! The idle time of an extension leg, whose unit is not documented.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::wire::json::Json;
use crate::wire::scalar::{Read, duration};

/// The idle time of an extension leg, read as milliseconds, with the number as it was written
/// (P28): the vendor names no unit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Idle {
    time: Duration,
    /// Where the number was not written as the integer that it is read as.
    written: Option<Box<str>>,
}

impl Idle {
    /// An idle time of whole milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self { time: Duration::from_millis(millis), written: None }
    }

    /// The time, if the number counts milliseconds.
    #[must_use]
    pub const fn time(&self) -> Duration {
        self.time
    }

    /// The number as it was written.
    #[must_use]
    pub fn number(&self) -> Cow<'_, str> {
        match &self.written {
            Some(written) => Cow::Borrowed(written),
            None => Cow::Owned(self.time.as_millis().to_string()),
        }
    }
}

pub(crate) fn idle(json: &mut Json<'_>) -> Read<Idle> {
    let Some(time) = duration(json)? else { return Ok(None) };
    if let Json::Integer(_) = json {
        return Ok(Some(Idle { time, written: None }));
    }
    let text = match &*json {
        Json::Number(digits) => *digits,
        Json::Text(text) => text.as_ref(),
        _ => "",
    };
    let is_plain = text == "0" || {
        let is_integer = text.bytes().all(|byte| byte.is_ascii_digit());
        is_integer && !text.starts_with('0')
    };
    Ok(Some(Idle { time, written: (!is_plain).then(|| text.into()) }))
}

impl Serialize for Idle {
    /// The number as it was written; as text where it is no JSON number.
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
