//! Wire bytes read as text.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::reader::{self, Head};
use super::steps;
use super::tag;
use super::term::Term;

/// Text as it stands on the wire, converted on access.
///
/// An atom, a binary, a STRING and, where the protocol allows it, a list of code points are all
/// text, and equal if they have the same characters. Reading never fails: bytes of a binary or a
/// STRING are Latin-1 if they are not valid UTF-8 as a whole.
///
/// ```
/// use basix_cti::bert::decode;
///
/// let binary = decode(b"\x83m\0\0\0\x05caf\xc3\xa9")?.as_text().ok_or("no text")?;
/// let latin1 = decode(b"\x83k\0\x04caf\xe9")?.as_text().ok_or("no text")?;
/// assert_eq!(binary, "café");
/// assert_eq!(binary, latin1);
/// assert_eq!(binary.as_str(), Some("café")); // borrowed from the message
/// assert_eq!(latin1.as_str(), None);         // has to be converted
/// assert_eq!(latin1.to_str(), "café");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Text<'a> {
    /// No bytes, or one checked term: atom, binary, STRING, NIL, LIST of code points, or a number.
    wire: &'a [u8],
}

/// The encoding of a text's characters.
enum Form<'a> {
    /// Binary and STRING: UTF-8 if valid, else Latin-1.
    Either(&'a [u8]),
    Latin1(&'a [u8]),
    Utf8(&'a [u8]),
    /// The elements of a LIST and its tail.
    CodePoints(&'a [u8]),
    /// A number where text is expected: its decimal digits.
    Number(&'a [u8]),
}

impl<'a> Text<'a> {
    /// The empty text.
    pub const EMPTY: Self = Self { wire: &[] };

    /// `wire` must be one checked term that is text.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) const fn from_wire(wire: &'a [u8]) -> Self {
        Self { wire }
    }

    /// The term behind the text; no bytes for an empty text without a term.
    pub(crate) const fn wire(self) -> &'a [u8] {
        self.wire
    }

    #[inline]
    fn form(self) -> Form<'a> {
        steps::count(self.wire.len());
        match self.wire {
            // A bit string that is text has whole bytes.
            [tag::STRING, _, _, bytes @ ..]
            | [tag::BINARY, _, _, _, _, bytes @ ..]
            | [tag::BIT_BINARY, _, _, _, _, _, bytes @ ..] => Form::Either(bytes),
            [tag::SMALL_ATOM_UTF8, _, bytes @ ..] | [tag::ATOM_UTF8, _, _, bytes @ ..] => {
                Form::Utf8(bytes)
            }
            [tag::SMALL_ATOM, _, bytes @ ..] | [tag::ATOM, _, _, bytes @ ..] => Form::Latin1(bytes),
            [tag::LIST, _, _, _, _, elements @ ..] => Form::CodePoints(elements),
            [] | [tag::NIL, ..] => Form::Utf8(&[]),
            number => Form::Number(number),
        }
    }

    /// Returns true if the text is empty.
    #[must_use]
    pub fn is_empty(self) -> bool {
        match self.form() {
            Form::Either(bytes) | Form::Latin1(bytes) | Form::Utf8(bytes) => bytes.is_empty(),
            Form::CodePoints(elements) => matches!(elements, [tag::NIL, ..]),
            Form::Number(_) => false,
        }
    }

    /// The text, if it can be borrowed from the message: valid UTF-8 in a binary, a STRING or an
    /// atom. [`to_str`](Self::to_str) reads every text.
    #[inline]
    #[must_use]
    pub fn as_str(self) -> Option<&'a str> {
        // Most text is a binary, and most of the rest is empty.
        let bytes = match self.wire {
            [tag::BINARY, _, _, _, _, bytes @ ..] => bytes,
            [] => return Some(""),
            _ => match self.form() {
                Form::Either(bytes) | Form::Utf8(bytes) => bytes,
                Form::Latin1(bytes) if reader::is_ascii(bytes) => bytes,
                Form::Latin1(_) | Form::CodePoints(_) | Form::Number(_) => return None,
            },
        };
        std::str::from_utf8(bytes).ok()
    }

    /// The text. Allocates only for Latin-1 with bytes above 127, for lists of code points and for
    /// numbers.
    #[inline]
    #[must_use]
    pub fn to_str(self) -> Cow<'a, str> {
        match self.as_str() {
            Some(text) => Cow::Borrowed(text),
            None => {
                // Counted first: a string that doubles holds three times as much for a moment.
                let mut text = String::with_capacity(self.chars().map(char::len_utf8).sum());
                text.extend(self.chars());
                Cow::Owned(text)
            }
        }
    }

    /// The characters.
    pub fn chars(self) -> impl Iterator<Item = char> + Clone + 'a {
        match self.form() {
            Form::Either(bytes) | Form::Utf8(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Chars::Utf8(text.chars()),
                Err(_) => Chars::Latin1(bytes.iter()),
            },
            Form::Latin1(bytes) => Chars::Latin1(bytes.iter()),
            Form::CodePoints(elements) => Chars::CodePoints(elements),
            Form::Number(wire) => {
                Chars::Number(Term::from_wire(wire).to_string().into_bytes().into_iter())
            }
        }
    }

    /// The bytes that spell the text, for comparing with words in ASCII; `None` if it has none.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn word_bytes(self) -> Option<&'a [u8]> {
        match self.form() {
            Form::Either(bytes) | Form::Latin1(bytes) | Form::Utf8(bytes) => Some(bytes),
            Form::CodePoints(_) | Form::Number(_) => None,
        }
    }

    /// Returns true if the text is this ASCII word, compared as bytes.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn is_word(self, word: &str) -> bool {
        match self.form() {
            Form::Either(bytes) | Form::Latin1(bytes) | Form::Utf8(bytes) => {
                bytes == word.as_bytes()
            }
            Form::CodePoints(_) | Form::Number(_) => self.chars().eq(word.chars()),
        }
    }
}

#[derive(Clone)]
enum Chars<'a> {
    Utf8(std::str::Chars<'a>),
    Latin1(std::slice::Iter<'a, u8>),
    CodePoints(&'a [u8]),
    Number(std::vec::IntoIter<u8>),
}

impl Iterator for Chars<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        match self {
            Self::Utf8(chars) => chars.next(),
            Self::Latin1(bytes) => bytes.next().map(|byte| char::from(*byte)),
            Self::Number(digits) => digits.next().map(char::from),
            Self::CodePoints(elements) => loop {
                match reader::head::<false>(elements) {
                    Ok((Head::Integer(integer), rest)) => {
                        *elements = rest;
                        return integer.as_char();
                    }
                    // The tail of a list may again be a list; a STRING there holds Latin-1 bytes.
                    Ok((Head::List(_), rest)) => *elements = rest,
                    Ok((Head::String(bytes), _)) => {
                        *self = Self::Latin1(bytes.iter());
                        return self.next();
                    }
                    _ => return None,
                }
            },
        }
    }
}

impl Default for Text<'_> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.wire == other.wire || self.chars().eq(other.chars())
    }
}

impl Eq for Text<'_> {}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        match self.as_str() {
            Some(text) => text == other,
            None => self.chars().eq(other.chars()),
        }
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl PartialOrd for Text<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.chars().cmp(other.chars())
    }
}

impl Hash for Text<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for char in self.chars() {
            state.write_u32(char.into());
        }
        state.write_u8(0xff);
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_str())
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.to_str(), f)
    }
}

impl serde::Serialize for Text<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_str())
    }
}
