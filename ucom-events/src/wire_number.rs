//! Numbers that the API writes as JSON numbers or as text.

use serde::{Deserialize, Deserializer};

#[derive(Deserialize)]
#[serde(untagged)]
enum Wire {
    Number(u64),
    Text(String),
}

impl Wire {
    fn get(&self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => crate::form::digits(text.as_bytes()),
        }
    }
}

/// Reads a number in either form.
pub(crate) fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let wire = Wire::deserialize(deserializer)?;
    wire.get().ok_or_else(|| serde::de::Error::custom("not a number"))
}

/// Reads a number in either form; anything else is `None`.
pub(crate) fn optional<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<u64>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value::<Wire>(value).ok().and_then(|wire| wire.get()))
}
