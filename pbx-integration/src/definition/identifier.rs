//! The unique id of an integration.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The unique id of an integration, such as `ourcrmsys`: used in scripts, in HTML and in the
/// prefix of web requests. Compared exactly.
///
/// ```
/// use pbx_integration::Identifier;
///
/// let identifier = Identifier::new("ourcrmsys")?;
/// assert_eq!(identifier.as_str(), "ourcrmsys");
/// assert!(Identifier::new("Our-CRM").is_err());
///
/// let (identifier, warning) = Identifier::lenient("Our-CRM")?;
/// assert_eq!(identifier.as_str(), "Our-CRM");
/// assert!(warning.is_some(), "not the form that the vendor calls safe");
/// # Ok::<(), pbx_integration::definition::IdentifierError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifier(Box<str>);

/// Maximum length of the strict form, in characters.
const MAX_LENGTH: usize = 64;

impl Identifier {
    /// Creates an identifier in the form that the vendor calls safe: `[a-z0-9]+`, a letter first,
    /// at most 64 characters.
    ///
    /// # Errors
    ///
    /// [`IdentifierError`] if the text has another form.
    pub fn new(text: &str) -> Result<Self, IdentifierError> {
        match strict_fault(text) {
            Some(error) => Err(error),
            None => Ok(Self(text.into())),
        }
    }

    /// Creates an identifier in any form that is safe in scripts, HTML and URLs, with a warning if
    /// [`new`](Self::new) would reject it.
    ///
    /// # Errors
    ///
    /// [`IdentifierError`] if it is empty, or has control characters, white space, `/`, `?`, `#`,
    /// quotes or angle brackets.
    pub fn lenient(text: &str) -> Result<(Self, Option<IdentifierError>), IdentifierError> {
        if text.is_empty() {
            return Err(IdentifierError::Empty);
        }
        if let Some(at) = text.chars().position(is_harmful) {
            return Err(IdentifierError::HarmfulCharacter { position: at });
        }
        Ok((Self(text.into()), strict_fault(text)))
    }

    /// Returns the identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the error of [`new`](Self::new), if [`lenient`](Self::lenient) created the
    /// identifier.
    #[must_use]
    pub fn warning(&self) -> Option<IdentifierError> {
        strict_fault(&self.0)
    }
}

fn strict_fault(text: &str) -> Option<IdentifierError> {
    if text.is_empty() {
        return Some(IdentifierError::Empty);
    }
    let is_safe = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit();
    if let Some(position) = text.chars().position(|character| !is_safe(character)) {
        return Some(IdentifierError::UnsafeCharacter { position });
    }
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return Some(IdentifierError::DigitFirst);
    }
    (text.len() > MAX_LENGTH).then_some(IdentifierError::TooLong)
}

fn is_harmful(character: char) -> bool {
    // The backtick quotes templates in scripts that contain the identifier.
    const MARKS: &[char] = &['/', '?', '#', '"', '\'', '`', '<', '>'];
    character.is_control() || character.is_whitespace() || MARKS.contains(&character)
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for Identifier {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Identifier {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Identifier {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other
    }
}

impl PartialEq<&str> for Identifier {
    fn eq(&self, other: &&str) -> bool {
        *self.0 == **other
    }
}

/// Parses like [`Identifier::new`].
impl FromStr for Identifier {
    type Err = IdentifierError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl Serialize for Identifier {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Reads like [`Identifier::lenient`]; [`Identifier::warning`] returns the warning.
impl<'de> Deserialize<'de> for Identifier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::lenient(&text).map(|(identifier, _)| identifier).map_err(serde::de::Error::custom)
    }
}

/// An invalid identifier. Positions count characters from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentifierError {
    /// It is empty.
    #[error("invalid identifier: it is empty")]
    Empty,
    /// A character is not a lower-case ASCII letter or digit.
    #[error(
        "invalid identifier: character {position} is not a lower-case letter a-z or a digit 0-9"
    )]
    UnsafeCharacter {
        /// The position of the character.
        position: usize,
    },
    /// The first character is a digit.
    #[error("invalid identifier: it begins with a digit instead of a letter")]
    DigitFirst,
    /// It has more than 64 characters.
    #[error("invalid identifier: it has more than {MAX_LENGTH} characters")]
    TooLong,
    /// A character would break scripts, HTML or URLs.
    #[error(
        "invalid identifier: character {position} is a control character, white space, a quote, \
         an angle bracket, '/', '?' or '#'"
    )]
    HarmfulCharacter {
        /// The position of the character.
        position: usize,
    },
}
