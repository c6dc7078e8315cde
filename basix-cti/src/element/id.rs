//! Identities, so that one kind cannot stand in for another.

use std::fmt;

use crate::bert::Text;

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        #[expect(clippy::exhaustive_structs, reason = "an identity is its number")]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number_id! {
    /// Identity of a user. 0 is a value.
    UserId
}
number_id! {
    /// Identity of a group. 0 is a value.
    GroupId
}

/// Identity of a channel.
///
/// For calls that the PBX makes it equals the SIP Call-ID, for calls it receives it does not.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelUuid<'a>(Text<'a>);

impl<'a> ChannelUuid<'a> {
    /// The identity as text.
    #[must_use]
    pub const fn as_text(self) -> Text<'a> {
        self.0
    }

    /// The identity as text.
    #[must_use]
    pub fn to_str(self) -> std::borrow::Cow<'a, str> {
        self.0.to_str()
    }

    /// Returns true if the PBX sent no identity.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> From<Text<'a>> for ChannelUuid<'a> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn from(text: Text<'a>) -> Self {
        Self(text)
    }
}

impl PartialEq<str> for ChannelUuid<'_> {
    fn eq(&self, other: &str) -> bool {
        self.0 == *other
    }
}

impl PartialEq<&str> for ChannelUuid<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.0 == **other
    }
}

impl fmt::Display for ChannelUuid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for ChannelUuid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
