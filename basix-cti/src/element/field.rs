//! Reads one field of a record: the term, checked in full, and the value it has for a typed
//! element.
//!
//! A term of another type than expected is no value here and fails nothing (B27); the record still
//! has it. Reading and checking is one pass: what a field accepts, `reader::skip` accepts too, and
//! they end at the same byte.

use super::id::{ChannelUuid, GroupId, UserId};
use super::scalar::Scalar;
use super::timestamp::Timestamp;
use crate::bert::reader::{self, between};
use crate::bert::{Fail, Term, Text, tag};

/// A value that a field of a typed element can have.
pub(crate) trait Field<'a>: Sized + Default {
    /// Takes one term off the front of `start`. `depth` is how many containers it may open.
    fn read(start: &'a [u8], depth: u32) -> Result<(Self, &'a [u8]), Fail>;

    /// As [`read`](Self::read), in place: what is large should not be moved about.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read_into(&mut self, start: &'a [u8], depth: u32) -> Result<&'a [u8], Fail> {
        let (value, rest) = Self::read(start, depth)?;
        *self = value;
        Ok(rest)
    }
}

/// Text and the bytes that spell it; no bytes if it is a list of code points.
#[derive(Clone, Copy)]
pub(crate) struct Word<'a> {
    pub(crate) text: Text<'a>,
    pub(crate) bytes: &'a [u8],
}

/// Room for what a list of code points spells: more than the longest word of the protocol.
pub(crate) type Spelled = [u8; 32];

impl Word<'_> {
    /// Whether the text is this ASCII word.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn is(self, word: &str) -> bool {
        match self.bytes {
            [] => self.text.is_word(word),
            bytes => bytes == word.as_bytes(),
        }
    }
}

/// The bytes that a list of code points spells, for comparing with words of the protocol; nothing
/// if it is longer than those, or not ASCII.
#[cold]
pub(crate) fn spell<'b>(text: Text<'_>, buffer: &'b mut Spelled) -> &'b [u8] {
    let mut len = 0;
    for char in text.chars() {
        match (buffer.get_mut(len), u8::try_from(char)) {
            (Some(byte), Ok(ascii @ 0..0x80)) => *byte = ascii,
            _ => return &[],
        }
        len += 1;
    }
    buffer.get(..len).unwrap_or_default()
}

/// Text in any of its forms (B16, B26); `None` for no value and for other terms.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn word(start: &[u8], depth: u32) -> Result<(Option<Word<'_>>, &[u8]), Fail> {
    // The forms that the PBX uses, each with a slice that cannot fail; the rest, and all errors,
    // are left to `rare_word`.
    let (bytes, rest) = match start {
        [tag::BINARY, a, b, c, d, body @ ..] => {
            let len = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
            match body.split_at_checked(len) {
                Some(split) => split,
                None => return rare_word(start, depth),
            }
        }
        [tag::STRING, a, b, body @ ..] => {
            let len = usize::from(u16::from_be_bytes([*a, *b]));
            match body.split_at_checked(len) {
                Some(split) => split,
                None => return rare_word(start, depth),
            }
        }
        [tag::ATOM, 0, len, body @ ..] | [tag::SMALL_ATOM_UTF8, len, body @ ..] => {
            match body.split_at_checked(usize::from(*len)) {
                Some((name, rest))
                    if *start.first().unwrap_or(&0) == tag::ATOM || reader::is_ascii(name) =>
                {
                    if name == b"undefined" {
                        return Ok((None, rest));
                    }
                    (name, rest)
                }
                _ => return rare_word(start, depth),
            }
        }
        _ => return rare_word(start, depth),
    };
    Ok((Some(Word { text: Text::from_wire(between(start, rest)), bytes }), rest))
}

#[cold]
#[inline(never)]
fn rare_word(start: &[u8], depth: u32) -> Result<(Option<Word<'_>>, &[u8]), Fail> {
    let rest = reader::skip::<true>(start, depth, u32::MAX)?;
    let text = Term::from_wire(between(start, rest)).as_charlist();
    let bytes = |text: Text<'_>| match text.wire() {
        [tag::SMALL_ATOM | tag::SMALL_ATOM_UTF8, _, ..] => 2,
        _ => 3,
    };
    let word = text.map(|text| Word {
        text,
        bytes: match text.wire() {
            [] | [tag::LIST, ..] => &[],
            wire => wire.get(bytes(text)..).unwrap_or_default(),
        },
    });
    Ok((word, rest))
}

/// An integer that fits; `None` for other terms.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn integer(start: &[u8], depth: u32) -> Result<(Option<i64>, &[u8]), Fail> {
    match start {
        [tag::SMALL_INTEGER, value, rest @ ..] => Ok((Some(i64::from(*value)), rest)),
        [tag::INTEGER, a, b, c, d, rest @ ..] => {
            Ok((Some(i64::from(i32::from_be_bytes([*a, *b, *c, *d]))), rest))
        }
        // Today's timestamps (B19).
        [tag::SMALL_BIG, 7, sign @ (0 | 1), a, b, c, d, e, f, g, rest @ ..] => {
            let value = i64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, 0]);
            Ok((Some(if *sign == 0 { value } else { -value }), rest))
        }
        // undefined
        [tag::ATOM, 0, 9, b'u', b'n', b'd', b'e', b'f', b'i', b'n', b'e', b'd', rest @ ..]
        | [
            tag::SMALL_ATOM_UTF8,
            9,
            b'u',
            b'n',
            b'd',
            b'e',
            b'f',
            b'i',
            b'n',
            b'e',
            b'd',
            rest @ ..,
        ] => Ok((None, rest)),
        _ => rare_integer(start, depth),
    }
}

#[cold]
#[inline(never)]
fn rare_integer(start: &[u8], depth: u32) -> Result<(Option<i64>, &[u8]), Fail> {
    let rest = reader::skip::<true>(start, depth, u32::MAX)?;
    Ok((Term::from_wire(between(start, rest)).as_i64(), rest))
}

/// Passes over a term that a typed element has no field for.
#[inline]
pub(crate) fn other(start: &[u8], depth: u32) -> Result<&[u8], Fail> {
    reader::skip::<true>(start, depth, u32::MAX)
}

/// The elements of a composite value: a tuple that is not one of BERT's constants.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn composite(start: &[u8]) -> Option<(u32, &[u8])> {
    match start {
        [
            tag::SMALL_TUPLE,
            2,
            tag::ATOM | tag::SMALL_ATOM | tag::ATOM_UTF8 | tag::SMALL_ATOM_UTF8,
            ..,
        ] => pair(start),
        [tag::SMALL_TUPLE, arity, rest @ ..] => Some(((*arity).into(), rest)),
        [tag::LARGE_TUPLE, a, b, c, d, rest @ ..] => {
            Some((u32::from_be_bytes([*a, *b, *c, *d]), rest))
        }
        _ => None,
    }
}

#[cold]
fn pair(start: &[u8]) -> Option<(u32, &[u8])> {
    let elements = start.get(2..)?;
    match reader::bert_constant(2, elements) {
        Some(_) => None,
        None => Some((2, elements)),
    }
}

/// Reads the elements of a composite one by one; the ones it lacks are defaults.
pub(crate) struct Parts<'a> {
    left: u32,
    pub(crate) rest: &'a [u8],
    depth: u32,
}

impl<'a> Parts<'a> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) const fn new(count: u32, rest: &'a [u8], depth: u32) -> Self {
        Self { left: count, rest, depth: depth.saturating_sub(1) }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn next<T: Field<'a>>(&mut self) -> Result<T, Fail> {
        if self.left == 0 {
            return Ok(T::default());
        }
        self.left -= 1;
        let (value, rest) = T::read(self.rest, self.depth)?;
        self.rest = rest;
        Ok(value)
    }

    /// As [`next`](Self::next), in place; leaves `value` as it is if there is no further element.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn next_into<T: Field<'a>>(&mut self, value: &mut T) -> Result<(), Fail> {
        if self.left > 0 {
            self.left -= 1;
            self.rest = value.read_into(self.rest, self.depth)?;
        }
        Ok(())
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn next_word(&mut self) -> Result<Option<Word<'a>>, Fail> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let (word, rest) = word(self.rest, self.depth)?;
        self.rest = rest;
        Ok(word)
    }

    /// The composite that comes next, if it is one; passes over it otherwise.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn next_parts<T: Default>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Fail>,
    ) -> Result<T, Fail> {
        if self.left == 0 {
            return Ok(T::default());
        }
        match composite(self.rest) {
            None => {
                self.skip(1)?;
                Ok(T::default())
            }
            Some((count, rest)) => {
                self.left -= 1;
                let mut parts = Parts::new(count, rest, self.depth);
                let value = read(&mut parts)?;
                self.rest = parts.end()?;
                Ok(value)
            }
        }
    }

    /// Passes over so many elements.
    #[inline]
    pub(crate) fn skip(&mut self, count: u32) -> Result<(), Fail> {
        for _ in 0..count.min(self.left) {
            self.left -= 1;
            self.rest = other(self.rest, self.depth)?;
        }
        Ok(())
    }

    /// Passes over what is left and gives what follows.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn end(mut self) -> Result<&'a [u8], Fail> {
        if self.left > 0 {
            self.skip(u32::MAX)?;
        }
        Ok(self.rest)
    }
}

impl<'a> Field<'a> for Text<'a> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read(start: &'a [u8], depth: u32) -> Result<(Self, &'a [u8]), Fail> {
        let (word, rest) = word(start, depth)?;
        Ok((word.map_or(Text::EMPTY, |word| word.text), rest))
    }
}

impl<'a> Field<'a> for ChannelUuid<'a> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read(start: &'a [u8], depth: u32) -> Result<(Self, &'a [u8]), Fail> {
        let (text, rest) = Text::read(start, depth)?;
        Ok((ChannelUuid::from(text), rest))
    }
}

impl<'a> Field<'a> for Option<ChannelUuid<'a>> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read(start: &'a [u8], depth: u32) -> Result<(Self, &'a [u8]), Fail> {
        let (word, rest) = word(start, depth)?;
        Ok((word.filter(|word| !word.text.is_empty()).map(|word| word.text.into()), rest))
    }
}

impl<'a> Field<'a> for Option<Timestamp> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read(start: &'a [u8], depth: u32) -> Result<(Self, &'a [u8]), Fail> {
        let (value, rest) = integer(start, depth)?;
        Ok((value.map(Timestamp::from_micros), rest))
    }
}

impl<'a> Field<'a> for Option<UserId> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read(start: &'a [u8], depth: u32) -> Result<(Self, &'a [u8]), Fail> {
        let (value, rest) = integer(start, depth)?;
        Ok((value.map(UserId), rest))
    }
}

impl<'a> Field<'a> for Option<GroupId> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read(start: &'a [u8], depth: u32) -> Result<(Self, &'a [u8]), Fail> {
        let (value, rest) = integer(start, depth)?;
        Ok((value.map(GroupId), rest))
    }
}

impl<'a> Field<'a> for Option<i64> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read(start: &'a [u8], depth: u32) -> Result<(Self, &'a [u8]), Fail> {
        integer(start, depth)
    }
}

impl<'a> Field<'a> for Option<i32> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read(start: &'a [u8], depth: u32) -> Result<(Self, &'a [u8]), Fail> {
        let (value, rest) = integer(start, depth)?;
        Ok((value.and_then(|value| i32::try_from(value).ok()), rest))
    }
}

impl<'a> Field<'a> for Scalar<'a> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read(start: &'a [u8], depth: u32) -> Result<(Self, &'a [u8]), Fail> {
        let rest = other(start, depth)?;
        Ok((Self::from_wire(between(start, rest)), rest))
    }
}
