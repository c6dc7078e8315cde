//! Errors of decoding, with their place.

use std::fmt;

/// An error of decoding: what is wrong, and at which byte.
///
/// Holds no part of the message, so it may be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError {
    kind: DecodeErrorKind,
    offset: u32,
}

impl DecodeError {
    pub(crate) const fn new(kind: DecodeErrorKind, offset: usize) -> Self {
        // Messages are at most `Limits::message_bytes` long; a longer one fails at its start.
        Self { kind, offset: offset as u32 }
    }

    /// The kind of error.
    #[must_use]
    pub const fn kind(&self) -> DecodeErrorKind {
        self.kind
    }

    /// The place of the error, in bytes from the start of the message.
    ///
    /// In a truncated message this is the place of the part that does not fit.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset as usize
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.kind.explain(), self.offset)
    }
}

impl std::error::Error for DecodeError {}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $text:literal;)+) => {
        /// The kinds of errors of decoding.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum DecodeErrorKind {
            $($(#[$doc])* $variant,)+
        }

        impl DecodeErrorKind {
            /// A short name for programs; it never changes.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            const fn explain(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

kinds! {
    /// The message has no bytes.
    Empty = "empty", "message is empty";
    /// The first byte is not 131.
    Version = "version", "message does not start with version byte 131";
    /// The message ends inside the term, or a length exceeds what is left.
    Truncated = "truncated", "message ends inside a term";
    /// Bytes follow the term.
    Trailing = "trailing", "bytes follow the term";
    /// A tag that the format does not have.
    UnknownTag = "unknown_tag", "unknown tag";
    /// The form that a node writes for itself only (tag 121).
    Local = "local", "term is in the local form of one node";
    /// A tag that a CTI message must not use.
    OutsideSubset = "outside_subset", "tag is not allowed in a CTI message";
    /// A list whose tail is not the empty list.
    ImproperList = "improper_list", "list does not end with the empty list";
    /// An atom of more than 255 characters.
    AtomTooLong = "atom_too_long", "atom has more than 255 characters";
    /// An atom of the UTF-8 kind whose bytes are not UTF-8.
    AtomNotUtf8 = "atom_not_utf8", "atom is not valid UTF-8";
    /// Float text that is not a number, or a float that is not finite.
    Float = "float", "float is not a finite number";
    /// A sign byte of an integer that is neither 0 nor 1.
    Sign = "sign", "sign byte of an integer is neither 0 nor 1";
    /// A bit string without bytes, or whose last byte has no bits or more than eight.
    Bits = "bits", "bit string has an impossible number of bits";
    /// A part of a pid, port, reference, fun or export that has the wrong type or size.
    Identifier = "identifier", "part of an identifier has the wrong type or size";
    /// A map with the same key twice.
    DuplicateKey = "duplicate_key", "map has the same key twice";
    /// A compressed term where none is accepted.
    Compressed = "compressed", "compressed terms are not accepted";
    /// Compressed data that is damaged or whose size is not the declared one.
    Inflate = "inflate", "compressed data is damaged or its size is not the declared one";
    /// A compressed term larger than `Limits::inflated_bytes`.
    InflatedTooLarge = "inflated_too_large", "compressed term is larger than the limit";
    /// Containers nested deeper than `Limits::depth`.
    TooDeep = "too_deep", "term is nested deeper than the limit";
    /// More bytes than `Limits::message_bytes`.
    TooLarge = "too_large", "message is larger than the limit";
    /// More terms than `Limits::terms`.
    TooManyTerms = "too_many_terms", "message has more terms than the limit";
}

impl fmt::Display for DecodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A failure inside the reader, and the number of bytes left there: a reader that consumes a slice
/// knows that without carrying a position.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fail {
    pub(crate) kind: DecodeErrorKind,
    pub(crate) left: usize,
}

impl Fail {
    #[cold]
    #[inline(never)]
    pub(crate) const fn at(kind: DecodeErrorKind, rest: &[u8]) -> Self {
        Self { kind, left: rest.len() }
    }

    /// The error for a message of `len` bytes.
    pub(crate) const fn in_message(self, len: usize) -> DecodeError {
        DecodeError::new(self.kind, len - self.left)
    }
}
