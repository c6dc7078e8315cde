//! The id of a started call.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Number;

/// The id that the PBX gave a started call: opaque text or an integer, passed back as the same JSON
/// type.
///
/// ```
/// use pbx_integration::CallId;
///
/// let id: CallId = serde_json::from_str("42")?;
/// assert_eq!(serde_json::to_string(&id)?, "42");
/// assert_ne!(id, CallId::from("42"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct CallId(Id);

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
enum Id {
    Text(String),
    Integer(Number),
}

impl From<&str> for CallId {
    fn from(id: &str) -> Self {
        Self(Id::Text(id.to_owned()))
    }
}

impl From<String> for CallId {
    fn from(id: String) -> Self {
        Self(Id::Text(id))
    }
}

impl From<i64> for CallId {
    fn from(id: i64) -> Self {
        Self(Id::Integer(id.into()))
    }
}

impl From<u64> for CallId {
    fn from(id: u64) -> Self {
        Self(Id::Integer(id.into()))
    }
}

/// Accepts text and integers; anything else is an error.
impl<'de> Deserialize<'de> for CallId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let refusal = || serde::de::Error::custom("a call id is expected: text or an integer");
        match Id::deserialize(deserializer) {
            Ok(Id::Integer(number)) if number.is_f64() => Err(refusal()),
            Ok(id) => Ok(Self(id)),
            Err(_) => Err(refusal()),
        }
    }
}

/// Formats for logs: text is escaped and cut to 64 characters.
impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Id::Text(text) => {
                text.chars().take(64).flat_map(char::escape_debug).try_for_each(|c| {
                    use fmt::Write as _;
                    f.write_char(c)
                })
            }
            Id::Integer(number) => number.fmt(f),
        }
    }
}
