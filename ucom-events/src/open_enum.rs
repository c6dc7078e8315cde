//! Enums over words of the wire that keep unknown words.

use std::fmt;

use serde::Serialize;

/// A word of the wire that this version does not know.
///
/// Never match on its content: the word may get a variant of its own. Compare through the `as_str`
/// of the enum that holds it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct UnknownStr(Box<str>);

impl UnknownStr {
    pub(crate) fn new(word: &str) -> Self {
        Self(word.into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UnknownStr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Defines an enum with a variant per known word and `Unknown` for the others.
///
/// Gives `as_str`, `is_known`, `KNOWN`, `From<&str>`, `Display`, `Serialize`, `Deserialize`.
/// `compared exactly` takes words as they are written; `compared without case` takes any letter
/// case, and writes the known words as given here.
macro_rules! open_enum {
    (@eq exactly $word:literal $text:expr) => { $text == $word };
    (@eq without_case $word:literal $text:expr) => { $text.eq_ignore_ascii_case($word) };
    (
        $(#[$meta:meta])*
        pub enum $name:ident compared $how:ident {
            $($(#[$doc:meta])* $variant:ident = $word:literal,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(
                $(#[$doc])*
                #[doc = concat!("\n\nWire name `", $word, "`.")]
                $variant,
            )+
            /// A word that this version does not know, kept as it was sent.
            Unknown($crate::open_enum::UnknownStr),
        }

        impl $name {
            /// The words that this version knows.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),+];

            /// The word on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Unknown(word) => word.as_str(),
                }
            }

            /// Returns whether this version knows the word.
            #[must_use]
            pub const fn is_known(&self) -> bool {
                !matches!(self, Self::Unknown(_))
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                $(if $crate::open_enum::open_enum!(@eq $how $word text) {
                    return Self::$variant;
                })+
                Self::Unknown($crate::open_enum::UnknownStr::new(text))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Ok(Self::from(&*word))
            }
        }
    };
}

pub(crate) use open_enum;
