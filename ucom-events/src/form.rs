//! Form-encoded fields by name, lossless.

use std::borrow::Cow;
use std::fmt;

use url::form_urlencoded;

use crate::ParseError;

/// The limits of a request.
///
/// ```
/// use ucom_events::form::Limits;
///
/// let limits = Limits::default();
/// assert_eq!((limits.bytes, limits.pairs), (65_536, 256));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of the query string or body. Default 64 KiB; never more than 4 GiB.
    pub bytes: usize,
    /// Pairs of name and value; empty pieces do not count. Default 256; never more than 65,535.
    pub pairs: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 64 * 1024, pairs: 256 }
    }
}

impl Limits {
    /// Sets the limit on bytes.
    #[must_use]
    pub const fn with_bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

    /// Sets the limit on pairs.
    #[must_use]
    pub const fn with_pairs(mut self, pairs: usize) -> Self {
        self.pairs = pairs;
        self
    }
}

/// Every pair of a request in order: the raw view of an event.
///
/// Equal if names, values and their order are equal. Broken escapes stay as written, and bytes that
/// are not UTF-8 stay bytes.
#[derive(Clone, Default)]
pub struct Fields {
    /// Decoded names and values in order, then derived values.
    bytes: Vec<u8>,
    spans: Vec<Span>,
}

/// One pair in [`Fields::bytes`]: the name, then the value.
#[derive(Clone, Copy)]
struct Span {
    name: u32,
    value: u32,
    end: u32,
}

/// Some of the bytes of [`Fields`]; empty stands for an absent value.
#[derive(Clone, Copy, Default)]
pub(crate) struct Slice {
    start: u32,
    end: u32,
}

impl Slice {
    pub(crate) const fn is_empty(self) -> bool {
        self.start == self.end
    }
}

impl Fields {
    /// Parses a query string or form body.
    ///
    /// # Errors
    ///
    /// [`ParseError::TooLarge`] over a limit, before anything is allocated.
    pub fn parse(input: &[u8], limits: &Limits) -> Result<Self, ParseError> {
        if input.len() > limits.bytes.min(u32::MAX as usize / 4) {
            return Err(ParseError::TooLarge);
        }
        let allowed = limits.pairs.min(usize::from(u16::MAX));
        let pieces = || input.split(|&byte| byte == b'&').filter(|piece| !piece.is_empty());
        let pairs = pieces().take(allowed + 1).count();
        if pairs > allowed {
            return Err(ParseError::TooLarge);
        }
        let mut fields =
            Self { bytes: Vec::with_capacity(input.len()), spans: Vec::with_capacity(pairs) };
        for piece in pieces() {
            let (name, value) = match piece.iter().position(|&byte| byte == b'=') {
                Some(equals) => (&piece[..equals], &piece[equals + 1..]),
                None => (piece, &[][..]),
            };
            let start = fields.bytes.len();
            decode(name, &mut fields.bytes);
            let middle = fields.bytes.len();
            decode(value, &mut fields.bytes);
            fields.span(start, middle);
        }
        Ok(fields)
    }

    /// Creates fields from names and values, for tests and for programs that simulate a PBX.
    pub fn from_pairs<N: AsRef<[u8]>, V: AsRef<[u8]>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let mut fields = Self::default();
        for (name, value) in pairs {
            let start = fields.bytes.len();
            fields.bytes.extend_from_slice(name.as_ref());
            let middle = fields.bytes.len();
            fields.bytes.extend_from_slice(value.as_ref());
            fields.span(start, middle);
        }
        fields
    }

    fn span(&mut self, start: usize, middle: usize) {
        self.spans.push(Span {
            name: start as u32,
            value: middle as u32,
            end: self.bytes.len() as u32,
        });
    }

    /// Returns the number of pairs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Returns whether there are no pairs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Returns all names and values in order, repeated ones included.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&[u8], &[u8])> + Clone {
        self.spans.iter().map(|span| {
            (
                &self.bytes[span.name as usize..span.value as usize],
                &self.bytes[span.value as usize..span.end as usize],
            )
        })
    }

    /// Returns the value of a name: the first with exactly this name, else the first whose name
    /// differs only in ASCII letter case. Empty values are included.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&[u8]> {
        let exact = self.iter().find(|(sent, _)| *sent == name.as_bytes());
        exact
            .or_else(|| self.iter().find(|(sent, _)| sent.eq_ignore_ascii_case(name.as_bytes())))
            .map(|(_, value)| value)
    }

    /// Returns the form encoding of these fields; parsing it gives equal fields.
    ///
    /// ```
    /// use ucom_events::form::{Fields, Limits};
    ///
    /// let fields = Fields::parse(b"CallerIDName=100%&X", &Limits::default())?;
    /// assert_eq!(fields.to_form(), "CallerIDName=100%25&X=");
    /// # Ok::<(), ucom_events::ParseError>(())
    /// ```
    #[must_use]
    pub fn to_form(&self) -> String {
        let mut form = String::with_capacity(self.bytes.len() + 2 * self.spans.len());
        for (name, value) in self.iter() {
            if !form.is_empty() {
                form.push('&');
            }
            form.extend(form_urlencoded::byte_serialize(name));
            form.push('=');
            form.extend(form_urlencoded::byte_serialize(value));
        }
        form
    }

    pub(crate) fn slice(&self, slice: Slice) -> &[u8] {
        &self.bytes[slice.start as usize..slice.end as usize]
    }

    /// The value of the pair at an index.
    pub(crate) fn value_slice(&self, index: usize) -> Slice {
        self.spans
            .get(index)
            .map_or_else(Slice::default, |span| Slice { start: span.value, end: span.end })
    }

    /// Adds a derived value, which differs from the value as sent.
    pub(crate) fn derived(&mut self, parts: [&[u8]; 2]) -> Slice {
        let start = self.bytes.len() as u32;
        self.bytes.extend_from_slice(parts[0]);
        self.bytes.extend_from_slice(parts[1]);
        Slice { start, end: self.bytes.len() as u32 }
    }
}

// D11.
/// Decodes form encoding. A broken escape keeps its `%`, and decoding continues after it.
fn decode(encoded: &[u8], out: &mut Vec<u8>) {
    for (index, part) in encoded.split(|&byte| byte == b'+').enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        // Most parts have no escape, and copying is faster than decoding.
        if part.contains(&b'%') {
            out.extend(percent_encoding::percent_decode(part));
        } else {
            out.extend_from_slice(part);
        }
    }
}

/// Returns whether a value counts as empty: only blanks.
pub(crate) fn is_blank(value: &[u8]) -> bool {
    value.iter().all(|&byte| byte == b' ')
}

/// Returns the number in a value of ASCII digits only.
pub(crate) fn digits(value: &[u8]) -> Option<u64> {
    if value.is_empty() {
        return None;
    }
    value.iter().try_fold(0_u64, |number, &byte| match byte {
        b'0'..=b'9' => number.checked_mul(10)?.checked_add(u64::from(byte - b'0')),
        _ => None,
    })
}

/// Converts bytes that may not be UTF-8 to readable text.
pub(crate) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

impl PartialEq for Fields {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Fields {}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.iter().map(|(name, value)| (lossy(name), lossy(value))))
            .finish()
    }
}
