//! Errors of messages.

use crate::bert::{DecodeError, DecodeErrorKind};

/// The reason why a message was refused. The message has had no other effect.
///
/// Contains nothing of the message except an element's name in [`NoFieldSpec`](Self::NoFieldSpec),
/// so it may be logged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The message is not one term of the kinds that CTI messages have.
    #[error("message is refused: {0}")]
    Decode(#[from] DecodeError),
    /// The message is of a known kind, but one of its parts is invalid.
    #[error("message is refused: {part} at byte {offset}")]
    Shape {
        /// The wrong part.
        part: ShapeError,
        /// The place of the error, in bytes from the start of the message.
        offset: usize,
    },
    /// A record arrived before the `field_spec` of its element; only a new connection helps.
    #[error("message is refused: no field_spec was seen for this element, at byte {offset}")]
    NoFieldSpec {
        /// The place of the error, in bytes from the start of the message.
        offset: usize,
    },
    /// The message is text; messages of the PBX are binary.
    #[error(
        "message is refused: it is a text message, and a PBX sends binary ones; check that the \
         address is that of a Basix PBX"
    )]
    Text,
    /// The message is larger than the limit.
    #[error("message is refused: it has more than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// The field specs of this connection take more memory than the parser's limit.
    #[error("message is refused: the field specs of this connection exceed {limit} bytes")]
    TooManyFieldSpecs {
        /// The limit.
        limit: usize,
    },
}

/// The invalid part of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ShapeError {
    /// The element's name.
    #[error("element name is missing or is not text")]
    ElementName,
    /// The list of field names.
    #[error("field list is missing or is neither list nor tuple")]
    FieldList,
    /// A field name.
    #[error("field name is not text")]
    FieldName,
    /// The list of records.
    #[error("record list is missing or is not a list")]
    RecordList,
    /// A record.
    #[error("record is missing or is neither tuple nor list")]
    Record,
}

/// The three kinds of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the protocol's description has these three")]
pub enum ErrorClass {
    /// The bytes are not a CTI message.
    Decode,
    /// A message of a known kind with wrong parts.
    Shape,
    /// A record before its field names.
    NoFieldSpec,
}

impl ErrorClass {
    /// The name in printed messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Decode => "decode",
            Self::Shape => "shape",
            Self::NoFieldSpec => "no_field_spec",
        }
    }
}

impl Error {
    /// The kind of refusal.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Decode(_)
            | Self::Text
            | Self::TooLarge { .. }
            | Self::TooManyFieldSpecs { .. } => ErrorClass::Decode,
            Self::Shape { .. } => ErrorClass::Shape,
            Self::NoFieldSpec { .. } => ErrorClass::NoFieldSpec,
        }
    }

    /// The place of the error, in bytes from the start of the message.
    #[must_use]
    pub const fn offset(&self) -> usize {
        match self {
            Self::Decode(error) => error.offset(),
            Self::Shape { offset, .. } | Self::NoFieldSpec { offset } => *offset,
            Self::Text | Self::TooLarge { .. } | Self::TooManyFieldSpecs { .. } => 0,
        }
    }

    /// The problem of the bytes, if they are not a CTI message.
    #[must_use]
    pub const fn decode_kind(&self) -> Option<DecodeErrorKind> {
        match self {
            Self::Decode(error) => Some(error.kind()),
            _ => None,
        }
    }
}
