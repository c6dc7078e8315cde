//! The unread bytes of a deserializer, and the readers that consume them.

use std::borrow::Cow;

use super::super::container::List;
use super::super::error::{DecodeError, DecodeErrorKind as Kind, Fail};
use super::super::limits::Limits;
use super::super::number::Integer;
use super::super::reader::{self, Head};
use super::super::steps;
use super::super::tag;
use super::super::term::Term;
use super::super::text::Text;
use super::super::walk;
use super::error::SerdeError;

/// Containers, options and newtypes inside one another. Serde recurses for each; ignored terms are
/// skipped without recursion and may be nested as deep as any term.
pub(super) const DEPTH: u32 = 128;

/// Terms on the wire that are not read yet.
pub(super) struct Terms<'de> {
    pub(super) rest: &'de [u8],
    /// Levels that may still be entered.
    pub(super) depth: u32,
    /// Bytes of the whole message; places are counted back from its end.
    pub(super) len: usize,
}

impl<'de> Terms<'de> {
    #[inline]
    pub(super) const fn offset(&self) -> usize {
        self.len - self.rest.len()
    }

    #[cold]
    pub(super) fn fail(&self, fail: Fail) -> SerdeError {
        fail.in_message(self.len).into()
    }

    #[cold]
    pub(super) fn wrong(&self, kind: Kind) -> SerdeError {
        DecodeError::new(kind, self.offset()).into()
    }

    /// A LIST without elements stands for its tail.
    pub(super) fn strip(&mut self) {
        self.rest = walk::strip(self.rest);
    }

    /// Takes a head off the front.
    #[inline]
    pub(super) fn head(&mut self) -> Result<Head<'de>, SerdeError> {
        self.strip();
        let (head, rest) = reader::head::<false>(self.rest).map_err(|fail| self.fail(fail))?;
        self.rest = rest;
        Ok(head)
    }

    /// Takes this atom off the front.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn word(&mut self, word: &[u8]) -> bool {
        let name = match self.rest {
            [tag::ATOM | tag::ATOM_UTF8, 0, len, name @ ..]
            | [tag::SMALL_ATOM | tag::SMALL_ATOM_UTF8, len, name @ ..]
                if usize::from(*len) == word.len() =>
            {
                name
            }
            _ => return false,
        };
        name.strip_prefix(word).map(|rest| self.rest = rest).is_some()
    }

    /// Takes a missing value off the front: `undefined`, `nil` or `{bert,nil}`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn none(&mut self) -> bool {
        match self.rest {
            // The usual terms are not missing.
            [
                tag::BINARY | tag::STRING | tag::SMALL_INTEGER | tag::INTEGER | tag::SMALL_BIG,
                ..,
            ] => false,
            _ => {
                self.strip();
                self.word(b"undefined") || self.word(b"nil") || self.bert("nil")
            }
        }
    }

    /// Takes `{bert,Word}` off the front.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn bert(&mut self, word: &str) -> bool {
        let [tag::SMALL_TUPLE, 2, elements @ ..] = self.rest else {
            return false;
        };
        match reader::bert_constant(2, elements) {
            Some((name, rest)) if name.is_word(word) => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// Takes the front of `{bert,dict,List}` off, up to the list.
    pub(super) fn dict(&mut self) -> bool {
        let start = self.rest;
        if let [tag::SMALL_TUPLE, 3, elements @ ..] = start {
            self.rest = elements;
            if self.word(b"bert")
                && self.word(b"dict")
                && matches!(self.rest, [tag::LIST | tag::NIL, ..])
            {
                return true;
            }
        }
        self.rest = start;
        false
    }

    /// Takes an integer off the front, if one is there.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn integer(&mut self) -> Result<Option<Integer<'de>>, SerdeError> {
        let (value, rest) = match self.rest {
            [tag::SMALL_INTEGER, value, rest @ ..] => (i64::from(*value).into(), rest),
            [tag::INTEGER, a, b, c, d, rest @ ..] => {
                (i64::from(i32::from_be_bytes([*a, *b, *c, *d])).into(), rest)
            }
            // B19: today's timestamps.
            [tag::SMALL_BIG, 7, 0, a, b, c, d, e, f, g, rest @ ..] => {
                (i64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, 0]).into(), rest)
            }
            [tag::SMALL_BIG | tag::LARGE_BIG, ..] => match self.head()? {
                Head::Integer(value) => (value, self.rest),
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        self.rest = rest;
        Ok(Some(value))
    }

    /// Takes an atom, a binary or a STRING off the front, if one is there.
    #[inline]
    pub(super) fn text(&mut self) -> Result<Option<Cow<'de, str>>, SerdeError> {
        match self.plain_text() {
            Some(text) => Ok(Some(Cow::Borrowed(text))),
            None => self.any_text(),
        }
    }

    /// Takes text in its usual forms off the front. `None` leaves other forms and errors to
    /// [`any_text`](Self::any_text).
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn plain_text(&mut self) -> Option<&'de str> {
        let (len, body) = match self.rest {
            [tag::BINARY, a, b, c, d, body @ ..] => {
                (u32::from_be_bytes([*a, *b, *c, *d]) as usize, body)
            }
            [tag::STRING, a, b, body @ ..] => (u16::from_be_bytes([*a, *b]).into(), body),
            [tag::SMALL_ATOM_UTF8, len, body @ ..] | [tag::ATOM, 0, len, body @ ..] => {
                (usize::from(*len), body)
            }
            _ => return None,
        };
        let (bytes, rest) = body.split_at_checked(len)?;
        steps::count(len);
        if let [tag::ATOM | tag::SMALL_ATOM_UTF8, ..] = self.rest {
            // One atom is not text, and beyond ASCII an older one is Latin-1.
            if bytes == b"undefined"
                || (self.rest.starts_with(&[tag::ATOM]) && !reader::is_ascii(bytes))
            {
                return None;
            }
        }
        let text = std::str::from_utf8(bytes).ok()?;
        self.rest = rest;
        Some(text)
    }

    #[cold]
    pub(super) fn any_text(&mut self) -> Result<Option<Cow<'de, str>>, SerdeError> {
        let start = self.rest;
        match start {
            [tag, ..] if tag::is_atom(*tag) || matches!(*tag, tag::BINARY | tag::STRING) => {
                self.head()?;
                Ok(Some(Text::from_wire(reader::between(start, self.rest)).to_str()))
            }
            _ => Ok(None),
        }
    }

    /// Takes a term off the front, checking all of it, without recursion.
    pub(super) fn skip(&mut self) -> Result<(), SerdeError> {
        let limits = Limits::default();
        let depth = limits.depth - (DEPTH - self.depth);
        let rest = reader::skip::<false>(self.rest, depth, limits.terms);
        self.rest = rest.map_err(|fail| self.fail(fail))?;
        Ok(())
    }

    /// Takes a list of code points off the front, if one is there.
    pub(super) fn charlist(&mut self) -> Option<String> {
        let text = match self.rest {
            [tag::NIL, ..] => Text::EMPTY,
            [tag::LIST, ..]
                if List::from_wire(self.rest).all_integers(|n| n.as_char().is_some()) =>
            {
                Text::from_wire(self.rest)
            }
            _ => return None,
        };
        let text = text.to_str().into_owned();
        self.rest = Term::take(self.rest)?.1;
        Some(text)
    }

    /// Reads a term. An error that does not know its place is placed at the start of the term.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn place<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, SerdeError>,
    ) -> Result<T, SerdeError> {
        steps::count(1);
        let start = self.rest.len();
        read(self).map_err(|error| error.at(self.len - start))
    }

    /// Reads a container.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, SerdeError>,
    ) -> Result<T, SerdeError> {
        self.depth = match self.depth.checked_sub(1) {
            Some(depth) => depth,
            None => return Err(self.wrong(Kind::TooDeep)),
        };
        let value = read(self)?;
        self.depth += 1;
        Ok(value)
    }
}

/// The term of a byte that is an element of a STRING.
pub(super) fn small_integer(byte: u8) -> &'static [u8] {
    static TERMS: [[u8; 2]; 256] = {
        let mut terms = [[tag::SMALL_INTEGER, 0]; 256];
        let mut byte = 0;
        while byte < 256 {
            terms[byte][1] = byte as u8;
            byte += 1;
        }
        terms
    };
    &TERMS[usize::from(byte)]
}
