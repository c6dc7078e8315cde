//! Secret values.

use std::fmt;

use serde_json::Value;
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize, Zeroizing};

/// A secret setting: its `Debug` is fixed text, it has no `Display` and no `Serialize`, its
/// memory is cleared when it is dropped, and it is compared in constant time.
///
/// ```
/// use pbx_integration::Secret;
///
/// let password = Secret::new("p1");
/// assert_eq!(format!("{password:?}"), "Secret(…)");
/// assert!(password.matches(b"p1") && !password.matches(b"p"));
/// assert_eq!(password.expose(), "p1"); // for the one place where it has to be sent
/// ```
///
/// It cannot be printed:
///
/// ```compile_fail,E0277
/// let password = pbx_integration::Secret::new("p1");
/// println!("{password}");
/// ```
///
/// nor serialised:
///
/// ```compile_fail,E0277
/// let password = pbx_integration::Secret::new("p1");
/// serde_json::to_string(&password);
/// ```
#[derive(Clone)]
pub struct Secret {
    /// The text, or the JSON text of a value that is not text.
    text: Zeroizing<String>,
    is_json: bool,
}

impl Secret {
    /// Creates a secret from a text, which is moved, not copied.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: Zeroizing::new(text.into()), is_json: false }
    }

    /// Creates a secret from any JSON value; a JSON string as its text. The value is cleared.
    #[must_use]
    pub fn from_json(value: Value) -> Self {
        if let Value::String(text) = value {
            return Self::new(text);
        }
        let text = Zeroizing::new(value.to_string());
        clear(value);
        Self { text, is_json: true }
    }

    /// Returns the text itself, for sending it; of a value that is not text, its JSON.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Returns the value itself, for sending it.
    #[must_use]
    pub fn expose_json(&self) -> Value {
        let parsed = self.is_json.then(|| serde_json::from_str(&self.text).ok()).flatten();
        parsed.unwrap_or_else(|| Value::String(self.text.to_string()))
    }

    /// Returns whether it is a JSON value that is not text.
    #[cfg(feature = "file-settings")]
    pub(super) const fn is_json(&self) -> bool {
        self.is_json
    }

    pub(super) fn is_null(&self) -> bool {
        self.is_json && *self.text == "null"
    }

    /// Returns whether the text is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Returns whether this secret was presented, in a time that depends only on lengths. An empty
    /// secret matches nothing.
    #[must_use]
    pub fn matches(&self, presented: &[u8]) -> bool {
        !self.is_empty() && bool::from(self.text.as_bytes().ct_eq(presented))
    }
}

/// Compares in a time that depends only on lengths.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        bool::from(self.text.as_bytes().ct_eq(other.text.as_bytes()))
            && self.is_json == other.is_json
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

/// Clears the texts of a value with secrets.
pub(crate) fn clear(value: Value) {
    match value {
        Value::String(mut text) => text.zeroize(),
        Value::Array(items) => items.into_iter().for_each(clear),
        Value::Object(members) => {
            for (mut name, member) in members {
                name.zeroize();
                clear(member);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;
    use serde_json::json;

    #[test]
    fn p82_only_the_whole_secret_matches() {
        let secret = Secret::new("T0K");
        assert!(secret.matches(b"T0K"));
        for other in ["", "T", "T0", "T0KK", "t0k", "T0K\0", "XXX", "T0KT0K"] {
            assert!(!secret.matches(other.as_bytes()), "{other:?}");
        }
        assert!(!Secret::new("").matches(b""), "an empty secret matches nothing");
    }

    #[test]
    fn p82_the_memory_of_a_secret_is_cleared_when_it_is_dropped() {
        fn assert_cleared<T: zeroize::ZeroizeOnDrop>(_: &T) {}
        let Secret { text, is_json: _ } = Secret::new("T0K");
        assert_cleared(&text);
    }

    #[test]
    fn p81_a_number_and_its_text_are_different_secrets() {
        let (number, text) = (Secret::from_json(json!(42)), Secret::from_json(json!("42")));
        assert_ne!(number, text);
        assert_eq!(text, Secret::new("42"));
        assert_eq!((number.expose_json(), text.expose_json()), (json!(42), json!("42")));
    }
}
