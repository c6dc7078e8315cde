//! Words with their spelling on the wire.

use std::fmt;
use std::ops::Deref;

use serde::{Serialize, Serializer};

/// A word of the wire, with its spelling if that is not the usual one: `ACDS` is a queue and is
/// written back as `ACDS`.
///
/// ```
/// use pbx_integration::{event::GroupKind, wire::Spelled};
///
/// let kind = Spelled::<GroupKind>::new("ACDS");
/// assert_eq!(*kind, GroupKind::Queue);
/// assert_eq!(kind.as_str(), "ACDS");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Spelled<T> {
    word: T,
    spelling: Option<Box<str>>,
}

impl<T: AsRef<str> + for<'a> From<&'a str>> Spelled<T> {
    /// Creates the word of a text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let word = T::from(text);
        let spelling = (word.as_ref() != text).then(|| text.into());
        Self { word, spelling }
    }
}

impl<T: AsRef<str>> Spelled<T> {
    /// Returns the word as spelled.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.spelling.as_deref().unwrap_or_else(|| self.word.as_ref())
    }
}

impl<T> Spelled<T> {
    /// Creates a word in its usual spelling.
    #[must_use]
    pub const fn known(word: T) -> Self {
        Self { word, spelling: None }
    }

    /// Returns the word.
    pub const fn word(&self) -> &T {
        &self.word
    }
}

impl<T> Deref for Spelled<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.word
    }
}

impl<T: AsRef<str> + for<'a> From<&'a str>> From<&str> for Spelled<T> {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl<T: fmt::Debug> fmt::Debug for Spelled<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.spelling {
            None => self.word.fmt(f),
            Some(spelling) => write!(f, "{:?} spelled {spelling:?}", self.word),
        }
    }
}

impl<T: AsRef<str>> fmt::Display for Spelled<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl<T: AsRef<str>> Serialize for Spelled<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
