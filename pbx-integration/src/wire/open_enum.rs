//! Enums of words of the wire that keep unknown words.

use std::fmt;

/// A word of the wire that this version does not know.
///
/// Never match on its content: the word may get a variant of its own. Compare through the `as_str`
/// of the enum that holds it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
/// The first spelling of a variant is written; all are read, in any letter case. Gives `as_str`,
/// `is_known`, `KNOWN`, `From<&str>`, `Display`, `Serialize`.
macro_rules! open_enum {
    (@first $word:literal $(| $more:literal)*) => { $word };
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$doc:meta])* $variant:ident = $($word:literal)|+,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(
                $(#[$doc])*
                #[doc = concat!("\n\nWire name", $(" `", $word, "`"),+, ".")]
                $variant,
            )+
            /// A word that this version does not know, kept as sent.
            Unknown($crate::wire::UnknownStr),
        }

        impl $name {
            /// The words that this version knows.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the word on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $crate::wire::open_enum::open_enum!(@first $($word)|+),)+
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
                $(if [$($word),+].iter().any(|word| text.eq_ignore_ascii_case(word)) {
                    return Self::$variant;
                })+
                Self::Unknown($crate::wire::UnknownStr::new(text))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

pub(crate) use open_enum;
