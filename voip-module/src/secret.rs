//! A key that never prints itself.

use std::fmt;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::error::ParseError;

/// A key or token: without `Display` and `Serialize`, redacted in `Debug`, cleared on drop, compared
/// in constant time.
///
/// ```
/// use voip_module::Secret;
///
/// let key = Secret::new("K3Y");
/// assert_eq!(format!("{key:?}"), "Secret(…)");
/// assert!(key.matches(b"K3Y") && !key.matches(b"K3"));
/// ```
#[derive(Clone, Default)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Keeps a key.
    #[must_use]
    pub fn new(key: impl Into<String>) -> Self {
        Self(Zeroizing::new(key.into()))
    }

    /// Returns the key itself, for the one place where it has to be sent.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns whether the key is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether this key was presented. Keys of equal length are compared in constant time.
    /// An empty key matches nothing.
    #[must_use]
    pub fn matches(&self, presented: &[u8]) -> bool {
        !self.is_empty() & bool::from(self.0.as_bytes().ct_eq(presented))
    }

    /// Checks a key that a webhook request presents.
    ///
    /// # Errors
    ///
    /// [`ParseError::BadToken`] if it is missing or wrong.
    pub fn check(&self, presented: Option<&str>) -> Result<(), ParseError> {
        let is_right = presented.is_some_and(|presented| self.matches(presented.as_bytes()));
        if is_right { Ok(()) } else { Err(ParseError::BadToken) }
    }

    /// Replaces every occurrence of the key in a text.
    pub(crate) fn redact(&self, text: &str) -> String {
        if self.is_empty() { text.into() } else { text.replace(self.0.as_str(), "…") }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl From<String> for Secret {
    fn from(key: String) -> Self {
        Self::new(key)
    }
}

impl From<&str> for Secret {
    fn from(key: &str) -> Self {
        Self::new(key)
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn only_the_whole_key_matches() {
        let key = Secret::new("T0K");
        assert!(key.matches(b"T0K"));
        for other in ["", "T", "T0", "T0KK", "t0k", "T0K\0", "\0T0K", "XXX", "T0KT0K"] {
            assert!(!key.matches(other.as_bytes()), "{other:?}");
        }
    }

    #[test]
    fn an_empty_key_matches_nothing() {
        assert!(!Secret::default().matches(b""));
        assert!(!Secret::default().matches(b"T"));
    }
}
