//! Extension numbers, addresses and types, and what an integration knows about them (§2).

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::rc::Rc;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::open_enum::open_enum;

/// A full extension number, `client_prefix*name`, such as `453*106` (R6).
///
/// Three to six digits, a star, two to four digits; nothing else. Leading zeros of both parts are
/// kept, so neither is ever an integer.
///
/// The vendor prints the pattern `[0-9]{3,6}*[0-9]{2,4}`. As a regular expression that is a trap: in
/// most engines it matches `74951234567` and `106`, and not `453*106`. This type is checked by hand
/// (§2.2).
///
/// ```
/// use ucom_events::ExtensionNumber;
///
/// let number: ExtensionNumber = "000*094".parse()?;
/// assert_eq!((number.prefix(), number.name()), ("000", "094"));
/// assert!("74951234567".parse::<ExtensionNumber>().is_err());
/// # Ok::<(), ucom_events::ExtensionNumberError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ExtensionNumber {
    text: Box<str>,
    star: u8,
}

impl ExtensionNumber {
    /// Whether a text is a full extension number. No allocation.
    #[must_use]
    pub const fn is_valid(text: &[u8]) -> bool {
        star(text).is_some()
    }

    /// The number of an extension by its client's prefix and its short name.
    ///
    /// # Errors
    ///
    /// If either part has other characters than digits, or too few or too many.
    pub fn new(prefix: &str, name: &str) -> Result<Self, ExtensionNumberError> {
        format!("{prefix}*{name}").parse()
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

/// Where the star of a full extension number stands.
const fn star(text: &[u8]) -> Option<usize> {
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
#[error("not a full extension number: 3 to 6 digits, a star, 2 to 4 digits")]
#[non_exhaustive]
pub struct ExtensionNumberError;

/// A number as events carry it, with or without a domain: `453*106@sip.example.com`.
///
/// Only the part before the first `@` tells the extension (§2.1).
///
/// ```
/// use ucom_events::ExtensionAddress;
///
/// let address = ExtensionAddress::new("453*106@sip.example.com");
/// assert_eq!(address.user(), "453*106");
/// assert_eq!(address.domain(), Some("sip.example.com"));
/// assert_eq!(address.number().map(|number| number.name().to_owned()).as_deref(), Some("106"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExtensionAddress<'a>(&'a str);

impl<'a> ExtensionAddress<'a> {
    /// The address in a text; every text is one.
    #[must_use]
    pub const fn new(text: &'a str) -> Self {
        Self(text)
    }

    /// The whole address, as sent.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.0
    }

    /// The part before the first `@`: a full or short number, or any other SIP user.
    #[must_use]
    pub fn user(self) -> &'a str {
        self.0.split_once('@').map_or(self.0, |(user, _)| user)
    }

    /// The part after the first `@`.
    #[must_use]
    pub fn domain(self) -> Option<&'a str> {
        self.0.split_once('@').map(|(_, domain)| domain)
    }

    /// The full extension number, if the user part is one.
    #[must_use]
    pub fn number(self) -> Option<ExtensionNumber> {
        self.user().parse().ok()
    }

    /// The extension's short name: that of a full number, else the user part itself.
    #[must_use]
    pub fn short_name(self) -> &'a str {
        let user = self.user();
        star(user.as_bytes()).map_or(user, |star| &user[star + 1..])
    }
}

impl fmt::Display for ExtensionAddress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

/// The id of an extension in the API and in the `…ExtensionID` of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExtensionId(u64);

impl ExtensionId {
    /// An id by its number.
    #[must_use]
    pub const fn new(id: u64) -> Self {
        Self(id)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ExtensionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

open_enum! {
    /// What an extension is (R3, C10: read in any letter case, written in lower case).
    pub enum ExtensionType compared without_case {
        /// A telephone.
        Phone = "phone",
        /// Callers wait here for an agent.
        Queue = "queue",
        /// A voice menu.
        Ivr = "ivr",
        /// A fax.
        Fax = "fax",
    }
}

impl ExtensionType {
    /// Whether callers meet a machine here: a voice menu or a queue.
    #[must_use]
    pub const fn is_service(&self) -> bool {
        matches!(self, Self::Ivr | Self::Queue)
    }
}

/// What an integration knows about the extensions of its client.
///
/// Needed where a PBX shows its own extensions by short numbers (§2.1), and where the tracker must
/// tell voice menus and queues from phones.
pub trait Directory {
    /// The type of an extension by its short name (`106`), or `None` for a name that is no extension.
    fn extension_type(&self, name: &str) -> Option<ExtensionType>;

    /// Whether there is an extension of this short name.
    fn contains(&self, name: &str) -> bool {
        self.extension_type(name).is_some()
    }
}

macro_rules! map_directory {
    ($($map:ident),+) => {$(
        impl Directory for $map<String, ExtensionType> {
            fn extension_type(&self, name: &str) -> Option<ExtensionType> {
                self.get(name).cloned()
            }

            fn contains(&self, name: &str) -> bool {
                self.contains_key(name)
            }
        }
    )+};
}
map_directory!(BTreeMap, HashMap);

macro_rules! pointer_directory {
    ($($pointer:ty),+) => {$(
        impl<D: Directory + ?Sized> Directory for $pointer {
            fn extension_type(&self, name: &str) -> Option<ExtensionType> {
                (**self).extension_type(name)
            }

            fn contains(&self, name: &str) -> bool {
                (**self).contains(name)
            }
        }
    )+};
}
pointer_directory!(&D, Box<D>, Rc<D>, Arc<D>);
