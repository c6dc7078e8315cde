//! Telephone numbers and extension numbers as the PBX writes them, kept exactly as sent.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Words in place of a hidden number.
const WITHHELD: [&str; 8] = [
    "anonymous",
    "restricted",
    "private",
    "withheld",
    "hidden",
    "blocked",
    "unavailable",
    "unknown",
];

/// The part of a number before its first `@`: a full or short extension number, or any SIP user.
///
/// ```
/// assert_eq!(ucom_events::number::user("453*106@sip.example.com"), "453*106");
/// ```
#[must_use]
pub fn user(text: &str) -> &str {
    text.split_once('@').map_or(text, |(user, _)| user)
}

/// Returns whether a number is a word that hides it, such as `Anonymous` or `<unknown>`.
///
/// Letter case, blanks, quotes and angle brackets around the word do not matter.
///
/// ```
/// use ucom_events::number::is_withheld;
///
/// assert!(is_withheld("Anonymous") && is_withheld("\"private\"@sip.example.com"));
/// assert!(!is_withheld("anonymous7") && !is_withheld("+79215550142"));
/// ```
#[must_use]
pub fn is_withheld(text: &str) -> bool {
    const AROUND: [char; 5] = [' ', '"', '\'', '<', '>'];
    let word = user(text.trim_matches(AROUND)).trim_matches(AROUND);
    WITHHELD.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// Returns the digits of a public number without punctuation, or `None` if it has other characters.
pub(crate) fn public_digits(text: &str) -> Option<String> {
    let is_punctuation = |c| matches!(c, ' ' | '+' | '-' | '.' | '(' | ')');
    let digits: String = text.chars().filter(|&c| !is_punctuation(c)).collect();
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

/// Returns whether two texts are the same number, ignoring punctuation.
pub(crate) fn is_same_number(a: &str, b: &str) -> bool {
    let (a, b) = (user(a), user(b));
    a == b || public_digits(a).is_some_and(|digits| public_digits(b) == Some(digits))
}

/// Returns whether two texts name one extension: a short name is the same as a full number that
/// ends in it.
pub(crate) fn is_same_extension(a: &str, b: &str) -> bool {
    let (a, b) = (user(a), user(b));
    let is_full = |text: &str| ExtensionNumber::is_valid(text.as_bytes());
    a == b || (is_full(a) != is_full(b) && short_name(a) == short_name(b))
}

/// The extension's short name: that of a full number, else the part before the first `@`.
#[must_use]
pub fn short_name(text: &str) -> &str {
    let user = user(text);
    star(user.as_bytes()).map_or(user, |star| &user[star + 1..])
}

/// A full extension number, `client_prefix*name`, such as `453*106`.
///
/// Three to six digits, a star, two to four digits. Leading zeros of both parts are kept, so neither
/// is ever an integer.
///
/// The vendor prints the pattern `[0-9]{3,6}*[0-9]{2,4}`. Most regular-expression engines read the star
/// as an operator, match `74951234567` and reject `453*106`; this type is checked by hand.
///
/// ```
/// use ucom_events::number::ExtensionNumber;
///
/// let number: ExtensionNumber = "000*094".parse()?;
/// assert_eq!((number.prefix(), number.name()), ("000", "094"));
/// assert!("74951234567".parse::<ExtensionNumber>().is_err());
/// # Ok::<(), ucom_events::number::ExtensionNumberError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ExtensionNumber {
    text: Box<str>,
    star: u8,
}

impl ExtensionNumber {
    /// Returns whether a text is a full extension number.
    #[must_use]
    pub const fn is_valid(text: &[u8]) -> bool {
        star(text).is_some()
    }

    /// The client's prefix: 3 to 6 digits.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.text[..usize::from(self.star)]
    }

    /// The short number within the client: 2 to 4 digits.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.text[usize::from(self.star) + 1..]
    }

    /// The whole number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// The position of the star in a full extension number.
pub(crate) const fn star(text: &[u8]) -> Option<usize> {
    // Longest: six digits, star, four digits.
    if text.len() > 11 {
        return None;
    }
    let (mut at, mut star) = (0, None);
    while at < text.len() {
        match (text[at], star) {
            (b'0'..=b'9', _) => {}
            (b'*', None) => star = Some(at),
            _ => return None,
        }
        at += 1;
    }
    match star {
        Some(prefix @ 3..=6) => match text.len() - prefix - 1 {
            2..=4 => star,
            _ => None,
        },
        _ => None,
    }
}

impl FromStr for ExtensionNumber {
    type Err = ExtensionNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let star = star(text.as_bytes()).ok_or(ExtensionNumberError)?;
        Ok(Self { text: text.into(), star: star as u8 })
    }
}

impl TryFrom<String> for ExtensionNumber {
    type Error = ExtensionNumberError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ExtensionNumber> for String {
    fn from(number: ExtensionNumber) -> Self {
        number.text.into()
    }
}

impl fmt::Display for ExtensionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for ExtensionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A text is not a full extension number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected a full extension number: 3 to 6 digits, a star, 2 to 4 digits")]
#[non_exhaustive]
pub struct ExtensionNumberError;
