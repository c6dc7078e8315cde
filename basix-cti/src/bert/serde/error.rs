//! Errors between terms and a user's own types.

use std::fmt;

use serde::de::{Expected, Unexpected};

use super::super::encode::EncodeError;
use super::super::error::DecodeError;

/// An error of reading a message into a type, or of writing a value as a message.
///
/// The text names the problem and, when reading, the byte offset. It quotes nothing of the message:
/// of an unsuitable value, it names only the type. Errors of a type's own `Deserialize` are passed
/// on unchanged.
///
/// ```
/// let error = basix_cti::bert::from_slice::<(u8, u8)>(b"\x83h\x02a\x01m\0\0\0\x06secret").unwrap_err();
/// assert_eq!(error.to_string(), "invalid type: text, expected u8 at byte 5");
/// assert_eq!(error.offset(), Some(5));
/// ```
pub struct SerdeError(Box<Inner>);

// Boxed, so that the results on the hot path stay small.
struct Inner {
    cause: Cause,
    offset: Option<usize>,
}

enum Cause {
    Decode(DecodeError),
    Encode(EncodeError),
    Message(Box<str>),
}

impl SerdeError {
    #[cold]
    fn new(cause: Cause, offset: Option<usize>) -> Self {
        Self(Box::new(Inner { cause, offset }))
    }

    #[cold]
    fn message(text: fmt::Arguments<'_>) -> Self {
        Self::new(Cause::Message(text.to_string().into()), None)
    }

    /// Sets the place, unless it is known already.
    #[cold]
    pub(super) fn at(mut self, offset: usize) -> Self {
        self.0.offset.get_or_insert(offset);
        self
    }

    /// The place of the error, in bytes from the start of the message. A term from inside a message
    /// counts as a message of its own.
    #[must_use]
    pub const fn offset(&self) -> Option<usize> {
        self.0.offset
    }

    /// The error of the decoder, if the bytes are not a term.
    #[must_use]
    pub const fn decode_error(&self) -> Option<DecodeError> {
        match self.0.cause {
            Cause::Decode(error) => Some(error),
            _ => None,
        }
    }

    /// The error of the encoder, if a value cannot be written.
    #[must_use]
    pub const fn encode_error(&self) -> Option<EncodeError> {
        match self.0.cause {
            Cause::Encode(error) => Some(error),
            _ => None,
        }
    }
}

impl From<DecodeError> for SerdeError {
    #[cold]
    fn from(error: DecodeError) -> Self {
        Self::new(Cause::Decode(error), Some(error.offset()))
    }
}

impl From<EncodeError> for SerdeError {
    #[cold]
    fn from(error: EncodeError) -> Self {
        Self::new(Cause::Encode(error), None)
    }
}

impl fmt::Display for SerdeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.0.cause, self.0.offset) {
            (Cause::Decode(error), _) => error.fmt(f),
            (Cause::Encode(error), _) => error.fmt(f),
            (Cause::Message(text), Some(offset)) => write!(f, "{text} at byte {offset}"),
            (Cause::Message(text), None) => f.write_str(text),
        }
    }
}

impl fmt::Debug for SerdeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SerdeError({:?})", self.to_string())
    }
}

// No `source`: the text of the error inside is the text of this one.
impl std::error::Error for SerdeError {}

impl serde::ser::Error for SerdeError {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self::message(format_args!("{text}"))
    }
}

/// Serde's own texts, without the values and names from the message that they would quote.
impl serde::de::Error for SerdeError {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self::message(format_args!("{text}"))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::message(format_args!("invalid type: {}, expected {expected}", describe(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::message(format_args!("invalid value: {}, expected {expected}", describe(found)))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::message(format_args!("unknown variant, expected {}", OneOf(expected)))
    }

    fn unknown_field(_: &str, expected: &'static [&'static str]) -> Self {
        Self::message(format_args!("unknown field, expected {}", OneOf(expected)))
    }
}

fn describe(found: Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "boolean",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "integer",
        Unexpected::Float(_) => "float",
        Unexpected::Char(_) | Unexpected::Str(_) => "text",
        Unexpected::Bytes(_) => "bytes",
        Unexpected::Unit => "missing value",
        Unexpected::Option => "optional value",
        Unexpected::NewtypeStruct => "newtype struct",
        Unexpected::Seq => "list or tuple",
        Unexpected::Map => "map",
        Unexpected::Enum => "enum",
        Unexpected::UnitVariant => "name alone",
        Unexpected::NewtypeVariant => "name with a value",
        Unexpected::TupleVariant => "name with values",
        Unexpected::StructVariant => "name with a map",
        // Serde's text for an integer of 128 bits.
        Unexpected::Other(text) if text.starts_with("integer") => "integer",
        Unexpected::Other(_) => "other value",
    }
}

/// Names of the user's own type.
struct OneOf(&'static [&'static str]);

impl fmt::Display for OneOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [] => f.write_str("none"),
            [only] => write!(f, "`{only}`"),
            [first, others @ ..] => {
                write!(f, "one of `{first}`")?;
                others.iter().try_for_each(|name| write!(f, ", `{name}`"))
            }
        }
    }
}
