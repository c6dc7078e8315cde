//! Decodes messages to terms.

use super::error::{DecodeError, DecodeErrorKind as Kind, Fail};
use super::limits::Limits;
use super::reader;
use super::tag;
use super::term::Term;

/// Decodes messages to a [`Term`], within [`Limits`].
///
/// ```
/// use basix_cti::bert::Decoder;
///
/// let term = Decoder::new().decode(b"\x83h\x02w\x04pingl\0\0\0\x01a\x07j")?;
/// assert_eq!(term.to_string(), "{ping,[7]}");
/// let error = Decoder::new().decode(b"\x83h\x02w\x04ping").unwrap_err();
/// assert_eq!(error.offset(), 9); // the second element is missing
/// # Ok::<(), basix_cti::bert::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Decoder {
    limits: Limits,
    cti: bool,
}

impl Decoder {
    /// A decoder of the whole external term format, with the default limits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A decoder of CTI messages: it refuses terms that the vendor's library cannot read.
    #[must_use]
    pub fn cti() -> Self {
        Self { cti: true, ..Self::default() }
    }

    /// Sets the limits.
    #[must_use]
    pub const fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Decodes a message: the version byte 131 and exactly one term.
    ///
    /// # Errors
    ///
    /// If the bytes are not such a message, exceed the limits, or hold a map with the same key
    /// twice. Compressed terms are refused; with the feature `inflate`, pass the message through
    /// `bert::inflate` first.
    pub fn decode<'a>(&self, message: &'a [u8]) -> Result<Term<'a>, DecodeError> {
        let start = self.body(message)?;
        let fail = |fail: Fail| fail.in_message(message.len());
        let Limits { depth, terms, .. } = self.limits;
        let terms = terms.checked_sub(1).ok_or(DecodeError::new(Kind::TooManyTerms, 1))?;
        let (rest, maps) = if self.cti {
            (reader::skip::<true>(start, depth, terms).map_err(fail)?, false)
        } else {
            reader::skip_container::<false>(start, depth, terms).map_err(fail)?
        };
        if !rest.is_empty() {
            return Err(fail(Fail::at(Kind::Trailing, rest)));
        }
        if maps {
            super::sorted::check_keys(start).map_err(fail)?;
        }
        Ok(Term::from_wire(start))
    }

    /// Returns the bytes after the version byte, if the message is not too large.
    #[inline]
    pub(crate) fn body<'a>(&self, message: &'a [u8]) -> Result<&'a [u8], DecodeError> {
        match message {
            [] => Err(DecodeError::new(Kind::Empty, 0)),
            _ if message.len() > self.limits.message_bytes as usize => {
                Err(DecodeError::new(Kind::TooLarge, 0))
            }
            [tag::VERSION, body @ ..] => Ok(body),
            _ => Err(DecodeError::new(Kind::Version, 0)),
        }
    }
}

/// Decodes a message of any Erlang term, with the default [`Limits`].
///
/// # Errors
///
/// As [`Decoder::decode`].
pub fn decode(message: &[u8]) -> Result<Term<'_>, DecodeError> {
    Decoder::new().decode(message)
}

/// Decodes a CTI message, with the default [`Limits`]. Terms that the vendor's library cannot read
/// are refused.
///
/// # Errors
///
/// As [`Decoder::decode`].
pub fn decode_cti(message: &[u8]) -> Result<Term<'_>, DecodeError> {
    Decoder::cti().decode(message)
}
