//! Enums over words of the protocol that keep unknown words.

/// Defines an enum with a variant per known word and `Unknown` for the others.
///
/// Gives `from_text`, `to_str`, `Display`, `From<Text>`, `Serialize`, comparison with `str`, and
/// the reading of `Option<Self>` as a field.
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$doc:meta])* $variant:ident = $word:literal,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name<'a> {
            $(
                $(#[$doc])*
                #[doc = concat!("\n\nWire name `", $word, "`.")]
                $variant,
            )+
            /// A word that this version does not know. Compare through
            /// [`to_str`](Self::to_str): the word may get a variant of its own.
            Unknown(Text<'a>),
        }

        impl<'a> $name<'a> {
            /// The value of a word.
            #[must_use]
            pub fn from_text(text: Text<'a>) -> Self {
                match text {
                    $(text if text.is_word($word) => Self::$variant,)+
                    text => Self::Unknown(text),
                }
            }

            /// The word on the wire.
            #[must_use]
            pub fn to_str(self) -> std::borrow::Cow<'a, str> {
                match (self, self.known_word()) {
                    (Self::Unknown(text), _) => text.to_str(),
                    (_, word) => word.unwrap_or_default().into(),
                }
            }

            /// The word on the wire, if this version knows it.
            #[must_use]
            pub const fn known_word(self) -> Option<&'static str> {
                match self {
                    $(Self::$variant => Some($word),)+
                    Self::Unknown(_) => None,
                }
            }

            /// As [`from_text`](Self::from_text), for text whose bytes are at hand.
            #[cfg_attr(not(debug_assertions), inline(always))]
            pub(crate) fn from_word(word: $crate::element::field::Word<'a>) -> Self {
                mod length {
                    #![expect(non_upper_case_globals, reason = "named after the variants")]
                    $(pub(super) const $variant: usize = $word.len();)+
                }
                mod bytes {
                    #![expect(non_upper_case_globals, reason = "named after the variants")]
                    $(pub(super) const $variant: &[u8] = $word.as_bytes();)+
                }
                // By length first: one step finds the one or two words that it can be.
                match (word.bytes.len(), word.bytes) {
                    $((length::$variant, bytes::$variant) => Self::$variant,)+
                    // A list of code points, or no word at all.
                    (0, _) => Self::from_text(word.text),
                    _ => Self::Unknown(word.text),
                }
            }
        }

        impl<'a> From<Text<'a>> for $name<'a> {
            fn from(text: Text<'a>) -> Self {
                Self::from_text(text)
            }
        }

        impl PartialEq<str> for $name<'_> {
            fn eq(&self, other: &str) -> bool {
                self.to_str() == other
            }
        }

        impl std::fmt::Display for $name<'_> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.to_str())
            }
        }

        impl serde::Serialize for $name<'_> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.to_str())
            }
        }

        impl<'a> $crate::element::field::Part<'a> for Option<$name<'a>> {
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn read(start: &'a [u8]) -> (Self, &'a [u8]) {
                let (word, rest) = $crate::element::field::word(start);
                (word.map($name::from_word), rest)
            }
        }
    };
}

pub(crate) use open_enum;
