//! A key that never prints itself.

use std::fmt;
use std::hint::black_box;

/// A key or token. It has no `Display` and no `Serialize`, and its `Debug` shows nothing of it
/// (V39, V51).
///
/// ```
/// use voip_module::Secret;
///
/// let key = Secret::new("K3Y");
/// assert_eq!(format!("{key:?}"), "Secret(…)");
/// assert!(key.matches(b"K3Y") && !key.matches(b"K3"));
/// ```
#[derive(Clone, Default)]
pub struct Secret(Box<str>);

impl Secret {
    /// Keeps a key.
    #[must_use]
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into().into_boxed_str())
    }

    /// The key itself, for the one place where it has to be sent.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether somebody presented this key. The time taken depends on the length of what was
    /// presented, not on how much of it is right (V39). An empty key matches nothing.
    #[must_use]
    pub fn matches(&self, presented: &[u8]) -> bool {
        let key = self.0.as_bytes();
        let Some(last) = key.len().checked_sub(1) else { return false };
        // All of `presented` is compared, with the key repeated where it is too short.
        let difference = presented.iter().enumerate().fold(
            u8::from(presented.len() != key.len()),
            |difference, (at, byte)| {
                black_box(difference | (byte ^ key.get(at.min(last)).copied().unwrap_or_default()))
            },
        );
        black_box(difference) == 0
    }

    /// The text with every occurrence of the key taken out.
    pub(crate) fn redact(&self, text: &str) -> String {
        if self.is_empty() { text.into() } else { text.replace(&*self.0, "…") }
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
